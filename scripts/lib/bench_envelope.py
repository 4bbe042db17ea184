"""The envelope: reading and spooling against SHA-256 and the disk alone, small documents against libxml2 alone, the worst
shapes of envelope, and xmllint on the same files. build/…/bin/envelope_bench measures; every ratio is taken within one run."""
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile

MB = 1024 * 1024
ROUNDS = 5
LINE = 76  # characters, as MIME wraps base64


class Bench:
    def __init__(self, directory, bin_dir):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=directory))
        self.program = pathlib.Path(bin_dir) / "envelope_bench"

    def rows(self, *words):
        out = subprocess.run([self.program, *map(str, words)], stdout=subprocess.PIPE, text=True, check=True).stdout
        return [json.loads(line) for line in out.splitlines()]

    def envelope(self, megabytes, line=0):
        path = self.directory / f"{megabytes}-{line}.edxml"
        self.rows("make", path, megabytes * MB, line)
        return path

    def receive(self, path):
        spool = pathlib.Path(tempfile.mkdtemp(prefix="spool-", dir=self.directory))
        seen, = self.rows("receive", path, spool)
        shutil.rmtree(spool)
        return seen


def against_floor(bench, path):
    """Times of several rounds, each: SHA-256 of the file, a synced copy of it, then the receiver."""
    ratios, cpu, seconds = [], [], []
    for _ in range(ROUNDS):
        floor, = bench.rows("floor", path, bench.directory)
        seen = bench.receive(path)
        alone = floor["sha256_s"] + floor["copy_s"]
        ratios.append(seen["wall_s"] / alone)
        cpu.append(seen["cpu_s"] / floor["cpu_s"])
        seconds.append(seen["wall_s"])
    return {"ratio": statistics.median(ratios), "least": min(ratios), "most": max(ratios), "cpu": statistics.median(cpu),
            "seconds": statistics.median(seconds)}


def xmllint(path, *options):
    """Seconds and peak memory of libxml2's own program. A child of ours would begin with our memory; `time` has none."""
    words = ["/usr/bin/time", "-f", "%e %M", "xmllint", "--noout", "--huge", *options, path]
    said = subprocess.run(words, stderr=subprocess.PIPE, text=True, check=True).stderr.split()
    return {"seconds": float(said[-2]), "peak": int(said[-1]) * 1024}


def memory(bench, sizes, say):
    """Peak memory above idle for envelopes of such sizes (MB); a size the disk has no room for is left out."""
    peaks = {}
    for megabytes in sizes:
        wanted = 2 * megabytes * MB + 512 * MB  # the file, its text, and what others write
        if shutil.disk_usage(bench.directory).free < wanted:
            say(f"not measured: an envelope of {megabytes} MB wants {wanted // MB} MB of free disk")
            continue
        path = bench.envelope(megabytes)
        peaks[megabytes] = bench.receive(path)["rss_bytes"]
        path.unlink()
    return peaks


def measure(directory, bin_dir, quick, say):
    large = 20 if quick else 200
    bench = Bench(directory, bin_dir)
    say(f"an envelope of {large} MB, beside SHA-256 and a copy")
    path = bench.envelope(large)
    out = {"large": large, "whole": against_floor(bench, path)}
    say("the same in lines, and through xmllint")
    lines = bench.envelope(large, LINE)
    out["lines"] = against_floor(bench, lines)
    lines.unlink()
    little = bench.envelope(1)
    out["xmllint"] = {(size, option): xmllint(file, *([option] if option else []))
                      for size, file in ((large, path), (1, little)) for option in ("--stream", "")}
    path.unlink()
    out["peaks"] = memory(bench, (1, large) if quick else (1, large, 2048), say)
    say("a small document beside libxml2")
    out["small"], = bench.rows("small")
    say("the worst shapes of envelope at three sizes")
    out["shapes"] = bench.rows("shapes")
    return out


def figures(seen, Figure):
    large, small, whole, lines = seen["large"], seen["small"], seen["whole"], seen["lines"]
    slowest = max(seen["shapes"], key=lambda row: row["growth"])
    dearest = max(seen["shapes"], key=lambda row: row["ns_per_byte"])
    yield Figure(f"envelope of {large} MB received and spooled, in SHA-256 + synced copy", whole["ratio"], "×", 2.5)
    yield Figure(f"  the least of {ROUNDS} rounds", whole["least"], "×")
    yield Figure(f"  the most of {ROUNDS} rounds", whole["most"], "×")
    yield Figure("  CPU alone", whole["cpu"], "×")
    yield Figure("  seconds", whole["seconds"], "s")
    yield Figure(f"  its text in lines of {LINE}", lines["ratio"], "×", 2.5)
    for megabytes, peak in seen["peaks"].items():
        yield Figure(f"peak memory above idle, envelope of {megabytes:,} MB", peak / MB, "MB", 48)
    for (megabytes, option), run in seen["xmllint"].items():
        name = f"xmllint {option or '(DOM)'} of {megabytes} MB"
        yield Figure(name, run["seconds"], "s")
        yield Figure("  its peak memory", run["peak"] / MB, "MB")
    yield Figure("12 KB of markup and an 8 KB file read, in libxml2's parses of the markup", small["read_us"] / small["parse_us"], "×", 2.5)
    yield Figure("  read", small["read_us"], "µs")
    yield Figure("  written, in libxml2's dumps of the markup", small["write_us"] / small["dump_us"], "×", 2.5)
    yield Figure("  written", small["write_us"], "µs")
    yield Figure(f"worst shapes: growth of the time per byte with four times the bytes ({slowest['name']})", slowest["growth"], "×", 1.5)
    yield Figure(f"  dearest byte ({dearest['name']})", dearest["ns_per_byte"], "ns")
