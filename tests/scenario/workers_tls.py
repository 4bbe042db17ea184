#!/usr/bin/env python3
"""A worker on another machine: a configuration of its own, no state, and TLS with certificates of both sides to the gateway.

Documents flow and are read through the owner; whoever has no certificate of our authority is refused, and the gateway's log says so;
so is a gateway that is not the one the worker was told of. Killed while it sends: nothing is lost or doubled.
"""
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import time

import common
from broker_case import Over
from common import wait_for

import pki  # noqa: E402  scripts/lib; common has put it on the path
import world  # noqa: E402

OWNER = "localhost"  # what the worker is told to connect to, so what the gateway's certificate has to bear
LOST = 40  # s; a worker of another machine is taken for lost when it was not heard for 20
BIG = 3 * 1024 * 1024


class Apart(Over):
    """axisd itself sends nothing; a worker in a folder of its own does."""

    @classmethod
    def configured(cls):
        super().configured()
        folder = pathlib.Path(cls.directory)
        cls.ours, cls.other = pki.Pki(folder / "pki"), pki.Pki(folder / "other")
        cls.ours.machine("gateway", OWNER)
        cls.ours.machine("worker", "worker1.example")
        cls.other.machine("worker", "worker1.example")
        cls.desk_port = world.free_port()
        text = cls.w.config.read_text()
        cls.w.config.write_text(f'[worker]\nhere = false\nlisten = "127.0.0.1:{cls.desk_port}"\n{cls.tls_lines(cls.ours, "gateway", cls.ours)}\n' + text)
        cls.elsewhere = folder / "elsewhere"  # the worker's machine
        (cls.elsewhere / "endpoints.d").mkdir(parents=True)
        shutil.copy(cls.w.config.parent / "endpoints.d/national.toml", cls.elsewhere / "endpoints.d")
        cls.without_state = re.sub(r'state_dir = ".*"', f'state_dir = "{cls.elsewhere}/nothing"', text)
        cls.write_worker()

    @classmethod
    def tls_lines(cls, own, name, trusted):
        return f'cert = "{own.crt(name)}"\nkey = "{own.key(name)}"\nca_file = "{trusted.root}"\n'

    @classmethod
    def write_worker(cls, own=None, trusted=None, owner=OWNER):
        (cls.elsewhere / "axisd.toml").write_text(
            f'[worker]\nowner = "https://{owner}:{cls.desk_port}"\n{cls.tls_lines(own or cls.ours, "worker", trusted or cls.ours)}\n' + cls.without_state)

    @classmethod
    def start_worker(cls):
        cls.w.start("worker1", [cls.w.bin / "axisd", "--worker", "--config", cls.elsewhere / "axisd.toml"])

    def setUp(self):
        process = self.w.processes.get("worker1")
        if not process or process.poll() is not None:
            self.start_worker()
        super().setUp()

    def worker_log(self):
        return (self.w.directory / "log/worker1.log").read_text(errors="replace")


class Flow(Apart):
    def test_documents_pass_and_are_read_through_the_owner(self):
        self.send_many(20)
        body = common.PDF + os.urandom(BIG)
        self.sent.append(str(self.send(["G99"], files=(("lon.pdf", body),))["number"]))
        self.all_arrive_once()
        arrived = next(d for d in self.w.sim_state()["documents"] if d["number"] == self.sent[-1])
        self.assertEqual([f["sha256"] for f in arrived["files"]], [common.sha256(body)])
        self.assertFalse((self.elsewhere / "nothing").exists())
        self.assertNotIn(f"{self.w.directory}/state", (self.elsewhere / "axisd.toml").read_text())

    def test_a_worker_that_is_asked_to_stop_finishes_what_it_sends(self):
        self.slow()
        self.send_many(15)
        self.assertEqual(self.w.stop("worker1"), 0)
        wait_for("it to be gone", lambda: self.shown()["workers"] == 0, 10)
        self.assertFalse("not heard" in self.log())
        self.start_worker()
        self.all_arrive_once()


class Killed(Apart):
    def test_the_worker_killed_while_it_sends(self):
        self.slow(1500)
        self.send_many(20)
        wait_for("it to send", lambda: self.shown()["begun"] > 0, 30)
        self.w.kill("worker1")
        self.start_worker()
        wait_for("the gateway to take it for lost", lambda: "it was not heard any more" in self.log(), LOST)
        self.all_arrive_once()

    def test_the_gateway_killed_while_the_worker_sends(self):
        self.slow(1500)
        self.send_many(20)
        wait_for("the worker to send", lambda: self.shown()["begun"] > 0, 30)
        self.w.kill("axisd")
        self.w.start_gateway()
        self.all_arrive_once(90)


class Strangers(Apart):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.write_worker)
        self.addCleanup(self.w.stop, "worker1")
        self.w.stop("worker1")
        wait_for("no worker to be known", lambda: self.shown()["workers"] == 0, LOST)
        self.before = len(self.log()), len(self.worker_log())

    def gateway_says(self, what):
        wait_for(f"the gateway to log {what!r}", lambda: what in self.log()[self.before[0]:], 20)
        line = next(line for line in self.log()[self.before[0]:].splitlines() if what in line)
        self.assertIn(" warn http.tls_failed ", line)
        self.assertIn("peer=127.0.0.1", line)

    def worker_says(self, what):
        wait_for(f"the worker to log {what!r}", lambda: what in self.worker_log()[self.before[1]:], 20)

    def nothing_was_sent(self):
        self.assertEqual(self.shown()["workers"], 0)
        self.assertEqual(set(self.sent) & set(self.arrived()), set())

    def hello(self, context):
        """What a client with that context gets for its hello."""
        body = json.dumps({"name": "stranger"})
        with socket.create_connection(("127.0.0.1", self.desk_port), 10) as line, context.wrap_socket(line, server_hostname=OWNER) as tls:
            tls.sendall(f"POST /workers HTTP/1.1\r\nHost: {OWNER}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            return tls.recv(4096)

    def test_without_a_certificate(self):
        context = ssl.create_default_context(cafile=self.ours.root)
        with self.assertRaisesRegex(ssl.SSLError, "certificate required"):
            self.hello(context)
        self.gateway_says("peer did not return a certificate")
        context.load_cert_chain(self.ours.crt("worker"), self.ours.key("worker"))
        self.assertTrue(self.hello(context).startswith(b"HTTP/1.1 200"))  # it was the certificate, and nothing else

    def test_without_tls(self):
        answer = common.talk(self.desk_port, b"POST /workers HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        self.assertNotIn(b"HTTP/1.1", answer)
        self.gateway_says("http request")

    def test_a_worker_with_a_certificate_of_another_authority(self):
        self.write_worker(own=self.other)
        self.send_many(3)
        self.start_worker()
        self.worker_says("worker.no_owner")
        self.gateway_says("certificate verify failed")
        self.nothing_was_sent()
        self.put_right()

    def test_a_gateway_with_a_certificate_of_another_authority(self):
        self.write_worker(trusted=self.other)
        self.send_many(3)
        self.start_worker()
        self.worker_says("certificate verify failed")
        self.nothing_was_sent()
        self.put_right()

    def test_a_gateway_with_a_certificate_of_another_name(self):
        self.write_worker(owner="127.0.0.1")
        self.send_many(3)
        self.start_worker()
        self.worker_says("worker.no_owner")
        self.nothing_was_sent()
        self.put_right()

    def put_right(self):
        self.w.stop("worker1")
        self.write_worker()
        self.start_worker()
        self.all_arrive_once()


if __name__ == "__main__":
    common.main()
