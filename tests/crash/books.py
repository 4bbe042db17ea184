"""What the people outside know: what axisd promised them, what they promised each other, and whether it was kept.

Nothing here looks into axisd's own files, but for spool/tmp: REST, the axis' side and axisctl are all an auditor has.
"""
import datetime
import hashlib
import http.client
import json
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))
import world  # noqa: E402

NOTATION = "TMĐT-TTTH"
CUT_OFF = (OSError, http.client.HTTPException)  # what a client sees of a gateway that died


def digest(data):
    return hashlib.sha256(data).hexdigest()


def patiently(call, seconds=60.0):
    """The answer of call(), asked again while the gateway is away (a cut connection or a 503)."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer = call()
            if answer.status != 503:
                return answer
            why = answer.body
        except CUT_OFF as e:
            why = e
        if time.monotonic() > end:
            raise world.Trouble(f"no answer in {seconds:.0f} s: {why}")
        time.sleep(0.1)


class Post:
    """One package of the ministry's software. The same bytes and the same key at every try, as openapi.yaml asks."""

    def __init__(self, number, to, files):
        self.number, self.to, self.files = number, to, files
        self.package = world.sample_package(to, number)
        self.package["files"] = [{"name": name, "sha256": digest(data)} for name, data in files]
        self.key = f"VB-2026-{number}"
        self.id = None

    @property
    def full_number(self):
        return f"{self.number}/{NOTATION}"

    def submit(self, software):
        """One try; the answer is None when the connection was cut before it came."""
        try:
            answer = software.submit(self.package, self.files, key=self.key)
        except CUT_OFF:
            return None
        if answer.status == 202:
            self.note(answer.json()["id"])
        return answer

    def note(self, message_id):
        if self.id not in (None, message_id):
            raise world.Trouble(f"{self.full_number}: promised as {self.id}, then as {message_id}")
        self.id = message_id

    def submit_until_answered(self, software):
        answer = patiently(lambda: software.submit(self.package, self.files, key=self.key))
        if answer.status != 202:
            raise world.Trouble(f"{self.full_number}: {answer.status} {answer.body[:300]!r}")
        self.note(answer.json()["id"])


class Letter:
    """One document an agency of the axis sent to us."""

    def __init__(self, doc_id, number, to, name, data):
        self.doc_id, self.number, self.to, self.name, self.data = doc_id, number, to, name, data


class Clerk:
    """Software of a unit: takes what came, checks the files, acknowledges, answers 03; repeats what was cut off."""

    def __init__(self, software, code):
        self.software, self.code = software, code
        self.files = {}  # message id -> [(name, bytes)]
        self.acked = 0

    def events(self):
        """All there ever were."""
        found, after = [], 0
        while True:
            answer = patiently(lambda: self.software.get(f"/v1/events?after={after}&limit=100"))
            page = answer.json()["events"]
            found += page
            if len(page) < 100:
                return found
            after = page[-1]["seq"]

    def work(self):
        """Everything that has come since the last acknowledgement."""
        page = patiently(lambda: self.software.get(f"/v1/events?after={self.acked}&limit=100")).json()["events"]
        for event in page:
            if event["type"] == "document.received":
                self.take(event)
        if page:
            done = patiently(lambda: self.software.acknowledge(page[-1]["seq"]))
            if done.status not in (200, 204):
                raise world.Trouble(f"{self.code}: acknowledgement refused: {done.status} {done.body!r}")
            self.acked = page[-1]["seq"]
        for event in page:
            if event["type"] == "document.received":
                self.register(event)
        return len(page)

    def take(self, event):
        files = event["data"]["document"]["files"]
        self.files[event["message_id"]] = [(f["name"], patiently(lambda f=f: self.software.get(f["url"])).body) for f in files]

    def register(self, event):
        # The time is said, so that a repeat is the same act should the answer get lost.
        at = datetime.datetime.now().astimezone().isoformat(timespec="milliseconds")
        value = {"from": self.code, "code": "03", "description": "Đã vào sổ văn bản đến", "at": at}
        answer = patiently(lambda: self.software.post_json(f"/v1/messages/{event['message_id']}/statuses", value))
        if answer.status not in (200, 201, 202):
            raise world.Trouble(f"{self.code}: 03 refused: {answer.status} {answer.body!r}")


