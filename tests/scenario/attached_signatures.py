#!/usr/bin/env python3
"""Profile `attached` (architecture D13): a statement in one file more outlives an axis that writes everything anew.

Goal: through an axis that re-serialises, reorders, adds TraceHeaders and zips files, `attached` arrives valid where `enveloped`
arrives broken in transit; what was changed on the way is found and named; no unit sees the statement. Method: axissim's faults
on every fetch; a partner's envelopes signed by axisctl, changed by hand afterwards; xmlsec1 on what axisd sends.
"""
import base64
import io
import json
import re
import subprocess
import zipfile

import common
from common import PDF, own_envelope, sha256, wait_for
from signatures import CLASS, SignedWorld

NAME = "axisd-signature.xml"
FILE = re.compile(r"\s*<(?:\w+:)?Attachment>.*?</(?:\w+:)?Attachment>", re.S)
REFERENCE = re.compile(r"\s*<(?:\w+:)?Reference>(?:(?!</).|</(?!(?:\w+:)?Reference))*" + NAME + r".*?</(?:\w+:)?Reference>", re.S)


def statement_element(envelope):
    (found,) = [element for element in FILE.findall(envelope) if NAME in element]
    return found


def statement_of(envelope):
    text = re.search(r"ContentTransferEncoded[^>]*>([^<]*)<", statement_element(envelope))[1]
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(text))) as z:
        (name,) = z.namelist()
        assert name.endswith(".xml")
        return z.read(name)


def without_statement(envelope):
    text = REFERENCE.sub("", envelope.replace(statement_element(envelope), ""))
    text = re.sub(r"\s*<x:TraceHeaderList>.*?</x:TraceHeaderList>", "", text, flags=re.S)
    return text.replace("<x:edXMLManifest></x:edXMLManifest>", "<x:edXMLManifest/>")  # it has got an entry


class AttachedWorld(SignedWorld):
    world_arguments = {"validate_outgoing": True}
    national = 'signature = "attached"'

    def rewriting(self):
        for kind in ("reserialise", "reshape", "zip_wrap"):
            self.w.fault(kind, 1000)

    def attached(self, text, key="partner/g96"):
        return self.signed(text, key, "attached")

    def receive(self, mangle):
        number = self.next_number()
        self.partner.document(["G98.11"], number, name="bảng kê.ods", mangle=mangle)
        event = self.wait_document(self.cuc11, number, "BĐT-VP")
        return event["message_id"], event["data"]

    def told(self, mangle):
        _, data = self.receive(mangle)
        return data["attached_signature"], data["attached_signature_detail"]["code"]

    def sent(self, number):
        entry = wait_for("the document on the axis", lambda: next(iter(self.on_axis(number)), None))
        return self.raw_sim("GET", f"/sim/documents/{entry['docId']}/edxml")


class GoingOut(AttachedWorld):
    def test_what_goes_to_the_axis_has_a_statement_that_xmlsec1_verifies_and_nobody_here_sees(self):
        receipt = self.send(["G99", "G97", "G98.11"], files=(("van-ban.pdf", PDF), ("phụ lục.txt", b"mot")))
        sent = self.sent(receipt["number"])
        seen = self.verified(sent)
        self.assertEqual(seen["verdict"], "absent")
        self.assertEqual((seen["attached"]["verdict"], seen["attached"]["signer"]["name"]), ("valid", "Agency G98"), seen)
        statement = self.w.directory / "statement.xml"
        statement.write_bytes(statement_of(sent.decode()))
        subprocess.run(["xmlsec1", "--verify", "--trusted-pem", f"{self.pki.trust}/root.pem", str(statement)], check=True, capture_output=True)
        text = statement.read_text()
        self.assertEqual(re.findall(r'<To code="([^"]*)"', text), ["G99", "G97"], "as sent on this hop")
        self.assertIn(f'<File name="phụ lục.txt" bytes="3" sha256="{sha256(b"mot")}"', text)
        self.wait_recipient(receipt["id"], "G99", "registered by the partner", status="03")

        for view in (self.message(receipt["id"]), self.message(receipt["id"], self.cuc11)):
            self.assertEqual([f["name"] for f in view["files"]], ["van-ban.pdf", "phụ lục.txt"])
        self.assertNotIn("attached_signature", self.wait_document(self.cuc11, receipt["number"], "TMĐT-TTTH")["data"])

    def post(self, text):
        answer = self.bo.call("POST", "/v1/envelopes" + CLASS, text.encode(), {"Content-Type": "application/xml"})
        self.assertEqual(answer.status, 202, answer.body)

    def test_software_s_own_envelope_goes_as_written_but_for_the_statement(self):
        number = self.next_number()
        text = own_envelope("G98", ["G99"], number)
        self.post(text)
        sent = self.sent(number).decode()
        self.assertEqual(self.verified(sent.encode())["attached"]["verdict"], "valid")
        self.assertEqual(without_statement(sent).rstrip("\r\n"), text)

    def test_what_software_has_signed_itself_stays_as_it_is(self):
        for profile in ("enveloped", "attached"):
            number = self.next_number()
            text = self.signed(own_envelope("G98", ["G99"], number), "keys/g98", profile)
            self.post(text)
            sent = self.sent(number).decode()
            self.assertEqual(sent.count(NAME), text.count(NAME))
            if profile == "enveloped":
                self.assertEqual(sent.rstrip("\r\n"), text.rstrip("\r\n"), "byte for byte")


