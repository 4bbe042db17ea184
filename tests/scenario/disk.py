#!/usr/bin/env python3
"""The disk under axisd: full, read-only, failing to sync, damaged. It refuses in words before space ends, loses nothing it has
accepted, and goes on by itself when the disk is well again."""
import os
import pathlib
import shutil
import sqlite3
import subprocess
import unittest

import common
from common import sample_package, wait_for

LARGE = b"%PDF-1.4\n" + os.urandom(300_000) + b"\n%%EOF\n"  # beyond what the ledger keeps itself
MIB = 1024 * 1024


class DiskCase(unittest.TestCase):
    """One world for each test; what was answered with 202 is kept in `accepted`."""

    def make_world(self, env=None, **limits):
        self.directory = pathlib.Path(common.tempfile.mkdtemp(prefix="axs-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.w = common.World(self.directory, common.BIN, partner_delay_ms=10)
        self.addCleanup(lambda: self.w.kill_all())
        self.state = self.directory / "state"
        self.mount()
        self.w.start_axis()
        self.w.configure(**limits)
        self.w.start_gateway(env)
        self.bo, self.cuc = self.w.software("bo"), self.w.software("cuc11")
        self.accepted, self.number = {}, 0

    def mount(self):
        pass

    def post(self, data=common.PDF, external_id=None, to=("G99",)):
        self.number += 1
        package = sample_package(list(to), self.number, files=[{"name": "a.pdf", "sha256": common.sha256(data)}])
        if external_id:
            package["external_id"] = external_id
        answer = self.bo.submit(package, [("a.pdf", data)])
        if answer.status == 202:
            self.accepted[answer.json()["id"]] = package
        return answer

    def refused(self, answer, *codes):
        self.assertEqual(answer.status, 503, answer.body)
        self.assertIn(answer.json()["code"], codes)
        self.assertTrue(answer.json()["retryable"])
        self.assertTrue(answer.json()["action"])

    def alarms(self):
        return {a["name"] for a in self.w.ctl_json("status")["alarms"]}

    def wait_alarm(self, name):
        wait_for(f"the alarm {name}", lambda: name in self.alarms())

    def wait_recovered(self):
        wait_for("axisd to be ready again", self.w.gateway_ready)
        wait_for("no alarm about the disk", lambda: not self.alarms() & {"disk.low", "ledger.failed", "ledger.damaged"})

    def check_all_arrived(self):
        def arrived():
            return all(self.bo.get(f"/v1/messages/{id}").json()["recipients"][0]["delivery"] in ("done", "offered") for id in self.accepted)
        wait_for("all that was accepted to arrive", arrived, 60)


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("mount"), "a small file system can be mounted by root only")
class FullDisk(DiskCase):
    size = 64 * MIB

    def mount(self):
        run = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.size}", "axis-disk", self.state], capture_output=True, text=True)
        if run.returncode != 0:
            self.skipTest(f"no file system can be mounted here: {run.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.state], check=True)
        self.ballast = self.state / "ballast"

    def leave(self, free):
        """Something else fills the disk until `free` bytes are left."""
        self.ballast.unlink(missing_ok=True)
        size = shutil.disk_usage(self.state).free - free
        with open(self.ballast, "wb") as f:
            os.posix_fallocate(f.fileno(), 0, size)

    def test_documents_are_refused_before_statuses_and_all_goes_on_when_there_is_space(self):
        self.make_world(disk_reserve_mb=16)
        self.assertEqual(self.post(LARGE, to=["G98.11"]).status, 202)
        event = self.cuc.wait_event(lambda e: e["type"] == "document.received")
        self.leave(12 * MIB)
        self.wait_alarm("disk.low")
        answer = self.post()
        self.refused(answer, "io.disk_full")
        self.assertGreater(int(answer.headers["Retry-After"]), 0)
        status = {"from": "G98.11", "code": "03"}
        path = f"/v1/messages/{event['message_id']}/statuses"
        self.assertEqual(self.cuc.post_json(path, status).status, 202)
        self.leave(6 * MIB)
        wait_for("statuses to be refused too", lambda: self.cuc.post_json(path, {**status, "code": "04"}).status == 503)
        self.refused(self.cuc.post_json(path, {**status, "code": "04"}), "io.disk_full")
        self.ballast.unlink()
        self.wait_recovered()
        self.assertEqual(self.post(LARGE).status, 202)
        self.check_all_arrived()

    def test_an_upload_that_would_fill_the_disk_is_given_up(self):
        self.make_world(disk_reserve_mb=16)
        self.refused(self.post(b"%PDF-1.4\n" + os.urandom(60 * MIB)), "io.disk_full")
        self.assertEqual(list((self.state / "spool/tmp").iterdir()), [])
        self.assertEqual(self.post(LARGE).status, 202)
        self.check_all_arrived()

    def test_a_disk_that_others_fill_to_the_last_byte(self):
        self.make_world(disk_reserve_mb=1)
        self.assertEqual(self.post(LARGE).status, 202)
        with open(self.ballast, "wb", buffering=0) as f:
            try:
                while f.write(b"\0" * 4096) == 4096:
                    pass
            except OSError:
                pass
        for _ in range(3):
            self.refused(self.post(LARGE), "io.disk_full", "io.failed")
        self.wait_alarm("disk.low")
        self.assertFalse(self.w.gateway_ready())
        self.ballast.unlink()
        self.wait_recovered()
        self.assertEqual(self.post(LARGE).status, 202)
        self.assertEqual(self.w.stop("axisd"), 0)
        self.w.start_gateway()
        self.check_all_arrived()


def uses_sanitizer():
    return "libasan" in subprocess.run(["ldd", common.BIN / "axisd"], capture_output=True, text=True).stdout


class FailingDisk(DiskCase):
    """axisd runs over disk_faults: calls below state_dir fail while the control file says so."""

    def setUp(self):
        library = common.BIN / "disk_faults.so"
        if not library.exists() or uses_sanitizer():
            self.skipTest("disk_faults.so cannot be put under this build")
        self.library = library

    def mount(self):
        self.control = self.directory / "fault"
        self.control.write_bytes(b"-")
        self.env = {"LD_PRELOAD": str(self.library), "AXIS_FAULT_FILE": str(self.control), "AXIS_FAULT_DIR": f"{self.state}/"}

    def set(self, mode):
        with open(self.control, "r+b") as f:
            f.write(mode)

    def make_world(self, **limits):
        super().make_world(env=None, **limits)
        self.assertEqual(self.w.stop("axisd"), 0)
        self.w.start_gateway(self.env)

    def fail_and_mend(self, mode, *codes):
        self.make_world()
        self.assertEqual(self.post(LARGE).status, 202)
        self.set(mode)
        again = [f"QLVB-once-{n}" for n in range(4)]
        for n, external_id in enumerate(again):
            self.refused(self.post(LARGE if n % 2 else common.PDF, external_id), *codes)
        self.wait_alarm("ledger.failed")
        self.assertFalse(self.w.gateway_ready())
        self.refused(self.post(), *codes)
        self.set(b"-")
        self.wait_recovered()
        self.number = 1
        for n, external_id in enumerate(again):  # software repeats what was refused
            answer = self.post(LARGE if n % 2 else common.PDF, external_id)
            self.assertEqual(answer.status, 202, answer.body)
        self.check_all_arrived()
        self.assertEqual(self.w.stop("axisd"), 0)
        self.assertEqual(list((self.state / "spool/tmp").iterdir()), [])
        self.w.start_gateway()
        self.check_all_arrived()
        self.assertEqual(len(self.accepted), 5)
        documents = [d for d in self.w.sim_state()["documents"] if d["from"] == "G98"]
        self.assertEqual(len(documents), 5, "each once at the axis")

    def test_a_failed_sync_is_not_believed_and_mends_itself(self):
        self.fail_and_mend(b"s", "io.failed")

    def test_a_disk_that_became_read_only(self):
        self.fail_and_mend(b"r", "io.failed")

    def test_a_disk_that_takes_no_more_writes(self):
        self.fail_and_mend(b"f", "io.failed", "io.disk_full")


class DamagedPage(DiskCase):
    def test_a_damaged_page_is_told_and_nothing_more_is_promised(self):
        self.make_world()
        for _ in range(3):
            self.assertEqual(self.post().status, 202)
        self.check_all_arrived()
        self.assertEqual(self.w.stop("axisd"), 0)
        ledger = self.state / "ledger.db"
        whole = ledger.read_bytes()
        with sqlite3.connect(ledger) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            page, size = db.execute("SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_schema WHERE name = 'recipient'").fetchone()
        db.close()
        whole = ledger.read_bytes()
        with open(ledger, "r+b") as f:
            f.seek((page - 1) * size)
            f.write(b"\xff" * size)
        self.w.start("axisd", [self.w.bin / "axisd", "--config", self.w.config])
        self.w.wait_port("axisd", self.w.api_port)
        self.refused(self.post(), "ledger.damaged")
        self.wait_alarm("ledger.damaged")
        self.assertFalse(self.w.gateway_ready())
        self.refused(self.post(), "ledger.damaged")
        self.assertEqual(self.w.stop("axisd"), 0)
        ledger.write_bytes(whole)
        for more in ("-wal", "-shm"):
            pathlib.Path(f"{ledger}{more}").unlink(missing_ok=True)
        self.w.start_gateway()
        self.assertEqual(self.alarms() & {"ledger.damaged"}, set())
        self.assertEqual(self.post().status, 202)
        self.check_all_arrived()


if __name__ == "__main__":
    common.main()
