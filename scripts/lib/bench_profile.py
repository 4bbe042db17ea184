"""Where axisd's time goes: perf when it is here, else valgrind's callgrind; the same load as the delivered figure."""
import pathlib
import re
import shutil
import signal
import subprocess

import bench_runs
import world

TOP = 25


def work(w, count):
    bench_runs.load(w, count, [bench_runs.PARTNER])
    world.wait_for("all deliveries", lambda: bench_runs.sent_count(w) >= count, 1200)


# title, arguments of perf report, which lines
REPORTS = [
    ("By thread", ["--no-children", "--sort", "comm"], r"."),
    ("By library", ["--no-children", "--sort", "dso"], r"."),
    ("Own time", ["--no-children", "--sort", "dso,sym"], r"."),
    ("Our functions with what they call", ["--children", "--sort", "sym"], r"\] axis::(?!Pool|offload|spawn|within)"),
]


def with_perf(directory, bin_dir, count):
    """Stacks are unwound from copies of 8 KiB: an optimised build has no frame pointers."""
    out = pathlib.Path(directory) / "perf.data"
    with bench_runs.fresh_world(directory, bin_dir) as w:
        perf = subprocess.Popen(["perf", "record", "-q", "-F", "999", "--call-graph", "dwarf,8192", "-o", out, "-p", str(w.processes["axisd"].pid)],
                                stderr=subprocess.DEVNULL)
        work(w, count)
        perf.send_signal(signal.SIGINT)
        perf.wait()
    for title, arguments, wanted in REPORTS:
        report = subprocess.run(["perf", "report", "--stdio", "--no-inline", "-g", "none", "-i", out, "--percent-limit", "0.2", *arguments],
                                capture_output=True, text=True, check=True).stdout
        print_top(title, [line for line in report.splitlines() if re.match(r"\s+\d", line) and re.search(wanted, line)])
    out.unlink()


def with_callgrind(directory, bin_dir, count):
    out = pathlib.Path(directory) / "callgrind.out"
    with bench_runs.fresh_world(directory, bin_dir, under=["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}"]) as w:
        work(w, count)
        w.stop("axisd", seconds=120)
    for title, more in (("Own instructions", []), ("With callees", ["--inclusive=yes"])):
        report = subprocess.run(["callgrind_annotate", *more, out], capture_output=True, text=True, check=True).stdout
        print_top(title, [line for line in report.splitlines() if re.match(r"\s*[\d,]+ \(", line) and "PROGRAM TOTALS" not in line])
    out.unlink()


def print_top(title, lines):
    print(f"\n{title}, top {TOP}:")
    for line in lines[:TOP]:
        print(line.rstrip()[:200])


def profile(directory, bin_dir, count=200):
    if shutil.which("perf"):
        with_perf(directory, bin_dir, count)
    elif shutil.which("valgrind"):
        with_callgrind(directory, bin_dir, count)
    else:
        raise world.Trouble("neither perf nor valgrind is here: apt-get install linux-perf, or valgrind")
