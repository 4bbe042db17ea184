"""A soak: axisd at half of what it can take, with an axis that misbehaves, and its memory, files and threads looked at all the time."""
import json
import os
import random
import statistics
import subprocess
import threading
import time

import bench_ledger
import bench_runs
import world

MB = 1024 * 1024
SAMPLE_SECONDS = 10
WARM_SHARE = 6  # the first sixth does not count
CLIENTS = 8
FILE_BYTES = 1024
FAULTS = [("html_502", "sendEdoc"), ("lost_reply_after_storing", "sendEdoc"), ("code_20", "sendEdoc"), ("empty_body", "getReceivedEdocList"),
          ("error_500_json", "sendEdoc"), ("relist_done", ""), ("html_502", "getReceivedEdocList")]
AXIS_SECONDS = 0.5  # between two documents to and from the axis
FAULT_SECONDS = 3


class Background:
    """Threads that go on until the end, as software does that was refused once; how often is counted."""

    def __init__(self):
        self.ended, self.refusals, self.threads = threading.Event(), [], []

    def run(self, step, seconds):
        def go():
            while not self.ended.wait(seconds):
                try:
                    step()
                except Exception as e:  # counted, and the first one shown
                    self.refusals.append(repr(e))
        self.threads.append(threading.Thread(target=go, daemon=True))
        self.threads[-1].start()

    def join(self):
        self.ended.set()
        for thread in self.threads:
            thread.join(60)


class Traffic:
    """A partner's documents and ours over the axis, a unit that fetches, and faults."""

    def __init__(self, w):
        self.w, self.rng, self.number, self.taken = w, random.Random(30), 0, 0
        self.unit, self.bo = w.software("cuc11"), w.software("bo")
        self.after = {"unit": 0, "bo": 0}

    def over_the_axis(self):
        self.number += 1
        package = world.sample_package([bench_runs.PARTNER], 500_000 + self.number, files=[{"name": "a.pdf"}])
        answer = self.bo.submit(package, [("a.pdf", b"%PDF-1.7\n" + self.rng.randbytes(50_000))])
        if answer.status != 202:
            raise world.Trouble(f"{answer.status} {answer.body[:200]!r}")
        self.w.sim("POST", "/sim/send", {"from": "G99", "to": ["G98.11"], "number": str(self.number), "notation": "BĐT-VP", "subject": "V/v thử"})

    def fault(self):
        kind, operation = self.rng.choice(FAULTS)
        self.w.fault(kind, 1, **({"operation": operation} if operation else {}))

    def fetch(self):
        self.taken += self.fetch_all("unit", self.unit)
        self.fetch_all("bo", self.bo)  # the unit's 01 to each document, and the partners' answers

    def fetch_all(self, name, software):
        count = 0
        while events := software.events(self.after[name]):
            answer = software.acknowledge(events[-1]["seq"])
            if answer.status != 204:
                raise world.Trouble(f"{answer.status} {answer.body[:200]!r}")
            self.after[name] = events[-1]["seq"]
            count += len(events)
        return count


def look(w):
    pid = w.processes["axisd"].pid
    return {"rss": w.rss_bytes(), "fds": len(os.listdir(f"/proc/{pid}/fd")), "threads": len(os.listdir(f"/proc/{pid}/task"))}


def slope_per_hour(samples, key):
    """By least squares."""
    times, values = [s["at"] for s in samples], [s[key] for s in samples]
    mean_t, mean_v = statistics.fmean(times), statistics.fmean(values)
    spread = sum((t - mean_t) ** 2 for t in times)
    return 3600 * sum((t - mean_t) * (v - mean_v) for t, v in zip(times, values)) / spread


def request_to_unit(w):
    package = world.sample_package(["G98.11"], bench_ledger.NUMBER, external_id="QLVB-" + bench_ledger.NUMBER, files=[{"name": "cong-van.pdf"}])
    return bench_ledger.request_file(w, package, FILE_BYTES)


def soak(directory, bin_dir, minutes, say):
    with bench_runs.fresh_world(directory, bin_dir, configured=bench_ledger.many_clients) as w:
        request = request_to_unit(w)
        full = bench_ledger.tool(bin_dir, "post", w.api_port, request, 1, 3000, CLIENTS, 0)["rate"]
        pace = full / 2
        say(f"{minutes} minutes at {pace:.0f} packages a second, half of {full:.0f}")
        traffic, beside = Traffic(w), Background()
        beside.run(traffic.over_the_axis, AXIS_SECONDS)
        beside.run(traffic.fault, FAULT_SECONDS)
        beside.run(traffic.fetch, 0.2)
        beside.run(lambda: w.ctl("poke", "national"), 5)
        started, samples = time.monotonic(), []
        count = int(pace * minutes * 60)
        load = subprocess.Popen([bin_dir / "ledger_bench", *map(str, ("post", w.api_port, request, 10_000, count, CLIENTS, pace))],
                                stdout=subprocess.PIPE, text=True)
        while load.poll() is None:
            time.sleep(SAMPLE_SECONDS)
            samples.append({"at": time.monotonic() - started, **look(w)})
        answer = load.stdout.read()
        if load.returncode != 0:
            raise world.Trouble(f"the load ended early; beside it: {beside.refusals[:1]}")
        told = json.loads(answer)
        beside.join()
        world.wait_for("the unit to have all", lambda: traffic.fetch() or traffic.taken >= count + 3000, 300)
        counted = samples[len(samples) // WARM_SHARE:]
        return {"refusals": beside.refusals, "minutes": minutes, "pace": pace, "p99_ms": told["p99_ms"], "over_axis": traffic.number, "samples": samples,
                "slope": slope_per_hour(counted, "rss") / MB, "fds": [counted[0]["fds"], max(s["fds"] for s in counted)],
                "threads": [counted[0]["threads"], max(s["threads"] for s in counted)]}


def curve(samples, points=12):
    step = max(1, len(samples) // points)
    return " ".join(f"{s['rss'] / MB:.1f}" for s in samples[::step])


def figures(seen, Figure):
    yield Figure(f"soak of {seen['minutes']:g} min at {seen['pace']:,.0f}/s with faults: memory grows, after the first sixth", seen["slope"], "MB/h", 1)
    yield Figure(f"  its curve in MB: {curve(seen['samples'])}", seen["samples"][-1]["rss"] / MB, "MB")
    yield Figure("  open files at most (then, at the end of the first sixth)", seen["fds"][1], "", seen["fds"][0] + 32)
    yield Figure("  threads", seen["threads"][1], "", seen["threads"][0])
    yield Figure(f"  refusals beside the load {seen['refusals'][:1]}", len(seen["refusals"]), "")
    yield Figure(f"  p99 of an answer; {seen['over_axis']} documents went each way over the axis", seen["p99_ms"], "ms")
