#!/usr/bin/env python3
"""What axisd asks while it judges and makes signatures: an OCSP responder, a time-stamp authority; both the program openssl."""
import base64
import http.server
import json
import subprocess
import threading

import common
from common import wait_for
from pdf_signatures import Pdf
from signatures import SignedWorld


class Authority:
    """The program openssl behind a little HTTP server on loopback: its own listens on every address."""

    def __init__(self, directory, command):
        self.directory, self.command, self.asked, self.down = directory, command, [], False
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                question = self.rfile.read(int(self.headers["Content-Length"]))
                authority.asked.append(self.headers["Content-Type"])
                body = b"" if authority.down else authority.answer(question)
                self.send_response(503 if authority.down else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, question):
        (self.directory / "question").write_bytes(question)
        subprocess.run(["openssl", *self.command, "-out" if self.command[0] == "ts" else "-respout", "answer"],
                       cwd=self.directory, check=True, capture_output=True)
        return (self.directory / "answer").read_bytes()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Revocation(SignedWorld):
    @classmethod
    def configured(cls):
        super().configured()
        pki = cls.pki
        (pki.directory / "index.txt").touch()
        (pki.directory / "e.cnf").write_text("keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nsubjectKeyIdentifier=hash\n"
                                             "authorityKeyIdentifier=keyid\n")
        pki.run("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "ocsp.key", "-out", "r.csr", "-subj", "/CN=Test responder")
        pki.run("x509", "-req", "-in", "r.csr", "-CA", "trust/root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "30",
                "-extfile", "e.cnf", "-out", "ocsp.pem")
        cls.responder = Authority(pki.directory, ["ocsp", "-index", "index.txt", "-CA", "trust/root.pem", "-rsigner", "ocsp.pem", "-rkey", "ocsp.key",
                                                  "-reqin", "question", "-nmin", "10"])
        cls.addClassCleanup(cls.responder.close)
        (pki.trust / "trust.toml").write_text(f"[[ocsp]]\nissuer = 'Test root'\nurl = '{cls.responder.url}'\n")
        cls.register("g96", "V", "")

    @classmethod
    def make_keys(cls):
        super().make_keys()
        cls.pki.agency("revoked", "G96")

    @classmethod
    def register(cls, name, state, revoked):
        """A line of the authority's book, as openssl ca writes it."""
        certificate = next(p for p in (cls.pki.keys / f"{name}.crt", cls.w.directory / f"pki/partner/{name}.crt") if p.exists())
        serial = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-serial"], check=True, capture_output=True, text=True).stdout
        with (cls.pki.directory / "index.txt").open("a") as f:
            f.write(f"{state}\t271126000000Z\t{revoked}\t{serial.strip().split('=')[1]}\tunknown\t/CN={name}\n")

    def receive(self, key="partner/g96"):
        number = self.next_number()
        self.partner.document(["G98.11"], number, mangle=lambda text: self.signed(text, key))
        event = self.wait_document(self.cuc11, number, "BĐT-VP")
        return event["data"], self.message(event["message_id"], self.cuc11)["signature"]["facts"]

    def check(self, facts):
        return next(c for c in facts["checks"] if c["name"] == "revocation")

    def test_a_signer_is_asked_about_once_and_the_answer_recorded(self):
        for _ in range(2):
            data, facts = self.receive()
            self.assertEqual((data["signature"], data["signature_detail"]["revocation"]), ("valid", "good"), facts)
            self.assertIn(f"by {self.responder.url} (depth 0)", self.check(facts)["detail"])
            self.assertNotIn("without nonce", self.check(facts)["detail"])
        self.assertEqual(self.responder.asked.count("application/ocsp-request"), 1)

    def test_b_revoked_by_the_responder_is_not_trusted_and_an_unknown_one_is_unknown(self):
        data, facts = self.receive("keys/revoked")
        self.assertEqual((data["signature"], data["signature_detail"]["revocation"]), ("valid", "unknown"))
        self.assertIn("not known to", self.check(facts)["detail"])
        self.register("revoked", "R", "261101000000Z")
        self.w.stop("axisd")  # forgets what it was told
        self.w.start_gateway()
        data, facts = self.receive("keys/revoked")
        self.assertEqual((data["signature"], data["signature_detail"]["code"]), ("untrusted", "certificate.revoked"))

    def test_c_without_an_answer_the_flow_goes_on(self):
        self.responder.down = True
        self.w.stop("axisd")
        self.w.start_gateway()
        data, facts = self.receive()
        self.assertEqual((data["signature"], data["signature_detail"]["revocation"]), ("valid", "unknown"))
        self.assertIn(f"{self.responder.url}: HTTP 503", self.check(facts)["detail"])
        self.wait_alarm("signature.authority_silent")

    def test_d_the_signer_of_a_file_is_asked_about_too(self):
        self.responder.down = False
        self.w.stop("axisd")
        self.w.start_gateway()
        key, certificate = (self.w.directory / f"pki/partner/g96.{end}" for end in ("key", "crt"))
        signed = bytes(Pdf().sign((key, certificate), self.pki.trust / "root.pem").data)
        asked = len(self.responder.asked)
        number = self.next_number()
        self.partner.document(["G98.11"], number, data=signed)
        event = self.wait_document(self.cuc11, number, "BĐT-VP")
        self.assertEqual(len(self.responder.asked), asked + 1)
        self.assertEqual(event["data"]["file_signatures"][0]["signature"], "valid")
        (file,) = self.message(event["message_id"], self.cuc11)["files"]
        (facts,) = (s["facts"] for s in file["signature"]["facts"]["signatures"])
        self.assertIn(f"by {self.responder.url} (depth 0)", self.check(facts)["detail"])

    def test_e_an_answer_kept_as_a_file_counts_without_a_network(self):
        pki = self.pki
        plain = self.verified(self.signed(common.own_envelope("G96", ["G98"], 1)).encode())
        self.assertEqual((plain["verdict"], plain["revocation"]), ("valid", "unknown"))
        pki.run("ocsp", "-issuer", "trust/root.pem", "-cert", "partner/g96.crt", "-reqout", "question")
        (pki.trust / "g96.ocsp").write_bytes(self.responder.answer((pki.directory / "question").read_bytes()))
        try:
            kept = self.verified(self.signed(common.own_envelope("G96", ["G98"], 1)).encode())
            self.assertEqual((kept["verdict"], kept["revocation"]), ("valid", "good"))
            self.assertIn("by g96.ocsp (depth 0)", json.dumps(kept["checks"]))
        finally:
            (pki.trust / "g96.ocsp").unlink()


class TimeStamps(SignedWorld):
    required = "false"

    @classmethod
    def configured(cls):
        super().configured()
        pki = cls.pki
        (pki.directory / "e.cnf").write_text("keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\nsubjectKeyIdentifier=hash\n"
                                             "authorityKeyIdentifier=keyid\n")
        pki.run("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "r.csr", "-subj", "/CN=Test TSA")
        pki.run("x509", "-req", "-in", "r.csr", "-CA", "trust/root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "30",
                "-extfile", "e.cnf", "-out", "tsa.pem")
        (pki.directory / "serial.tsa").write_text("01\n")
        (pki.directory / "tsa.cnf").write_text(
            "[t]\nserial=serial.tsa\nsigner_cert=tsa.pem\nsigner_key=tsa.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256\n"
            "accuracy=secs:1\nordering=no\ntsa_name=no\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n")
        cls.authority = Authority(pki.directory, ["ts", "-reply", "-config", "tsa.cnf", "-section", "t", "-queryfile", "question"])
        cls.addClassCleanup(cls.authority.close)
        with cls.w.config.open("a") as f:
            f.write(f'tsa_url = "{cls.authority.url}"\ntsa_required = {cls.required}\n')

    def on_the_axis(self):
        receipt = self.send(["G99"])
        entry = wait_for("the document on the axis", lambda: next(iter(self.on_axis(receipt["number"])), None))
        return self.raw_sim("GET", f"/sim/documents/{entry['docId']}/edxml")


class Stamped(TimeStamps):
    def test_a_what_is_signed_gets_a_time_stamp_that_proves_when(self):
        data = self.on_the_axis()
        self.assertEqual(self.authority.asked, ["application/timestamp-query"])
        seen = self.verified(data)
        self.assertEqual(seen["verdict"], "valid", seen)
        self.assertTrue(seen["proven_at"], seen)
        self.assertIn("Test TSA", json.dumps(seen["checks"]))
        self.assertNotIn("signature.time_stamp_missing", self.alarms())
        explained = self.explained(data)
        self.assertIn(f"proven: {seen['proven_at']}", explained)
        self.program_agrees(data)

    def explained(self, data):
        file = self.w.directory / "seen.xml"
        file.write_bytes(data)
        return self.w.ctl("--lang", "en", "signature", "explain", "--trust", str(self.pki.trust), str(file))

    def program_agrees(self, data):
        """What openssl ts says of the token over the canonical SignatureValue."""
        text = data.decode()
        value = text[text.index("<SignatureValue>"):text.index("</SignatureValue>")].replace("<SignatureValue>", "", 1)
        token = text[text.index("<EncapsulatedTimeStamp>") + len("<EncapsulatedTimeStamp>"):text.index("</EncapsulatedTimeStamp>")]
        (self.pki.directory / "value").write_text(f'<SignatureValue xmlns="http://www.w3.org/2000/09/xmldsig#">{value}</SignatureValue>')
        (self.pki.directory / "token").write_bytes(base64.b64decode(token))
        self.pki.run("ts", "-verify", "-data", "value", "-in", "token", "-token_in", "-CAfile", "trust/root.pem")

    def test_b_without_an_authority_it_is_sent_and_told(self):
        self.authority.down = True
        try:
            seen = self.verified(self.on_the_axis())
            self.assertEqual((seen["verdict"], seen["proven_at"]), ("valid", None))
            self.wait_alarm("signature.time_stamp_missing")
        finally:
            self.authority.down = False


class StampRequired(TimeStamps):
    required = "true"

    def test_without_a_time_stamp_nothing_is_taken(self):
        self.authority.down = True
        refused = self.bo.submit(package := self.package(["G99"]), [("van-ban.pdf", common.PDF)])
        self.assert_problem(refused, 503, "signature.time_stamp_missing")
        self.authority.down = False
        self.w.stop("axisd")  # else it leaves the authority in peace for half a minute
        self.w.start_gateway()
        taken = self.bo.submit(package, [("van-ban.pdf", common.PDF)])
        self.assertEqual(taken.status, 202, taken.body)
        entry = wait_for("the document on the axis", lambda: next(iter(self.on_axis(package["code"]["number"])), None))
        self.assertTrue(self.verified(self.raw_sim("GET", f"/sim/documents/{entry['docId']}/edxml"))["proven_at"])


if __name__ == "__main__":
    common.main()
