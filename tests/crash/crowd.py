"""The people outside while axisd is killed again and again: software that posts, agencies of the axis, units that pull.

Each writes down what it was promised and what it saw; account.py compares. Nobody here looks into axisd's files.
"""
import collections
import datetime
import http.client
import json
import pathlib
import random
import sys
import threading
import time
import traceback
import urllib.parse
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import books  # noqa: E402
from books import CUT_OFF, digest, world  # noqa: E402

SILENT = {"code": "G95", "name": "Bộ Đối tác C (mô phỏng)"}  # an agency that answers nothing
NOTATION, THEIR_NOTATION = books.NOTATION, "BĐT-VP"
UNITS = {"G98.11": "cuc11", "G98.12": "cuc12"}
# Where packages go, and how often.
WAYS = [(["G95"], 44), (["G99"], 8), (["G95", "G97"], 6), (["G95", "G98.11"], 10), (["G98.11"], 8), (["G98.12", "G99", "G95"], 6),
        (["G98.11", "G98.12"], 4), (["G95", "G98.12"], 14)]
# Some files stay in the ledger, some go to the spool (from 96 KiB of base64 on).
SIZES = [(1, 10), (700, 45), (6_000, 30), (40_000, 5), (90_000, 7), (150_000, 3)]
CALLERS = 6
NUDGE = 0.05  # s; the pause of a caller whom nobody answered
PATIENCE = 90.0  # s


def chosen(rng, weighted):
    return rng.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


def some_files(rng, name, most, sizes):
    return [(f"{name} {n + 1}.bin", rng.randbytes(chosen(rng, sizes))) for n in range(rng.randint(1, most))]


class Line:
    """A kept connection to the REST side; after a failure the next call opens another."""

    def __init__(self, software):
        self.software, self.connection = software, None

    def call(self, method, path, body=None, headers=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.software.port, timeout=60)
        fields = {"Authorization": f"Bearer {self.software.token}", **(headers or {})}
        try:
            self.connection.request(method, urllib.parse.quote(path, safe="/?&=:%"), body, fields)
            reply = self.connection.getresponse()
            return world.Answer(reply.status, reply.headers, reply.read())
        except CUT_OFF:
            self.close()
            raise

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def patiently(self, method, path, body=None, headers=None):
        return books.patiently(lambda: self.call(method, path, body, headers), PATIENCE)


class Parcel:
    """One package: what was sent under its number, and every answer to it."""

    def __init__(self, number, to, files, rng):
        self.number, self.to = number, to
        self.subject = f"V/v thử số {number}"
        self.files = [(name, digest(data)) for name, data in files]
        self.key = f"VB-{number}-{uuid.UUID(int=rng.getrandbits(128))}"
        self.gives_up, self.asks_again = rng.random() < 0.06, rng.random() < 0.05
        self.id, self.tries, self.over = None, 0, False
        self.body, self.kind = self.form(files)

    @property
    def full_number(self):
        return f"{self.number}/{NOTATION}"

    def form(self, files):
        to = [SILENT if code == SILENT["code"] else code for code in self.to]
        package = world.sample_package(to, self.number, subject=self.subject, external_id=self.key,
                                       files=[{"name": name} for name, _ in files])
        mark = uuid.uuid4().hex
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="package"\r\nContent-Type: application/json\r\n\r\n'
                 f"{json.dumps(package, ensure_ascii=False)}\r\n".encode()]
        for name, data in files:
            parts += [f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
                      "Content-Type: application/octet-stream\r\n\r\n".encode(), data, b"\r\n"]
        parts.append(f"--{mark}--\r\n".encode())
        return b"".join(parts), f"multipart/form-data; boundary={mark}"

    def done(self):
        self.over, self.body = True, None

    @property
    def axis_codes(self):
        return sorted(code for code in self.to if code not in UNITS)

    @property
    def unit_codes(self):
        return [code for code in self.to if code in UNITS]


class Letter:
    """One document that an agency of the axis sent to our units; `copies` times, when its software repeated itself."""

    def __init__(self, number, to, files, copies):
        self.number, self.to, self.copies = number, to, copies
        self.subject = f"V/v thư số {number}"
        self.data = files
        self.files = [(name, digest(data)) for name, data in files]
        self.over = False


