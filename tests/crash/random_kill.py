#!/usr/bin/env python3
"""Kills axisd at random moments while documents go out and come in, and audits from outside.

Goal: accepted == delivered exactly once, whatever the moment of death.
Method: rounds of kill -9 under load (posts with files by three callers, letters from the axis, clerks at work), every
caller repeats what was cut off; then everything is left to settle and books.py compares promises with facts.
Run alone:  AXIS_BIN_DIR=build/dev/bin tests/crash/random_kill.py [--seed N] [--rounds 10] [--documents 50]
"""
import argparse
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import books  # noqa: E402
from books import world  # noqa: E402

BIN = pathlib.Path(os.environ.get("AXIS_BIN_DIR", books.ROOT / "build/dev/bin"))
RECIPIENTS = [["G99"], ["G99", "G98.11"], ["G99", "G97"], ["G98.11"], ["G98.12", "G97"]]
SIZES = [1, 900, 40_000, 70_000, 300_000]  # some stay in the ledger, some go to the spool


class Load:
    """Callers in threads of their own; the first trouble of any of them ends the run."""

    def __init__(self, books_, rng, first, documents):
        self.books, self.troubles, self.over = books_, [], threading.Event()
        self.unsent = [self.make(books_, rng, first + i) for i in range(documents)]
        self.letters = [(first + i, rng.choice(["G98.11", "G98.12"]), rng.randbytes(rng.choice(SIZES))) for i in range(1 + documents // 5)]
        self.lock = threading.Lock()

    @staticmethod
    def make(books_, rng, number):
        files = [(f"tệp {n}.bin", rng.randbytes(rng.choice(SIZES))) for n in range(rng.randint(1, 3))]
        return books_.post(number, rng.choice(RECIPIENTS), files)

    def begin(self):
        jobs = [self.send] * 3 + [self.write_letters] + [lambda c=c: self.clerk(c) for c in self.books.clerks.values()]
        self.threads = [threading.Thread(target=self.guarded, args=(job,), daemon=True) for job in jobs]
        for thread in self.threads:
            thread.start()

    def guarded(self, job):
        try:
            job()
        except Exception:  # noqa: BLE001  told by the main thread
            self.troubles.append(traceback.format_exc())

    def next_of(self, list_):
        with self.lock:
            return list_.pop(0) if list_ else None

    def send(self):
        while (post := self.next_of(self.unsent)) and not self.troubles:
            post.submit_until_answered(self.books.sender)

    def write_letters(self):
        while (letter := self.next_of(self.letters)) and not self.troubles:
            number, to, data = letter
            self.books.send_from_axis(number, to, f"thư {number}.bin", data)

    def clerk(self, clerk):
        while not self.over.is_set() and not self.troubles:
            if not clerk.work():
                self.over.wait(0.05)

    def finish(self):
        callers = len(self.threads) - len(self.books.clerks)
        for thread in self.threads[:callers]:
            thread.join(120)
        self.over.set()
        for thread in self.threads[callers:]:
            thread.join(120)
        if any(t.is_alive() for t in self.threads):
            self.troubles.append("a caller did not come to its end")
        if self.troubles:
            raise world.Trouble(self.troubles[0])


def run(w, rng, rounds, documents):
    w.start_axis()
    w.configure()
    w.start_gateway()
    books_ = books.Books(w)
    started = time.monotonic()
    # Documents come in portions, so that every round has a load.
    for number in range(rounds):
        load = Load(books_, rng, 1000 * (number + 1), max(1, documents // rounds))
        load.begin()
        time.sleep(min(rng.expovariate(1 / 0.12), 1.0))
        w.kill("axisd")
        w.start_gateway()
        load.finish()
    books_.settle()
    wrong = books_.audit()
    accepted = sum(p.id is not None for p in books_.posts)
    print(f"{rounds} kills, {accepted} of {len(books_.posts)} posts accepted, {len(books_.letters)} letters, "
          f"{time.monotonic() - started:.0f} s")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--documents", type=int, default=50)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="axis-kill-"))
    w = world.World(directory, BIN, partner_delay_ms=20)
    try:
        wrong = run(w, random.Random(arguments.seed), arguments.rounds, arguments.documents)
    except world.Trouble as e:
        wrong = [str(e)]
    finally:
        w.kill_all()
    for sentence in wrong:
        print(sentence)
    if wrong:
        print(f"kept for a look: {directory} (seed {arguments.seed})")
        return 1
    shutil.rmtree(directory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
