#!/usr/bin/env python3
"""`axisctl reconcile` and the daily comparison, against an axis that forgets, invents, keeps back and lists again."""
import datetime
import json

import common
from common import Partner, sample_package, wait_for

MANY = 100_000
TODAY = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7))).strftime("%Y-%m-%d")


class DailyReconcile(common.PartnerCase):
    def setUp(self):
        self.w.sim("POST", "/sim/clear")
        self.addCleanup(self.w.sim, "POST", "/sim/clear")

    def next_number(self):
        type(self).number = getattr(type(self), "number", 0) + 1
        return self.number

    def post(self, to=("G99",)):
        answer = self.bo.submit(sample_package(list(to), self.next_number(), files=[{"name": "a.pdf", "sha256": common.sha256(common.PDF)}]), [("a.pdf", common.PDF)])
        self.assertEqual(answer.status, 202, answer.body)
        id = answer.json()["id"]
        wait_for("done", lambda: {r["delivery"] for r in self.bo.get(f"/v1/messages/{id}").json()["recipients"]} == {"done"})
        return id

    def compare(self, *more):
        run = self.w.ctl("--json", "reconcile", "national", *more, check=False)
        self.assertIn(run.returncode, (0, 1), run.stderr)
        found = json.loads(run.stdout)
        self.assertEqual(run.returncode, 1 if found["differences"] or found["not_compared"] else 0)
        return found

    def today(self):
        return self.compare("--day", TODAY)

    def wait_kind(self, kind):
        """The differences of that kind, once there are any."""
        return wait_for(kind, lambda: [d for d in self.today()["differences"] if d["kind"] == kind])

    def wait_none(self):
        wait_for("no difference", lambda: not self.today()["differences"])

    def alarm(self):
        return "reconcile.differences" in {a["name"] for a in self.w.ctl_json("status")["alarms"]}

    def forget_what_was(self):
        """What earlier tests sent is not at the axis any more: only what comes now is looked at."""
        return {d["doc_id"] for d in self.today()["differences"]}

    def test_1_what_agrees_is_no_difference(self):
        ids = [self.post(), self.post(["G99", "G97"])]
        wait_for("the five answers to be fetched", lambda: [s["transport"] for s in self.w.sim_state()["statuses"]] == ["done"] * 5)
        wait_for("all acknowledged", lambda: not self.today()["differences"])
        found = self.today()
        self.assertEqual(found["day"], TODAY)
        self.assertGreaterEqual(found["sent_here"], len(ids))
        self.assertEqual(found["not_compared"], [])
        self.assertFalse(self.alarm())
        self.assertIn("differences: 0", self.w.ctl("--lang", "en", "reconcile", "national", "--day", TODAY))
        yesterday = self.compare()
        self.assertLess(yesterday["day"], TODAY)
        self.assertEqual((yesterday["sent_here"], yesterday["differences"]), (0, []))

    def test_2_a_document_that_the_axis_has_lost(self):
        id = self.post()
        self.w.sim("POST", "/sim/clear")
        lost = next(d for d in self.wait_kind("sent.not_listed") if d["message_id"] == id)
        self.assertEqual((lost["owner"], lost["number"]), ("axis", self.bo.get(f"/v1/messages/{id}").json()["number"]))
        self.assertTrue(lost["action"] and lost["action_en"])
        self.assertTrue(self.alarm())
        told = self.w.ctl("--lang", "en", "reconcile", "national", "--day", TODAY, check=False)
        self.assertIn("the axis' operator: ask", told.stdout)

    def test_3_a_document_that_somebody_else_sent_in_our_name(self):
        known = self.forget_what_was()
        other = Partner(self.w.axis_port, "vxp.g98", self.w.secret_file.read_text().strip(), "G98")
        _, reply = other.document(["G99"], "777")
        found = [d for d in self.wait_kind("sent.unknown") if d["doc_id"] not in known]
        self.assertEqual([(d["doc_id"], d["owner"]) for d in found], [(reply["DocId"], "gateway")])
        self.assertIn("777", found[0]["number"])

    def test_4_a_document_that_nobody_can_fetch(self):
        for operation in ("downloadEdoc", "getEdoc"):
            self.w.fault("html_502", MANY, operation=operation)
        self.partner.document(["G98.11"], self.next_number())
        found = self.wait_kind("received.unknown")
        self.assertEqual(found[0]["owner"], "gateway")
        self.assertIn("axisctl poke national", found[0]["action"])
        for operation in ("downloadEdoc", "getEdoc"):
            self.w.fault("html_502", 0, operation=operation)
        self.w.ctl("poke", "national")
        wait_for("it to be fetched", lambda: "received.unknown" not in {d["kind"] for d in self.today()["differences"]}, 60)

    def test_5_a_document_that_was_stored_and_never_acknowledged(self):
        self.w.fault("code_20", MANY, operation="updateStatus")
        self.partner.document(["G98.11"], self.next_number())
        self.assertEqual(self.wait_kind("received.unacknowledged")[0]["owner"], "gateway")
        self.w.fault("code_20", 0, operation="updateStatus")
        wait_for("the acknowledgement", lambda: "received.unacknowledged" not in {d["kind"] for d in self.today()["differences"]}, 60)

    def test_6_poison_is_the_senders(self):
        self.w.fault("poison", 1)
        self.partner.document(["G98.11"], self.next_number())
        self.assertEqual(self.wait_kind("received.set_aside")[0]["owner"], "sender")

    def test_7_what_the_recipients_software_gave_back(self):
        known = self.forget_what_was()
        id = self.post(["G96"])
        copy = wait_for("its copy", lambda: self.partner.call("getReceivedEdocList", servicetype="eDoc", messagetype="edoc")["data"])
        self.assertEqual(self.partner.call("updateStatus", b"{}", docid=copy[0]["docId"], status="fail")["status"], "OK")
        found = [d for d in self.wait_kind("status.differs.receive") if d["doc_id"] not in known]
        self.assertEqual([(d["message_id"], d["owner"], d["detail"]) for d in found], [(id, "recipient", "G96")])

    def test_8_an_axis_that_gives_no_list(self):
        self.w.fault("code_20", 2, operation="getSentEdocList")
        found = self.today()
        self.assertEqual(len(found["not_compared"]), 2)
        self.assertIn("peer.deferred", found["not_compared"][0])

    def test_9_what_is_asked_wrongly(self):
        for arguments in (("nobody",), ("bo",), ("national", "--day", "yesterday"), ("national", "--day", "2026-13-01")):
            self.assertEqual(self.w.ctl("reconcile", *arguments, check=False).returncode, 1, arguments)


if __name__ == "__main__":
    common.main()
