#!/usr/bin/env python3
"""`axisctl signature verify` on files: what it opens on hostile ones, what it costs, and whether others agree.

Goal: nothing that a file says is opened or connected to, and no file takes more than a bounded memory and a second of one
processor. Method: strace sees every call that names a file or an address; the kernel measures memory and cuts the
processor's time. The attack corpus of ../shared, one process a file, and its signature suites, in both profiles. And: on tests/data/signature, the xmlsec1 program
says of the mathematics what we say.
"""
import base64
import csv
import gzip
import hashlib
import os
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile
import unittest

import common
from common import BIN, ROOT, SHARED

OWN = ROOT / "tests/data/signature"
AT = "2026-06-01 00:00:00"
ATTACKS = SHARED / "corpora/attacks"
SUITES = SHARED / "corpora/signature"
GROUPS = ("valid", "xsw", "sigform", "keyinfo", "transform", "alg", "textinj", "parser", "content")
MEMORY = 48 * 1024 * 1024  # above what a small honest file takes
SECONDS = 1  # of the processor, ended by the kernel
# What the loader, the C library, OpenSSL and libmagic read of their own accord, whatever the files say.
SYSTEM = re.compile(r"/etc/ld\.so\.|/etc/localtime$|/usr/share/zoneinfo/|/usr/lib/|/lib/|/usr/lib/ssl/openssl\.cnf$|/etc/ssl/openssl\.cnf$|"
                    r"/usr/share/locale|/etc/magic(?:\.mgc)?$|/usr/share/misc/magic\.mgc$|/proc/self/")
OPENED = re.compile(r'\b(?:open|openat|openat2|creat|execve|readlink|unlink|unlinkat|rename|renameat2?|mkdir|mkdirat|link|symlink)\(.*?"((?:[^"\\]|\\.)*)"')
NETWORK = re.compile(r"\b(?:connect|socket|bind|sendto|sendmsg)\(")


def hostile(folder):
    """The files of the corpus, those that were packed unpacked."""
    for group in GROUPS:
        for file in sorted((ATTACKS / group).iterdir()):
            to = folder / group / file.name.removesuffix(".gz")
            to.parent.mkdir(exist_ok=True)
            to.write_bytes(gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes())
            yield to


