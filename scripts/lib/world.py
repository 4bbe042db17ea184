"""A small world for demo, scenario tests, crash tests and bench: axissim, axisd with its configuration, and callers.

Everything listens on 127.0.0.1 and writes below one directory. Nothing here knows edXML.
"""
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import time
import urllib.parse
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]

AGENCIES = [("G98", "Bộ Thử nghiệm"), ("G98.11", "Cục Một, Bộ Thử nghiệm"), ("G98.12", "Cục Hai, Bộ Thử nghiệm"),
            ("G99", "Bộ Đối tác A (mô phỏng)"), ("G97", "Bộ Đối tác B (mô phỏng)")]


class Trouble(Exception):
    """Something that should have worked did not; the text is for the person at the terminal."""


taken_ports = []  # kept open until this process ends


def free_port():
    """A port for this process alone, long before it listens and while what listened on it is dead: the kernel holds its name for us.
    Below those that systems give to outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0axisd-test-port-{port}")
            with socket.socket() as s:
                s.bind(("127.0.0.1", port))
        except OSError:
            name.close()
            continue
        taken_ports.append(name)
        return port


def wait_for(what, check, seconds=30.0):
    """The first true answer of check(), or Trouble naming what did not come."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise Trouble(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Software:
    """Document software of one endpoint: its token and the calls it makes."""

    def __init__(self, port, token):
        self.port, self.token = port, token

    def call(self, method, path, body=None, headers=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            fields = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            fields.update(headers or {})
            connection.request(method, urllib.parse.quote(path, safe="/?&=:%"), body=body, headers=fields)
            reply = connection.getresponse()
            return Answer(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post_json(self, path, value):
        return self.call("POST", path, json.dumps(value), {"Content-Type": "application/json"})

    def submit(self, package, files, key=None, dry_run=False):
        """files: list of (name, bytes)."""
        boundary = uuid.uuid4().hex
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="package"\r\nContent-Type: application/json\r\n\r\n'
                 .encode() + json.dumps(package, ensure_ascii=False).encode() + b"\r\n"]
        for name, data in files:
            quoted = name.replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
                         'Content-Type: application/octet-stream\r\n\r\n'.encode() + data + b"\r\n")
        parts.append(f"--{boundary}--\r\n".encode())
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        if key:
            headers["Idempotency-Key"] = key
        return self.call("POST", "/v1/packages" + ("?dry_run=true" if dry_run else ""), b"".join(parts), headers)

    def events(self, after=0, wait=0):
        return self.get(f"/v1/events?after={after}&wait={wait}&limit=100").json()["events"]

    def acknowledge(self, through):
        return self.post_json("/v1/events/ack", {"through": through})

    def wait_event(self, want, after=0, seconds=30):
        """The first event for which want(event) holds."""
        def look():
            return next((e for e in self.events(after) if want(e)), None)
        return wait_for("an event", look, seconds)