class Books:
    def __init__(self, w):
        self.w = w
        self.sender = w.software("bo")
        self.secretary = Clerk(self.sender, "G98")  # reads the statuses that come back
        self.clerks = {"G98.11": Clerk(w.software("cuc11"), "G98.11"), "G98.12": Clerk(w.software("cuc12"), "G98.12")}
        self.posts = []
        self.letters = []

    def post(self, number, to, files):
        post = Post(number, to, files)
        self.posts.append(post)
        return post

    def send_from_axis(self, number, to, name, data):
        file = self.w.directory / f"letter-{number}.bin"
        file.write_bytes(data)
        value = {"from": "G99", "to": [to], "number": str(number), "notation": "BĐT-VP", "subject": "V/v mời họp (mô phỏng)",
                 "file": str(file), "file_name": name}
        letter = Letter(self.w.sim("POST", "/sim/send", value)["docId"], number, to, name, data)
        self.letters.append(letter)
        return letter

    # -- waiting until there is nothing left to come
    def settle(self, seconds=120.0):
        """Clerks work, lanes run, until nothing waits and nothing moves any more."""
        end = time.monotonic() + seconds
        while True:
            for clerk in (*self.clerks.values(), self.secretary):
                while clerk.work():
                    pass
            left = "; ".join(self.unfinished())
            if not left:
                return
            if time.monotonic() > end:
                raise world.Trouble(f"not settled in {seconds:.0f} s: {left}\n{self.w.log_tail('axisd')}")
            time.sleep(0.2)

    def unfinished(self):
        found = []
        queue = json.loads(self.w.ctl("--json", "queue"))
        for lane in queue["lanes"]:
            for state in ("queued", "sending", "reconciling", "offered"):
                if lane["deliveries"].get(state):
                    found.append(f"{lane['endpoint']}: {lane['deliveries'][state]} {state}")
        state = self.w.sim_state()
        received = [d for d in state["documents"] if d["system"] != "vxp.g98"]
        for document in received:
            for recipient in document["recipients"]:
                if recipient["system"] == "vxp.g98" and recipient["transport"] not in ("done", "fail"):
                    found.append(f"{document['docId']} not fetched")
        for status in state["statuses"]:
            if status["system"] != "vxp.g98" and status["transport"] not in ("done", "fail"):
                found.append(f"status {status['code']} of {status['number']} not fetched")
        for post in self.posts:
            for code, want in self.answers(post):
                if post.id and self.recipients(post)[code]["status"] != want:
                    found.append(f"{post.full_number}: no {want} of {code}")
        for letter in self.letters:
            if self.statuses_on_axis(state, letter)[-1:] != ["03"]:
                found.append(f"letter {letter.number}: no 03")
        return found

    def answers(self, post):
        return [(code, "02" if code == "G97" else "03") for code in post.to]

    def recipients(self, post):
        message = patiently(lambda: self.sender.get(f"/v1/messages/{post.id}")).json()
        return {r["code"]: r for r in message["recipients"]}

    def messages_of(self, post):
        return patiently(lambda: self.sender.get(f"/v1/messages?number={post.full_number}")).json()["messages"]

    def statuses_on_axis(self, state, letter):
        """In order. Status reports are repeated on doubt (delivery/README), byte for byte, so a copy is no second report."""
        reports = [(s["code"], s["timestamp"], s["description"]) for s in state["statuses"]
                   if s["from"] == letter.to and s["number"] == f"{letter.number}/BĐT-VP"]
        return [code for code, _, _ in dict.fromkeys(reports)]

    # -- the audit
    def audit(self):
        """Every promise compared with what is there; the sentences say what is wrong, none when all was kept."""
        wrong = []
        state = self.w.sim_state()
        events = {code: clerk.events() for code, clerk in self.clerks.items()}
        told = self.secretary.events()
        for post in self.posts:
            wrong += self.audit_post(post, state, events, told)
        for letter in self.letters:
            wrong += self.audit_letter(letter, state, events)
        wrong += self.audit_strangers(state, events)
        left = sorted(p.name for p in (self.w.directory / "state" / "spool" / "tmp").iterdir())
        if left:
            wrong.append(f"spool/tmp holds {left}")
        return wrong

    def audit_post(self, post, state, events, told):
        name, wrong = post.full_number, []
        messages = self.messages_of(post)
        if [m["id"] for m in messages] != ([post.id] if post.id else []):
            return [f"{name}: promised {post.id}, found {[m['id'] for m in messages]}"]
        on_axis = [d for d in state["documents"] if d["from"] == "G98" and d["number"] == str(post.number)]
        wanted = sorted(code for code in post.to if "." not in code) if post.id else []
        if [sorted(d["to"]) for d in on_axis] != ([wanted] if wanted else []):
            wrong.append(f"{name}: on the axis {[(d['docId'], d['to']) for d in on_axis]}, wanted once for {wanted}")
        for document in on_axis:
            if [(f["name"], f["sha256"]) for f in document["files"]] != [(n, digest(d)) for n, d in post.files]:
                wrong.append(f"{name}: other files on the axis: {document['files']}")
        if not post.id:
            return wrong
        kept = [(f["name"], digest(self.sender.get(f["url"]).body)) for f in messages[0]["files"]]
        if kept != [(n, digest(d)) for n, d in post.files]:
            wrong.append(f"{name}: other files in the message: {kept}")
        for code in post.to:
            if code in self.clerks:
                wrong += self.audit_hand_over(name, post.id, code, post.files, events)
            codes = [e["data"]["code"] for e in told if e["type"] == "status.received" and e["message_id"] == post.id
                     and e["data"]["from"] == code]
            if codes != (["02"] if code == "G97" else ["01", "03"]):
                wrong.append(f"{name}: statuses of {code}: {codes}")
        return wrong

    def audit_hand_over(self, name, message_id, code, files, events):
        count = sum(e["type"] == "document.received" and e["message_id"] == message_id for e in events[code])
        wrong = [] if count == 1 else [f"{name}: {code} was told {count} times"]
        if self.clerks[code].files.get(message_id) != files:
            wrong.append(f"{name}: {code} has other files")
        return wrong

    def audit_letter(self, letter, state, events):
        name, wrong = f"letter {letter.number}", []
        ids = [e["message_id"] for e in events[letter.to] if e["type"] == "document.received"
               and e["data"]["document"]["code"] == {"number": str(letter.number), "notation": "BĐT-VP"}]
        if len(ids) != 1:
            return [f"{name}: {letter.to} was told {len(ids)} times"]
        wrong += self.audit_hand_over(name, ids[0], letter.to, [(letter.name, letter.data)], events)
        codes = self.statuses_on_axis(state, letter)
        if codes != ["01", "03"]:
            wrong.append(f"{name}: statuses on the axis: {codes}")
        return wrong

    def audit_strangers(self, state, events):
        known = {str(p.number) for p in self.posts if p.id}
        wrong = [f"nobody was promised {d['number']}, yet the axis has it" for d in state["documents"]
                 if d["from"] == "G98" and d["number"] not in known]
        promised = {p.id for p in self.posts if p.id}
        mine = {(str(x.number), "BĐT-VP") for x in self.letters}
        for code, list_ in events.items():
            for e in list_:
                if e["type"] != "document.received" or e["message_id"] in promised:
                    continue
                code_of = e["data"]["document"]["code"]
                if (code_of["number"], code_of["notation"]) not in mine:
                    wrong.append(f"{code} was told of {e['message_id']}, which nobody sent")
        return wrong
