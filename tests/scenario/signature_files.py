#!/usr/bin/env python3
"""`axisctl signature verify` on hostile files: what it opens, and what it costs.

Goal: nothing that a file says is opened or connected to, and no file takes more than a bounded memory and a second of one
processor. Method: strace sees every call that names a file or an address; the kernel measures memory and cuts the
processor's time. The attack corpus of ../shared, one process a file.
"""
import gzip
import os
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile
import unittest

import common
from common import BIN, SHARED

ATTACKS = SHARED / "corpora/attacks"
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

    def verify(self, *files):
        return [str(BIN / "axisctl"), "signature", "verify", "--trust", str(self.trust), *map(str, files)]

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

    def test_only_what_was_named_is_opened(self):
        ran, trace = self.traced(self.verify(*self.files))
        self.assertEqual(len(ran.stdout.splitlines()), len(self.files), ran.stderr)
        self.assertEqual(self.foreign(trace, self.files), set())
        # What this test stands on: the calls are seen at all.
        opened = OPENED.findall(trace)
        for file in self.files:
            self.assertIn(str(file), opened)

    def test_the_trace_would_show_a_file_and_an_address(self):
        _, trace = self.traced(["python3", "-c", "import socket; open('/etc/passwd').close(); socket.socket().connect_ex(('127.0.0.1', 9))"])
        self.assertTrue({"/etc/passwd", "connect("} <= self.foreign(trace, []))

    def test_every_file_is_judged_within_its_memory_and_time(self):
        idle = self.measured(self.files[0])
        for file in self.files:
            with self.subTest(file=file.name):
                self.assertLess(self.measured(file) - idle, MEMORY)

    def measured(self, file):
        process = subprocess.Popen(self.verify(file), preexec_fn=limited, stdout=subprocess.PIPE)
        line = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.stdout.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertIn(process.returncode, (0, 1), f"{file}: ended by a signal or by itself")
        self.assertIn(file.name.encode(), line)
        return usage.ru_maxrss * 1024


if __name__ == "__main__":
    common.main()
