"""Holds what the crowd was promised and saw against what the axis has and what the gateway now says, message by message.

Three kinds of wrong: lost (promised or put on the axis, and neither arrived nor standing with a reason), doubled (more than
one effect for one recipient), mixed (another file, number or subject than what was sent under that number).
"""
import collections
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from crowd import NOTATION, THEIR_NOTATION  # noqa: E402

ANSWERS = {"G99": ["01", "03"], "G97": ["02"]}  # of the agencies of the axis, to every document
STANDING = ("reconciling", "quarantined", "held")  # a person is asked, and told why


class Account:
    def __init__(self, crowd):
        self.crowd, self.w = crowd, crowd.w
        self.line = crowd.secretary.line
        self.lost, self.doubled, self.mixed = [], [], []
        self.standing = 0  # (document, recipient) pairs that stand with a reason
        self.exists = 0  # requests nobody got an answer to, and which were taken
        self.refused = 0  # letters that came twice and were told once
        state = self.w.sim_state()
        self.on_axis = collections.defaultdict(list)
        for document in state["documents"]:
            if document["from"] == "G98":
                self.on_axis[document["number"]].append(document)
        self.reports = collections.defaultdict(list)
        for status in state["statuses"]:
            self.reports[(status["from"], status["number"])].append((status["code"], status["timestamp"], status["description"]))
        self.received = {code: self.documents_of(unit) for code, unit in crowd.units.items()}
        self.told = collections.Counter((message, data["from"], data["code"])
                                        for _, kind, message, data in crowd.secretary.events.values() if kind == "status.received")

    @staticmethod
    def documents_of(unit):
        """number -> [(message id, document)] of the events a unit was given."""
        found = collections.defaultdict(list)
        for _, kind, message, data in list(unit.events.values()):
            if kind == "document.received":
                code = data["document"]["code"]
                found[f"{code['number']}/{code['notation']}"].append((message, data["document"]))
        return found

    def audit(self):
        for parcel in self.crowd.parcels:
            self.audit_parcel(parcel)
        for letter in self.crowd.letters:
            self.audit_letter(letter)
        self.audit_strangers()
        for unit in (*self.crowd.units.values(), self.crowd.secretary):
            self.mixed += unit.wrong
            self.audit_events_again(unit)
        return self

    # -- what went out
    def audit_parcel(self, parcel):
        name = parcel.full_number
        messages = self.line.patiently("GET", f"/v1/messages?number={name}").json()["messages"]
        ids = [m["id"] for m in messages]
        if len(ids) > 1:
            self.doubled.append(f"{name}: {len(ids)} messages for one key: {ids}")
        if parcel.id and parcel.id not in ids:
            self.lost.append(f"{name}: promised as {parcel.id}, and the gateway knows {ids}")
            return
        if not ids:  # no promise, no message: nothing may have left
            for document in self.on_axis.get(str(parcel.number), []):
                self.mixed.append(f"{name}: on the axis as {document['docId']}, and the gateway knows no such message")
            return
        self.exists += parcel.id is None
        states = {r["code"]: r["delivery"] for r in messages[0]["recipients"]}
        self.audit_on_axis(parcel, ids[0], states)
        for code in parcel.unit_codes:
            self.audit_hand_over(name, parcel, code, ids[0], states[code])
        self.audit_answers(parcel, ids[0])

    def audit_on_axis(self, parcel, message, states):
        name, wanted = parcel.full_number, parcel.axis_codes
        there = self.on_axis.get(str(parcel.number), [])
        seen = collections.Counter(code for document in there for code in document["to"])
        self.doubled += [f"{name}: {count} documents on the axis for {code}: {[d['docId'] for d in there]}" for code, count in seen.items() if count > 1]
        for code in wanted:
            if not seen[code]:
                self.missing(f"{name} to {code}", message, states[code])
            elif states[code] in STANDING:
                self.stands(f"{name} to {code}", message)
        self.mixed += [f"{name}: on the axis for {code}, to whom it was not sent" for code in seen if code not in wanted]
        for document in there:
            self.compare(f"{name} on the axis", parcel, f"{document['number']}/{document['notation']}", NOTATION, document)

    def missing(self, what, message, state):
        if state in STANDING:
            self.stands(what, message)
        else:
            self.lost.append(f"{what}: accepted as {message}, {state}, and it never arrived")

    def stands(self, what, message):
        """Counted as accounted for only when the operator's tool names the reason."""
        told = json.loads(self.w.ctl("--json", "why", message))
        # An attempt that a kill cut off has none of its own before it was asked about; its delivery has.
        if any(one.get("reason") for one in told["story"]["attempts"] + told["message"]["recipients"]):
            self.standing += 1
        else:
            self.lost.append(f"{what}: stands as {message} without a reason")

    def audit_answers(self, parcel, message):
        """The statuses that agencies and units gave about it, each told to its sender once."""
        arrived = {code for d in self.on_axis.get(str(parcel.number), []) for code in d["to"]}
        for code in parcel.to:
            want = ANSWERS.get(code, []) if code in arrived else []
            if code in self.crowd.units:
                want = ["01"] + ["03"] * (message in self.crowd.units[code].reported)
            for status in want:
                self.once(f"{parcel.full_number}: {status} of {code} told", self.told[(message, code, status)])

    def once(self, what, count):
        if count == 0:
            self.lost.append(f"{what} 0 times")
        elif count > 1:
            self.doubled.append(f"{what} {count} times")

    def audit_hand_over(self, name, sent, code, message, state):
        found = self.received[code].get(name, [])
        if not found:
            self.missing(f"{name} to unit {code}", message, state)
            return
        self.once(f"{name} handed to unit {code}", len(found))
        for id_, document in found:
            self.compare(f"{name} at unit {code}", sent, name, name.partition("/")[2],
                         {**document, "files": [{"name": n, "sha256": s} for n, s in self.crowd.units[code].files[id_]]})

    def compare(self, where, sent, number, notation, found):
        if number != f"{sent.number}/{notation}" or found["subject"] != sent.subject:
            self.mixed.append(f"{where}: {number}, {found['subject']!r}; sent was {sent.number}/{notation}, {sent.subject!r}")
        files = [(f["name"], f["sha256"]) for f in found["files"]]
        if files != sent.files:
            self.mixed.append(f"{where}: files {files}; sent were {sent.files}")

    # -- what came in
    def audit_letter(self, letter):
        name = f"{letter.number}/{THEIR_NOTATION}"
        for code in letter.to:
            found = self.received[code].get(name, [])
            if not found:
                self.lost.append(f"{name} from the axis: unit {code} was never told")
                continue
            self.audit_hand_over(name, letter, code, found[0][0], "done")
            reported = found[0][0] in self.crowd.units[code].reported
            # A report is sent again on doubt (delivery/README), byte for byte: a copy is no second report.
            codes = collections.Counter(report[0] for report in set(self.reports[(code, name)]))
            for status in ["01"] + ["03"] * reported:
                self.once(f"{name}: {status} of {code} on the axis", codes[status])
        self.refused += letter.copies - 1

    def audit_strangers(self):
        known = {str(p.number) for p in self.crowd.parcels}
        self.mixed += [f"{number} is on the axis, and nobody sent it" for number in self.on_axis if number not in known]
        for code, found in self.received.items():
            mine = {p.full_number for p in self.crowd.parcels if code in p.to}
            mine |= {f"{x.number}/{THEIR_NOTATION}" for x in self.crowd.letters if code in x.to}
            self.mixed += [f"{number} was handed to {code}, and nobody sent it there" for number in found if number not in mine]

    def audit_events_again(self, unit):
        """What a unit asks for once more, from the beginning, is what it was told."""
        again, after = {}, 0
        while page := self.line_of(unit, after):
            again.update((e["seq"], (e["id"], e["type"], e["message_id"], e["data"])) for e in page)
            after = page[-1]["seq"]
        for seq in again.keys() | unit.events.keys():
            if seq not in again or seq not in unit.events:
                self.lost.append(f"event {seq} of {unit.code}: {'told and then gone' if seq not in again else 'never told'}")
            elif again[seq] != unit.events[seq]:
                self.mixed.append(f"event {seq} of {unit.code} says something else now")

    @staticmethod
    def line_of(unit, after):
        return unit.line.patiently("GET", f"/v1/events?after={after}&limit=100").json()["events"]

    # -- is there anything left to come?
    @staticmethod
    def unfinished(crowd, hold):
        w = crowd.w
        # First, for what is begun here is in `state` when it is over. A kill does not end it: the axis has the bytes and stores them late.
        begun = sum(call["call"] in ("edoc", "status") for call in w.sim("GET", "/sim/open"))
        found = [f"{begun} sendings the axis has begun to take"] if begun else []
        for lane in w.ctl_json("queue")["lanes"]:
            for state in ("queued", "sending", "offered", *(() if hold else ("reconciling",))):
                if lane["deliveries"].get(state):
                    found.append(f"{lane['endpoint']}: {lane['deliveries'][state]} {state}")
        state = w.sim_state()
        for document in state["documents"]:
            if document["system"] != "vxp.g98" and any(r["transport"] not in ("done", "fail") for r in document["recipients"]):
                found.append(f"{document['number']} not fetched from the axis")
            if document["system"] == "vxp.g98":
                found += [f"{r['code']} has not answered {document['number']} yet" for r in document["recipients"]
                          if len(r["statuses"]) < len(ANSWERS.get(r["code"], []))]
        waiting = sum(s["system"] != "vxp.g98" and s["transport"] not in ("done", "fail") for s in state["statuses"])
        found += [f"{waiting} statuses not fetched from the axis"] if waiting else []
        return found + Account.reports_on_their_way(crowd, state)

    # What is in doubt stands under hold, but only a document does: a report is sent again, a little later.
    @staticmethod
    def reports_on_their_way(crowd, state):
        there = {(s["from"], s["number"], s["code"]) for s in state["statuses"]}
        owed = set()
        for code, unit in crowd.units.items():
            for number, received in Account.documents_of(unit).items():
                if number.endswith(f"/{THEIR_NOTATION}"):
                    owed |= {(code, number, "01")} | {(code, number, "03") for id_, _ in received if id_ in unit.reported}
        return [f"{number}: {status} of {code} not on the axis yet" for code, number, status in sorted(owed - there)]


def settle(crowd, hold, seconds):
    """Waits until nothing is left to come and the crowd has gone home; what is left after that time."""
    end = time.monotonic() + seconds
    while (left := Account.unfinished(crowd, hold)) and time.monotonic() < end:
        crowd.check()
        time.sleep(0.5)
    crowd.end()
    # The lanes and the axis are looked at one after the other, and something may pass behind our back: it ends up in an event.
    # So twice, nothing left and nobody told anything.
    quiet = 0
    while quiet < 2 and (time.monotonic() < end or not left):
        told = sum(unit.look(0) for unit in (*crowd.units.values(), crowd.secretary))
        left = Account.unfinished(crowd, hold)
        quiet = 0 if told or left else quiet + 1
    return left
