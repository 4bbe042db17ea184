#!/usr/bin/env python3
"""README.md's shell blocks are run, in order, in one bash, from the repository root.

A block that starts with ```sh is run, unless <!-- not run --> stands on the line before it. Lines that call scripts/run,
scripts/test or scripts/bench are left out (CI runs them); instead the world of scripts/run is up: the API at
127.0.0.1:18080 (in truth on a free port, put in its place), the axis at 18090, tokens in var/demo/config/*.token, programs
in build/release/bin.
"""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import common

README = common.ROOT / "README.md"
LEFT_OUT = re.compile(r"^\s*(\./)?scripts/(run|test|bench|setup)\b")


def blocks(text):
    out, lines = [], text.splitlines()
    at = 0
    while at < len(lines):
        if lines[at].strip() == "```sh":
            end = next(i for i in range(at + 1, len(lines)) if lines[i].strip() == "```")
            before = next((line for line in reversed(lines[:at]) if line.strip()), "")
            if "<!-- not run -->" not in before:
                out.append((at + 1, lines[at + 1:end]))
            at = end
        at += 1
    return out


class Readme(unittest.TestCase):
    def test_blocks_are_found_and_marked_ones_left_out(self):
        text = "a\n```sh\none\n```\n<!-- not run -->\n\n```sh\ntwo\n```\n```text\nthree\n```\n"
        self.assertEqual(blocks(text), [(2, ["one"])])

    def test_every_shell_block_of_the_readme_works(self):
        found = blocks(README.read_text())
        commands = [(number, [line for line in lines if not LEFT_OUT.match(line)]) for number, lines in found]
        commands = [(number, lines) for number, lines in commands if any(line.strip() and not line.lstrip().startswith("#") for line in lines)]
        self.assertTrue(commands, "README.md has no block that can be run")
        copy = self.checkout()
        w = common.World(copy / "var/demo", common.BIN)
        self.addCleanup(w.kill_all)
        w.start_axis()
        w.configure()
        w.start_gateway()
        # Other ports than the README's: scripts/run may be up beside this test.
        ports = {"18080": str(w.api_port), "18090": str(w.axis_port)}
        script = "".join(f"echo '== README.md:{number}' >&2\n" + "\n".join(lines) + "\n" for number, lines in commands)
        script = re.sub(r"\b(18080|18090)\b", lambda m: ports[m.group()], script)
        run = subprocess.run(["bash", "-c", "set -e -o pipefail\n" + script], cwd=copy, capture_output=True, text=True, timeout=200,
                             env={**os.environ, "AXIS_README_WORLD": "1", "LANG": "C.UTF-8"})
        self.assertEqual(run.returncode, 0, f"{run.stdout}\n{run.stderr}")
        self.assertEqual(w.stop("axisd"), 0)

    def checkout(self):
        """The repository as the README's reader sees it, with a var/ and a build/ of its own: this one's may be in use."""
        copy = pathlib.Path(tempfile.mkdtemp(prefix="axs-"))
        self.addCleanup(shutil.rmtree, copy, ignore_errors=True)
        for entry in common.ROOT.iterdir():
            if entry.name not in ("var", "build", ".git"):
                (copy / entry.name).symlink_to(entry)
        for preset in ("release", "dev"):
            (copy / "build" / preset).mkdir(parents=True)
            (copy / "build" / preset / "bin").symlink_to(common.BIN)
        (copy / "var/demo").mkdir(parents=True)
        return copy


if __name__ == "__main__":
    common.main()
