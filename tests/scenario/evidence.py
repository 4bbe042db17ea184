#!/usr/bin/env python3
"""axisctl evidence: what was thought of a message's signatures is exported in one ZIP and found again from it alone."""
import hashlib
import json
import shutil
import zipfile

import common
import pdf_signatures
from pdf_signatures import AGENCY, LEADER, Pdf
from signatures import SignedWorld

LARGE = b"\n%" + b"x" * 300_000  # beyond what the ledger keeps itself: a file of the spool


class Evidence(SignedWorld):
    @classmethod
    def make_keys(cls):
        super().make_keys()
        folder = cls.w.directory / "people"
        folder.mkdir()
        people = pdf_signatures.Pki(folder)
        cls.root = people.root[1]
        cls.leader, cls.agency = people.leaf("leader", LEADER), people.leaf("agency", AGENCY)
        shutil.copy(cls.root, cls.pki.trust / "people.pem")
        cls.pki.run("ca", "-gencrl", "-keyfile", "root.key", "-cert", "trust/root.pem", "-out", "trust/root.crl", "-config", cls.ca_config(),
                    "-crldays", "30")

    @classmethod
    def ca_config(cls):
        (cls.pki.directory / "index.txt").write_text("")
        (cls.pki.directory / "ca.cnf").write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\n")
        return "ca.cnf"

    def received(self, mangle, data):
        number = self.next_number()
        self.partner.document(["G98.11"], number, mangle=mangle, data=data)
        return self.wait_document(self.cuc11, number, "BĐT-VP")["message_id"]

    def signed_pdf(self):
        return bytes(Pdf(300_000).sign(self.leader, self.root).sign(self.agency, self.root).data)

    def exported(self, id, expect="whole"):
        file = self.w.directory / f"{id}.zip"
        file.unlink(missing_ok=True)
        told = json.loads(self.w.ctl("--json", "evidence", "export", id, "-o", str(file)))
        self.assertEqual(told["whole"], expect == "whole")
        return file

    def verify(self, file, exit=0, trust=True):
        more = ["--trust", str(self.pki.trust)] if trust else []
        found = self.w.ctl("--json", "evidence", "verify", str(file), *more, check=False)
        self.assertEqual(found.returncode, exit, found.stdout + found.stderr)
        return {f["what"]: f for f in json.loads(found.stdout)["findings"]} if found.stdout else found.stderr

    def changed(self, file, name, change, sums=True):
        """The same ZIP with one file changed; the list of digests goes with it, as a forger would do."""
        out = file.with_suffix(".changed.zip")
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w") as new:
            texts = {n: old.read(n) for n in old.namelist()}
            texts[name] = change(texts[name])
            if sums:
                texts["SHA256SUMS"] = b"".join(f"{hashlib.sha256(t).hexdigest()}  {n}\n".encode() for n, t in texts.items() if n != "SHA256SUMS")
            for n, text in texts.items():
                new.writestr(n, text)
        return out

    def test_verdicts_are_found_again_without_axisd_and_without_a_network(self):
        id = self.received(self.signed, self.signed_pdf())
        file = self.exported(id)
        with zipfile.ZipFile(file) as z:
            names = z.namelist()
            crls = [n for n in names if n.endswith(".crl")]
            self.assertIn("README.txt", names)
            self.assertEqual(len(crls), 1, names)
            self.assertEqual(hashlib.sha256(z.read(crls[0])).hexdigest(), crls[0][10:-4])
        self.w.stop("axisd")
        try:
            found = self.verify(file)
            self.assertEqual({f["outcome"] for f in found.values()}, {"holds"}, found)
            self.assertIn("valid signature.holds Agency G96", found["signature"]["detail"])
            self.assertIn(f"{LEADER} + {AGENCY}", found["signature in file 1"]["detail"])
            alone = self.verify(file, trust=False)
            self.assertEqual(alone["trust"]["outcome"], "unknown", "nobody vouches for the authorities")
            self.assertEqual(alone["signature"]["outcome"], "holds")
        finally:
            self.w.start_gateway()
        self.assertIn("The evidence holds", self.w.ctl("--lang", "en", "evidence", "verify", str(file), "--trust", str(self.pki.trust)))

    def test_what_is_not_valid_is_evidence_too(self):
        id = self.received(lambda text: self.signed(text).replace("V/v thử", "V/v khác"), common.PDF)
        found = self.verify(self.exported(id))
        self.assertEqual(found["signature"]["outcome"], "holds")
        self.assertIn("invalid signature.digest", found["signature"]["detail"])

    def test_without_the_texts_the_rest_still_holds(self):
        id = self.received(self.signed, common.PDF + LARGE)
        for text in (self.w.directory / "state/spool").glob("??/*"):
            if text.parent.name != "tmp":
                text.unlink()
        found = self.verify(self.exported(id, "without texts"))
        self.assertEqual(found["envelope"]["outcome"], "unknown")
        self.assertEqual(found["journal"]["outcome"], "holds")
        self.assertEqual(found["signature"]["outcome"], "holds")
        self.assertIn("valid signature.holds Agency G96 (the texts are gone", found["signature"]["detail"])
        forged = self.changed(self.exported(id, "without texts"), "message/skeleton.xml", lambda t: t.replace("V/v thử".encode(), "V/v khác".encode()))
        self.assertEqual(self.verify(forged, exit=1)["journal"]["outcome"], "DIFFERS", "the markup is in the journal")

    def test_a_pdf_that_is_gone_leaves_its_signatures(self):
        id = self.received(self.signed, self.signed_pdf())
        for text in (self.w.directory / "state/spool").glob("??/*"):
            if text.parent.name != "tmp":
                text.unlink()
        file = self.exported(id, "without texts")
        found = self.verify(file)["signature in file 1"]
        self.assertEqual(found["outcome"], "unknown", "what was added to the file cannot be looked at")
        self.assertIn(f"Ky 1: valid signature.holds {LEADER}; Ky 2: valid signature.holds {AGENCY}", found["detail"])
        with zipfile.ZipFile(file) as z:
            messages = [n for n in z.namelist() if n.endswith(".cms")]
            self.assertEqual(len(messages), 2)
            other = z.read(messages[1])
        forged = self.verify(self.changed(file, messages[0], lambda _: other), exit=1)
        self.assertEqual((forged["files"]["outcome"], forged["signature in file 1"]["outcome"]), ("DIFFERS", "DIFFERS"))

    def test_a_forged_evidence_is_found_out(self):
        id = self.received(self.signed, common.PDF)
        file = self.exported(id)
        for name, change, what in (
                ("message/envelope.xml", lambda t: t.replace("V/v thử".encode(), "V/v khác".encode()), "envelope"),
                ("evidence.json", lambda t: t.replace(b"signature.holds", b"signature.value"), "journal"),
                ("evidence.json", lambda t: t.replace(b'"actor":"axis:national"', b'"actor":"axis:elsewhere"'), "journal")):
            with self.subTest(what):
                self.assertEqual(self.verify(self.changed(file, name, change), exit=1)[what]["outcome"], "DIFFERS")
        self.assertEqual(self.verify(self.changed(file, "README.txt", lambda t: b"x", sums=False), exit=1)["files"]["outcome"], "DIFFERS")

    def test_what_is_no_evidence_is_refused(self):
        id = self.received(self.signed, common.PDF)
        file = self.exported(id)
        cases = {"no.zip": b"PK", "empty.zip": b""}
        for name in ("../outside", "/etc/x", "message/../../x", "other.txt"):
            out = self.w.directory / f"bad{len(cases)}.zip"
            shutil.copy(file, out)
            with zipfile.ZipFile(out, "a") as z:
                z.writestr(name, "x")
            cases[out.name] = out.read_bytes()
        for name, data in cases.items():
            with self.subTest(name):
                bad = self.w.directory / name
                bad.write_bytes(data)
                self.assertIn("evidence.refused", self.verify(bad, exit=1))
        self.assertFalse((self.w.directory / "outside").exists())
        self.assertIn("io.failed", self.verify(self.w.directory / "none.zip", exit=1))
        again = self.w.ctl("evidence", "export", id, "-o", str(file), check=False)
        self.assertEqual(again.returncode, 1, "an evidence that is there is not overwritten")

    def test_a_document_that_statuses_were_reported_about_and_each_status(self):
        receipt = self.send(["G98.11"])
        event = self.wait_document(self.cuc11, receipt["number"], "TMĐT-TTTH")
        told = self.cuc11.call("POST", f"/v1/messages/{event['message_id']}/statuses", json.dumps({"from": "G98.11", "code": "03"}).encode(),
                               {"Content-Type": "application/json"})
        self.assertEqual(told.status, 202, told.body)
        for id in (receipt["id"], told.json()["statuses"][0]["id"]):
            found = self.verify(self.exported(id))
            self.assertEqual({f["outcome"] for f in found.values()}, {"holds"}, found)

    def test_a_message_without_signatures_has_evidence_of_its_bytes(self):
        receipt = self.send(["G98.11"])
        found = self.verify(self.exported(receipt["id"]))
        self.assertEqual(sorted(found), ["envelope", "files", "journal"])


if __name__ == "__main__":
    common.main()