class World:
    def __init__(self, directory, bin_dir, api_port=None, axis_port=None, health_port=None, poll_seconds=1, partner_delay_ms=200, quiet=True, validate_outgoing=True):
        self.directory = pathlib.Path(directory)
        self.bin = pathlib.Path(bin_dir)
        self.quiet = quiet
        self.poll_seconds, self.partner_delay_ms, self.validate_outgoing = poll_seconds, partner_delay_ms, validate_outgoing
        self.api_port = api_port or free_port()
        self.axis_port = axis_port or free_port()
        self.health_port = health_port or free_port()
        self.config = self.directory / "config" / "axisd.toml"
        self.socket = self.directory / "admin.sock"
        self.axis_state = self.directory / "axis"
        self.secret_file = self.directory / "config" / "axis.secret"
        self.processes = {}
        self.tokens = {}
        for sub in ("config/endpoints.d", "state", "axis", "log"):
            (self.directory / sub).mkdir(parents=True, exist_ok=True)

    # -- the axis
    def start_axis(self, *more):
        if not self.secret_file.exists():
            self.secret_file.touch(0o600)
            self.secret_file.write_text(uuid.uuid4().hex + "\n")
        command = [self.bin / "axissim", "--listen", f"127.0.0.1:{self.axis_port}", "--state", self.axis_state,
                   "--system", "vxp.g98=G98,G98.11,G98.12", "--secret-file", f"vxp.g98={self.secret_file}",
                   "--partner", "G99=accept:Bộ Đối tác A", "--partner", "G97=refuse:Bộ Đối tác B",
                   "--partner-delay-ms", str(self.partner_delay_ms), *more]
        self.start("axissim", command)
        self.wait_port("axissim", self.axis_port)

    def sim(self, method, path, value=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.axis_port, timeout=60)
        try:
            body = json.dumps(value) if value is not None else None
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            reply = connection.getresponse()
            data = reply.read()
            if reply.status != 200:
                raise Trouble(f"axissim {path}: {reply.status} {data[:300]!r}")
            return json.loads(data) if data[:1] in b"{[" else data
        finally:
            connection.close()

    def sim_state(self):
        return self.sim("GET", "/sim/state")

    def fault(self, kind, count=1, **more):
        self.sim("POST", "/sim/faults", {"kind": kind, "count": count, **more})

    # -- the gateway
    def configure(self, **limits):
        agencies = "\n".join(f'[[agency]]\ncode = "{c}"\nname = "{n}"\naddress = "Hà Nội"\n' for c, n in AGENCIES)
        limit_lines = "\n".join(f"{k} = {v}" for k, v in {"disk_reserve_mb": 64, **limits}.items())
        self.config.write_text(
            f'[gateway]\nagency = "G98"\nstate_dir = "{self.directory}/state"\n'
            f'validate_outgoing = {str(self.validate_outgoing).lower()}\n\n[api]\nlisten = "127.0.0.1:{self.api_port}"\n\n'
            f'[admin]\nlisten = "127.0.0.1:{self.health_port}"\nsocket = "{self.socket}"\n\n'
            f"[limits]\n{limit_lines}\n\n{agencies}")
        self.add_axis_endpoint()
        for name, code in (("bo", "G98"), ("cuc11", "G98.11"), ("cuc12", "G98.12")):
            self.add_unit(name, code)

    def add_axis_endpoint(self):
        file = self.config.parent / "endpoints.d" / "national.toml"
        if not file.exists():
            self.ctl("endpoint", "add", "national", "--adapter", "vxp", "--codes", "*", "--base-url", f"http://127.0.0.1:{self.axis_port}",
                     "--system-id", "vxp.g98", "--secret-file", str(self.secret_file))
        text = file.read_text()
        lines = [line for line in text.splitlines() if not line.lstrip("# ").startswith(("poll_seconds", "base_url"))]
        at = next(i for i, line in enumerate(lines) if line.strip() == "[vxp]")
        lines[at + 1:at + 1] = [f'base_url = "http://127.0.0.1:{self.axis_port}"', f"poll_seconds = {self.poll_seconds}"]
        file.write_text("\n".join(lines) + "\n")

    def add_unit(self, name, code):
        kept = self.directory / "config" / f"{name}.token"
        if not kept.exists():
            made = json.loads(self.ctl("--json", "endpoint", "add", name, "--codes", code))
            kept.touch(0o600)
            kept.write_text(made["token"])
        self.tokens[name] = kept.read_text().strip()

    def start_gateway(self, env=None, under=(), seconds=30):
        """under: a command axisd runs beneath, such as valgrind."""
        self.start("axisd", [*under, self.bin / "axisd", "--config", self.config], env)
        wait_for("axisd to be ready", self.gateway_ready, seconds)

    def gateway_ready(self):
        self.check_alive("axisd")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.health_port, timeout=5)
            connection.request("GET", "/readyz")
            ready = connection.getresponse().status == 200
            connection.close()
            return ready
        except OSError:
            return False

    def software(self, name):
        return Software(self.api_port, self.tokens[name])

    def ctl(self, *arguments, check=True):
        run = subprocess.run([self.bin / "axisctl", "--config", str(self.config), "--socket", str(self.socket), *arguments],
                             capture_output=True, text=True, timeout=120)
        if check and run.returncode != 0:
            raise Trouble(f"axisctl {' '.join(arguments)}: exit {run.returncode}: {run.stdout}{run.stderr}")
        return run.stdout if check else run

    def ctl_json(self, *arguments):
        return json.loads(self.ctl("--json", *arguments))

    def rss_bytes(self, which="axisd", peak=False):
        key = "VmHWM" if peak else "VmRSS"
        for line in open(f"/proc/{self.processes[which].pid}/status"):
            if line.startswith(key):
                return int(line.split()[1]) * 1024
        return 0

    # -- processes
    def start(self, name, command, env=None):
        log = open(self.directory / "log" / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen([str(c) for c in command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                                env={**os.environ, **(env or {})})
        log.close()

    def check_alive(self, name):
        code = self.processes[name].poll()
        if code is not None:
            raise Trouble(f"{name} ended with {code}:\n{self.log_tail(name)}")

    def log_tail(self, name, lines=20):
        return "\n".join((self.directory / "log" / f"{name}.log").read_text(errors="replace").splitlines()[-lines:])

    def wait_port(self, name, port):
        def open_port():
            self.check_alive(name)
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return True
            except OSError:
                return False
        wait_for(f"{name} to listen", open_port)

    def stop(self, name, how=signal.SIGTERM, seconds=30):
        process = self.processes.pop(name, None)
        if not process:
            return 0
        if process.poll() is None:
            process.send_signal(how)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Trouble(f"{name} did not end within {seconds} s:\n{self.log_tail(name)}")

    def kill(self, name):
        """What a power cut looks like to the program; nothing when it is dead already."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def close(self):
        for name in ("axisd", "axissim"):
            self.stop(name)

    def kill_all(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        self.processes.clear()


def sample_package(to, number, **more):
    package = {
        "external_id": f"QLVB-{uuid.uuid4().hex[:12]}",
        "from": "G98", "to": to, "code": {"number": str(number), "notation": "TMĐT-TTTH"},
        "issued": {"place": "Hà Nội", "date": "2026-11-21"}, "type": {"name": "Công văn", "group": "hanh_chinh", "detail": 18},
        "subject": "V/v trao đổi thử văn bản điện tử", "signer": {"competence": "KT. BỘ TRƯỞNG", "position": "Thứ trưởng", "full_name": "Nguyễn Thử Nghiệm"},
        "priority": "thuong", "security_class": "thuong", "restricted_publication": False, "denunciation": False, "paper": False,
        "files": [],
    }
    package.update(more)
    return package