class Unit:
    """What the software of one endpoint has seen: each event once, however often it came before it was acknowledged."""

    def __init__(self, software, code, rng):
        self.line, self.code, self.rng = Line(software), code, rng
        self.acked, self.repeated = 0, 0
        self.events = {}  # seq -> (id, type, message id, data)
        self.files = {}  # message id -> [(name, sha256)]
        self.reported = []  # message ids that were answered 03
        self.wrong = []

    def look(self, wait):
        """One page of events, taken over, acknowledged and answered."""
        page = self.line.patiently("GET", f"/v1/events?after={self.acked}&wait={wait}&limit=100").json()["events"]
        if not page:
            return 0
        for event in page:
            self.take(event)
        if self.rng.random() < 0.05:  # the unit's own software died before it acknowledged
            return len(page)
        done = self.line.patiently("POST", "/v1/events/ack", json.dumps({"through": page[-1]["seq"]}), {"Content-Type": "application/json"})
        if done.status not in (200, 204):
            raise world.Trouble(f"{self.code}: acknowledgement refused: {done.status} {done.body!r}")
        self.acked = page[-1]["seq"]
        for event in page:
            self.answer(event)
        return len(page)

    def take(self, event):
        kept = (event["id"], event["type"], event["message_id"], event["data"])
        if event["seq"] in self.events:
            self.repeated += 1
            if self.events[event["seq"]] != kept:
                self.wrong.append(f"event {event['id']} of {self.code} said something else the second time")
        self.events[event["seq"]] = kept
        if event["type"] == "document.received":
            self.files[event["message_id"]] = [self.fetched(f) for f in event["data"]["document"]["files"]]

    def fetched(self, file):
        answer = self.line.patiently("GET", file["url"])
        if answer.status != 200:
            raise world.Trouble(f"{self.code}: {file['url']}: {answer.status} {answer.body[:300]!r}")
        return file["name"], digest(answer.body)

    def answer(self, event):
        # The time is said, so that a repeat is the same act should the answer get lost.
        if event["type"] != "document.received" or event["seq"] % 3:
            return
        at = datetime.datetime.now().astimezone().isoformat(timespec="milliseconds")
        value = json.dumps({"from": self.code, "code": "03", "description": "Đã vào sổ văn bản đến", "at": at})
        answer = self.line.patiently("POST", f"/v1/messages/{event['message_id']}/statuses", value, {"Content-Type": "application/json"})
        if answer.status not in (200, 201, 202):
            raise world.Trouble(f"{self.code}: 03 refused: {answer.status} {answer.body!r}")
        self.reported.append(event["message_id"])


