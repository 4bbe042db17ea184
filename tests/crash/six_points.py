#!/usr/bin/env python3
"""Kills axisd at each point where a power cut would hurt, starts it again, and audits from outside.

Goal: a promise that left the gateway holds; what was not promised left nothing behind; nothing goes out twice.
Method: AXISD_CRASH_AT=<point> (gateway/base/crash_point.hpp), one document that passes the point, then books.py.
Run alone:  AXIS_BIN_DIR=build/dev/bin tests/crash/six_points.py
"""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import books  # noqa: E402
from books import world  # noqa: E402

BIN = pathlib.Path(os.environ.get("AXIS_BIN_DIR", books.ROOT / "build/dev/bin"))
RELEASE = os.environ.get("AXIS_RELEASE") == "1"


def some_bytes(seed, count):
    return random.Random(seed).randbytes(count)


# One file that stays in the ledger, one that goes to the spool (the limit is 64 KiB).
FILES = [("công văn.pdf", some_bytes(1, 9_000)), ("biểu tổng hợp.xlsx", some_bytes(2, 300_000))]


def has_crash_points():
    return b"AXISD_CRASH_AT" in (BIN / "axisd").read_bytes()


class InAWorld(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="axis-crash-"))
        self.w = world.World(self.directory, BIN, partner_delay_ms=20)
        self.addCleanup(self.tidy)
        self.w.start_axis()
        self.w.configure()
        self.books = books.Books(self.w)

    def tidy(self):
        self.w.kill_all()
        failed = any(error for _, error in getattr(self._outcome, "errors", []) if error) or \
            any(test is self for test, _ in self._outcome.result.failures + self._outcome.result.errors)
        if failed:
            print(f"kept for a look: {self.directory}\n{self.w.log_tail('axisd', 40)}", file=sys.stderr)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)


class SixPoints(InAWorld):
    def setUp(self):
        if RELEASE and not has_crash_points():
            self.skipTest("a release build has no crash points; the dev build runs this test")
        self.assertTrue(has_crash_points(), f"{BIN}/axisd was built without crash points")
        super().setUp()

    def start_doomed(self, point):
        self.w.start_gateway(env={"AXISD_CRASH_AT": point})

    def await_death(self, point):
        try:
            code = self.w.processes["axisd"].wait(60)
        except subprocess.TimeoutExpired:
            self.fail(f"axisd passed no crash point {point} within 60 s")
        self.assertEqual(code, -signal.SIGKILL, f"axisd ended otherwise than by {point}")

    def post_document(self):
        post = self.books.post(251, ["G99", "G98.11"], FILES)
        return post, post.submit(self.books.sender)

    def settle_and_audit(self):
        self.books.settle()
        self.assertEqual(self.books.audit(), [])
        self.w.check_alive("axisd")

    def story(self, post):
        """What an operator sees; the text form must tell it as well."""
        text = self.w.ctl("why", post.full_number)
        for word in (post.full_number, *post.to):
            self.assertIn(word, text)
        return self.w.ctl_json("why", post.full_number)["story"]

    def axis_attempts(self, post):
        return [a for a in self.story(post)["attempts"] if a["endpoint"] == "national"]

    def die_before_the_promise(self, point, messages_left):
        self.start_doomed(point)
        post, answer = self.post_document()
        self.assertIsNone(answer, "an answer left the gateway before it died")
        self.await_death(point)

        self.w.start_gateway()
        self.assertEqual(len(self.books.messages_of(post)), messages_left)
        post.submit_until_answered(self.books.sender)

        self.settle_and_audit()
        accepted = [j for j in self.story(post)["journal"] if j["kind"] == "message.accepted"]
        self.assertEqual(len(accepted), 1, "the journal tells of one acceptance")
        self.assertEqual([a["verdict"] for a in self.axis_attempts(post)], ["accepted"])

    def die_with_a_letter(self, point):
        self.start_doomed(point)
        self.books.send_from_axis(77, "G98.12", *FILES[1])
        self.await_death(point)

        self.w.start_gateway()
        self.settle_and_audit()

    def test_a_post_cut_off_after_its_files_were_stored_left_no_message_and_is_accepted_once_when_repeated(self):
        self.die_before_the_promise("after_spool", messages_left=0)

    def test_a_post_cut_off_before_the_commit_left_no_message_and_is_accepted_once_when_repeated(self):
        self.die_before_the_promise("before_commit", messages_left=0)

    def test_a_post_cut_off_between_commit_and_answer_is_the_same_message_when_repeated(self):
        self.die_before_the_promise("after_commit", messages_left=1)

    def test_a_post_cut_off_before_the_commit_and_never_repeated_is_nowhere(self):
        self.start_doomed("before_commit")
        post, answer = self.post_document()
        self.assertIsNone(answer)
        self.await_death("before_commit")

        self.w.start_gateway()
        self.settle_and_audit()
        self.assertIsNone(post.id)

    def test_an_attempt_that_was_open_at_the_crash_is_asked_for_and_not_sent_twice(self):
        self.start_doomed("after_send")
        post, answer = self.post_document()
        self.await_death("after_send")
        # The lane may have died before the promise was on the wire; the key makes asking again harmless.
        self.w.start_gateway()
        if answer is None:
            post.submit_until_answered(self.books.sender)

        self.settle_and_audit()
        attempts = self.axis_attempts(post)
        self.assertEqual([a["number"] for a in attempts], [1], "found on the axis, no second attempt")
        self.assertEqual(attempts[0]["verdict"], "accepted")

    def test_a_letter_stored_before_the_crash_is_acknowledged_and_handed_over_once(self):
        self.die_with_a_letter("after_fetch")

    def test_a_letter_the_axis_was_already_told_about_is_handed_over_once(self):
        self.die_with_a_letter("after_ack")


class Audit(InAWorld):
    def test_an_audit_of_tampered_books_names_each_thing_that_is_wrong(self):
        self.w.start_gateway()
        post = self.books.post(251, ["G99", "G98.11"], FILES)
        post.submit_until_answered(self.books.sender)
        letter = self.books.send_from_axis(77, "G98.12", *FILES[1])
        self.books.settle()
        self.assertEqual(self.books.audit(), [])

        with self.tampered(post, "files", [("khác.pdf", b"x")]) as wrong:
            for sentence in ("other files on the axis", "other files in the message", "G98.11 has other files"):
                self.assertIn(sentence, wrong)
        with self.tampered(post, "id", None) as wrong:
            self.assertIn("promised None, found", wrong)
            self.assertIn("nobody was promised 251", wrong)
        with self.tampered(post, "number", 252) as wrong:
            self.assertIn("found []", wrong)
        with self.tampered(post, "to", ["G99", "G98.11", "G98.12"]) as wrong:
            self.assertIn("G98.12 was told 0 times", wrong)
        with self.tampered(letter, "data", b"x") as wrong:
            self.assertIn("G98.12 has other files", wrong)
        (self.directory / "state/spool/tmp/left").touch()
        self.assertIn("spool/tmp holds", "\n".join(self.books.audit()))

    @contextlib.contextmanager
    def tampered(self, thing, name, value):
        kept = getattr(thing, name)
        setattr(thing, name, value)
        yield "\n".join(self.books.audit())
        setattr(thing, name, kept)


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=2)
    if not program.result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if program.result.skipped else 0)
