#!/usr/bin/env python3
"""An administrator's first day, with the programs alone: axisctl, axisd, and an axis to talk to.

With AXIS_KEEP_FIXTURE=DIR what the day left in the state directory (ledger, spool) is copied to DIR.
"""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import unittest

import common
from common import PDF, own_envelope, sha256, wait_for
from pki import Pki
from signatures import CLASS

AGENCIES = [("G98.11", "Cục Một"), ("G98.12", "Cục Hai"), ("G99", "Bộ Đối tác A"), ("G97", "Bộ Đối tác B")]
# Over 96 KiB of base64 lie in the spool, else inside the ledger: the fixture has both. Random: zipping is not to shrink it.
FILES = [("công văn.pdf", PDF), ("phụ lục.bin", random.Random(98).randbytes(90_000))]
SIGNED = "252/TN-VP"


class DayOne(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="axs-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        # World serves for axissim and for starting axisd; every file of the gateway is made by axisctl here.
        self.w = common.World(self.directory, common.BIN)
        self.addCleanup(self.w.kill_all)
        (self.directory / "config/endpoints.d").rmdir()
        (self.directory / "state").rmdir()

    def ctl(self, *arguments, exit=0):
        run = subprocess.run([common.BIN / "axisctl", "--config", str(self.w.config), *arguments], capture_output=True, text=True,
                             timeout=60)
        self.assertEqual(run.returncode, exit, f"axisctl {arguments}: {run.stdout}{run.stderr}")
        return run.stdout if exit == 0 else run.stdout + run.stderr

    def test_the_first_day_of_an_administrator(self):
        self.configure()
        self.connect_the_axis()
        tokens = self.connect_the_units()
        self.w.start_gateway()
        id = self.send_the_first_document(tokens)
        signed = self.send_a_signed_document(tokens)
        self.look_around(id)
        self.rotate_a_token(tokens)
        self.assertEqual(self.w.stop("axisd"), 0, "a clean stop")
        self.assertEqual(self.w.stop("axissim"), 0)
        self.assertEqual(list((self.directory / "state/spool/tmp").iterdir()), [])
        self.ctl("status", exit=3)  # the daemon cannot be reached
        if keep := os.environ.get("AXIS_KEEP_FIXTURE"):
            self.keep(pathlib.Path(keep), id, signed)

    def configure(self):
        state = str(self.directory / "state")
        self.ctl("--lang", "vi", "config", "init", "--agency", "G98", "--name", "Bộ Thử nghiệm", "--state-dir", state)
        self.ctl("config", "init", "--agency", "G98", exit=1)  # never overwrites
        self.pki = Pki(self.directory / "pki")
        self.pki.agency("g98", "G98")
        text = self.w.config.read_text()
        self.assertIn("Bộ Thử nghiệm", text)
        self.ctl("config", "check")
        # A slip: each fault is named with its place, all at once.
        self.w.config.write_text(set_keys(text, {("limits", "file_mb"): '"big"'}) + '\n[[agency]]\ncode = "G98.11"\nnam = "Cục Một"\n')
        told = self.ctl("config", "check", exit=1)
        for word in ("axisd.toml:", "nam", "file_mb"):
            self.assertIn(word, told)
        for line in ("[api]", "[admin]", "[limits]"):
            self.assertTrue(line in text, f"{line} is in the fresh file")
        more = "".join(f'\n[[agency]]\ncode = "{c}"\nname = "{n}"\n' for c, n in AGENCIES)
        self.w.config.write_text(set_keys(text, {
            ("api", "listen"): f'"127.0.0.1:{self.w.api_port}"', ("admin", "listen"): f'"127.0.0.1:{self.w.health_port}"',
            ("admin", "socket"): f'"{self.w.socket}"', ("limits", "disk_reserve_mb"): "64",
            ("signature", "trust_dir"): f'"{self.pki.trust}"'}) + more)
        self.ctl("config", "check")

    def add_axis(self, name, secret_file):
        self.ctl("endpoint", "add", name, "--adapter", "vxp", "--codes", "*", "--base-url", f"http://127.0.0.1:{self.w.axis_port}",
                 "--system-id", "vxp.g98", "--secret-file", str(secret_file))

    def probe(self, exit):
        told = json.loads(self.ctl("--json", "endpoint", "test", "national", exit=exit))
        self.assertEqual(told["ok"], exit == 0)
        return {step["step"]: step["ok"] for step in told["steps"]}

    def connect_the_axis(self):
        file = self.directory / "config/endpoints.d/national.toml"
        secret = self.w.secret_file
        common.write_secret(secret)
        self.add_axis("national", secret)
        self.ctl("endpoint", "add", "national", "--codes", "G98", exit=1)  # exists
        self.assertEqual(self.probe(exit=1), {"name": True, "tcp": False}, "the axis is down: the layer is tcp")
        self.w.start_axis()
        everything = {"name": True, "tcp": True, "tls": True, "http": True, "credentials": True, "control": True}
        self.assertEqual(self.probe(exit=0), everything)

        wrong = self.directory / "config/wrong.secret"
        common.write_secret(wrong)
        text = file.read_text()
        file.write_text(text.replace(str(secret), str(wrong)))
        # Right key or wrong key, the answer is the same: control tells that the layer cannot be told apart.
        self.assertEqual(self.probe(exit=1), {**everything, "credentials": False, "control": False})
        wrong.chmod(0o644)
        self.assertIn("chmod 600", self.ctl("config", "check", exit=1), "a secret others can read is refused")
        file.write_text(set_keys(text, {("vxp", "poll_seconds"): "1"}))
        for language, word in (("vi", "khoá"), ("en", "credentials")):
            self.assertIn(word, self.ctl("--lang", language, "endpoint", "test", "national"))

    def connect_the_units(self):
        tokens = {}
        for name, code in (("bo", "G98"), ("cuc11", "G98.11")):
            tokens[name] = json.loads(self.ctl("--json", "endpoint", "add", name, "--codes", code))["token"]
            self.assertNotIn(tokens[name], (self.directory / f"config/endpoints.d/{name}.toml").read_text(), "only its digest is kept")
        self.assertIn("3", self.ctl("config", "check"))
        return tokens

    def send_the_first_document(self, tokens):
        bo = common.Software(self.w.api_port, tokens["bo"])
        unit = common.Software(self.w.api_port, tokens["cuc11"])
        package = common.sample_package(["G99", "G98.11"], 251, external_id="QLVB-1",
                                        files=[{"name": n, "sha256": sha256(d)} for n, d in FILES])
        tried = bo.submit(package, FILES, dry_run=True)
        self.assertEqual(tried.status, 200, tried.body)
        self.assertNotIn("id", tried.json())
        self.assertEqual(json.loads(self.ctl("--json", "find"))["messages"], [], "a dry run keeps nothing")
        sent = bo.submit(package, FILES)
        self.assertEqual(sent.status, 202, sent.body)
        id = sent.json()["id"]
        again = bo.submit(package, FILES)
        self.assertEqual((again.status, again.json()["id"]), (202, id), "the same again: the same answer")

        event = unit.wait_event(lambda e: e["type"] == "document.received" and e["message_id"] == id)
        for file, (name, data) in zip(event["data"]["document"]["files"], FILES):
            self.assertEqual((file["name"], unit.get(file["url"]).body), (name, data))
        self.assertIn(unit.acknowledge(event["seq"]).status, (200, 204))

        def both():
            states = {r["code"]: r["status"] for r in bo.get(f"/v1/messages/{id}").json()["recipients"]}
            return states == {"G99": "03", "G98.11": "01"}
        wait_for("03 of G99 and 01 of G98.11", both)
        return id

    def send_a_signed_document(self, tokens):
        """An envelope that software wrote and signed itself; its judgement is kept with it."""
        plain, out = self.directory / "plain.xml", self.directory / "signed.xml"
        plain.write_text(own_envelope("G98", ["G98.11"], SIGNED.split("/")[0]))
        self.ctl("signature", "sign", "--key", str(self.pki.keys / "g98.key"), "--cert", str(self.pki.keys / "g98.crt"), str(plain), "-o", str(out))
        sent = common.Software(self.w.api_port, tokens["bo"]).call("POST", "/v1/envelopes" + CLASS, out.read_bytes(), {"Content-Type": "application/xml"})
        self.assertEqual(sent.status, 202, sent.body)
        id = sent.json()["id"]
        unit = common.Software(self.w.api_port, tokens["cuc11"])
        event = unit.wait_event(lambda e: e["type"] == "document.received" and e["message_id"] == id)
        self.assertEqual(event["data"]["signature"], "valid")
        self.assertIn(unit.acknowledge(event["seq"]).status, (200, 204))
        told = unit.get(f"/v1/messages/{id}").json()["signature"]
        self.assertEqual((told["code"], told["facts"]["signer"]["name"]), ("signature.holds", "Agency G98"))
        return {"id": id, "number": SIGNED, "signature": told}

    def look_around(self, id):
        number = "251/TMĐT-TTTH"
        for way in ((), ("251",), (number,), ("--external-id", "QLVB-1"), ("--state", "done"),
                    ("--from", "2020-01-01", "--to", "2099-12-31")):
            found = json.loads(self.ctl("--json", "find", *way))["messages"]
            self.assertIn(id, [m["id"] for m in found], way)
        self.assertEqual(json.loads(self.ctl("--json", "find", "999"))["messages"], [])
        for name in (id, id[:20], number):
            self.assertEqual(json.loads(self.ctl("--json", "show", name))["id"], id)
        story = json.loads(self.ctl("--json", "why", number))
        self.assertEqual([a["verdict"] for a in story["story"]["attempts"]], ["accepted"])
        self.assertTrue(story["story"]["journal"])
        status = json.loads(self.ctl("--json", "status"))
        self.assertTrue(status["ready"])
        self.assertEqual(status["alarms"], [])
        self.assertEqual({e["name"] for e in status["endpoints"]}, {"national", "bo", "cuc11"})
        self.assertEqual(json.loads(self.ctl("--json", "queue"))["quarantined_incoming"], [])
        words = {"vi": ("Không có cảnh báo", "Diễn biến", "Văn bản", "Đã tiếp nhận"), "en": ("No alarms", "What happened", "Document", "Registered")}
        for language, wanted in words.items():
            told = "".join(self.ctl("--lang", language, *c) for c in (("status",), ("queue",), ("find",), ("show", number), ("why", number)))
            for word in wanted:
                self.assertIn(word, told, f"--lang {language}")
        self.ctl("show", "999/KHONG-CO", exit=1)
        self.ctl("no-such-command", exit=2)

    def rotate_a_token(self, tokens):
        new = json.loads(self.ctl("--json", "token", "new", "bo"))["token"]
        self.assertNotEqual(new, tokens["bo"])
        self.assertEqual(self.w.stop("axisd", signal.SIGTERM), 0)
        self.w.start_gateway()
        for token in (tokens["bo"], new):
            self.assertEqual(common.Software(self.w.api_port, token).get("/v1/messages").status, 200)
        self.assertEqual(common.Software(self.w.api_port, "axt_" + "0" * 64).get("/v1/messages").status, 401)

    def keep(self, target, id, signed):
        target.mkdir(parents=True, exist_ok=True)
        for entry in (self.directory / "state").iterdir():
            if entry.name in ("ledger.db", "ledger.db-wal") and entry.stat().st_size:
                shutil.copy(entry, target)
        shutil.copytree(self.directory / "state/spool", target / "spool", dirs_exist_ok=True)
        facts = {"id": id, "number": "251/TMĐT-TTTH", "subject": "V/v trao đổi thử văn bản điện tử",
                 "files": [{"name": n, "bytes": len(d), "sha256": sha256(d)} for n, d in FILES],
                 "recipients": {"G99": "03", "G98.11": "01"}, "journal_kinds": self.kinds(id), "signed": signed}
        (target / "expected.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n")

    def kinds(self, id):
        self.w.start_gateway()
        story = json.loads(self.ctl("--json", "why", id))["story"]
        self.assertEqual(self.w.stop("axisd"), 0)
        return [j["kind"] for j in story["journal"]]


def set_keys(text, values):
    """A person with an editor: KEY in [section] gets a value, its commented line is replaced."""
    lines, section, left = [], "", dict(values)
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("["):
            section = bare.strip("[]")
        key = bare.lstrip("# ").split("=")[0].strip()
        if "=" in bare and (section, key) in left:
            line = f"{key} = {left.pop((section, key))}"
        lines.append(line)
    assert not left, f"not in the file: {left}"
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    common.main()