class Crowd:
    """Threads of the callers, the agencies and the units of one world. The first trouble of any of them ends the run."""

    def __init__(self, w, seed, sizes=SIZES):
        self.w, self.rng, self.sizes = w, random.Random(seed), sizes
        self.parcels, self.letters = [], []
        self.units = {code: Unit(w.software(name), code, random.Random(f"{seed} {code}")) for code, name in UNITS.items()}
        self.secretary = Unit(w.software("bo"), "G98", random.Random(seed))  # reads the statuses that come back
        self.counts, self.refusals = collections.Counter(), collections.Counter()
        self.to_post, self.to_write = collections.deque(), collections.deque()
        self.lock, self.ended, self.troubles = threading.Condition(), False, []
        jobs = [self.post] * CALLERS + [self.write] + [lambda u=u: self.pull(u) for u in (*self.units.values(), self.secretary)]
        self.threads = [threading.Thread(target=self.guarded, args=(job,), daemon=True) for job in jobs]
        for thread in self.threads:
            thread.start()

    def offer(self, packages, letters):
        """Hands new work to everybody; `idle` tells when it is done."""
        first = len(self.parcels) + len(self.letters) + 1
        parcels = [self.new_parcel(first + n) for n in range(packages)]
        new_letters = [self.new_letter(first + packages + n) for n in range(letters)]
        with self.lock:
            self.parcels += parcels
            self.letters += new_letters
            self.to_post.extend(parcels)
            self.to_write.extend(new_letters)
            self.lock.notify_all()

    def new_parcel(self, number):
        return Parcel(number, chosen(self.rng, WAYS), some_files(self.rng, f"tệp {number}", 3, self.sizes), self.rng)

    def new_letter(self, number):
        to = self.rng.choice([["G98.11"], ["G98.12"], ["G98.11", "G98.12"]])
        return Letter(number, to, some_files(self.rng, f"thư {number}", 1, self.sizes), 2 if self.rng.random() < 0.1 else 1)

    def idle(self):
        self.check()
        return all(x.over for x in (*self.parcels, *self.letters))

    def answered(self):
        return sum(p.over for p in self.parcels)

    def check(self):
        if self.troubles:
            raise world.Trouble(self.troubles[0])

    def end(self):
        with self.lock:
            self.ended = True
            self.lock.notify_all()
        for thread in self.threads:
            thread.join(PATIENCE)
        self.check()

    def close(self):
        for unit in (*self.units.values(), self.secretary):
            unit.line.close()

    # -- in threads
    def guarded(self, job):
        try:
            job()
        except Exception:  # noqa: BLE001  told by the main thread
            self.troubles.append(traceback.format_exc())

    def next_of(self, waiting):
        with self.lock:
            while not waiting and not self.ended:
                self.lock.wait()
            return None if self.ended else waiting.popleft()

    def post(self):
        line = Line(self.w.software("bo"))
        while parcel := self.next_of(self.to_post):
            self.submit(line, parcel)
            if parcel.id and parcel.asks_again:
                self.submit(line, parcel)
                self.counts["refused"] += 1
            parcel.done()
        line.close()

    def submit(self, line, parcel):
        """Asked again with the same key until there is an answer, or given up: then nobody knows whether it was taken."""
        end = time.monotonic() + PATIENCE
        while True:
            parcel.tries += 1
            try:
                answer = line.call("POST", "/v1/packages", parcel.body, {"Content-Type": parcel.kind, "Idempotency-Key": parcel.key})
                if answer.status == 202:
                    return self.promised(parcel, answer.json()["id"])
                why = answer.body
                self.refusals[self.clear_refusal(parcel, answer)] += 1
            except CUT_OFF as e:
                why = e
                # Refused connections say nothing arrived; a good client may stop only after a request that was cut.
                if parcel.gives_up and not isinstance(e, ConnectionRefusedError):
                    return None
            if time.monotonic() > end:
                raise world.Trouble(f"{parcel.full_number}: no answer in {PATIENCE:.0f} s: {why}")
            if not isinstance(why, ConnectionRefusedError):
                self.counts["repeated"] += 1
            time.sleep(NUDGE)

    @staticmethod
    def clear_refusal(parcel, answer):
        """The code of a refusal for a while; any other is trouble."""
        problem = answer.json() if "problem+json" in answer.headers.get("Content-Type", "") else {}
        if answer.status not in (503, 507) or not problem.get("retryable") or not all(problem.get(x) for x in ("code", "detail", "action")):
            raise world.Trouble(f"{parcel.full_number}: {answer.status} {answer.body[:300]!r}")
        return problem["code"]

    def promised(self, parcel, message_id):
        if parcel.id not in (None, message_id):
            raise world.Trouble(f"{parcel.full_number}: promised as {parcel.id}, then as {message_id}")
        parcel.id = message_id

    def write(self):
        while letter := self.next_of(self.to_write):
            file = self.w.directory / f"letter-{letter.number}.bin"
            name, data = letter.data[0]
            file.write_bytes(data)
            value = {"from": "G99", "to": letter.to, "number": str(letter.number), "notation": THEIR_NOTATION, "subject": letter.subject,
                     "file": str(file), "file_name": name}
            for _ in range(letter.copies):
                self.w.sim("POST", "/sim/send", value)
            file.unlink()
            letter.data, letter.over = None, True

    def pull(self, unit):
        while not self.ended:
            unit.look(1)
