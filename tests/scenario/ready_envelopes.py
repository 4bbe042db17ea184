#!/usr/bin/env python3
"""Software that writes edXML itself: its documents and statuses travel as written, with one TraceHeader more (architecture D12)."""
import re

import common
from common import PDF, WorldCase, own_envelope, own_status, sha256, wait_for

CLASS = "?security_class=thuong&restricted_publication=false&denunciation=false"
TRACE = re.compile(r"<x:TraceHeaderList>.*?</x:TraceHeaderList>", re.S)


class ReadyEnvelopes(WorldCase):
    def post(self, text, by=None, key=None, status=202):
        headers = {"Content-Type": "application/xml", **({"Idempotency-Key": key} if key else {})}
        answer = (by or self.bo).call("POST", "/v1/envelopes" + CLASS, text.encode(), headers)
        self.assertEqual(answer.status, status, answer.body)
        return answer.json()

    def on_axis(self, document_id):
        def look():
            return next((d for d in self.w.sim_state()["documents"] if d["documentId"] == document_id), None)
        return wait_for("the document on the axis", look)

    def sent_bytes(self, document_id):
        return self.raw_sim("GET", f"/sim/documents/{self.on_axis(document_id)['docId']}/edxml").decode()

    def test_one_envelope_reaches_axis_and_unit_and_their_statuses_come_back(self):
        number = self.next_number()
        text = own_envelope("G98", ["G99", "G98.11"], number)
        receipt = self.post(text)
        id, document_id = receipt["id"], receipt["document_id"]
        self.assertEqual(document_id, f"G98,2026/11/21,{number}/TN-VP")
        self.wait_recipient(id, "G99", "registered by the partner", status="03")
        sent = self.sent_bytes(document_id)
        self.assertEqual(TRACE.sub("", sent).rstrip("\r\n"), text, "nothing but our trace was added")
        self.assertIn("<x:OrganId>G98</x:OrganId>", TRACE.search(sent).group())
        event = self.wait_document(self.cuc11, number)
        file = event["data"]["document"]["files"][0]
        self.assertEqual((file["name"], sha256(self.cuc11.get(file["url"]).body)), ("công văn.pdf", sha256(PDF)))
        self.assertEqual(self.cuc11.get(f"/v1/messages/{id}/envelope").body.decode(), text, "the unit gets what was written")
        said = self.post(own_status("G98.11", "G98", f"{number}/TN-VP", "02", "Sai thể thức"), by=self.cuc11)
        self.assertEqual([r["code"] for r in said["recipients"]], ["G98"])
        found = self.wait_recipient(id, "G98.11", "refused in an envelope of its own", status="02")
        self.assertEqual(found["description"], "Sai thể thức")

    def test_a_status_to_the_axis_travels_as_it_was_written(self):
        number = self.next_number()
        self.w.sim("POST", "/sim/send", {"from": "G99", "to": ["G98.11"], "number": str(number), "notation": "BĐT-VP", "subject": "V/v thử"})
        event = self.wait_document(self.cuc11, number)
        status = own_status("G98.11", "G99", f"{number}/BĐT-VP", "03", "Đã vào sổ")
        self.post(status, by=self.cuc11)
        self.wait_recipient(event["message_id"], "G98.11", "its own state", status="03", by=self.cuc11)
        wait_for("the status on the axis", lambda: any(
            s.get("code") == "03" and s.get("from") == "G98.11" for s in self.w.sim_state()["statuses"]))
        self.assertEqual(self.post(own_status("G98.12", "G99", f"{number}/BĐT-VP", "03"), by=self.cuc12, status=404)["code"], "not_found")

    def test_the_same_envelope_again_is_one_document_and_a_key_holds_its_content(self):
        text = own_envelope("G98", ["G98.11"], self.next_number())
        first = self.post(text, key="E-1")
        self.assertEqual(self.post(text, key="E-1")["id"], first["id"])
        self.assertEqual(self.post(text)["id"], first["id"], "the same act without a key")
        other = own_envelope("G98", ["G98.11"], self.next_number())
        self.assertEqual(self.post(other, key="E-1", status=422)["code"], "idempotency.conflict")

    def test_an_xml_signature_or_the_setting_forbids_to_touch_the_bytes(self):
        number = self.next_number()
        signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignatureValue>AA==</SignatureValue></Signature>'
        text = own_envelope("G98", ["G99"], number).replace("</x:edXMLHeader>", signature + "</x:edXMLHeader>")
        self.assertEqual(self.sent_bytes(self.post(text)["document_id"]).rstrip("\r\n"), text)


class TraceNever(ReadyEnvelopes):
    """The same axis with trace = "never"."""

    @classmethod
    def configured(cls):
        file = cls.w.config.parent / "endpoints.d" / "national.toml"
        file.write_text(re.sub(r'(?m)^# trace = .*$', 'trace = "never"', file.read_text()))

    def test_one_envelope_reaches_axis_and_unit_and_their_statuses_come_back(self):
        text = own_envelope("G98", ["G99"], self.next_number())
        self.assertEqual(self.sent_bytes(self.post(text)["document_id"]).rstrip("\r\n"), text)

    test_a_status_to_the_axis_travels_as_it_was_written = None
    test_the_same_envelope_again_is_one_document_and_a_key_holds_its_content = None


if __name__ == "__main__":
    common.main()
