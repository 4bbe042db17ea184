#!/usr/bin/env python3
"""An audit that finds nothing ever would be worth nothing: each thing it claims to find is done to it, and must be named.

Method: a small world in which all went well; then one record after another of what was sent or seen is altered.
Run alone:  AXIS_BIN_DIR=build/dev/bin tests/crash/tampered.py
"""
import contextlib
import copy
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import account  # noqa: E402
import crowd  # noqa: E402
from books import ROOT, world  # noqa: E402

BIN = pathlib.Path(os.environ.get("AXIS_BIN_DIR", ROOT / "build/dev/bin"))


class Tampered(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.mkdtemp(prefix="axis-tampered-")
        cls.addClassCleanup(shutil.rmtree, directory, ignore_errors=True)
        w = world.World(directory, BIN, partner_delay_ms=20)
        cls.addClassCleanup(w.kill_all)
        w.start_axis("--partner", f"{crowd.SILENT['code']}=none:{crowd.SILENT['name']}")
        w.configure()
        w.start_gateway()
        cls.crowd = crowd.Crowd(w, 1)
        cls.addClassCleanup(cls.crowd.close)
        cls.crowd.offer(30, 6)
        world.wait_for("everybody to have an answer", cls.crowd.idle)
        left = account.settle(cls.crowd, False, 60)
        if left:
            raise world.Trouble(f"not drained: {left}")
        cls.both = next(p for p in cls.crowd.parcels if p.axis_codes and p.unit_codes)
        cls.name = cls.both.full_number
        cls.unit = cls.crowd.units[cls.both.unit_codes[0]]
        cls.letter = cls.crowd.letters[0]

    def audit(self, meddle=lambda a: None):
        drawn_up = account.Account(self.crowd)
        meddle(drawn_up)
        drawn_up.audit()
        return {kind: "\n".join(getattr(drawn_up, kind)) for kind in ("lost", "doubled", "mixed")}

    @contextlib.contextmanager
    def altered(self, thing, name, value):
        kept = getattr(thing, name)
        setattr(thing, name, value)
        try:
            yield
        finally:
            setattr(thing, name, kept)

    def event_of(self, unit, number):
        return next(seq for seq, (_, kind, _, data) in unit.events.items()
                    if kind == "document.received" and data["document"]["code"]["number"] == str(number))

    def test_nothing_is_wrong_with_what_went_well(self):
        self.assertEqual(self.audit(), {"lost": "", "doubled": "", "mixed": ""})

    def test_a_promise_the_gateway_does_not_know_is_lost(self):
        with self.altered(self.both, "id", "01M7XPE600HP7KWBJJNYMCM7G6"):
            self.assertIn(f"{self.name}: promised as 01M7XPE600HP7KWBJJNYMCM7G6", self.audit()["lost"])

    def test_a_document_that_is_not_on_the_axis_is_lost(self):
        wrong = self.audit(lambda a: a.on_axis.pop(str(self.both.number)))
        self.assertIn(f"{self.name} to {self.both.axis_codes[0]}: accepted as {self.both.id}", wrong["lost"])

    def test_a_document_twice_on_the_axis_is_doubled(self):
        def meddle(a):
            a.on_axis[str(self.both.number)] *= 2
        self.assertIn(f"{self.name}: 2 documents on the axis for {self.both.axis_codes[0]}", self.audit(meddle)["doubled"])

    def test_other_bytes_another_subject_and_another_recipient_are_mixed(self):
        with self.altered(self.both, "files", [("khác.pdf", "0" * 64)]):
            wrong = self.audit()["mixed"]
            self.assertIn(f"{self.name} on the axis: files", wrong)
            self.assertIn(f"{self.name} at unit {self.unit.code}: files", wrong)
        with self.altered(self.both, "subject", "V/v khác"):
            self.assertIn(f"{self.name} on the axis: {self.name}, ", self.audit()["mixed"])
        code = self.both.axis_codes[0]
        with self.altered(self.both, "to", self.both.unit_codes):
            self.assertIn(f"{self.name}: on the axis for {code}, to whom it was not sent", self.audit()["mixed"])
        with self.altered(self.letter, "files", [("khác.pdf", "0" * 64)]):
            self.assertIn(f"{self.letter.number}/BĐT-VP at unit {self.letter.to[0]}: files", self.audit()["mixed"])

    def test_an_event_that_was_not_told_or_told_twice_is_found(self):
        seq = self.event_of(self.unit, self.both.number)
        less = {s: e for s, e in self.unit.events.items() if s != seq}
        with self.altered(self.unit, "events", less):
            wrong = self.audit()["lost"]
            self.assertIn(f"{self.name} to unit {self.unit.code}: accepted", wrong)
            self.assertIn(f"event {seq} of {self.unit.code}: never told", wrong)
        with self.altered(self.unit, "events", {**self.unit.events, 10_000: self.unit.events[seq]}):
            wrong = self.audit()
            self.assertIn(f"{self.name} handed to unit {self.unit.code} 2 times", wrong["doubled"])
            self.assertIn(f"event 10000 of {self.unit.code}: told and then gone", wrong["lost"])
        other = copy.deepcopy(self.unit.events)
        other[seq][3]["document"]["subject"] = "V/v khác"
        with self.altered(self.unit, "events", other):
            self.assertIn(f"event {seq} of {self.unit.code} says something else now", self.audit()["mixed"])

    def test_a_letter_and_a_status_that_never_came_are_lost(self):
        unit = self.crowd.units[self.letter.to[0]]
        seq = self.event_of(unit, self.letter.number)
        with self.altered(unit, "events", {s: e for s, e in unit.events.items() if s != seq}):
            self.assertIn(f"{self.letter.number}/BĐT-VP from the axis: unit {unit.code} was never told", self.audit()["lost"])
        wrong = self.audit(lambda a: a.reports.clear())["lost"]
        self.assertIn(f"{self.letter.number}/BĐT-VP: 01 of {unit.code} on the axis 0 times", wrong)
        wrong = self.audit(lambda a: a.told.clear())["lost"]
        self.assertIn(f"{self.name}: 01 of {self.unit.code} told 0 times", wrong)

    def test_what_nobody_sent_is_named(self):
        with self.altered(self.crowd, "parcels", [p for p in self.crowd.parcels if p is not self.both]):
            wrong = self.audit()["mixed"]
            self.assertIn(f"{self.both.number} is on the axis, and nobody sent it", wrong)
            self.assertIn(f"{self.name} was handed to {self.unit.code}, and nobody sent it there", wrong)


if __name__ == "__main__":
    unittest.main(verbosity=2)
