"""The release build of the programs, made or brought up to date."""
import pathlib
import subprocess
import sys

from terminal import say, t

ROOT = pathlib.Path(__file__).resolve().parents[2]


def build(*more):
    """The folder of the programs, with `more` targets built as well; ends the script when they cannot be built."""
    done = subprocess.run([ROOT / "scripts/setup"])
    if done.returncode != 0:
        sys.exit(done.returncode)
    if not (ROOT / "build/release/build.ninja").exists():
        say(t("Biên dịch lần đầu (vài phút trên 2 lõi) …", "First build (some minutes on 2 cores) …"))
        subprocess.run(["cmake", "--preset", "release", "--log-level=WARNING", "-DBUILD_TESTING=ON"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    built = subprocess.run(["cmake", "--build", "--preset", "release", "--target", "axisd", "axisctl", "axissim", *more], cwd=ROOT)
    if built.returncode != 0:
        sys.exit(t("Biên dịch không thành công.", "The build failed."))
    return ROOT / "build/release/bin"
