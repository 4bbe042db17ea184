"""Headers compile alone. A header that is the first include of its own .cpp is proven by the build; the others are
compiled here, with the flags of the dev build."""
import concurrent.futures
import json
import re
import shlex
import subprocess

from rules import INCLUDE

DEFAULT_FLAGS = ["g++", "-std=c++20"]


def database_of(tree):
    file = tree.root / "build/dev/compile_commands.json"
    return json.loads(file.read_text()) if file.exists() else []


def flags_of(entries, room):
    """What the dev build gives to a file of `room`: gateway or tests (which know where the sources lie)."""
    if not entries:
        return DEFAULT_FLAGS
    command = next((e["command"] for e in entries if f"/{room}/" in e["file"]), entries[0]["command"])
    words = shlex.split(command)
    if "ccache" in words[0]:
        words = words[1:]
    kept = [w for at, w in enumerate(words) if re.match(r"-(D|I|std=|isystem)", w) or words[at - 1] == "-isystem"]
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
    database = database_of(tree)
    flags = {room: flags_of(database, room) for room in ("gateway", "tests/unit")}
    known = proven(tree)
    commands = []
    for source in tree.cpp:
        if source.is_header and source.path not in known:
            room = "tests/unit" if source.path.startswith("tests/") else "gateway"
            alone = ["-I", str(tree.root), "-fsyntax-only", "-w", "-include", str(tree.root / source.path), "-x", "c++", "/dev/null"]
            commands.append((source, [*flags[room], *alone]))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for header, status, error in pool.map(compile_alone, commands):
            if status:
                line, why = (int(error[1]), error[2]) if error else (1, "see the compiler")
                yield header.finding(line, f"the header does not compile alone ({why})", "include what it uses")
