#!/usr/bin/env python3
"""adapters/amqp/examples: each client sends, is answered, is told, and bears refusals, repetitions and restarts, over a broker of its own.

A language whose runtime is not installed is skipped, in words; Python always is."""
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

import common
from common import PDF, sha256, wait_for
from example_case import Example, check_form
from software_queues import UNITS, Queues

import broker  # noqa: E402  scripts/lib; common has put it on the path
import pki  # noqa: E402
from queue_client import pika  # noqa: E402

EXAMPLES = common.ROOT / "adapters/amqp/examples"
JARS = [pathlib.Path("/usr/share/java", name) for name in ("amqp-client.jar", "slf4j-api.jar", "slf4j-nop.jar")]
LARGE = random.Random(1).randbytes(3 << 20)  # into no message


def python(directory):
    return [sys.executable, EXAMPLES / "python/qlvb_queue.py"]


def java(directory):
    if not shutil.which("javac"):
        return "no JDK is installed"
    if not JARS[0].exists():
        return f"{JARS[0]} is not installed (librabbitmq-client-java)"
    subprocess.run(["javac", "--release", "11", "-cp", JARS[0], "-d", directory, EXAMPLES / "java/QlvbQueue.java"], check=True)
    return ["java", "-cp", ":".join(map(str, [*JARS, directory])), "QlvbQueue"]


class Form(unittest.TestCase):
    def test_each_example_is_one_short_file(self):
        check_form(self, EXAMPLES, {"java": 140, "python": 100})


