#!/usr/bin/env python3
"""Every ledger that an earlier version left (tests/data/ledgers/vN, made by day_one.py) is opened by this one and says the same."""
import contextlib
import json
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

import common

FIXTURES = sorted((common.ROOT / "tests/data/ledgers").glob("v*"))


class OldLedgers(unittest.TestCase):
    def open_fixture(self, fixture):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="axs-"))
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        w = common.World(directory, common.BIN)
        self.addCleanup(w.kill_all)
        for entry in fixture.iterdir():
            if entry.name.startswith("ledger.db"):
                shutil.copy(entry, directory / "state")
        shutil.copytree(fixture / "spool", directory / "state/spool")
        (directory / "state/spool/tmp").mkdir(exist_ok=True)  # git keeps no empty directory
        common.write_secret(w.secret_file)
        w.configure()  # the axis is not there: what is done needs no axis
        return w

    def test_there_is_at_least_one_ledger_to_open(self):
        self.assertTrue(FIXTURES)

    def test_every_kept_ledger_still_says_what_it_said(self):
        for fixture in FIXTURES:
            with self.subTest(fixture.name):
                wanted = json.loads((fixture / "expected.json").read_text())
                w = self.open_fixture(fixture)
                self.check_foreseen(w, fixture)
                for start in ("first start, with migration", "second start"):
                    w.start_gateway()
                    with self.subTest(start):
                        self.check(w, wanted)
                    self.assertEqual(w.stop("axisd"), 0)

    def check_foreseen(self, w, fixture):
        """axisd --check says what a start will do, and does nothing."""
        ledger = w.directory / "state/ledger.db"
        version = int(fixture.name[1:])
        before = ledger.read_bytes()
        run = subprocess.run([common.BIN / "axisd", "--check", "--config", w.config], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn(f"version {version}", run.stdout)
        newest = len(list((common.ROOT / "schemas/ledger").glob("*.sql")))
        self.assertEqual(f"will be migrated to {newest} after a copy to {ledger}.v{version}.bak" in run.stdout, version < newest, run.stdout)
        self.assertEqual(ledger.read_bytes(), before)
        self.assertFalse(list(ledger.parent.glob("*.bak")))

    def test_what_cannot_be_opened_is_said_by_check_too(self):
        w = self.open_fixture(FIXTURES[-1])
        ledger = w.directory / "state/ledger.db"
        check = [common.BIN / "axisd", "--check", "--config", w.config]
        for change, code in (("PRAGMA user_version = 4711", "ledger.newer"), ("PRAGMA application_id = 1", "ledger.foreign")):
            with contextlib.closing(sqlite3.connect(ledger)) as db:
                db.execute(change)
            run = subprocess.run(check, capture_output=True, text=True)
            self.assertEqual((run.returncode, code in run.stderr), (1, True), run.stderr)
        ledger.unlink()
        self.assertIn("will be made", subprocess.run(check, capture_output=True, text=True).stdout)

    def check(self, w, wanted):
        for unit in ("bo", "cuc11"):
            message = w.software(unit).get(f"/v1/messages/{wanted['id']}").json()
            self.assertEqual((message["number"], message["subject"]), (wanted["number"], wanted["subject"]))
            files = [{k: f[k] for k in ("name", "bytes", "sha256")} for f in message["files"]]
            self.assertEqual(files, wanted["files"])
            for file in message["files"]:
                got = w.software(unit).get(file["url"])
                self.assertEqual((got.status, common.sha256(got.body)), (200, file["sha256"]), file["name"])
            envelope = w.software(unit).get(f"/v1/messages/{wanted['id']}/envelope")
            self.assertEqual(envelope.status, 200)
            self.assertIn(wanted["subject"].encode(), envelope.body)
        recipients = {r["code"]: r["status"] for r in w.software("bo").get(f"/v1/messages/{wanted['id']}").json()["recipients"]}
        self.assertEqual(recipients, wanted["recipients"])
        story = json.loads(w.ctl("--json", "why", wanted["number"]))["story"]
        self.assertEqual([j["kind"] for j in story["journal"]], wanted["journal_kinds"])
        found = json.loads(w.ctl("--json", "find", wanted["number"]))["messages"]
        self.assertEqual([m["id"] for m in found], [wanted["id"]])
        if signed := wanted.get("signed"):  # since version 2
            self.check_judgement(w, signed)

    def check_judgement(self, w, signed):
        for unit in ("bo", "cuc11"):
            message = w.software(unit).get(f"/v1/messages/{signed['id']}").json()
            self.assertEqual((message["number"], message["signature"]), (signed["number"], signed["signature"]))
        self.assertIn("valid (signature.holds) Agency G98", w.ctl("show", signed["id"]))


if __name__ == "__main__":
    common.main()
