"""Signatures: a small document beside OpenSSL's bare RSA, a large one beside SHA-256 alone and the xmlsec1 program, and a gateway
that signs all it sends. build/…/bin/signature_bench measures the first two; every ratio is taken within one run."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import bench_runs
import world
from pki import Pki

MB = 1024 * 1024
FILE_BYTES = 4 * 1024
OVERHEAD_US = 150  # beside 1.4 times the bare operation
QUIET_SECONDS = 3
LOAD_NICENESS = "10"  # who asks sits on other machines


class Bench:
    def __init__(self, directory, bin_dir):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=directory))
        self.bin = pathlib.Path(bin_dir)
        self.pki = Pki(self.directory / "pki")
        self.pki.agency("g98", "G98")

    @property
    def pair(self):
        return self.pki.keys / "g98.key", self.pki.keys / "g98.crt"

    def run(self, program, *words):
        return subprocess.run([self.bin / program, *map(str, words)], stdout=subprocess.PIPE, text=True, check=True).stdout

    def small(self):
        return json.loads(self.run("signature_bench", "small", *self.pair, self.pki.trust))

    def large(self, megabytes):
        plain, path, spool = (self.directory / name for name in ("plain.edxml", "signed.edxml", "spool"))
        self.run("envelope_bench", "make", plain, megabytes * MB, 0)
        key, cert = self.pair
        self.run("axisctl", "signature", "sign", "--key", key, "--cert", cert, plain, "-o", path)
        plain.unlink()
        seen = json.loads(self.run("signature_bench", "spooled", path, spool, self.pki.trust))
        seen["xmlsec1"] = xmlsec1(path, self.pki.trust / "root.pem")
        path.unlink()
        return seen


def xmlsec1(path, anchor):
    """Seconds and peak memory of xmlsec1's own program. A child of ours would begin with our memory; `time` has none."""
    words = ["/usr/bin/time", "-f", "%e %M", "xmlsec1", "--verify", "--enabled-key-data", "x509", "--trusted-pem", anchor,
             "--id-attr:Id", "SignatureProperties", path]
    said = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True).stderr.split()
    return {"seconds": float(said[-2]), "peak": int(said[-1]) * 1024}


