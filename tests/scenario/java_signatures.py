#!/usr/bin/env python3
"""Signatures between axisctl and the JDK's javax.xml.crypto, in both directions: what one signs holds for the other, and with one
byte changed it does not. The program in Java is XmlSignature.java; without a JDK all is skipped."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import common
from common import BIN, own_envelope
from pki import Pki

PROGRAM = pathlib.Path(__file__).with_name("XmlSignature.java")
MORE, SHA = "http://www.w3.org/2001/04/xmldsig-more#", "http://www.w3.org/2001/04/xmlenc#"
EXCLUSIVE, INCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
KEYS = {"rsa": ("rsa:2048",), "p256": ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), "p521": ("ec", "-pkeyopt", "ec_paramgen_curve:P-521")}
OURS = {"rsa": "rsa-sha256", "p256": "ecdsa-sha256", "p521": "ecdsa-sha512"}  # the digest follows the key
JAVAS = (("rsa", "rsa", "sha256", EXCLUSIVE, ""), ("rsa", "rsa", "sha512", INCLUSIVE, "ds"),
         ("p256", "ecdsa", "sha256", INCLUSIVE, ""), ("p521", "ecdsa", "sha512", EXCLUSIVE, "ds"))
PLACES = ("Subject", "OrganId", "CodeNumber", "AttachmentName", "ContentTransferEncoded", "DigestValue", "SignatureValue", "X509Certificate")


def changed(text, name):
    """The text with one letter or digit of the first element of that name exchanged for another."""
    content = re.search(rf"<(?:\w+:)?{name}(?: [^>]*)?>([^<]+)<", text)
    at = content.start(1) + min(40, len(content[1]) // 2)
    return text[:at] + ("7" if text[at] in "123456" else "B" if text[at] != "B" else "C") + text[at + 1:]


class Java(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("javac"):
            raise unittest.SkipTest("no JDK is installed")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="axs-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        subprocess.run(["javac", "-d", cls.folder / "java", PROGRAM], check=True, timeout=240)  # once: quicker than `java FILE.java` each time
        cls.pki = Pki(cls.folder / "pki")
        for name, kind in KEYS.items():
            cls.pki.agency(name, "G98", kind=kind)

    def run_it(self, *command, fine=(0,)):
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=120)
        self.assertIn(done.returncode, fine, f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def java(self, *words):
        return self.run_it("java", "-XX:TieredStopAtLevel=1", "-cp", self.folder / "java", "XmlSignature", *words)

    def unsigned(self, name):
        # Two prefixes for one name space, line ends of both kinds, characters that are escaped, a text in lines.
        text = own_envelope("G98", ["G99"], "12", subject='V/v ký thử các văn bản, một &lt;hai&gt; &amp; "ba"', margin="\r\n", text="JVBERi\r\n0xLjQK" * 20)
        return self.write(f"{name}.in.xml", text)

    def write(self, name, text):
        file = self.folder / name
        with open(file, "w", encoding="utf-8", newline="") as f:
            f.write(text)
        return file

    def read(self, file):
        with open(file, encoding="utf-8", newline="") as f:
            return f.read()

    def altered(self, file, places):
        text = self.read(file)
        return [self.write(f"{file.stem}.{place}.xml", changed(text, place)) for place in places]

    def java_says(self, files):
        return self.java("verify", self.pki.trust / "root.pem", *files).splitlines()

    def we_say(self, files):
        told = self.run_it(BIN / "axisctl", "signature", "verify", "--trust", self.pki.trust, *files, fine=(0, 1)).splitlines()
        return [line.split()[0] for line in told]

    def test_what_we_sign_holds_for_java_and_changed_it_does_not(self):
        for name, method in OURS.items():
            file = self.folder / f"ours-{name}.xml"
            base = self.pki.keys / name
            self.run_it(BIN / "axisctl", "signature", "sign", "--key", f"{base}.key", "--cert", f"{base}.crt", self.unsigned(name), "-o", file)
            self.assertIn(MORE + method, self.read(file))
            self.compare(file, self.java_says, "holds", (*PLACES, "SigningTime"))

    def test_what_java_signs_holds_here_and_changed_it_does_not(self):
        for key, kind, hash, canonical, prefix in JAVAS:
            file = self.folder / f"java-{key}-{hash}.xml"
            base = self.pki.keys / key
            self.java("sign", f"{base}.key", f"{base}.crt", f"{MORE}{kind}-{hash}", SHA + hash, canonical, prefix, self.unsigned(file.stem), file)
            self.compare(file, self.we_say, "valid", PLACES)

    def compare(self, file, judge, good, places):
        files = [file, *self.altered(file, places)]
        said = judge(files)
        self.assertEqual(len(said), len(files), said)
        for one, word in zip(files, said):
            with self.subTest(file=one.name, said=word):
                (self.assertEqual if one is file else self.assertNotEqual)(word, good)


if __name__ == "__main__":
    common.main()
