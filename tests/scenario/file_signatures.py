#!/usr/bin/env python3
"""PDF files signed by a person and an agency pass through: what was found about them is told to software, operator and journal."""
import json
import pathlib

import common
import pdf_signatures
from common import PartnerCase, wait_for
from pdf_signatures import AGENCY, LEADER, Pdf


class FileSignatures(PartnerCase):
    @classmethod
    def configured(cls):
        super().configured()
        folder = pathlib.Path(cls.w.directory) / "pki"
        folder.mkdir()
        cls.pki = pdf_signatures.Pki(folder)
        cls.leader, cls.agency = cls.pki.leaf("leader", LEADER), cls.pki.leaf("agency", AGENCY)
        with cls.w.config.open("a") as f:
            f.write(f'\n[signature]\ntrust_dir = "{cls.pki.trust}"\n')

    def signed(self, filler=0):
        return bytes(Pdf(filler).sign(self.leader, self.pki.root[1]).sign(self.agency, self.pki.root[1]).data)

    def changed(self):
        data = self.signed()
        assert data.count(b"Cong van") == 1
        return data.replace(b"Cong van", b"Cong can")

    def test_a_signed_file_from_our_own_software_is_told_to_receiver_and_operator(self):
        receipt = self.send(["G98.11"], files=(("phu-luc.txt", b"no PDF"), ("van-ban.pdf", self.signed())))
        self.assertEqual(receipt["warnings"], [])
        event = self.wait_document(self.cuc11, receipt["number"], "TMĐT-TTTH")
        (told,) = event["data"]["file_signatures"]
        self.assertEqual((told["file"], told["signature"]), (2, "valid"))
        detail = told["signature_detail"]
        self.assertEqual([(s["name"], s["kind"]) for s in detail["signers"]], [(LEADER, "person"), (AGENCY, "organisation")])
        self.assertEqual((detail["person_and_agency"], detail["agency_is_sender"]), ("passed", "passed"))
        files = self.message(receipt["id"])["files"]
        self.assertNotIn("signature", files[0])
        self.assertEqual(files[1]["signature"]["code"], "signature.holds")
        self.assertEqual(len(files[1]["signature"]["facts"]["signatures"]), 2)
        shown = self.w.ctl("show", receipt["id"])
        self.assertIn(f"valid (signature.holds) {LEADER}, {AGENCY} (person)", shown)
        self.assertIn("passed person_and_agency", shown)
        self.assertIn('"signatures":[{"part":2,"verdict":"valid"', self.w.ctl("why", receipt["id"]))

    def test_a_changed_file_is_a_warning_to_its_sender_also_before_it_is_sent(self):
        package, files = self.package(["G98.11"]), [("van-ban.pdf", self.changed())]
        tried = self.bo.submit(package, files, dry_run=True)
        self.assertEqual((tried.status, tried.json()["warnings"]), (200, ["attachment.signature_broken"]), tried.body)
        receipt = self.bo.submit(package, files)
        self.assertEqual((receipt.status, receipt.json()["warnings"]), (202, ["attachment.signature_broken"]), receipt.body)
        event = self.wait_document(self.cuc11, package["code"]["number"], "TMĐT-TTTH")
        self.assertEqual(event["data"]["file_signatures"][0]["signature_detail"]["code"], "signature.digest")
        self.assertEqual(event["data"]["warnings"], ["attachment.signature_broken"])

    def test_a_partners_file_is_judged_on_arrival_in_any_size(self):
        for data, code in ((self.signed(), "signature.holds"), (self.signed(filler=3_000_000), "signature.holds"), (self.changed(), "signature.digest")):
            number = self.next_number()
            self.partner.document(["G98.11"], number, data=data)
            event = self.wait_document(self.cuc11, number, "BĐT-VP")
            (told,) = event["data"]["file_signatures"]
            self.assertEqual(told["signature_detail"]["code"], code)
            self.assertEqual(told["signature_detail"]["agency_is_sender"], "failed", "it says G98, and G96 sent it")

    def test_a_file_without_a_signature_is_not_mentioned(self):
        receipt = self.send(["G98.11"])
        event = self.wait_document(self.cuc11, receipt["number"], "TMĐT-TTTH")
        self.assertNotIn("file_signatures", event["data"])
        self.assertNotIn("signature", json.dumps(self.message(receipt["id"])["files"]))


if __name__ == "__main__":
    common.main()
