"""The files that are checked, and findings about them."""
import functools
import os
import pathlib
import re
import subprocess
from typing import NamedTuple

# Comments, raw strings, strings, characters (not the ' of 1'000), in this order.
LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\s\\]{0,16})\((?:.*?)\)(?P=tag)"'
    r"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.S,
)


class Finding(NamedTuple):
    path: str
    line: int
    what: str
    instead: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}, instead {self.instead}"


class Source:
    def __init__(self, path, text):
        self.path = path  # relative to the root, with /
        self.text = text
        self.lines = text.splitlines()

    @functools.cached_property
    def code(self):
        """The text with comments and literals blanked; offsets and lines stay."""
        return LITERAL.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), self.text)

    @property
    def folder(self):
        """The unit of the architecture: gateway/ledger, adapters/vxp, tests/unit, scripts."""
        parts = self.path.split("/")[:-1]
        return "/".join(parts[:2])

    @property
    def is_cpp(self):
        return self.path.endswith((".cpp", ".hpp"))

    @property
    def is_header(self):
        return self.path.endswith(".hpp")

    @property
    def is_test(self):
        return self.path.startswith("tests/")

    def line_at(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def finding(self, line, what, instead):
        return Finding(self.path, line, what, instead)


class Tree:
    """All text files of the project below `root`."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.sources = []
        for path in sorted(self._paths()):
            file = self.root / path
            if not file.is_file():
                continue
            raw = file.read_bytes()
            if b"\0" in raw[:8192]:
                continue
            self.sources.append(Source(path, raw.decode("utf-8", "replace")))

    def _paths(self):
        if (self.root / ".git").exists():
            listed = subprocess.run(
                ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=self.root, capture_output=True, check=False
            )
            if listed.returncode == 0:
                return {p for p in listed.stdout.decode().split("\0") if p}
        found = set()
        for folder, folders, files in os.walk(self.root):
            folders[:] = [f for f in folders if f not in ("build", ".git", "__pycache__", "var")]
            found.update(os.path.relpath(os.path.join(folder, f), self.root) for f in files)
        return found

    @property
    def cpp(self):
        return [s for s in self.sources if s.is_cpp]
