#!/usr/bin/env python3
"""`axisctl backup` beside a running axisd, and the drill: everything of it is lost, the backup is put back, axisd started, and all that
was queued arrives, once each."""
import json
import os
import pathlib
import shutil
import tempfile
import threading
import unittest

import common
from common import sample_package, wait_for

LARGE = b"%PDF-1.4\n" + os.urandom(300_000) + b"\n%%EOF\n"  # beyond what the ledger keeps itself
MANY = 100_000


class Backup(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="axs-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.w = common.World(self.directory, common.BIN, partner_delay_ms=10)
        self.addCleanup(self.w.kill_all)
        self.w.start_axis()
        self.w.configure()
        self.w.start_gateway()
        self.bo, self.cuc = self.w.software("bo"), self.w.software("cuc11")
        self.state, self.backup = self.directory / "state", self.directory / "backup"
        self.number = 0

    def post(self, data=LARGE, to=("G99",)):
        self.number += 1
        answer = self.bo.submit(sample_package(list(to), self.number, files=[{"name": "a.pdf", "sha256": common.sha256(data)}]), [("a.pdf", data)])
        self.assertEqual(answer.status, 202, answer.body)
        return answer.json()["id"]

    def state_of(self, id):
        return self.bo.get(f"/v1/messages/{id}").json()["recipients"][0]["delivery"]

    def wait_done(self, *ids):
        wait_for("all to be done", lambda: all(self.state_of(id) == "done" for id in ids), 60)

    def back_up(self, *more):
        return json.loads(self.w.ctl("--json", "backup", str(self.backup), *more))

    def disaster(self):
        self.w.kill("axisd")
        shutil.rmtree(self.state)

    def restore(self):
        shutil.copytree(self.backup, self.state)
        self.w.start_gateway()

    def at_the_axis(self):
        return sorted(d["number"] for d in self.w.sim_state()["documents"] if d["from"] == "G98")

    def hold_the_axis(self):
        self.w.fault("code_20", MANY, operation="sendEdoc")

    def release_the_axis(self):
        self.w.fault("code_20", 0, operation="sendEdoc")
        self.w.ctl("poke", "national")

    def test_the_drill(self):
        before = [self.post(), self.post(common.PDF)]
        self.wait_done(*before)
        self.hold_the_axis()
        sent_later = [self.post(LARGE + b"1"), self.post(common.PDF + b"1")]
        unit = self.post(LARGE + b"2", to=("G98.11",))

        told = self.back_up()
        self.assertEqual(told["reconciling"], 2)
        self.assertIn("whole", self.w.ctl("--lang", "en", "ledger", "verify", "--digests", "--state", str(self.backup)))
        self.w.ctl("audit", "verify", "--state", str(self.backup))
        self.assertEqual((self.backup.stat().st_mode & 0o777, (self.backup / "spool").is_dir()), (0o750, True))

        # Life goes on: what the backup knows as queued is sent, and something new comes.
        self.release_the_axis()
        for id in sent_later:
            self.w.ctl("retry", id, check=False)
        self.wait_done(*sent_later)
        lost = self.post(common.PDF + b"3")
        self.wait_done(lost)
        self.disaster()
        self.restore()

        self.wait_done(*before, *sent_later)
        self.assertEqual(self.bo.get(f"/v1/messages/{lost}").status, 404, "what came after the backup is not in it")
        self.assertEqual(self.at_the_axis(), ["1", "2", "3", "4", "6"], "nothing was sent a second time")
        event = self.cuc.wait_event(lambda e: e["type"] == "document.received" and e["message_id"] == unit)
        file = event["data"]["document"]["files"][0]
        self.assertEqual(common.sha256(self.cuc.get(file["url"]).body), common.sha256(LARGE + b"2"))
        self.assertIn("ledger.copied", {r["kind"] for r in self.journal()})
        self.wait_done(self.post(common.PDF + b"4"))
        self.assertIn("whole", self.w.ctl("--lang", "en", "ledger", "verify", "--digests"))

    def journal(self):
        out = self.directory / "journal.jsonl"
        self.w.ctl("audit", "export", "-o", str(out))
        return [row for row in map(json.loads, out.read_text().splitlines()) if "kind" in row]

    def test_what_was_queued_and_not_sent_is_sent_by_the_restored_one(self):
        self.hold_the_axis()
        queued = [self.post(LARGE + bytes([n])) for n in range(5)]
        self.back_up("--copy")
        self.disaster()
        self.release_quietly()
        self.restore()
        self.wait_done(*queued)
        self.assertEqual(self.at_the_axis(), ["1", "2", "3", "4", "5"])

    def release_quietly(self):
        self.w.fault("code_20", 0, operation="sendEdoc")

    def test_under_load(self):
        stop, posted = threading.Event(), []

        def load():
            while not stop.is_set():
                posted.append(self.post(LARGE + os.urandom(8)))
        thread = threading.Thread(target=load)
        thread.start()
        try:
            wait_for("some to be posted", lambda: len(posted) > 5)
            known = len(posted)
            told = self.back_up()
        finally:
            stop.set()
            thread.join()
        self.assertGreaterEqual(told["linked"], known)
        self.assertTrue(json.loads(self.w.ctl("--json", "ledger", "verify", "--digests", "--state", str(self.backup)))["whole"])
        self.disaster()
        self.restore()
        self.wait_done(*posted[:known])
        self.assertEqual(len(self.at_the_axis()), len(set(self.at_the_axis())), "each once")

    def test_of_a_stopped_daemon_and_across_file_systems(self):
        ids = [self.post(), self.post(common.PDF)]
        self.wait_done(*ids)
        self.assertEqual(self.w.stop("axisd"), 0)
        other = pathlib.Path("/dev/shm")
        if other.is_dir() and other.stat().st_dev != self.directory.stat().st_dev and os.access(other, os.W_OK):
            self.backup = other / f"{self.directory.name}-backup"
            self.addCleanup(shutil.rmtree, self.backup, ignore_errors=True)
        told = self.back_up("--copy")
        self.assertEqual((told["linked"], told["copied"]), (0, 1))
        shutil.rmtree(self.state)
        self.restore()
        self.wait_done(*ids)

    def test_a_backup_is_whole_or_not_there(self):
        self.wait_done(self.post())
        self.back_up()
        self.assertEqual(self.w.ctl("backup", str(self.backup), check=False).returncode, 1, "never over another")
        next(self.state.glob("spool/??/*")).unlink()
        shutil.rmtree(self.backup)
        run = self.w.ctl("--lang", "en", "backup", str(self.backup), check=False)
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertEqual([p for p in self.directory.iterdir() if p.name.startswith("backup")], [])


if __name__ == "__main__":
    common.main()