class Client(Example):
    """What every one of them does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for unit in UNITS:  # may do what adapters/amqp/README.md says and nothing else
            cls.broker.ctl("add_user", unit, cls.broker.password)
            cls.broker.ctl("set_permissions", unit, "^$", rf"^axisd\.in\.{unit}$", rf"^axisd\.(out|refused)\.{unit}$")

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.directory))

    # -- running it
    def settings(self, by, port=None):
        file = self.folder / f"{by}.conf"
        file.touch(0o600)
        file.write_text(f"broker=amqp://{by}:{self.broker.password}@127.0.0.1:{port or self.broker.port}/%2f\nprefix=axisd\nname={by}\n"
                        f"api=http://127.0.0.1:{self.w.api_port}/\ntoken={self.w.tokens[by]}\ndirectory={self.kept(by)}\n")
        return file

    def kept(self, by):
        return self.folder / by

    def call(self, by, *arguments, exit=0, patience=20, port=None):
        command = [str(part) for part in (*self.program, self.settings(by, port), *arguments)]
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "QLVB_PATIENCE": str(patience),
                       "PYTHONPATH": str(pathlib.Path(pika.__file__).parents[1])}
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, env=environment)
        self.assertEqual(done.returncode, exit, f"{arguments}\n{done.stdout}\n{done.stderr}\n{self.w.log_tail('axisd')}")
        return done

    def document(self, files, **more):
        """A package and its files on disk, as `send` takes them."""
        package = self.package(["G98.11"], files, **more)
        (self.folder / "package.json").write_text(json.dumps(package, ensure_ascii=False, indent=1))
        for name, data in files:
            (self.folder / name).write_bytes(data)
        return package, [self.folder / "package.json", *(self.folder / name for name, _ in files)]

    def messages(self, package):
        return [m["id"] for m in self.bo.get(f"/v1/messages?external_id={package['external_id']}").json()["messages"]]

    def waiting(self, by):
        return [p for p in (self.kept(by) / "out").glob("*") if "~" not in p.name]

    # -- what it does
    def test_a_document_goes_out_once_however_often_it_is_sent(self):
        for files in ([("Báo cáo quý III 100%.pdf", PDF), ("Phụ lục.pdf", PDF + b"x")], [("Đề án số 2.bin", LARGE), ("b.pdf", PDF)]):
            with self.subTest(files=[name for name, _ in files]):
                package, sent = self.document(files)
                first = json.loads(self.call("bo", "send", *sent).stdout)
                self.assertEqual(json.loads(self.call("bo", "send", *sent).stdout), first)
                shutil.rmtree(self.kept("bo") / "answers")
                self.assertEqual(json.loads(self.call("bo", "send", *sent).stdout), first, "forgotten here, known there")
                self.assertEqual(self.messages(package), [first["id"]])
                self.assertEqual(self.waiting("bo"), [])

                self.call("cuc11", "events", patience=4)

                folder = self.kept("cuc11") / "messages" / first["id"]
                self.assertEqual({n: sha256((folder / str(n)).read_bytes()) for n in (1, 2)}, {n: sha256(files[n - 1][1]) for n in (1, 2)})
                wait_for("the hand-over", lambda: self.recipient(first["id"], "G98.11")["delivery"] == "done", 20)
                said = json.loads(self.call("cuc11", "status", first["id"], "G98.11", "03", 'Đã "vào" sổ').stdout)
                self.assertEqual(said["statuses"][0]["to"], "G98")
                self.wait_recipient(first["id"], "G98.11", "registered", status="03")

    def test_a_refusal_is_shown_and_a_mended_package_goes_out(self):
        package, sent = self.document([("van-ban.pdf", PDF)], subject="")
        done = self.call("bo", "send", *sent, exit=1)
        problem = json.loads(done.stdout)
        self.assertEqual((problem["code"], problem["errors"][0]["pointer"]), ("package.invalid", "/subject"))
        self.assertEqual(self.waiting("bo"), [])
        package["subject"] = "V/v thử"
        sent[0].write_text(json.dumps(package))
        receipt = json.loads(self.call("bo", "send", *sent).stdout)
        self.assertEqual(self.messages(package), [receipt["id"]])

    def test_what_was_sent_while_axisd_was_away_is_answered_later_and_goes_out_once(self):
        package, sent = self.document([("van-ban.pdf", PDF)])
        self.w.kill("axisd")
        for _ in range(2):
            self.call("bo", "send", *sent, exit=3, patience=1)
        self.assertEqual(len(self.waiting("bo")), 1)
        self.w.start_gateway()
        self.connected()
        self.call("bo", "events", patience=4)
        self.assertEqual(self.waiting("bo"), [], "answered")
        receipt = json.loads(self.call("bo", "send", *sent).stdout)
        self.assertEqual(self.messages(package), [receipt["id"]])

    def test_events_that_are_told_again_are_passed_over(self):
        sent = self.send(["G98.11"])
        self.call("cuc11", "events", patience=4)
        folder = self.kept("cuc11") / "messages" / sent["id"]
        before = (folder / "1").stat().st_mtime_ns
        position = (self.kept("cuc11") / "position").read_text()
        events = [e for e in self.cuc11.events() if e["message_id"] == sent["id"]]
        box = self.box("cuc11")
        box.post("events", {"events": events, "last": events[-1]["seq"]}, exchange="", routing_key=box.outlet)
        self.call("cuc11", "events", patience=4)
        self.assertEqual(box.take_all(), [], "acknowledged")
        self.assertEqual(((folder / "1").stat().st_mtime_ns, (self.kept("cuc11") / "position").read_text()), (before, position))

    def test_a_file_that_cannot_be_fetched_leaves_the_event_with_the_broker(self):
        sent = self.send(["G98.11"])
        token, self.w.tokens["cuc11"] = self.w.tokens["cuc11"], "wrong"
        try:
            self.assertIn("token.unknown", self.call("cuc11", "events", exit=1, patience=4).stderr)
        finally:
            self.w.tokens["cuc11"] = token
        self.call("cuc11", "events", patience=4)
        self.assertTrue((self.kept("cuc11") / "messages" / sent["id"] / "1").exists())

    def test_wrong_usage_is_told_and_a_broker_that_is_away_ends_in_3(self):
        for arguments in ([], ["send"], ["forward", "x"], ["events", "x"], ["status", "x", "G98.11", "03"]):
            self.assertIn("status ID AGENCY CODE TEXT", self.call("bo", *arguments, exit=2).stderr)
        _, sent = self.document([("van-ban.pdf", PDF)])
        self.call("bo", "send", *sent, exit=3, port=common.world.free_port())
        self.assertIn("nowhere", self.call("bo", "send", "nowhere", exit=1).stderr)


class OverTls:
    """Who the broker is: only one whose certificate is of a trusted authority and bears its name learns a password."""
    prepare = None

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="axs-mq-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.program = cls.prepare(cls.folder)
        if isinstance(cls.program, str):
            raise unittest.SkipTest(cls.program)
        cls.ours = pki.Pki(cls.folder / "pki")
        cls.ours.machine("broker", "localhost")
        cls.ours.machine("elsewhere", "mq9.example")
        for what in ("crt", "key"):
            shutil.copy(getattr(cls.ours, what)("broker"), cls.folder / what)
        cls.broker = broker.Broker(cls.folder / "mq", tls=broker.Tls(cls.folder / "crt", cls.folder / "key", cls.ours.root, False))
        cls.addClassCleanup(cls.broker.close)
        cls.broker.start()
        cls.settings = cls.folder / "bo.conf"
        cls.settings.touch(0o600)
        cls.settings.write_text(f"broker=amqps://{broker.USER}:{cls.broker.password}@localhost:{cls.broker.port}/%2f\nprefix=axisd\nname=bo\n"
                                f"api=http://127.0.0.1:1\ntoken=x\ndirectory={cls.folder / 'kept'}\n")

    def call(self, **environment):
        kept = {k: v for k, v in os.environ.items() if k != "SSL_CERT_FILE"}
        return subprocess.run([str(part) for part in (*self.program, self.settings, "events")], capture_output=True, text=True, timeout=60,
                              env={**kept, "QLVB_PATIENCE": "1", "PYTHONPATH": str(pathlib.Path(pika.__file__).parents[1]), **environment})

    def test_a_broker_that_cannot_show_who_it_is_is_told_nothing(self):
        trusting = self.trusting()
        known = self.call(**trusting)
        self.assertEqual(known.returncode, 3, known.stderr)
        self.assertIn("axisd.out.bo", known.stderr, "let in: it misses its queue, which axisd would have declared")

        for refused in (self.call(), self.elsewhere(trusting)):
            self.assertEqual(refused.returncode, 1, refused.stderr)
            self.assertRegex(refused.stderr.lower(), "certificat")
            self.assertNotIn("axisd.out.bo", refused.stderr)
        self.assertEqual(self.broker.whole_log().count("authenticated and granted access"), 1, "the one that was let in")

    def elsewhere(self, trusting):
        for what in ("crt", "key"):
            shutil.copy(getattr(self.ours, what)("elsewhere"), self.folder / what)
        self.broker.ctl("eval", "ssl:clear_pem_cache().")
        return self.call(**trusting)


class Python(Client, Queues):
    prepare = staticmethod(python)


class Java(Client, Queues):
    prepare = staticmethod(java)


class PythonTls(OverTls, unittest.TestCase):
    prepare = staticmethod(python)

    def trusting(self):
        return {"SSL_CERT_FILE": str(self.ours.root)}


class JavaTls(OverTls, unittest.TestCase):
    prepare = staticmethod(java)

    def trusting(self):
        store = self.folder / "trust"
        subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "root", "-file", self.ours.root, "-keystore", store,
                        "-storepass", "changeit"], check=True, capture_output=True)
        return {"JAVA_TOOL_OPTIONS": f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=changeit"}


del Queues  # only as it is here

if __name__ == "__main__":
    common.main()
