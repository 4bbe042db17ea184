#!/usr/bin/env python3
"""`axisctl ledger verify` beside a running axisd and on the files it left: whole, and each kind of loss; what axisd collects."""
import contextlib
import json
import os
import pathlib
import sqlite3
import time

import common
from common import sample_package, wait_for

LARGE = b"%PDF-1.4\n" + os.urandom(300_000) + b"\n%%EOF\n"  # beyond what the ledger keeps itself


class Store(common.WorldCase):
    limits = {"disk_reserve_mb": 64}

    @classmethod
    def configured(cls):
        cls.state = pathlib.Path(cls.directory) / "state"

    def setUp(self):
        self.addCleanup(self.begin_anew)
        self.number = 0

    def begin_anew(self):
        """The next test finds what this one began with."""
        self.w.stop("axisd")
        for entry in sorted(self.state.rglob("*"), reverse=True):
            entry.rmdir() if entry.is_dir() else entry.unlink()
        self.w.start_gateway()

    def post(self, data=LARGE, to=("G99",)):
        self.number += 1
        answer = self.bo.submit(sample_package(list(to), self.number, files=[{"name": "a.pdf", "sha256": common.sha256(data)}]), [("a.pdf", data)])
        self.assertEqual(answer.status, 202, answer.body)
        return answer.json()["id"]

    def verify(self, *more, whole=True):
        run = self.w.ctl("--json", "ledger", "verify", *more, check=False)
        self.assertIn(run.returncode, (0, 1), run.stderr)
        report = json.loads(run.stdout)
        self.assertEqual((run.returncode, report["whole"]), (0, True) if whole else (1, False), report)
        return report

    def found(self, *more):
        return {f["what"] for f in self.verify(*more, whole=False)["findings"]}

    def stopped_with_two(self):
        for data in (LARGE, common.PDF):
            self.post(data)
        self.assertEqual(self.w.stop("axisd"), 0)
        self.verify("--digests")
        return next(self.state.glob("spool/??/*"))

    def change(self, *statements):
        db = sqlite3.connect(self.state / "ledger.db")
        for statement in statements:
            db.execute(statement)
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    def test_beside_a_running_daemon(self):
        for n in range(5):
            self.post(LARGE if n == 0 else common.PDF + b"%d" % n)
            report = self.verify("--digests")
            self.assertGreaterEqual(report["messages"], n + 1)
        self.assertEqual(report["finding_count"] + report["note_count"], 0)
        self.assertEqual(len(report["journal_hash"]), 64)
        self.assertIn("whole", self.w.ctl("--lang", "en", "ledger", "verify"))
        self.assertIn("nguyên vẹn", self.w.ctl("--lang", "vi", "ledger", "verify"))
        self.post()  # the daemon was not disturbed

    def test_a_text_that_is_gone_cut_or_changed(self):
        text = self.stopped_with_two()
        whole = text.read_bytes()
        text.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        self.verify()  # its size is right
        self.assertEqual(self.found("--digests"), {"text.digest"})
        text.write_bytes(whole[:-1])
        self.assertEqual(self.found(), {"text.size"})
        text.unlink()
        self.assertEqual(self.found(), {"text.missing"})

    def test_a_file_that_no_message_has_is_a_note(self):
        text = self.stopped_with_two()
        stray = text.parent / (text.name[:-1] + ("0" if text.name[-1] != "0" else "1"))
        stray.write_bytes(b"x")
        self.assertEqual(self.verify()["note_count"], 0, "it is young: somebody may be about to name it")
        os.utime(stray, (time.time() - 86400,) * 2)
        self.assertEqual([n["what"] for n in self.verify()["notes"]], ["text.unknown"])

    def test_a_small_text_in_the_ledger_that_was_changed(self):
        self.stopped_with_two()
        self.change("UPDATE blob SET text = zeroblob(length(text)) WHERE text IS NOT NULL")
        self.verify()
        self.assertEqual(self.found("--digests"), {"text.digest"})
        self.change("UPDATE blob SET text = x'00' WHERE text IS NOT NULL")
        self.assertEqual(self.found(), {"text.size"})

    def test_a_journal_row_that_was_changed_or_removed(self):
        self.stopped_with_two()
        self.change("CREATE TABLE keep AS SELECT * FROM journal", "UPDATE journal SET actor = actor || 'x' WHERE seq = 2")
        self.assertEqual(self.found(), {"journal"})
        self.change("DELETE FROM journal", "INSERT INTO journal SELECT * FROM keep WHERE seq <> 2")
        self.assertEqual(self.found(), {"journal"})

    def test_a_reference_that_leads_nowhere(self):
        self.stopped_with_two()
        self.change("DELETE FROM attempt", "DELETE FROM recipient", "DELETE FROM delivery WHERE id = 1", "DELETE FROM envelope WHERE id = 1")
        self.assertEqual(self.found(), {"reference"})

    def test_a_damaged_page(self):
        self.stopped_with_two()
        db = sqlite3.connect(self.state / "ledger.db")
        page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'message'").fetchone()[0]
        db.close()
        with open(self.state / "ledger.db", "r+b") as f:
            f.seek((page - 1) * 4096)
            f.write(b"\xff" * 4096)
        self.assertIn("page", self.found())

    def test_what_is_no_ledger(self):
        wrong = pathlib.Path(self.directory) / "wrong"
        wrong.mkdir(exist_ok=True)
        self.assertEqual(self.w.ctl("ledger", "verify", "--state", str(wrong), check=False).returncode, 1)
        (wrong / "ledger.db").write_bytes(b"not a ledger" * 1000)
        run = self.w.ctl("ledger", "verify", "--state", str(wrong), check=False)
        self.assertEqual((run.returncode, "ledger.foreign" in run.stderr), (1, True), run.stderr)


class Collection(common.WorldCase):
    with_axis = False
    known = 10_500

    def test_a_text_that_nobody_needs_is_found_among_many(self):
        """Once only the first 10,000 files were looked at, always the same."""
        state = pathlib.Path(self.directory) / "state"
        self.assertEqual(self.w.stop("axisd"), 0)
        old = (time.time() - 86_400,) * 2

        def write(name):
            (state / "spool" / name[:2]).mkdir(exist_ok=True, mode=0o700)
            file = state / "spool" / name[:2] / name
            file.touch()
            os.utime(file, old)
            return file
        names = [common.sha256(b"%d" % n) for n in range(self.known)]
        with contextlib.closing(sqlite3.connect(state / "ledger.db")) as db:
            db.executemany("INSERT INTO blob(sha256, bytes, created) VALUES(?, 0, 0)", [(bytes.fromhex(name),) for name in names])
            db.commit()
        for name in names:
            write(name)
        strays = [write("00" + "0" * 62), write("ff" + "f" * 62)]
        self.w.start_gateway()
        wait_for("both to be collected", lambda: not any(file.exists() for file in strays), 120)
        self.assertEqual(len(list(state.glob("spool/??/*"))), self.known)


if __name__ == "__main__":
    common.main()
