#!/usr/bin/env python3
"""axisctl signature verify|explain on PDF files: signed here with the openssl program, and by Debian's pdfsig; and what pdfsig
says of ours. Nothing of the gateway makes these files."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import common

LEADER, AGENCY = "Trần Thử Nghiệm", "Bộ Thử nghiệm"
ROOM = 6000  # hexadecimal digits for a signature


def run(*command, exit=0, data=None, env=None):
    done = subprocess.run([str(c) for c in command], input=data, capture_output=True, timeout=120, env=env)
    assert done.returncode == exit, f"{command}: {done.stdout.decode(errors='replace')}{done.stderr.decode(errors='replace')}"
    return done.stdout


class Pki:
    """A root and what it issues, by the openssl program."""

    def __init__(self, folder):
        self.folder = folder
        self.trust = folder / "trust"
        self.trust.mkdir()
        self.root = self.make("root", "Root CA Thử nghiệm", None, "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
        shutil.copy(self.root[1], self.trust / "root.pem")

    def make(self, name, cn, issuer, extensions):
        key, cert, conf = (self.folder / f"{name}.{end}" for end in ("key", "pem", "cnf"))
        run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key)
        identifiers = "subjectKeyIdentifier=hash\n" + ("authorityKeyIdentifier=keyid\n" if issuer else "")
        conf.write_text(f"[req]\ndistinguished_name=dn\nprompt=no\nutf8=yes\nstring_mask=utf8only\n[dn]\nC=VN\nO={AGENCY}\nOU=G98\nCN={cn}\n"
                        f"[ext]\n{identifiers}{extensions}")
        request = run("openssl", "req", "-new", "-utf8", "-key", key, "-config", conf)
        by = ("-CA", issuer[1], "-CAkey", issuer[0], "-CAcreateserial") if issuer else ("-signkey", key)
        cert.write_bytes(run("openssl", "x509", "-req", "-days", "30", "-extfile", conf, "-extensions", "ext", *by, data=request))
        return key, cert

    def leaf(self, name, cn):
        return self.make(name, cn, self.root, "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n")


class Pdf:
    """A PDF with tables, saved incrementally."""

    def __init__(self, filler=0):
        self.data, self.previous, self.fields, self.next = bytearray(b"%PDF-1.7\n"), None, [], 6
        stream = b"BT (Cong van) Tj ET" + b" " * filler
        self.save({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>", 3: self.page(),
                   4: b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream), 5: b"<</Producer(axis test)>>"})

    def page(self):
        places = b"/Annots[" + b" ".join(b"%d 0 R" % f for f in self.fields) + b"]" if self.fields else b""
        return b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R" + places + b">>"

    def save(self, objects):
        places = {}
        for number, body in objects.items():
            places[number] = len(self.data)
            self.data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        at = len(self.data)
        self.data += b"xref\n" + (b"0 1\n0000000000 65535 f \n" if self.previous is None else b"")
        for number, place in sorted(places.items()):
            self.data += b"%d 1\n%010d 00000 n \n" % (number, place)
        before = b"" if self.previous is None else b"/Prev %d" % self.previous
        self.data += b"trailer\n<</Size %d/Root 1 0 R/Info 5 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (self.next, before, at)
        self.previous = at

    def sign(self, party, root):
        key, cert = party
        value, field = self.next, self.next + 1
        self.next += 2
        self.fields.append(field)
        gap = b"<" + b"0" * ROOM + b">"
        room = b"0000000000 0000000000 0000000000"
        self.save({
            1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[" + b" ".join(b"%d 0 R" % f for f in self.fields) + b"]>>>>",
            3: self.page(),
            field: b"<</FT/Sig/Type/Annot/Subtype/Widget/T(Ky %d)/V %d 0 R/Rect[0 0 0 0]/F 132/P 3 0 R>>" % (len(self.fields), value),
            value: b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 " + room + b"]/Contents " + gap + b">>"})
        begin = self.data.rfind(gap)
        end = begin + len(gap)
        at = self.data.rfind(room)
        self.data[at:at + len(room)] = b"%010d %010d %010d" % (begin, end, len(self.data) - end)
        covered = bytes(self.data[:begin] + self.data[end:])
        message = run("openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-signer", cert, "-inkey", key, "-certfile", root,
                      "-outform", "DER", data=covered).hex().encode()
        assert len(message) <= ROOM, len(message)
        self.data[begin + 1:begin + 1 + len(message)] = message
        return self


class PdfCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="axp-"))
        cls.addClassCleanup(shutil.rmtree, cls.dir, ignore_errors=True)
        cls.pki = Pki(cls.dir)
        cls.leader, cls.agency = cls.pki.leaf("leader", LEADER), cls.pki.leaf("agency", AGENCY)

    def write(self, name, data):
        path = self.dir / name
        path.write_bytes(data)
        return path

    def ctl(self, *arguments, exit=0, lang="en"):
        return run(common.BIN / "axisctl", "--lang", lang, *arguments, exit=exit).decode()

    def verify(self, path, exit=0):
        return self.ctl("signature", "verify", "--trust", self.pki.trust, path, exit=exit)

    def signed(self, *parties, **kind):
        pdf = Pdf(**kind)
        for party in parties or (self.leader, self.agency):
            pdf.sign(party, self.pki.root[1])
        return pdf


class Command(PdfCase):
    def test_a_line_a_file(self):
        path = self.write("a.pdf", self.signed().data)
        self.assertRegex(self.verify(path), f'^valid signature.holds {path} "{LEADER} \\+ {AGENCY}" 20\\S+ revocation=unknown '
                         "person_and_agency=passed The signature holds and its signer is known\n$")
        alone = self.write("b.pdf", self.signed(self.leader).data)
        self.assertIn(" person_and_agency=failed ", self.verify(alone))

    def test_what_is_not_valid_exits_1(self):
        pdf = self.signed()
        changed = bytearray(pdf.data)
        changed[20] ^= 1
        self.assertRegex(self.verify(self.write("c.pdf", changed), exit=1), "^(invalid signature.digest|malformed pdf.structure) ")
        added = self.signed()
        added.save({4: b"<</Length 0>>\nstream\n\nendstream"})
        self.assertRegex(self.verify(self.write("d.pdf", added.data), exit=1), "^invalid pdf.changed_after ")
        self.assertRegex(self.verify(self.write("e.pdf", Pdf().data), exit=1), "^absent signature.absent ")
        self.assertRegex(self.verify(self.write("f.pdf", b"%PDF-1.7\nnothing"), exit=1), "^absent signature.absent ")

    def test_explain_tells_each_signature(self):
        path = self.write("g.pdf", self.signed().data)
        said = self.ctl("signature", "explain", "--trust", self.pki.trust, path)
        self.assertIn(f"  passed person_and_agency: person: {LEADER}; agency: {AGENCY}\n", said)
        self.assertRegex(said, f'\n  1. "Ky 1" valid signature.holds "{LEADER}" 20')
        self.assertRegex(said, f'\n  2. "Ky 2" valid signature.holds "{AGENCY}" 20')
        self.assertIn(f"signer: {LEADER}, {AGENCY} (person)\n", said)
        self.assertIn("signatures and what validates them only\n", said)
        self.assertIn("nothing that says anything\n", said)
        for check in ("byte_range", "value", "digest", "named_certificate", "changed_after", "certificate", "chain"):
            self.assertEqual(len(re.findall(f"^     passed {check}", said, re.M)), 2, check)
        self.assertIn("người ký", self.ctl("signature", "explain", "--trust", self.pki.trust, path, lang="vi"))

    def test_json(self):
        path = self.write("h.pdf", self.signed().data)
        said = json.loads(self.ctl("--json", "signature", "verify", "--trust", self.pki.trust, path))
        self.assertEqual((said["verdict"], said["code"]), ("valid", "signature.holds"))
        self.assertEqual([s["signer"]["name"] for s in said["signatures"]], [LEADER, AGENCY])
        self.assertEqual([s["kind"] for s in said["signatures"]], ["person", "organisation"])
        self.assertEqual([s["added"] for s in said["signatures"]], ["signatures", "nothing"])
        self.assertEqual(said["checks"][-1]["outcome"], "passed")

    def test_a_large_file_costs_no_memory(self):
        # Measured by a small process: a child counts what its parent held when it was made.
        measure = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); " \
                  "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"

        def resident(path):
            return int(run(sys.executable, "-c", measure, common.BIN / "axisctl", "signature", "verify", "--trust", self.pki.trust, path))
        small = resident(self.write("small.pdf", self.signed().data))
        large = resident(self.write("large.pdf", self.signed(filler=200_000_000).data))
        self.assertLess(large - small, 8 * 1024, f"{small} KiB for a small file, {large} KiB for 200 MB")


@unittest.skipUnless(shutil.which("pdfsig") and shutil.which("certutil"), "pdfsig or certutil is missing (Debian: poppler-utils, libnss3-tools)")
class Pdfsig(PdfCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nss = cls.dir / "nss"
        cls.nss.mkdir()
        run("certutil", "-N", "-d", f"sql:{cls.nss}", "--empty-password")
        run("certutil", "-A", "-d", f"sql:{cls.nss}", "-n", "root", "-t", "CT,CT,CT", "-i", cls.pki.root[1])
        for name, (key, cert) in (("leader", cls.leader), ("agency", cls.agency)):
            bundle = cls.dir / f"{name}.p12"
            run("openssl", "pkcs12", "-export", "-in", cert, "-inkey", key, "-name", name, "-passout", "pass:", "-out", bundle)
            run("pk12util", "-i", bundle, "-d", f"sql:{cls.nss}", "-W", "", "-K", "")

    def pdfsig(self, *arguments):
        return run("pdfsig", "-nssdir", f"sql:{self.nss}", *arguments).decode()

    def test_what_pdfsig_signs_verifies_here(self):
        plain = self.write("plain.pdf", Pdf().data)
        once, twice = self.dir / "once.pdf", self.dir / "twice.pdf"
        self.pdfsig("-add-signature", "-nick", "leader", "-new-signature-field-name", "nguoi", plain, once)
        self.assertRegex(self.verify(once), f'^valid signature.holds {once} "{LEADER}" ')
        self.pdfsig("-add-signature", "-nick", "agency", "-new-signature-field-name", "con dau", once, twice)
        self.assertRegex(self.verify(twice), f'^valid signature.holds {twice} "{LEADER} \\+ {AGENCY}" .*person_and_agency=passed')
        changed = bytearray(twice.read_bytes())
        changed[changed.index(b"(Cong van)") + 1] ^= 1
        self.assertRegex(self.verify(self.write("changed.pdf", changed), exit=1), "^invalid signature.digest ")

    @unittest.skipUnless(shutil.which("qpdf"), "qpdf is missing (Debian: qpdf)")
    def test_files_of_other_shapes_verify_too(self):
        plain = self.write("shape.pdf", Pdf().data)
        for shape in (["--object-streams=generate"], ["--linearize"], ["--linearize", "--object-streams=generate"], ["--qdf"],
                      ["--qdf", "--object-streams=generate"]):
            with self.subTest(shape):
                other, signed = self.dir / "other.pdf", self.dir / "signed.pdf"
                run("qpdf", *shape, plain, other)
                self.pdfsig("-add-signature", "-nick", "leader", "-new-signature-field-name", "nguoi", other, signed)
                self.pdfsig("-add-signature", "-nick", "agency", "-new-signature-field-name", "con dau", signed, other)
                self.assertRegex(self.verify(other), "^valid signature.holds .*person_and_agency=passed")
                signed.unlink()
                other.unlink()

    def test_what_we_sign_verifies_there(self):
        said = self.pdfsig("-no-ocsp", self.write("ours.pdf", self.signed().data))
        self.assertEqual(said.count("Signature Validation: Signature is Valid."), 2, said)
        self.assertEqual(said.count("  - Total document signed"), 1, said)


if __name__ == "__main__":
    unittest.main()