class ComingIn(AttachedWorld):
    def test_through_an_axis_that_writes_anew_attached_is_valid_and_enveloped_broken_in_transit(self):
        self.rewriting()
        id, data = self.receive(self.attached)
        self.assertEqual((data["signature"], data["attached_signature"]), ("absent", "valid"), data)
        self.assertEqual(data["attached_signature_detail"]["signer"], "Agency G96")
        self.assertEqual([(f["name"], f["sha256"]) for f in data["document"]["files"]], [("bảng kê.ods", sha256(PDF))])

        view = self.message(id, self.cuc11)
        self.assertEqual([f["name"] for f in view["files"]], ["bảng kê.ods"])
        self.assertEqual(view["attached_signature"]["code"], "signature.holds")
        self.assertEqual([c["outcome"] for c in view["attached_signature"]["facts"]["checks"] if c["name"] in ("facts", "files")], ["passed"] * 2)
        self.assertEqual(self.cuc11.get(f"/v1/messages/{id}/attachments/2").status, 404)
        stored = self.cuc11.get(f"/v1/messages/{id}/envelope").body.decode()
        self.assertIn(NAME, stored, "what is stored is what was received")
        self.assertIn("<ns2:edXMLHeader>", stored, "the axis did write it anew")
        self.assertIn(">00.W00<", stored)
        self.assertIn("valid (signature.holds) Agency G96", self.w.ctl("--lang", "en", "show", id).split("Attached signature ")[1])
        self.assertIn('"signatures":[{"part":-1,"verdict":"valid"', self.w.ctl("why", id))

        _, data = self.receive(self.signed)
        self.assertEqual((data["signature"], data["signature_detail"]["code"]), ("broken_in_transit", "signature.transit"))
        self.assertNotIn("attached_signature", data)

        id, data = self.receive(lambda text: self.signed(self.attached(text)))
        self.assertEqual((data["signature"], data["attached_signature"]), ("broken_in_transit", "valid"), "both are shown")
        view = self.message(id, self.cuc11)
        self.assertEqual((view["signature"]["verdict"], view["attached_signature"]["verdict"]), ("broken_in_transit", "valid"))

    def test_what_was_changed_is_named(self):
        self.rewriting()
        one, other = base64.b64encode(PDF).decode(), base64.b64encode(PDF[:-1] + b"!").decode()
        self.assertEqual(self.told(lambda text: self.attached(text).replace("V/v thử", "V/v khác")), ("invalid", "attached.fact"))
        self.assertEqual(self.told(lambda text: self.attached(text).replace(one, other)), ("invalid", "attached.file_changed"))
        added = "<Attachment><ContentId>cid:9</ContentId><AttachmentName>b.pdf</AttachmentName><ContentType>application/pdf</ContentType>" \
                f"<ContentTransferEncoded>{one}</ContentTransferEncoded></Attachment>"
        self.assertEqual(self.told(lambda text: self.attached(text).replace("</AttachmentEncoded>", added + "</AttachmentEncoded>")),
                         ("invalid", "attached.file_added"))
        self.assertEqual(self.told(lambda text: self.attached(text, "keys/g98")), ("untrusted", "certificate.binding"))

    def test_a_statement_of_another_document_and_a_second_statement_are_refused(self):
        kept = {}
        def keep(text):
            kept["statement"] = statement_element(text := self.attached(text))
            return text
        self.assertEqual(self.told(keep), ("valid", "signature.holds"))
        self.assertEqual(self.told(lambda text: text.replace("</AttachmentEncoded>", kept["statement"] + "</AttachmentEncoded>")),
                         ("invalid", "attached.other_document"))
        id, data = self.receive(lambda text: self.attached(text).replace("</AttachmentEncoded>", kept["statement"] + "</AttachmentEncoded>"))
        self.assertEqual(data["attached_signature_detail"]["code"], "attached.several")
        self.assertEqual([f["name"] for f in data["document"]["files"]], ["bảng kê.ods"])

    def test_evidence_judges_the_statement_again_and_alone(self):
        for mangle, verdict in ((self.attached, "valid signature.holds Agency G96"),
                                (lambda text: self.attached(text).replace("V/v thử", "V/v khác"), "invalid attached.fact")):
            id, _ = self.receive(mangle)
            file = self.w.directory / f"{id}.zip"
            self.w.ctl("evidence", "export", id, "-o", str(file))
            found = json.loads(self.w.ctl("--json", "evidence", "verify", str(file), "--trust", str(self.pki.trust)))
            (told,) = [f for f in found["findings"] if f["what"] == "attached signature"]
            self.assertEqual(told["outcome"], "holds", told)
            self.assertIn(verdict, told["detail"])

    def test_axisctl_shows_both(self):
        number = self.next_number()
        text = self.attached(own_envelope("G96", ["G98.11"], number))
        file = self.w.directory / "both.edxml"
        file.write_text(text)
        trust = str(self.pki.trust)
        lines = self.w.ctl("--lang", "en", "signature", "verify", "--trust", trust, str(file)).splitlines()
        self.assertEqual([line.split()[:3] for line in lines],
                         [["absent", "signature.absent", str(file)], ["valid", "signature.holds", f"{file}#{NAME}"]])
        explained = self.w.ctl("--lang", "en", "signature", "explain", "--trust", trust, str(file))
        self.assertIn("covers: what the statement says of the document, and each of its files", explained)
        self.assertIn("passed files: 1", explained)
        file.write_text(text.replace("V/v thử", "V/v khác"))
        refused = self.w.ctl("--lang", "en", "signature", "verify", "--trust", trust, str(file), check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("Something said of the document is not what was signed: Subject", refused.stdout)
        again = self.w.ctl("signature", "sign", "--profile", "attached", "--key", f"{self.w.directory}/pki/partner/g96.key",
                           "--cert", f"{self.w.directory}/pki/partner/g96.crt", str(file), "-o", f"{file}.2", check=False)
        self.assertIn("signature.exists", again.stderr)


class Required(AttachedWorld):
    national, bo_settings = 'verify = "require"\nsignature = "attached"', 'verify = "require"'

    def test_a_valid_statement_is_enough_and_a_broken_one_is_set_aside_with_its_reason(self):
        self.rewriting()
        bad = self.next_number()
        self.partner.document(["G98.11"], bad, mangle=lambda text: self.attached(text).replace("V/v thử", "V/v khác"))
        aside = wait_for("the other one set aside", lambda: [q for q in self.queue()["quarantined_incoming"] if q["reason"] == "signature.refused"])
        self.assertIn("attached.fact: Subject", json.dumps(aside))
        _, data = self.receive(lambda text: self.signed(self.attached(text)))
        self.assertEqual((data["signature"], data["attached_signature"]), ("broken_in_transit", "valid"))

    def test_software_may_sign_by_a_statement(self):
        headers = {"Content-Type": "application/xml"}
        number = self.next_number()
        plain = own_envelope("G98", ["G98.11"], number)
        self.assert_problem(self.bo.call("POST", "/v1/envelopes" + CLASS, plain.encode(), headers), 422, "signature.refused")
        taken = self.bo.call("POST", "/v1/envelopes" + CLASS, self.attached(plain, "keys/g98").encode(), headers)
        self.assertEqual(taken.status, 202, taken.body)
        data = self.wait_document(self.cuc11, number)["data"]
        self.assertEqual((data["attached_signature"], len(data["document"]["files"])), ("valid", 1))


class NotLookedAt(AttachedWorld):
    national = 'verify = "ignore"\nsignature = "none"'

    def test_where_nothing_is_verified_the_statement_is_taken_out_all_the_same(self):
        _, data = self.receive(self.attached)
        self.assertEqual(data["attached_signature"], "not_checked")
        self.assertNotIn("attached_signature_detail", data)
        self.assertEqual([f["name"] for f in data["document"]["files"]], ["bảng kê.ods"])


if __name__ == "__main__":
    common.main()
