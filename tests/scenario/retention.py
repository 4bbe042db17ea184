#!/usr/bin/env python3
"""[retention] on the real program: texts of what is over go, here and on disk; what is not over stays; the evidence still verifies.
Days pass by making the ledger's times older while axisd is stopped."""
import contextlib
import json
import os
import pathlib
import sqlite3
import time

import common
from common import sample_package, wait_for
from pki import Pki

LARGE = b"%PDF-1.4\n" + os.urandom(300_000) + b"\n%%EOF\n"  # beyond what the ledger keeps itself
DAY_MS = 86_400_000


class Retention(common.WorldCase):
    @classmethod
    def configured(cls):
        cls.state = pathlib.Path(cls.directory) / "state"
        cls.pki = Pki(pathlib.Path(cls.directory) / "pki")
        cls.pki.agency("g98", "G98")
        with open(cls.w.config, "a") as f:
            f.write(f'\n[signature]\ntrust_dir = "{cls.pki.trust}"\n\n'
                    "[retention]\ndocuments_days = 30\nstatuses_days = 30\nevents_days = 30\nset_aside_days = 30\n")

    def post(self, number, data, to=("G99",)):
        answer = self.bo.submit(sample_package(list(to), number, files=[{"name": "a.pdf", "sha256": common.sha256(data)}]), [("a.pdf", data)])
        self.assertEqual(answer.status, 202, answer.body)
        return answer.json()["id"]

    def wait_delivery(self, id, state):
        wait_for(state, lambda: self.bo.get(f"/v1/messages/{id}").json()["recipients"][0]["delivery"] == state)

    def files(self):
        return {p.name for p in self.state.glob("spool/??/*")}

    def let_pass(self, days):
        """axisd is stopped, everything is `days` older, axisd is started."""
        self.assertEqual(self.w.stop("axisd"), 0)
        with contextlib.closing(sqlite3.connect(self.state / "ledger.db")) as db:
            for table, column in (("message", "accepted_at"), ("event", "at"), ("incoming", "at")):
                db.execute(f"UPDATE {table} SET {column} = {column} - {days * DAY_MS}")
            db.commit()
        for file in self.state.glob("spool/??/*") if days > 0 else ():
            os.utime(file, (time.time() - days * 86_400,) * 2)
        self.w.start_gateway()

    def signed_envelope(self, number):
        plain, out = pathlib.Path(self.directory) / "plain.xml", pathlib.Path(self.directory) / "signed.xml"
        plain.write_text(common.own_envelope("G98", ["G99"], number))
        out.unlink(missing_ok=True)
        self.w.ctl("signature", "sign", "--key", str(self.pki.keys / "g98.key"), "--cert", str(self.pki.keys / "g98.crt"), str(plain), "-o", str(out))
        target = "/v1/envelopes?security_class=thuong&restricted_publication=false&denunciation=false"
        sent = self.bo.call("POST", target, out.read_bytes(), {"Content-Type": "application/xml"})
        self.assertEqual(sent.status, 202, sent.body)
        return sent.json()["id"]

    def test_payload_goes_and_evidence_stays(self):
        over = self.post(1, LARGE)
        small = self.post(2, common.PDF)
        signed = self.signed_envelope("3")
        for id in (over, small, signed):
            self.wait_delivery(id, "done")
        waiting = self.post(4, LARGE + b"4", to=("G98.12",))
        shared_old, shared_new = self.post(5, LARGE + b"5"), None
        self.wait_delivery(shared_old, "done")
        before = self.files()
        self.assertEqual(len(before), 3)
        self.let_pass(20)
        self.assertEqual(self.files(), before)
        shared_new = self.post(6, LARGE + b"5")
        self.wait_delivery(shared_new, "done")
        self.assertEqual(self.bo.get(f"/v1/messages/{over}/attachments/1").body, LARGE)

        self.let_pass(20)
        wait_for("the document to be purged", lambda: "purged_at" in self.bo.get(f"/v1/messages/{over}").json())
        wait_for("its file to be gone", lambda: len(self.files()) == 2)

        for path in (f"/v1/messages/{over}/attachments/1", f"/v1/messages/{over}/envelope", f"/v1/messages/{small}/attachments/1"):
            answer = self.bo.get(path)
            self.assertEqual((answer.status, answer.json()["code"]), (410, "message.purged"), path)
        self.assertEqual(self.w.software("cuc12").get(f"/v1/messages/{waiting}/attachments/1").body, LARGE + b"4", "nobody fetched it yet")
        self.assertEqual(self.bo.get(f"/v1/messages/{shared_new}/attachments/1").body, LARGE + b"5", "another document needs it")
        self.assertIn("message.purged", self.w.ctl("why", over))
        self.assertIn("purged", self.w.ctl("--json", "show", over))

        self.let_pass(-40)  # evidence rests on when it was accepted
        self.check_evidence(signed)
        self.assertTrue(json.loads(self.w.ctl("--json", "ledger", "verify", "--digests"))["whole"])
        self.assertTrue(json.loads(self.w.ctl("--json", "audit", "verify"))["holds"])
        again = self.post(7, LARGE)
        self.wait_delivery(again, "done")
        self.assertEqual(self.bo.get(f"/v1/messages/{again}/attachments/1").body, LARGE, "what comes again is kept again")

    def check_evidence(self, id):
        file = pathlib.Path(self.directory) / f"{id}.zip"
        self.assertFalse(json.loads(self.w.ctl("--json", "evidence", "export", id, "-o", str(file)))["whole"])
        found = self.w.ctl("--json", "evidence", "verify", str(file), "--trust", str(self.pki.trust), check=False)
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
        details = {f["what"]: f for f in json.loads(found.stdout)["findings"]}
        self.assertEqual(details["journal"]["outcome"], "holds")
        self.assertEqual(details["signature"]["outcome"], "holds")
        self.assertIn("valid signature.holds", details["signature"]["detail"])


if __name__ == "__main__":
    common.main()
