#!/usr/bin/env python3
"""Document software under load, as a process of its own: bench.py counts axisd's time, not ours.

Reads a plan as JSON on stdin; prints {"seconds", "accepted", "refusal"} when all packages were answered.
"""
import collections
import http.client
import json
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import world  # noqa: E402

BOUNDARY = "----------------axisd-bench"
PACKAGE_BYTES = 1024


def json_of(number, to):
    """A package of exactly 1 KiB: the subject is as long as it takes."""
    package = world.sample_package(to, number, files=[{"name": "cong-van.pdf"}])
    missing = PACKAGE_BYTES - len(json.dumps(package, ensure_ascii=False).encode())
    package["subject"] += "." * missing
    return json.dumps(package, ensure_ascii=False).encode()


def body_of(number, to, file):
    return multipart(json_of(number, to), file)


def multipart(package, file):
    head = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="package"\r\nContent-Type: application/json\r\n\r\n').encode()
    part = (f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="cong-van.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n").encode()
    return head + package + part + file + f"\r\n--{BOUNDARY}--\r\n".encode()


class Load:
    def __init__(self, plan):
        self.plan = plan
        rng = random.Random(plan["first"])
        numbers = range(plan["first"], plan["first"] + plan["count"])
        # No two files are alike: a text that is stored already would cost less.
        self.bodies = collections.deque(body_of(n, plan["to"], b"%PDF-1.7\n" + rng.randbytes(plan["file_bytes"] - 9)) for n in numbers)
        self.answers, self.refusal = collections.Counter(), None
        self.headers = {"Authorization": f"Bearer {plan['token']}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}

    def caller(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.plan["port"], timeout=120)
        while True:
            try:
                body = self.bodies.popleft()
            except IndexError:
                break
            connection.request("POST", "/v1/packages", body, self.headers)
            reply = connection.getresponse()
            text = reply.read()
            self.answers[reply.status] += 1
            if reply.status != 202:
                self.refusal = text.decode(errors="replace")
        connection.close()

    def run(self):
        threads = [threading.Thread(target=self.caller) for _ in range(self.plan["connections"])]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - started
        return {"seconds": seconds, "accepted": self.answers[202], "refusal": self.refusal}


if __name__ == "__main__":
    json.dump(Load(json.load(sys.stdin)).run(), sys.stdout)
