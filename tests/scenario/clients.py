#!/usr/bin/env python3
"""adapters/rest/examples: each client sends, polls, answers and bears refusals, lost replies, damage and restarts.

A language whose runtime is not installed is skipped, in words; Python always is. C# runs under dotnet, or else under Mono
with csharp_stand_in.cs in place of System.Text.Json.
"""
import http.client
import http.server
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

import common
from common import PDF, WorldCase, sha256, wait_for
from example_case import Example, check_form

EXAMPLES = common.ROOT / "adapters/rest/examples"
STAND_IN = pathlib.Path(__file__).with_name("csharp_stand_in.cs")
NAMES = ("Báo cáo quý III 100%.pdf", "Đề án số 2.bin")
REASON = 'Sai thể thức: "Nơi nhận" \\ phụ lục'


def run(command, directory):
    done = subprocess.run([str(part) for part in command], cwd=directory, capture_output=True, text=True, timeout=240)
    if done.returncode != 0:
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


# -- how each is run: the command, or why it cannot be tried

def python(directory):
    return [sys.executable, EXAMPLES / "python/qlvb.py"]


def php(directory):
    if not shutil.which("php"):
        return "PHP is not installed"
    if "curl" not in run(["php", "-m"], directory).split():
        return "PHP has no curl extension"
    return ["php", EXAMPLES / "php/qlvb.php"]


def java(directory):
    if not shutil.which("javac"):
        return "no JDK is installed"
    run(["javac", "--release", "11", "-d", directory, EXAMPLES / "java/Qlvb.java"], directory)
    return ["java", "-cp", directory, "Qlvb"]  # quicker than to compile it each time: java Qlvb.java


def csharp(directory):
    if shutil.which("dotnet"):
        return csharp_dotnet(directory)
    if not shutil.which("mcs") or not shutil.which("mono"):
        return "neither dotnet nor Mono (mono-mcs, mono-runtime, libmono-system-net-http4.0-cil) is installed"
    usings = "".join(f"using {name}; " for name in ("System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http",
                                                    "System.Threading", "System.Threading.Tasks"))  # dotnet adds them by itself
    text = (EXAMPLES / "csharp/Program.cs").read_text()
    source = pathlib.Path(directory, "Program.cs")
    source.write_text(usings + text.replace("static async Task<int> Main", "internal static async Task<int> Main") + ENTRY)
    run(["mcs", "-langversion:latest", "-main:Entry", "-out:qlvb.exe", "-r:System.Net.Http.dll", source, STAND_IN], directory)
    return ["mono", pathlib.Path(directory, "qlvb.exe")]


# mcs knows no asynchronous Main; Mono's own end of a process takes half a minute at times.
ENTRY = """
static class Entry {
    [System.Runtime.InteropServices.DllImport("libc")] static extern void _exit(int status);
    static void Main(string[] a) { _exit(Program.Main(a).Result); }
}
"""


def csharp_dotnet(directory):
    major = run(["dotnet", "--version"], directory).split(".")[0]
    shutil.copy(EXAMPLES / "csharp/Program.cs", directory)
    pathlib.Path(directory, "qlvb.csproj").write_text(
        f'<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net{major}.0</TargetFramework>'
        "<ImplicitUsings>enable</ImplicitUsings><UseAppHost>false</UseAppHost></PropertyGroup></Project>\n")
    run(["dotnet", "build", "--nologo", "-o", "out"], directory)
    return ["dotnet", pathlib.Path(directory, "out/qlvb.dll")]


class Relay(http.server.ThreadingHTTPServer):
    """Between a client and axisd. A fault strikes the next request whose method and path begin so."""

    def __init__(self, port):
        super().__init__(("127.0.0.1", 0), RelayHandler)
        self.port, self.faults, self.seen, self.cut = port, [], [], 0
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/"  # administrators write the slash at the end, or do not

    def strike(self, request):
        """The fault for this request, once."""
        self.seen.append(request)
        found = next((f for f in self.faults if request.startswith(f[0])), None)
        if found:
            self.faults.remove(found)
        return found[1] if found else None


class RelayHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        out = b""
        while size := int(self.rfile.readline(), 16):
            out += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return out

    def serve(self):
        body, fault = self.body(), self.server.strike(f"{self.command} {self.path}")
        self.close_connection = True
        if fault == "busy":
            return self.give(503, {"Retry-After": "3", "Content-Type": "text/html"}, b"<h1>503 Service Unavailable</h1>")
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=90)
        try:
            wanted = {k: self.headers[k] for k in ("Authorization", "Content-Type", "Idempotency-Key") if self.headers[k]}
            connection.request(self.command, self.path, body or None, wanted)
            reply = connection.getresponse()
            data = reply.read()
        except (OSError, http.client.HTTPException):
            self.server.cut += 1
            return  # axisd has gone: so do we
        finally:
            connection.close()
        if fault == "lost":
            return  # axisd has done it, and nobody hears of it
        if fault == "damaged":
            data = data[:-1] + bytes([data[-1] ^ 1])
        self.give(reply.status, {k: v for k, v in reply.getheaders() if k.lower() not in ("content-length", "connection")}, data,
                  short=fault == "short")

    do_GET = do_POST = serve

    def give(self, status, fields, data, short=False):
        self.send_response_only(status)
        for name, value in {**fields, "Content-Length": str(len(data)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[:len(data) // 2] if short else data)


class Form(unittest.TestCase):
    def test_each_example_is_one_short_file(self):
        check_form(self, EXAMPLES, dict.fromkeys(("csharp", "java", "php", "python"), 100))


class Client(Example):
    """What every one of them does. The world, and so numbers and events, is that of the class."""

    def setUp(self):
        self.relay = Relay(self.w.api_port)
        self.addCleanup(self.relay.close)
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.directory))

    # -- running it
    def command(self, by, *arguments, url=None):
        agency = {"bo": "G98", "cuc11": "G98.11"}[by]
        return [str(p) for p in (*self.program, url or self.relay.url(), self.w.directory / f"config/{by}.token", agency, *arguments)]

    def environment(self, patience):
        kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        return {**kept, "LC_ALL": "C.UTF-8", "QLVB_PATIENCE": str(patience)}

    def call(self, by, *arguments, exit=0, patience=30, url=None):
        done = subprocess.run(self.command(by, *arguments, url=url), capture_output=True, text=True, encoding="utf-8", timeout=120,
                              env=self.environment(patience))
        self.assertEqual(done.returncode, exit, f"{arguments}\n{done.stdout}\n{done.stderr}\n{self.relay.seen}")
        return done

    # -- what it works on
    def document(self, to, **more):
        """A package and its files on disk, as `send` takes them."""
        files = [(NAMES[0], PDF), (NAMES[1], random.Random(2).randbytes(300_000))]
        package = {**self.package(to, files), **more}
        (self.folder / "package.json").write_text(json.dumps(package, ensure_ascii=False, indent=1))
        for name, data in files:
            (self.folder / name).write_bytes(data)
        self.files = {str(n): sha256(data) for n, (_, data) in enumerate(files, 1)}
        return package, [self.folder / "package.json", *(self.folder / name for name, _ in files)]

    def inbox(self, by="cuc11"):
        """A DIR whose position is behind all that earlier tests left."""
        software, last = self.w.software(by), 0
        while events := software.events(last):
            last = events[-1]["seq"]
        directory = self.folder / f"inbox-{by}"
        directory.mkdir()
        (directory / "position").write_text(str(last))
        return directory

    def assert_kept(self, directory, id):
        kept = {p.name: sha256(p.read_bytes()) for p in (directory / id).iterdir()}
        events = [name for name in kept if name.startswith("event-")]
        self.assertEqual(len(events), 1, kept)
        event = json.loads((directory / id / events[0]).read_text())
        self.assertEqual(events[0], f"event-{event['seq']}.json")
        self.assertEqual([f["name"] for f in event["data"]["document"]["files"]], list(NAMES))
        self.assertEqual(int((directory / "position").read_text()), event["seq"])
        self.assertEqual({name: digest for name, digest in kept.items() if name not in events}, self.files)

    def messages(self, package):
        return self.bo.get(f"/v1/messages?external_id={package['external_id']}").json()["messages"]

    def status(self, id):
        return self.recipient(id, "G98.11")["status"]

    # -- sending
    def test_a_document_goes_out_once_however_often_it_is_sent(self):
        package, files = self.document(["G98.11", "G99"])
        first = json.loads(self.call("bo", "send", *files).stdout)
        again = json.loads(self.call("bo", "send", *files).stdout)
        self.assertEqual(first["id"], again["id"])
        self.assertEqual(len(self.messages(package)), 1)
        self.wait_recipient(first["id"], "G99", "registered by the partner", status="03")
        on_axis = self.on_axis(package["code"]["number"])
        self.assertEqual(len(on_axis), 1)
        self.assertEqual({f["name"]: f["sha256"] for f in on_axis[0]["files"]}, dict(zip(NAMES, self.files.values())))

    def test_a_lost_answer_and_a_busy_gateway_cost_a_repetition_and_no_second_document(self):
        package, files = self.document(["G99"])
        self.relay.faults = [("POST /v1/packages", "lost"), ("POST /v1/packages", "busy")]
        done = self.call("bo", "send", *files)
        self.assertEqual(self.relay.seen, ["POST /v1/packages"] * 3)
        self.assertIn("again in 1 s", done.stderr)
        self.assertIn("again in 3 s", done.stderr, "Retry-After asks for more than the second pause")
        self.assertEqual([m["id"] for m in self.messages(package)], [json.loads(done.stdout)["id"]])

    def test_a_refusal_is_shown_with_all_faults_and_not_tried_again(self):
        _, files = self.document(["G98.11", "G96"], code={"number": "", "notation": "TN-VP"}, issued={"date": "21-11-2026"})
        done = self.call("bo", "send", *files, exit=1)
        for text in ("422", "package.invalid", "Gói văn bản có lỗi.", "Sửa các lỗi được liệt kê rồi gửi lại.", "/code/number", "field.missing",
                     "/issued/date", "field.date"):
            self.assertIn(text, done.stderr)
        self.assertEqual(len(self.relay.seen), 1)

    def test_a_refusal_reaches_it_while_a_large_file_is_under_way(self):
        _, files = self.document(["G98.11"], code={"number": "", "notation": "TN-VP"})
        files[-1].write_bytes(bytes(24 << 20))
        done = self.call("bo", "send", *files, exit=1, url=f"http://127.0.0.1:{self.w.api_port}")
        self.assertIn("/code/number", done.stderr)

    def test_what_is_wrong_here_is_said_before_anything_is_sent(self):
        _, files = self.document(["G98.11"], external_id="")
        self.assertIn("external_id", self.call("bo", "send", *files, exit=1).stderr)
        _, files = self.document(["G98.11"])
        files[-1].unlink()
        self.assertIn(files[-1].name, self.call("bo", "send", *files, exit=1).stderr)
        self.assertEqual(self.relay.seen, [])

    def test_wrong_usage_is_told(self):
        for arguments in (["bo"], ["bo", "send"], ["bo", "forward", "x"], ["bo", "poll", "x", "y"], ["bo", "refuse", "x"]):
            self.assertIn("refuse ID REASON", self.call(*arguments, exit=2).stderr)
        done = subprocess.run([str(p) for p in self.program], capture_output=True, env=self.environment(0))
        self.assertEqual(done.returncode, 2)

    def test_who_is_not_known_is_told_so_at_once(self):
        token = self.w.directory / "config/bo.token"
        kept = token.read_text()
        self.addCleanup(token.write_text, kept)
        token.write_text("x" * len(kept))
        self.assertIn("token.unknown", self.call("bo", "poll", self.folder, exit=1).stderr)
        self.assertEqual(len(self.relay.seen), 1)

    def test_a_gateway_that_is_down_ends_in_3_when_patience_does(self):
        _, files = self.document(["G98.11"])
        closed = f"http://127.0.0.1:{common.world.free_port()}"
        self.call("bo", "send", *files, exit=3, patience=0, url=closed)
        self.assertIn("again in 1 s", self.call("bo", "poll", self.folder, exit=3, patience=2, url=closed).stderr)
        self.relay.faults = [("POST /v1/packages", "busy")]
        self.assertIn("503", self.call("bo", "send", *files, exit=3, patience=1).stderr, "3 s were asked for, 1 s is all there is")
        self.assertEqual(len(self.relay.seen), 1)

    # -- receiving
    def test_a_unit_keeps_a_document_answers_03_and_refuses_another_with_a_reason(self):
        sender, inbox = self.inbox("bo"), self.inbox()
        ids = []
        for _ in range(2):
            _, files = self.document(["G98.11"])
            ids.append(json.loads(self.call("bo", "send", *files).stdout)["id"])
            self.call("cuc11", "poll", inbox)
            self.assert_kept(inbox, ids[-1])
        self.assertEqual([self.status(id) for id in ids], ["03", "03"])
        self.call("cuc11", "refuse", ids[1], REASON)
        found = self.recipient(ids[1], "G98.11")
        self.assertEqual((found["status"], found["description"]), ("02", REASON))
        self.call("bo", "poll", sender)
        told = [json.loads(p.read_text()) for p in sender.glob("*/event-*.json")]
        heard = {(e["message_id"], e["data"]["code"]) for e in told if e["type"] == "status.received"}
        self.assertLessEqual({(ids[0], "01"), (ids[0], "03"), (ids[1], "03"), (ids[1], "02")}, heard)
        self.assertIn("not_found", self.call("cuc11", "refuse", "0" * 26, REASON, exit=1).stderr)

    def test_a_file_that_came_damaged_or_in_part_is_fetched_again(self):
        inbox = self.inbox()
        _, files = self.document(["G98.11"])
        id = json.loads(self.call("bo", "send", *files).stdout)["id"]
        path = f"GET /v1/messages/{id}/attachments/"
        self.relay.faults = [(path + "1", "damaged"), (path + "2", "short")]
        self.call("cuc11", "poll", inbox)
        self.assert_kept(inbox, id)
        self.assertEqual([r for r in self.relay.seen if r.startswith(path)], [path + "1", path + "1", path + "2", path + "2"])

    def test_nothing_is_acknowledged_before_all_is_kept(self):
        inbox = self.inbox()
        _, files = self.document(["G98.11"])
        id = json.loads(self.call("bo", "send", *files).stdout)["id"]
        self.relay.faults = [(f"GET /v1/messages/{id}/attachments/2", "damaged")]
        self.call("cuc11", "poll", inbox, exit=3, patience=0)
        self.assertEqual([r for r in self.relay.seen if "/ack" in r], [])
        self.relay.faults = [("POST /v1/events/ack", "busy")]
        self.call("cuc11", "poll", inbox, exit=3, patience=0)
        self.assertIsNone(self.status(id))
        self.relay.faults = [(f"POST /v1/messages/{id}/statuses", "lost")]
        self.call("cuc11", "poll", inbox, exit=3, patience=0)
        self.call("cuc11", "poll", inbox)
        self.assert_kept(inbox, id)
        self.assertEqual(self.status(id), "03")

    def test_axisd_is_killed_and_started_while_it_polls_and_nothing_is_lost(self):
        inbox = self.inbox()
        with subprocess.Popen(self.command("cuc11", "poll", inbox), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=self.environment(60)) as polling:
            self.addCleanup(polling.kill)
            wait_for("the long poll", lambda: self.relay.seen)
            self.w.kill("axisd")
            wait_for("the poll that is cut", lambda: self.relay.cut)
            self.w.start_gateway()
            _, files = self.document(["G98.11"])
            id = json.loads(self.call("bo", "send", *files).stdout)["id"]
            out, err = polling.communicate(timeout=90)
        self.assertEqual(polling.returncode, 0, out + err)
        self.assertIn("again in", err, "the poll was cut")
        self.assert_kept(inbox, id)
        self.assertEqual(self.status(id), "03")


class Python(Client, WorldCase):
    prepare = staticmethod(python)


class Php(Client, WorldCase):
    prepare = staticmethod(php)


class Java(Client, WorldCase):
    prepare = staticmethod(java)


class CSharp(Client, WorldCase):
    prepare = staticmethod(csharp)


if __name__ == "__main__":
    common.main()
