#!/usr/bin/env python3
"""scripts/run --once, in both languages and with a file of one's own: what a visitor sees first must not break."""
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

import common

FIRST_LINE = {"vi_VN.UTF-8": "MÔ PHỎNG: không kết nối tới trục liên thông thật.", "C.UTF-8": "A SIMULATION: not connected to the real axis."}


class Story(unittest.TestCase):
    def tell(self, language, *files):
        environment = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LC_MESSAGES")}
        environment.update(LANG=language, PYTHONIOENCODING="utf-8")
        run = subprocess.run([common.ROOT / "scripts/run", "--once", "--bin", common.BIN, *files], capture_output=True, text=True,
                             encoding="utf-8", timeout=200, env=environment)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        lines = run.stdout.splitlines()
        self.assertTrue(lines[0].startswith(FIRST_LINE[language]), lines[0])
        for number in range(1, 7):
            self.assertTrue(any(line.startswith(f"{number}. ") for line in lines), f"step {number}")
        self.assertIn("$ curl", run.stdout, "each step shows what a person could have typed")
        return run.stdout

    def test_it_is_told_in_vietnamese(self):
        self.assertIn("Mọi bước đã được kiểm chứng.", self.tell("vi_VN.UTF-8"))

    def test_it_is_told_in_english(self):
        self.assertIn("Every step was verified.", self.tell("C.UTF-8"))

    def test_it_is_told_with_a_file_of_ones_own(self):
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory) / "báo cáo của tôi.bin"
            data = random.Random(1).randbytes(3 * 1024 * 1024)
            file.write_bytes(data)
            told = self.tell("C.UTF-8", file)
        self.assertIn(f"{file.name}: {len(data)} byte", told)
        self.assertIn(common.sha256(data)[:16], told)

    def test_a_file_that_is_not_there_is_told_and_nothing_starts(self):
        run = subprocess.run([common.ROOT / "scripts/run", "--once", "--bin", common.BIN, "/khong/co.pdf"], capture_output=True, text=True)
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("/khong/co.pdf", run.stderr)


if __name__ == "__main__":
    common.main()