class Pulse:
    """/livez, asked all the time while it lives."""

    def __init__(self, port):
        self.process = subprocess.Popen([sys.executable, bench_runs.HERE / "bench_pulse.py", str(port)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def stop(self):
        told, _ = self.process.communicate()
        if self.process.returncode != 0:
            raise world.Trouble("the program that asks /livez failed")
        return json.loads(told)


def signer_pid(axisd):
    children = pathlib.Path(f"/proc/{axisd}/task/{axisd}/children").read_text().split()
    return next(int(pid) for pid in children if pathlib.Path(f"/proc/{pid}/comm").read_text() == "axisd-signer\n")


def machine_seconds():
    """What all processors have worked so far."""
    fields = [int(n) for n in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(fields[:8]) - fields[3] - fields[4]) / bench_runs.TICKS


class Clocks:
    """CPU time of axisd, of its signer, of the machine, and the wall's."""

    def __init__(self, w):
        self.axisd = w.processes["axisd"].pid
        self.signer = signer_pid(self.axisd)
        self.began = self.read()

    def read(self):
        return bench_runs.cpu_of(self.axisd), bench_runs.cpu_of(self.signer), machine_seconds(), time.monotonic()

    def since(self):
        axisd, signer, machine, wall = (now - then for now, then in zip(self.read(), self.began))
        return {"axisd": axisd / wall, "signer": signer / wall, "machine": machine / wall}


def signing(pki):
    def configured(w):
        with w.config.open("a") as f:
            f.write(f'\n[signature]\nkeys_dir = "{pki.keys}"\n')
        national = w.config.parent / "endpoints.d/national.toml"
        national.write_text('signature = "enveloped"\n' + national.read_text())
    return configured


def under_load(directory, bin_dir, pki, count):
    with bench_runs.fresh_world(directory, bin_dir, configured=signing(pki)) as w:
        bench_runs.load(w, 50, [bench_runs.PARTNER], first=bench_runs.HELD_NUMBER, file_bytes=FILE_BYTES)  # warm
        world.wait_for("the first deliveries", lambda: bench_runs.sent_count(w) >= 50, 60)
        pulse = Pulse(w.health_port)
        time.sleep(QUIET_SECONDS)
        quiet = pulse.stop()
        clocks, pulse = Clocks(w), Pulse(w.health_port)
        seen = bench_runs.load(w, count, [bench_runs.PARTNER], file_bytes=FILE_BYTES, under=("nice", "-n", LOAD_NICENESS))
        cores, busy = clocks.since(), pulse.stop()
        signed = sum(b"<Signature" in w.sim("GET", f"/sim/documents/{d['docId']}/edxml") for d in w.sim_state()["documents"][:3])
        if signed != 3:
            raise world.Trouble("what arrived at the axis is not signed")
        return {"quiet": quiet, "busy": busy, "cores": cores, "rate": count / seen["seconds"]}


def measure(directory, bin_dir, quick, say):
    bench = Bench(directory, bin_dir)
    large, count = (20, 500) if quick else (200, 5000)
    say("a document of 10 KB signed and verified")
    out = {"small": bench.small(), "megabytes": large}
    say(f"a signed envelope of {large} MB, and xmlsec1")
    out["large"] = bench.large(large)
    say(f"{count} packages signed while /livez is asked")
    out["load"] = under_load(directory, bin_dir, bench.pki, count)
    return out


def figures(seen, Figure):
    small, large, load = seen["small"], seen["large"], seen["load"]
    for verb, took, bare, operation in (("signed", "sign_us", "private_us", "private"), ("verified", "verify_us", "public_us", "public")):
        yield Figure(f"document of 10 KB {verb}, at most 1.4 × RSA-2048 {operation} + {OVERHEAD_US} µs", small[took], "µs",
                     round(1.4 * small[bare] + OVERHEAD_US))
        yield Figure(f"  RSA-2048 {operation} operation alone", small[bare], "µs")
        yield Figure("  as a multiple of it", small[took] / small[bare], "×")
    yield Figure("  signed through the signer process, wall", small["sign_through_us"], "µs")
    yield Figure(f"signed envelope of {seen['megabytes']} MB in the spool verified, in SHA-256's speed", 100 * large["ratio"], "%", at_least=70)
    yield Figure("  CPU alone", 100 * large["cpu_ratio"], "%")
    yield Figure("  seconds", large["verify_s"], "s")
    yield Figure("  peak memory above idle, received and verified", large["rss_bytes"] / MB, "MB", 48)
    yield Figure("  xmlsec1 --verify of the same file", large["xmlsec1"]["seconds"], "s")
    yield Figure("  its peak memory", large["xmlsec1"]["peak"] / MB, "MB")
    yield Figure("/livez while all is signed, p99", load["busy"]["p99_ms"], "ms", 5)
    yield Figure("  in its p99 while nothing happens", load["busy"]["p99_ms"] / load["quiet"]["p99_ms"], "×", 10)
    yield Figure("  p50", load["busy"]["p50_ms"], "ms")
    yield Figure("  the longest of all", load["busy"]["most_ms"], "ms")
    yield Figure("  while nothing happens: p50", load["quiet"]["p50_ms"], "ms")
    yield Figure("  while nothing happens: p99", load["quiet"]["p99_ms"], "ms")
    yield Figure("  processors at work for axisd and its signer", load["cores"]["axisd"] + load["cores"]["signer"], "")
    yield Figure("  for the signer alone", load["cores"]["signer"], "")
    yield Figure(f"  of the machine's {os.cpu_count()}", load["cores"]["machine"], "")
    yield Figure("  packages signed and accepted", load["rate"], "/s")
