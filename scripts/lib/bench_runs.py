"""The measurements: each has a world of its own, a fresh axisd, and returns what it saw."""
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import world

HERE = pathlib.Path(__file__).resolve().parent
PARTNER = {"code": "G95", "name": "Bộ Đối tác C (mô phỏng)"}  # answers nothing: no statuses come back
CONNECTIONS = 8
FILE_BYTES = 50 * 1024
PIECE = 1024 * 1024
TICKS = os.sysconf("SC_CLK_TCK")
IDLE_SECONDS = 3
HELD_NUMBER = 1_000_000


@contextlib.contextmanager
def fresh_world(directory, bin_dir, under=(), configured=lambda w: None, axis_in_memory=False):
    """axisd beside an axis that keeps quiet; polled rarely, so that the packages are what costs. Its files stay until clear().
    axis_in_memory: its files are not on the disk, and cost the same in every run (see clear)."""
    path = tempfile.mkdtemp(prefix="bench-", dir=directory)
    w = world.World(path, bin_dir, poll_seconds=3600, validate_outgoing=False)
    try:
        if axis_in_memory:
            w.axis_state = pathlib.Path(tempfile.mkdtemp(prefix="axis-bench-", dir="/dev/shm"))
        w.start_axis("--partner", f"{PARTNER['code']}=none:{PARTNER['name']}")
        w.configure()
        configured(w)
        w.start_gateway(under=under, seconds=120)
        yield w
    finally:
        w.kill_all()
        if axis_in_memory:
            shutil.rmtree(w.axis_state)


def clear(directory):
    """Once, at the end: ext4 without a journal makes new files three times as dear for minutes after many were removed (recently_deleted)."""
    for path in pathlib.Path(directory).glob("bench-*"):
        shutil.rmtree(path, ignore_errors=True)


def hold_lane(w):
    """The axis refuses our key once; for five minutes axisd does not try again. Leaves one package on the axis' lane."""
    w.fault("auth_401", 1, operation="sendEdoc")
    load(w, 1, [PARTNER], first=HELD_NUMBER)
    world.wait_for("the lane to be paused", lambda: any(lane["halted"] == "paused" for lane in w.ctl_json("queue")["lanes"]))


def cpu_seconds(w):
    return cpu_of(w.processes["axisd"].pid)


def cpu_of(pid):
    """User and system time of a process, all threads, those that ended as well."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def start_load(w, count, to, first, file_bytes, under):
    plan = {"port": w.api_port, "token": w.tokens["bo"], "to": to, "count": count, "first": first, "file_bytes": file_bytes,
            "connections": CONNECTIONS}
    client = subprocess.Popen([*under, sys.executable, HERE / "bench_client.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    client.stdin.write(json.dumps(plan))
    client.stdin.close()
    return client


def load(w, count, to, first=1, file_bytes=FILE_BYTES, under=()):
    client = start_load(w, count, to, first, file_bytes, under)
    answer = client.stdout.read()
    if client.wait() != 0:
        raise world.Trouble("the load program failed")
    seen = json.loads(answer)
    if seen["accepted"] != count:
        raise world.Trouble(f"only {seen['accepted']} of {count} packages were accepted: {seen['refusal']}\n{w.log_tail('axisd')}")
    return seen


def sent_count(w):
    """Taken from the log: to ask axisd would cost it time."""
    return (w.directory / "log" / "axisd.log").read_bytes().count(b" delivery.sent ")


def check_on_axis(w, count):
    documents = w.sim_state()["documents"]
    if len(documents) != count:
        raise world.Trouble(f"{count} packages accepted, {len(documents)} documents on the axis")


def idle(directory, bin_dir):
    with fresh_world(directory, bin_dir) as w:
        time.sleep(IDLE_SECONDS)
        return {"rss": w.rss_bytes()}


def packages(directory, bin_dir, count, deliver):
    """CPU and memory of `count` packages, accepted with the lane held, or accepted and delivered."""
    with fresh_world(directory, bin_dir) as w:
        if not deliver:
            hold_lane(w)
        before, started = cpu_seconds(w), time.monotonic()
        seen = load(w, count, [PARTNER])
        if deliver:
            world.wait_for("all deliveries", lambda: sent_count(w) >= count, 600)
        whole = time.monotonic() - started
        cpu = cpu_seconds(w) - before
        rss = w.rss_bytes(peak=True)
        check_on_axis(w, count if deliver else 0)
        return {"cpu_ms": 1000.0 * cpu / count, "rate": count / seen["seconds"], "delivered_rate": count / whole, "peak": rss}


class Big:
    """One big file: posted, delivered to the axis, fetched by a unit; nobody holds it in memory."""

    def __init__(self, w, megabytes):
        self.w, self.path, self.bytes = w, w.directory / "big.bin", megabytes * PIECE
        sha = hashlib.sha256()
        with open(self.path, "wb") as file:
            for _ in range(megabytes):
                piece = os.urandom(PIECE)
                sha.update(piece)
                file.write(piece)
        self.sha256 = sha.hexdigest()

    def pieces(self, head, tail):
        yield head
        with open(self.path, "rb") as file:
            while piece := file.read(PIECE):
                yield piece
        yield tail

    def post(self):
        package = world.sample_package([PARTNER, "G98.11"], 1, files=[{"name": "lon.bin", "sha256": self.sha256}])
        mark = "----------------axisd-bench"
        head = (f'--{mark}\r\nContent-Disposition: form-data; name="package"\r\nContent-Type: application/json\r\n\r\n'
                f'{json.dumps(package, ensure_ascii=False)}\r\n--{mark}\r\nContent-Disposition: form-data; name="file"; filename="lon.bin"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n").encode()
        tail = f"\r\n--{mark}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}", "Content-Length": str(len(head) + self.bytes + len(tail))}
        answer = self.w.software("bo").call("POST", "/v1/packages", self.pieces(head, tail), headers, timeout=600)
        if answer.status != 202:
            raise world.Trouble(f"the big file was refused: {answer.status} {answer.body[:300]!r}")

    def await_delivery(self):
        world.wait_for("the big delivery", lambda: sent_count(self.w) >= 1, 600)

    def check_on_axis(self):
        files = [f["sha256"] for d in self.w.sim_state()["documents"] for f in d["files"]]
        if files != [self.sha256]:
            raise world.Trouble(f"the axis has other files: {files}")

    def fetch(self):
        event = self.w.software("cuc11").wait_event(lambda e: e["type"] == "document.received")
        url = event["data"]["document"]["files"][0]["url"]
        connection = http.client.HTTPConnection("127.0.0.1", self.w.api_port, timeout=600)
        connection.request("GET", url, headers={"Authorization": f"Bearer {self.w.tokens['cuc11']}"})
        reply = connection.getresponse()
        sha = hashlib.sha256()
        while piece := reply.read(PIECE):
            sha.update(piece)
        connection.close()
        if reply.status != 200 or sha.hexdigest() != self.sha256:
            raise world.Trouble(f"the unit got something else: {reply.status} {sha.hexdigest()}")


def big_file(directory, bin_dir, megabytes):
    with fresh_world(directory, bin_dir) as w:
        big = Big(w, megabytes)
        out, before = {}, cpu_seconds(w)
        for name, stage in (("post", big.post), ("deliver", big.await_delivery), ("fetch", big.fetch)):
            started = time.monotonic()
            stage()
            out[name] = time.monotonic() - started
        out["cpu"] = cpu_seconds(w) - before
        out["peak"] = w.rss_bytes(peak=True)
        big.check_on_axis()
        return out