def vectors():
    with open(SUITES / "manifest.tsv", encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["role"] == "test":
                yield SUITES / row["suite"] / row["file"]


def limited():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not ATTACKS.exists():
            raise unittest.SkipTest(f"{ATTACKS} is not there")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="axs-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.trust = cls.folder / "trust"
        cls.trust.mkdir()
        for name in ("rootca.pem", "crls.pem"):
            shutil.copy(ATTACKS / "pki" / name, cls.trust)
        cls.files = list(hostile(cls.folder))

    def verify(self, *files, profile="edxml"):
        return [str(BIN / "axisctl"), "signature", "verify", "--profile", profile, "--trust", str(self.trust), *map(str, files)]

    def traced(self, command):
        log = self.folder / "strace"
        ran = subprocess.run(["strace", "-f", "-qq", "-o", log, "-e", "trace=%file,%network", *command], capture_output=True, text=True,
                             env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})  # which a traced program cannot do
        if "ptrace" in ran.stderr.lower():
            self.skipTest("strace may not trace here: " + ran.stderr.splitlines()[0])
        return ran, log.read_text(errors="replace")

    def foreign(self, trace, named):
        """Names that were opened though nobody named them, and calls to the network."""
        allowed = {str(file) for file in named} | {str(BIN / "axisctl")}
        opened = {name for name in OPENED.findall(trace)}
        strange = {n for n in opened if n not in allowed and not n.startswith(str(self.trust)) and not SYSTEM.match(n)}
        return strange | set(NETWORK.findall(trace))

    def check_opened(self, files, profile):
        ran, trace = self.traced(self.verify(*files, profile=profile))
        self.assertEqual(len(ran.stdout.splitlines()), len(files), ran.stderr)
        self.assertEqual(ran.stderr, "")
        self.assertEqual(self.foreign(trace, files), set())
        # What this test stands on: the calls are seen at all.
        self.assertTrue({str(file) for file in files} <= set(OPENED.findall(trace)))

    def test_only_what_was_named_is_opened(self):
        self.check_opened(self.files, "edxml")

    def test_nor_by_the_profile_for_all_documents(self):
        self.check_opened(self.files, "xmldsig")
        files = list(vectors())
        self.assertGreater(len(files), 200)
        self.check_opened(files, "xmldsig")

    def test_the_trace_would_show_a_file_and_an_address(self):
        _, trace = self.traced(["python3", "-c", "import socket; open('/etc/passwd').close(); socket.socket().connect_ex(('127.0.0.1', 9))"])
        self.assertTrue({"/etc/passwd", "connect("} <= self.foreign(trace, []))

    def check_costs(self, files, profile):
        if b"__asan_init" in (BIN / "axisctl").read_bytes():
            self.skipTest("a sanitizer would be measured")
        idle = self.measured(self.files[0], profile)
        for file in files:
            with self.subTest(file=file.name):
                self.assertLess(self.measured(file, profile) - idle, MEMORY)

    def test_every_file_is_judged_within_its_memory_and_time(self):
        self.check_costs(self.files, "edxml")

    def test_and_by_the_profile_for_all_documents(self):
        self.check_costs(self.files + self.costly(), "xmldsig")

    def costly(self):
        """As much as its limits let pass."""
        signature = re.search("<Signature .*</Signature>", (OWN / "xmldsig/enveloped.xml").read_text(), re.S)[0]
        scopes = [" ".join(f'xmlns:n{depth}x{i}="urn:{depth}:{i}"' for i in range(64)) for depth in range(60)]
        read_often = "y" * 2_000_000
        made = {
            "elements": f"<a>{'<b/>' * 99_000}{signature}</a>",
            "scopes": "".join(f"<a {scope}>" for scope in scopes) + "<n59x63:b/>" * 90_000 + signature + "</a>" * 60,
            "attributes": f"<a>{('<b ' + ' '.join(f'c{i}=' + chr(39) * 2 for i in range(64)) + '/>') * 1_500}{signature}</a>",
            "references": f"<a>{read_often}{signature}</a>",
        }
        # Each reference holds, so that all are calculated: that needs no key.
        digest = base64.b64encode(hashlib.sha256(f"<a>{read_often}</a>".encode()).digest()).decode()
        one = re.search("<Reference .*</Reference>", signature, re.S)[0]
        many = re.sub("<DigestValue>.*</DigestValue>", f"<DigestValue>{digest}</DigestValue>", one) * 32
        made["references"] = made["references"].replace(one, many)
        xpath = re.search("<Signature .*</Signature>", (OWN / "xmldsig/xpath-enveloped.xml").read_text(), re.S)[0]
        made["xpath"] = f"<a>{'<b/>' * 1_900}{xpath}</a>"
        return [self.write(name, text) for name, text in made.items()]

    def write(self, name, text):
        file = self.folder / f"{name}.xml"
        file.write_text(text)
        return file

    def measured(self, file, profile):
        process = subprocess.Popen(self.verify(file, profile=profile), preexec_fn=limited, stdout=subprocess.PIPE)
        line = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.stdout.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertIn(process.returncode, (0, 1), f"{file}: ended by a signal or by itself")
        self.assertIn(file.name.encode(), line)
        return usage.ru_maxrss * 1024


class Agreement(unittest.TestCase):
    """With the xmlsec1 program, which knows neither envelopes nor agencies, and no PSS."""

    def xmlsec1_verifies(self, file):
        command = ["xmlsec1", "--verify", "--enabled-key-data", "x509", "--trusted-pem", OWN / "pki/root.pem", "--untrusted-pem", OWN / "pki/sub.pem",
                   "--verification-gmt-time", AT, "--id-attr:Id", "edXML", "--id-attr:Id", "SignatureProperties", file]
        return subprocess.run(command, capture_output=True).returncode == 0

    def files(self, *codes):
        with open(OWN / "outcomes.tsv", encoding="utf-8") as table:
            return [OWN / row["file"] for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE) if row["code"] in codes]

    def we_verify(self, file):
        command = [BIN / "axisctl", "signature", "verify", "--trust", OWN / "trust", "--at", AT.replace(" ", "T") + "Z", file]
        return subprocess.run(command, capture_output=True).returncode == 0

    def test_what_we_call_valid_xmlsec1_calls_valid(self):
        files = [file for file in self.files("signature.holds") if not file.name.startswith("pss-")]
        self.assertGreater(len(files), 20)
        for file in files:
            with self.subTest(file=file.name):
                self.assertTrue(self.we_verify(file))
                self.assertTrue(self.xmlsec1_verifies(file))

    def test_what_we_call_changed_xmlsec1_calls_changed(self):
        files = self.files("signature.digest", "signature.value", "signature.transit")
        self.assertGreater(len(files), 6)
        for file in files:
            with self.subTest(file=file.name):
                self.assertFalse(self.we_verify(file))
                self.assertFalse(self.xmlsec1_verifies(file))


if __name__ == "__main__":
    common.main()
