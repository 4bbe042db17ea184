#!/usr/bin/env python3
"""Envelopes are signed on their way out and judged on their way in, by each endpoint's policy; the keys are in a process of their own."""
import json
import os
import pathlib
import re
import signal

import common
from common import PartnerCase, own_envelope, wait_for
from pki import Pki

CLASS = "?security_class=thuong&restricted_publication=false&denunciation=false"


class SignedWorld(PartnerCase):
    national, bo_settings = 'signature = "enveloped"', ""

    @classmethod
    def configured(cls):
        super().configured()
        cls.pki = Pki(cls.w.directory / "pki")
        cls.make_keys()
        (cls.w.directory / "pki/partner").mkdir()  # where axisd does not look
        for end in ("key", "crt"):
            (cls.pki.keys / f"g96.{end}").rename(cls.w.directory / f"pki/partner/g96.{end}")
        with cls.w.config.open("a") as f:
            f.write(f'\n[signature]\ntrust_dir = "{cls.pki.trust}"\nkeys_dir = "{cls.pki.keys}"\n')
        for name, more in (("national", cls.national), ("bo", cls.bo_settings)):
            file = cls.w.config.parent / "endpoints.d" / f"{name}.toml"
            file.write_text(more + "\n" + file.read_text())

    @classmethod
    def make_keys(cls):
        cls.pki.agency("g98", "G98")
        cls.pki.agency("g96", "G96", kind=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"))

    def signed(self, text, key="partner/g96", profile="enveloped"):
        """By axisctl, as another gateway of ours would."""
        file, out = self.w.directory / "in.xml", self.w.directory / "out.xml"
        out.unlink(missing_ok=True)
        file.write_text(text)
        base = self.w.directory / "pki" / key
        self.w.ctl("signature", "sign", "--profile", profile, "--key", f"{base}.key", "--cert", f"{base}.crt", str(file), "-o", str(out))
        return out.read_text()

    def verified(self, data):
        file = self.w.directory / "seen.xml"
        file.write_bytes(data)
        return json.loads(self.w.ctl("--json", "signature", "verify", "--trust", str(self.pki.trust), str(file), check=False).stdout)


class OnTheWay(SignedWorld):
    def sent(self, entry):
        return self.raw_sim("GET", f"/sim/documents/{entry['docId']}/edxml")

    def test_what_goes_to_the_axis_is_signed_documents_and_statuses_alike(self):
        receipt = self.send(["G99", "G98.11"])
        entry = wait_for("the document on the axis", lambda: next(iter(self.on_axis(receipt["number"])), None))
        seen = self.verified(self.sent(entry))
        self.assertEqual((seen["verdict"], seen["signer"]["name"], seen["revocation"]), ("valid", "Agency G98", "unknown"), seen)
        self.assertTrue(seen["claimed_at"])
        event = self.wait_document(self.cuc11, receipt["number"], "TMĐT-TTTH")
        self.assertEqual(event["data"]["signature"], "absent", "between our own there is no signature")
        kept = self.bo.get(f"/v1/messages/{receipt['id']}/envelope").body
        self.assertEqual(self.verified(kept)["verdict"], "absent", "what software posted stays as it is")

        number = self.next_number()
        self.partner.document(["G98.11"], number)
        event = self.wait_document(self.cuc11, number, "BĐT-VP")
        self.assertEqual(self.cuc11.call("POST", f"/v1/messages/{event['message_id']}/statuses", json.dumps({"from": "G98.11", "code": "03"}).encode(),
                                         {"Content-Type": "application/json"}).status, 202)
        entry = wait_for("the status on the axis", lambda: next(iter(self.axis_statuses(f"{number}/BĐT-VP", "03")), None))
        self.assertEqual(self.verified(self.sent(entry))["code"], "certificate.binding", "a unit's status carries the gateway's signature")

    def receive(self, mangle):
        number = self.next_number()
        self.partner.document(["G98.11"], number, mangle=mangle)
        event = self.wait_document(self.cuc11, number, "BĐT-VP")
        return event["message_id"], event["data"]

    def test_a_signature_that_holds_is_told_to_software_operator_and_journal(self):
        id, data = self.receive(self.signed)
        self.assertEqual(data["signature"], "valid")
        self.assertEqual(data["signature_detail"]["signer"], "Agency G96")
        shown = self.message(id, self.cuc11)["signature"]
        self.assertEqual((shown["verdict"], shown["code"]), ("valid", "signature.holds"))
        self.assertEqual([c["outcome"] for c in shown["facts"]["checks"] if c["name"] == "binding"], ["passed"])
        self.assertEqual(len(shown["facts"]["chain"]), 2)
        self.assertIn("valid (signature.holds) Agency G96", self.w.ctl("show", id))
        self.assertIn('"signatures":[{"part":0,"verdict":"valid"', self.w.ctl("why", id))

    def test_what_was_changed_is_told_and_still_delivered_where_it_is_not_required(self):
        _, data = self.receive(lambda text: self.signed(text).replace("V/v thử", "V/v khác"))
        self.assertEqual((data["signature"], data["signature_detail"]["code"]), ("invalid", "signature.digest"))
        _, data = self.receive(lambda text: self.signed(text, "keys/g98"))
        self.assertEqual((data["signature"], data["signature_detail"]["code"]), ("untrusted", "certificate.binding"))
        _, data = self.receive(lambda text: text.replace("</edXMLHeader>", "<Signature><SignedInfo/></Signature></edXMLHeader>"))
        self.assertEqual(data["signature"], "dummy")


class Required(SignedWorld):
    national, bo_settings = 'verify = "require"', 'verify = "require"'

    def test_only_what_is_signed_comes_in_from_the_axis(self):
        good, bad = self.next_number(), self.next_number()
        self.partner.document(["G98.11"], bad)
        self.partner.document(["G98.11"], good, mangle=self.signed)
        event = self.wait_document(self.cuc11, good, "BĐT-VP")
        self.assertEqual(event["data"]["signature"], "valid")
        aside = wait_for("the other one set aside", lambda: [q for q in self.queue()["quarantined_incoming"] if q["reason"] == "signature.refused"])
        self.assertIn("signature.absent", json.dumps(aside))

    def test_only_what_is_signed_is_taken_from_software(self):
        headers = {"Content-Type": "application/xml"}
        number = self.next_number()
        plain = own_envelope("G98", ["G98.11"], number)
        refused = self.bo.call("POST", "/v1/envelopes" + CLASS, plain.encode(), headers)
        self.assert_problem(refused, 422, "signature.refused")
        self.assertIn("signature.absent", refused.json()["note"])
        taken = self.bo.call("POST", "/v1/envelopes" + CLASS, self.signed(plain, "keys/g98").encode(), headers)
        self.assertEqual(taken.status, 202, taken.body)
        self.assertEqual(self.wait_document(self.cuc11, number)["data"]["signature"], "valid")


class Keys(SignedWorld):
    @classmethod
    def make_keys(cls):
        super().make_keys()
        cls.pki.agency("old", "G98", days=20)  # began later than g98: it signs; but g98 ends last

    def signer_pid(self):
        children = pathlib.Path(f"/proc/{self.w.processes['axisd'].pid}/task/{self.w.processes['axisd'].pid}/children").read_text().split()
        return next(int(pid) for pid in children if pathlib.Path(f"/proc/{pid}/comm").read_text() == "axisd-signer\n")

    def test_axisd_ends_when_its_signer_is_gone_and_goes_on_when_started_again(self):
        os.kill(self.signer_pid(), signal.SIGKILL)
        refused = self.bo.submit(package := self.package(["G99"]), [("van-ban.pdf", common.PDF)])
        self.assert_problem(refused, 503, "signer.failed")
        self.assertEqual(self.w.processes["axisd"].wait(30), 1)
        self.w.start_gateway()
        taken = self.bo.submit(package, [("van-ban.pdf", common.PDF)])
        self.assertEqual(taken.status, 202, taken.body)
        self.wait_recipient(taken.json()["id"], "G99", "delivered", delivery="done")

    def test_axisd_itself_cannot_read_its_keys(self):
        self.assertNotIn("signer.keys_exposed", self.alarms())
        status = pathlib.Path(f"/proc/{self.w.processes['axisd'].pid}/status").read_text()
        self.assertIn("NoNewPrivs:\t1", status)

    def test_the_configuration_check_opens_keys_and_trusted_certificates(self):
        key, anchor = self.pki.keys / "old.key", self.pki.trust / "empty.pem"
        try:
            key.chmod(0o644)
            anchor.write_text("nothing")
            found = self.w.ctl("config", "check", check=False)
            self.assertEqual(found.returncode, 1)
            self.assertRegex(found.stderr, "signature.keys_dir: config.secret_mode: .*old.key")
            self.assertRegex(found.stderr, "signature.trust_dir .*empty.pem")
        finally:
            key.chmod(0o600)
            anchor.unlink()
        self.w.ctl("config", "check")

    def test_a_certificate_that_ends_soon_is_an_alarm(self):
        self.assertNotIn("signing.key_expiring", self.alarms())
        for name in ("g98.crt", "g98.key"):
            (self.pki.keys / name).unlink()
        self.w.stop("axisd")
        self.w.start_gateway()
        self.wait_alarm("signing.key_expiring")

    def test_what_is_asked_for_must_be_there(self):
        text = self.w.config.read_text()
        try:
            self.w.config.write_text(re.sub(r"keys_dir.*\n", "", text))
            found = self.w.ctl("config", "check", check=False)
            self.assertEqual(found.returncode, 1)
            self.assertIn("national.toml:1 signature: config.missing", found.stderr)
        finally:
            self.w.config.write_text(text)


if __name__ == "__main__":
    common.main()
