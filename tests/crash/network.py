#!/usr/bin/env python3
"""The network between axisd and the axis fails at a byte's precision (fault_proxy.py); every document arrives exactly once.

Goal: wherever a connection breaks, within request or reply, the axis ends up with one copy; stalls delay nobody else.
Method: the real axisd sends small documents through the proxy, each third sending is spoilt; then the axis' side is counted.
Claimed for an axis that lists what was sent. Two copies that the network made (repeat_request) are the network's.
Run alone:  AXIS_BIN_DIR=build/dev/bin tests/crash/network.py [--seed N | --every-byte]     (--every-byte: half an hour)
"""
import collections
import os
import pathlib
import random
import re
import shutil
import socket
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import crowd  # noqa: E402
from books import ROOT, world  # noqa: E402
from fault_proxy import Fault, FaultProxy  # noqa: E402

BIN = pathlib.Path(os.environ.get("AXIS_BIN_DIR", ROOT / "build/dev/bin"))
SEED = random.SystemRandom().randrange(1 << 32)
FAULTS_PER_WORLD = 300  # with --every-byte: lists stay short
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
REQUEST = b"POST /sendEdoc HTTP/1.1\r\nContent-Length: 20\r\n\r\n" + b"x" * 20


class Listener:
    """Answers each whole request, and keeps what came on each connection."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heard, self.ended = [], 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.heard.append(b"")
            threading.Thread(target=self.listen, args=(connection, len(self.heard) - 1), daemon=True).start()

    def listen(self, connection, n):
        with connection:
            try:
                while data := connection.recv(65536):
                    self.heard[n] += data
                    if len(self.heard[n]) % len(REQUEST) == 0:
                        connection.sendall(REPLY)
            except OSError:
                pass
        self.ended += 1


class Proxy(unittest.TestCase):
    """The proxy does what its faults are called, once each."""

    def setUp(self):
        self.axis = Listener()
        self.addCleanup(self.axis.socket.close)
        self.proxy = FaultProxy(self.axis.port)
        self.addCleanup(self.proxy.close)

    def talk(self, meanwhile=lambda: None):
        """What came back to one request, and how it ended."""
        with socket.create_connection(("127.0.0.1", self.proxy.port), 20) as s:
            s.sendall(REQUEST)
            meanwhile()
            got = b""
            try:
                while data := s.recv(65536):
                    got += data
                    if got == REPLY:
                        return got, "open"
            except ConnectionResetError:
                return got, "reset"
            return got, "closed"

    def spoilt(self, kind, at=0, meanwhile=lambda: None):
        self.proxy.plan([Fault(kind, at)])
        found = self.talk(meanwhile)
        self.assertEqual(self.talk(), (REPLY, "open"), "the fault was used up")
        self.assertEqual(self.proxy.used, {kind: 1})
        self.assertEqual(self.axis.heard.pop(), REQUEST)
        return found

    def test_a_request_is_cut_at_each_byte(self):
        for at in range(len(REQUEST) + 1):
            self.proxy.used.clear()
            self.axis.heard.clear()
            ended = self.axis.ended
            self.assertEqual(self.spoilt("cut_request", at), (b"", "reset"))
            world.wait_for("the axis to see both ends", lambda e=ended: self.axis.ended == e + 2)
            self.assertEqual(b"".join(self.axis.heard), REQUEST[:at])

    def test_a_reply_is_cut_at_each_byte_by_a_reset_or_in_good_order(self):
        for kind, end in (("cut_reply", "reset"), ("close_reply", "closed")):
            for at in range(len(REPLY)):
                self.proxy.used.clear()
                self.axis.heard.clear()
                self.assertEqual(self.spoilt(kind, at), (REPLY[:at], end))
                self.assertEqual(self.axis.heard, [REQUEST])

    def test_what_is_stalled_goes_on_when_released(self):
        def release():
            world.wait_for("the first half", lambda: self.axis.heard and len(self.axis.heard[0]) == 30)
            self.proxy.release()
        self.assertEqual(self.spoilt("stall_request", 30, release), (REPLY, "open"))
        self.assertEqual(self.axis.heard, [REQUEST])

        self.proxy.used.clear()
        self.proxy.plan([Fault("stall_reply", 10)])
        with socket.create_connection(("127.0.0.1", self.proxy.port), 20) as s:
            s.sendall(REQUEST)
            self.assertEqual(s.recv(65536), REPLY[:10])
            self.proxy.release()
            self.assertEqual(s.recv(65536), REPLY[10:])

    def test_a_stalled_request_whose_sender_left_never_arrives(self):
        self.proxy.plan([Fault("stall_request", 30)])
        with socket.create_connection(("127.0.0.1", self.proxy.port), 20) as s:
            s.sendall(REQUEST)
            world.wait_for("the first half", lambda: self.axis.heard and len(self.axis.heard[0]) == 30)
        world.wait_for("the axis to see the end", lambda: self.axis.ended)
        self.assertEqual(self.axis.heard, [REQUEST[:30]])

    def test_requests_and_replies_are_repeated(self):
        self.assertEqual(self.spoilt("repeat_request"), (REPLY, "open"))
        self.assertEqual(self.axis.heard, [REQUEST, REQUEST])
        self.assertEqual(self.proxy.repeated, [REQUEST])
        self.proxy.used.clear()
        self.proxy.plan([Fault("repeat_reply")])
        with socket.create_connection(("127.0.0.1", self.proxy.port), 20) as s:
            s.sendall(REQUEST)
            got = b""
            while len(got) < 2 * len(REPLY):
                got += s.recv(65536)
            self.assertEqual(got, REPLY * 2)


class Sending(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="axis-network-"))
        self.rng = random.Random(SEED)
        self.w = world.World(self.directory, BIN)
        self.addCleanup(self.tidy)
        self.w.start_axis("--partner", f"{crowd.SILENT['code']}=none:{crowd.SILENT['name']}")
        self.w.configure(attempts_per_endpoint=20)
        self.proxy = FaultProxy(self.w.axis_port, every=3)
        self.addCleanup(self.proxy.close)
        file = self.w.config.parent / "endpoints.d/national.toml"
        file.write_text(file.read_text().replace(f":{self.w.axis_port}", f":{self.proxy.port}"))
        self.w.start_gateway()
        self.line = crowd.Line(self.w.software("bo"))
        self.addCleanup(self.line.close)
        self.parcels = []

    def tidy(self):
        self.w.kill_all()
        failed = any(test is self for test, _ in self._outcome.result.failures + self._outcome.result.errors)
        if failed:
            print(f"seed {SEED}; kept for a look: {self.directory}", file=sys.stderr)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def post(self, count):
        for _ in range(count):
            number = 10_000 + len(self.parcels)  # all of one length: so are the requests
            parcel = crowd.Parcel(number, [crowd.SILENT["code"]], [("van-ban.bin", self.rng.randbytes(300))], self.rng)
            answer = self.line.patiently("POST", "/v1/packages", parcel.body, {"Content-Type": parcel.kind, "Idempotency-Key": parcel.key})
            self.assertEqual(answer.status, 202, answer.body)
            parcel.promised_at = answer.json()["id"]
            self.parcels.append(parcel)

    def waiting(self):
        lanes = self.w.ctl_json("queue")["lanes"]
        return sum(lane["deliveries"].get(state, 0) for lane in lanes for state in ("queued", "sending", "reconciling"))

    def drain(self, seconds=240):
        world.wait_for("everything to be delivered", lambda: not self.waiting(), seconds)

    def spend(self, faults):
        """Documents, until each fault has met one; then all of them arrive."""
        self.proxy.plan(faults)
        while self.proxy.waiting:
            self.post(10)
        self.drain()

    def check_axis(self):
        """Every document is there once, with its own subject and bytes, and known to be; but for what the network repeated."""
        there = collections.defaultdict(list)
        for document in self.w.sim_state()["documents"]:
            there[document["number"]].append((document["subject"], [(f["name"], f["sha256"]) for f in document["files"]]))
        repeated = {re.search(rb"<[^>]*CodeNumber>([^<]*)<", request)[1].decode() for request in self.proxy.repeated}
        for parcel in self.parcels:
            number = str(parcel.number)
            copies = 2 if number in repeated else 1
            self.assertEqual(there.pop(number, []), [(parcel.subject, parcel.files)] * copies, parcel.full_number)
            message = self.line.patiently("GET", f"/v1/messages/{parcel.promised_at}").json()
            self.assertEqual([r["delivery"] for r in message["recipients"]], ["done"], parcel.full_number)
        self.assertEqual(dict(there), {}, "on the axis, and nobody posted it")

    def sizes(self):
        """Of a sending nothing is done to: its head, the whole of it, the reply."""
        self.post(5)
        self.drain()
        return tuple(max(s) for s in zip(*self.proxy.sizes))


def edges(*ends):
    return {at for end in ends for at in range(max(0, end - 2), end + 3)}


class Faults(Sending):
    def test_each_document_arrives_once_wherever_its_connection_broke(self):
        head, request, reply = self.sizes()
        of_request = edges(0, 15, head, request) | {self.rng.randrange(request) for _ in range(40)}
        of_reply = edges(0, 15, reply) | {self.rng.randrange(reply) for _ in range(30)}
        faults = [Fault("cut_request", at) for at in of_request] + [Fault("cut_reply", at) for at in of_reply]
        faults += [Fault("close_reply", at) for at in edges(0, reply)]
        faults += [Fault(kind) for kind in ("repeat_request", "repeat_reply") for _ in range(4)]
        self.rng.shuffle(faults)
        self.spend(faults)
        self.assertEqual(self.proxy.used.total(), len(faults))
        self.check_axis()

    def test_what_stalls_delays_nobody_else_and_is_there_once_whether_it_goes_on_or_not(self):
        head, request, reply = self.sizes()
        stalls = [Fault("stall_request", head // 2), Fault("stall_request", request - 1), Fault("stall_reply", 0), Fault("stall_reply", reply - 1)]
        self.stall(stalls)
        self.proxy.release()
        self.drain()
        self.check_axis()
        self.assertNotIn("delivery.unknown", self.w.log_tail("axisd", 10_000))

        self.stall(stalls)  # nobody releases these: axisd gives up and asks
        self.drain()
        self.check_axis()
        self.assertIn("delivery.unknown", self.w.log_tail("axisd", 10_000))

    def stall(self, faults):
        """Documents until each fault holds one; the others arrive meanwhile."""
        self.proxy.plan(faults)
        while self.proxy.waiting:
            self.post(10)
        world.wait_for("the others", lambda: self.waiting() == len(faults) == self.proxy.stalled)


class EveryByte(Sending):
    def test_at_every_byte_of_request_and_reply(self):
        head, request, reply = self.sizes()
        faults = [Fault("cut_request", at) for at in range(request + 1)] + [Fault("cut_reply", at) for at in range(reply + 1)]
        faults += [Fault("close_reply", at) for at in range(reply + 1)]
        self.rng.shuffle(faults)
        print(f"head {head}, request {request}, reply {reply} bytes: {len(faults)} cuts", flush=True)
        spent = documents = 0
        while spent < len(faults):
            portion = faults[spent:spent + FAULTS_PER_WORLD]
            self.spend(portion)
            self.check_axis()
            spent, documents = spent + len(portion), documents + len(self.parcels)
            print(f"{spent} cuts, {documents} documents, each once on the axis", flush=True)
            self.parcels.clear()
            self.w.sim("POST", "/sim/clear")
            self.proxy.repeated.clear()


def main():
    global SEED
    arguments = sys.argv[1:]
    if arguments[:1] == ["--seed"]:
        SEED, arguments = int(arguments[1]), arguments[2:]
    print(f"seed {SEED}", flush=True)
    cases = ["EveryByte"] if arguments[:1] == ["--every-byte"] else arguments or ["Proxy", "Faults"]
    unittest.main(argv=[sys.argv[0], "-v", *cases])


if __name__ == "__main__":
    main()
