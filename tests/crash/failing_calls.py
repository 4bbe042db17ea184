#!/usr/bin/env python3
"""Writes, syncs and connections of axisd fail at random (libfiu), under load; then they stop failing.

Goal: nothing accepted is lost; what is refused is refused clearly (503 or 507, retryable, with a code); the daemon lives, and
serves again without hands once the calls work. Method: axisd beneath libfiu's POSIX library, faults switched by fiu-ctrl one kind
after the other while packages are posted, letters come and units pull; then the account (account.py).
Run alone:  AXIS_BIN_DIR=build/dev/bin tests/crash/failing_calls.py [--seed N] [--rounds 1]
"""
import argparse
import collections
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import crowd  # noqa: E402
from account import Account, settle  # noqa: E402
from books import ROOT, world  # noqa: E402

BIN = pathlib.Path(os.environ.get("AXIS_BIN_DIR", ROOT / "build/dev/bin"))
PACKAGES, LETTERS = 50, 6  # offered while one kind of call fails
SECONDS = 4  # a kind fails at most
SIZES = [(1, 10), (700, 20), (40_000, 20), (120_000, 50)]  # half of the files go to the spool
DRAIN_SECONDS = 180
EIO, EMFILE = 5, 24
# (name of the round, {failure point of libfiu: probability, or (probability, errno)}). Without an errno libfiu takes any that fits;
# ENOENT of open() would be a lie about a file that is there.
ROUNDS = [
    ("the ledger's writes", {"posix/io/rw/pwrite": 0.05}),
    ("the ledger's syncs", {"posix/io/sync/fdatasync": 0.5}),
    ("the spool's writes", {"posix/io/rw/write": 0.5}),
    ("the spool's syncs", {"posix/io/sync/fsync": 0.5}),
    ("opening and renaming files", {"posix/io/oc/open": (0.2, EMFILE), "posix/io/dir/rename": (0.5, EIO)}),
    ("connections", {"posix/io/net/connect": 0.5, "posix/io/net/sendmsg": 0.05, "posix/io/net/recvmsg": 0.02}),
    ("a bit of everything", {"posix/io/rw/pwrite": 0.01, "posix/io/rw/write": 0.02, "posix/io/rw/ftruncate": 0.1, "posix/io/sync/*": 0.05,
                             "posix/io/net/connect": 0.2, "posix/io/net/sendmsg": 0.01, "posix/io/dir/rename": 0.05}),
    ("every write and sync", {"posix/io/rw/pwrite": 1, "posix/io/sync/*": 1}),
]


class Fiu:
    def __init__(self, directory):
        self.prefix = f"{directory}/fiu"
        # What fiu-run -x sets; without its shell in between, the process we start is axisd.
        self.environment = {"LD_PRELOAD": "/usr/lib/fiu/fiu_run_preload.so /usr/lib/fiu/fiu_posix_preload.so", "FIU_CTRL_FIFO": self.prefix}

    def control(self, pid, commands):
        arguments = [word for command in commands for word in ("-c", command)]
        subprocess.run(["fiu-ctrl", "-f", self.prefix, *arguments, str(pid)], check=True, stdout=subprocess.DEVNULL, timeout=60)


class Run:
    def __init__(self, w, seed):
        self.w, self.fiu = w, Fiu(w.directory)
        w.start_axis("--partner", f"{crowd.SILENT['code']}=none:{crowd.SILENT['name']}")
        w.configure(attempts_per_endpoint=8)
        w.start_gateway(env=self.fiu.environment)
        self.pid = w.processes["axisd"].pid
        self.crowd = crowd.Crowd(w, seed, SIZES)

    def round(self, name, points):
        """One kind of call fails for a while under load; then everything works again, and everybody gets an answer."""
        refusals, cut, before = self.crowd.refusals.copy(), self.crowd.counts["repeated"], self.crowd.answered()
        self.fiu.control(self.pid, [self.enable(p, how) for p, how in points.items()])
        self.crowd.offer(PACKAGES, LETTERS)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and not self.crowd.idle():
            time.sleep(0.05)
        during = self.crowd.answered() - before
        self.fiu.control(self.pid, [f"disable name={p}" for p in points])
        stopped = time.monotonic()
        world.wait_for("everybody to have an answer", self.crowd.idle, DRAIN_SECONDS)
        world.wait_for("axisd to be ready", self.w.gateway_ready, DRAIN_SECONDS)
        refused = self.crowd.refusals - refusals
        cut = self.crowd.counts["repeated"] - cut - refused.total()
        print(f"{name}: {during} of {PACKAGES} answered meanwhile, refused {dict(refused)}, cut {cut}, "
              f"all answered {time.monotonic() - stopped:.1f} s after the end", flush=True)
        return refused.total() + cut

    @staticmethod
    def enable(point, how):
        probability, errno = how if isinstance(how, tuple) else (how, None)
        command = f"enable name={point}" if probability == 1 else f"enable_random name={point},probability={probability}"
        return command + (f",failinfo={errno}" if errno else "")

    def account(self):
        left = settle(self.crowd, False, DRAIN_SECONDS)
        account = Account(self.crowd).audit()
        self.w.check_alive("axisd")
        wrong = [f"{kind}: {text}" for kind in ("lost", "doubled", "mixed") for text in getattr(account, kind)]
        return wrong + [f"not drained: {what}" for what in left]


def failures_met(log):
    """What axisd itself says of failed calls, by event."""
    words = ("ledger.commit_failed", "vxp.poll_failed", "delivery.deferred", "delivery.unknown", "lane.failed", "lane.settle_failed")
    return collections.Counter(word for line in log.splitlines() for word in words if f" {word} " in line)


def run(w, seed, rounds):
    wrong, met = [], {}
    a_run = Run(w, seed)
    for _ in range(rounds):
        for name, points in ROUNDS:
            met[name] = met.get(name, 0) + a_run.round(name, points)
    wrong += a_run.account()
    events = failures_met((w.directory / "log/axisd.log").read_text(errors="replace"))
    print(f"{len(a_run.crowd.parcels)} packages, {len(a_run.crowd.letters)} letters; axisd's log: {dict(events)}")
    # Connections fail where no caller of ours sees it; everything else must have been felt.
    wrong += [f"harness: nobody met a failure of {name}" for name, count in met.items() if not count and name != "connections"]
    if not events["delivery.deferred"] + events["delivery.unknown"]:
        wrong.append("harness: no connection to the axis failed")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    if not shutil.which("fiu-ctrl"):
        sys.exit("fiu-ctrl is missing: scripts/setup installs fiu-utils")
    if b"__asan_init" in (BIN / "axisd").read_bytes():
        print("skipped: the address sanitizer must be the first library, and so must libfiu")
        return 77
    print(f"seed {arguments.seed}", flush=True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="axis-fiu-"))
    w = world.World(directory, BIN, partner_delay_ms=50)
    try:
        wrong = run(w, arguments.seed, arguments.rounds)
    except world.Trouble as e:
        wrong = [f"lost: {e}"]
    finally:
        w.kill_all()
    for sentence in wrong:
        print(sentence)
    if wrong:
        print(f"Evidence: {directory}. Again: tests/crash/failing_calls.py --seed {arguments.seed}")
        return 1
    print("0 lost, 0 doubled, 0 mixed")
    shutil.rmtree(directory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
