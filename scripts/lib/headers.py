"""Headers compile alone. A header that is the first include of its own .cpp is proven by the build; the others are
compiled here, with the flags of the dev build."""
import concurrent.futures
import json
import re
import shlex
import subprocess

from rules import INCLUDE

DEFAULT_FLAGS = ["g++", "-std=c++20"]


def flags_of(tree):
    database = tree.root / "build/dev/compile_commands.json"
    if not database.exists():
        return DEFAULT_FLAGS
    entries = json.loads(database.read_text())
    words = shlex.split(next((e for e in entries if "/gateway/" in e["file"]), entries[0])["command"])
    if "ccache" in words[0]:
        words = words[1:]
    kept = [w for w in words[1:] if re.match(r"-(D|I|std=|isystem)", w)]
    return [words[0], *kept]


def proven(tree):
    """Headers that come first in a .cpp."""
    first = (INCLUDE.search(s.text) for s in tree.cpp if not s.is_header)
    return {found[1] for found in first if found}


def compile_alone(command):
    header, argv = command
    run = subprocess.run(argv, capture_output=True, text=True, check=False)
    error = re.search(r"^[^\n]*?:(\d+):\d+: (?:fatal )?error: ([^\n]*)", run.stderr, re.M)
    return header, run.returncode, error


def check(tree, jobs=2):
    flags = flags_of(tree)
    known = proven(tree)
    waiting = [s for s in tree.cpp if s.is_header and s.path not in known]
    commands = [(s, [*flags, "-I", str(tree.root), "-fsyntax-only", "-w", "-include", str(tree.root / s.path), "-x", "c++", "/dev/null"]) for s in waiting]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for header, status, error in pool.map(compile_alone, commands):
            if status:
                line, why = (int(error[1]), error[2]) if error else (1, "see the compiler")
                yield header.finding(line, f"the header does not compile alone ({why})", "include what it uses")
