#!/usr/bin/env python3
"""Documents and statuses between units, partners and a misbehaving axis; daemons that die in between."""
import signal

import common
from common import PDF, PartnerCase, WorldCase, sha256, wait_for

FILES = [("công văn.pdf", PDF), ("phụ lục.xlsx", bytes(range(256)) * 40)]


class InsideOneAxisd(WorldCase):
    """G98 → G98.11 needs no axis, and no luck with the power."""
    with_axis = False

    def crash(self):
        self.w.stop("axisd", signal.SIGKILL)
        self.w.start_gateway()

    def received_codes(self, id, sender):
        return [e["data"]["code"] for e in self.bo.events() if e["type"] == "status.received" and e["message_id"] == id
                and e["data"]["from"] == sender]

    def test_a_document_and_its_statuses_survive_kill_9_at_every_pause(self):
        receipt = self.send(["G98.11"], FILES)
        id = receipt["id"]
        self.crash()
        event = self.wait_document(self.cuc11, receipt["number"])
        self.assertEqual(event["message_id"], id)
        self.assertIsNone(self.recipient(id, "G98.11")["status"], "not handed over yet")
        self.crash()
        for file, (name, data) in zip(event["data"]["document"]["files"], FILES):
            self.assertEqual((file["name"], sha256(self.cuc11.get(file["url"]).body)), (name, sha256(data)))
        self.assertEqual(self.cuc11.acknowledge(event["seq"]).status, 204)
        self.crash()
        self.assertEqual(self.cuc11.acknowledge(event["seq"]).status, 204, "again, without effect")
        self.wait_recipient(id, "G98.11", "01 by hand-over", status="01", delivery="done")
        for code in ("03", "04", "05", "06"):
            answer = self.cuc11.post_json(f"/v1/messages/{id}/statuses", {"from": "G98.11", "code": code})
            self.assertEqual(answer.status, 202, answer.body)
            self.crash()
            self.wait_recipient(id, "G98.11", "what the unit said", status=code)
        self.assertEqual(self.received_codes(id, "G98.11"), ["01", "03", "04", "05", "06"], "each once, in order")
        self.assertEqual(self.cuc11.events(after=event["seq"]), [], "nothing more for the unit")

    def test_a_unit_is_asked_to_give_back_a_document_and_agrees_or_not(self):
        for code, description, answer_code in (("13", "Gửi nhầm", "15"), ("13", "Gửi nhầm", "16")):
            receipt = self.send(["G98.11"])
            id = receipt["id"]
            asked = self.bo.post_json(f"/v1/messages/{id}/statuses", {"from": "G98", "code": code, "description": description})
            self.assertEqual(asked.status, 202, asked.body)
            self.assertEqual([s["to"] for s in asked.json()["statuses"]], ["G98.11"])
            event = self.cuc11.wait_event(lambda e: e["type"] == "document.recall_requested" and e["message_id"] == id)
            self.assertEqual(event["data"]["description"], description)
            said = self.cuc11.post_json(f"/v1/messages/{id}/statuses", {"from": "G98.11", "code": answer_code, "description": "Đã xem"})
            self.assertEqual(said.status, 202, said.body)
            self.wait_recipient(id, "G98.11", "its answer", status=answer_code)


class WithPartners(PartnerCase):
    """Three recipients; all statuses, both ways; a partner (G96) that we drive ourselves."""

    @classmethod
    def configured(cls):
        super().configured()
        with cls.w.config.open("a") as f:
            f.write('\n[[agency]]\ncode = "G95"\nname = "Chưa lên trục"\n')

    def document_from_partner(self, to, number, **more):
        document_id, reply = self.partner.document(to, number, **more)
        self.assertEqual(reply["ErrorCode"], "0", reply)
        return document_id

    def test_each_of_three_recipients_has_a_state_of_its_own(self):
        id = self.send(["G99", "G97", "G98.11"])["id"]
        self.wait_recipient(id, "G99", "accepts", status="03", delivery="done")
        refused = self.wait_recipient(id, "G97", "refuses", status="02", delivery="done")
        self.assertTrue(refused["description"], "with a reason")
        self.assertEqual(self.recipient(id, "G98.11")["delivery"], "offered")
        self.assertEqual(len(self.on_axis(self.message(id)["number"].split("/")[0])), 1, "one sending for both")
        own = self.message(id, by=self.cuc11)
        self.assertEqual([r["code"] for r in own["recipients"]], ["G98.11"], "a recipient sees itself only")
        self.assertEqual(self.cuc12.get(f"/v1/messages/{id}").status, 404)

    def test_all_statuses_of_a_partner_reach_the_sender(self):
        receipt = self.send(["G96"])
        id, number = receipt["id"], f"{receipt['number']}/TMĐT-TTTH"
        self.wait_recipient(id, "G96", "sent", delivery="done")
        for n, code in enumerate(("01", "03", "04", "05", "06")):
            reply = self.partner.status("G98", code, number, receipt["document_id"], "2026/11/21", f"mã {code}", f"2026/11/21 09:0{n}:00")
            self.assertEqual(reply["ErrorCode"], "0", reply)
            self.wait_recipient(id, "G96", "its word", status=code, description=f"mã {code}")
        seen = [e["data"]["code"] for e in self.bo.events() if e["message_id"] == id and e["type"] == "status.received"]
        self.assertEqual(seen, ["01", "03", "04", "05", "06"])
        wait_for("the axis to know that all were taken",
                 lambda: all(s["transport"] == "done" for s in self.axis_statuses(receipt["document_id"])))

    def test_all_statuses_of_a_unit_reach_the_partner(self):
        number = self.next_number()
        document_id = self.document_from_partner(["G98.11"], number)
        event = self.wait_document(self.cuc11, number)
        self.cuc11.acknowledge(event["seq"])
        id = event["message_id"]
        for code in ("03", "04", "05", "06"):
            answer = self.cuc11.post_json(f"/v1/messages/{id}/statuses", {"from": "G98.11", "code": code, "description": f"mã {code}"})
            self.assertEqual(answer.status, 202, answer.body)
        wait_for("all of them on the axis", lambda: [s["code"] for s in self.axis_statuses(document_id)] == ["01", "03", "04", "05", "06"])
        told = self.axis_statuses(document_id)[-1]
        self.assertEqual((told["from"], told["to"], told["description"]), ("G98.11", "G96", "mã 06"))

    def test_a_partner_asked_to_give_back_agrees_and_another_does_not(self):
        for code, answer in (("G99", "15"), ("G97", "16")):
            id = self.send([code])["id"]
            self.wait_recipient(id, code, "first answers", status={"G99": "03", "G97": "02"}[code])
            asked = self.bo.post_json(f"/v1/messages/{id}/statuses", {"from": "G98", "code": "13", "description": "Gửi nhầm"})
            self.assertEqual(asked.status, 202, asked.body)
            self.wait_recipient(id, code, "answer to 13", status=answer)

    def test_a_partner_that_wants_its_document_back_is_heard_and_answered(self):
        for answer in ("15", "16"):
            number = self.next_number()
            document_id = self.document_from_partner(["G98.12"], number)
            event = self.wait_document(self.cuc12, number)
            reply = self.partner.status("G98.12", "13", f"{number}/BĐT-VP", document_id, "2026/11/20", "Gửi nhầm")
            self.assertEqual(reply["ErrorCode"], "0", reply)
            asked = self.cuc12.wait_event(lambda e: e["type"] == "document.recall_requested" and e["message_id"] == event["message_id"])
            self.assertEqual(asked["data"]["description"], "Gửi nhầm")
            said = self.cuc12.post_json(f"/v1/messages/{event['message_id']}/statuses", {"from": "G98.12", "code": answer, "description": "Đã xem"})
            self.assertEqual(said.status, 202, said.body)
            wait_for(f"{answer} on the axis", lambda: self.axis_statuses(document_id, answer))

    def test_a_status_that_comes_before_its_document_is_kept_and_matched_later(self):
        number = self.next_number()
        document_id = f"G96,2026/11/20,{number}/BĐT-VP"
        reply = self.partner.status("G98.12", "13", f"{number}/BĐT-VP", document_id, "2026/11/20", "Đến trước")
        self.assertEqual(reply["ErrorCode"], "0", reply)
        early = self.cuc12.wait_event(lambda e: e["type"] == "status.unmatched" and e["data"]["response_for"]["document_id"] == document_id)
        self.assertEqual(early["data"]["code"], "13")
        self.assertEqual(self.document_from_partner(["G98.12"], number), document_id)
        event = self.wait_document(self.cuc12, number)
        matched = self.cuc12.wait_event(lambda e: e["type"] == "document.recall_requested" and e["message_id"] == event["message_id"])
        self.assertEqual(matched["data"]["description"], "Đến trước")

    def test_a_status_about_nothing_we_know_is_told_to_the_ministry(self):
        self.partner.status("G98", "03", "4711/KHONG-CO", "G98,2026/11/01,4711/KHONG-CO", "2026/11/01")
        self.bo.wait_event(lambda e: e["type"] == "status.unmatched" and e["data"]["response_for"]["code"] == "4711/KHONG-CO")

    def test_envelopes_that_cannot_be_read_are_set_aside_and_the_rest_flows(self):
        cases = {
            "envelope.instruction": lambda t: t.replace("<edXMLBody>", "<?x y?><edXMLBody>"),
            "envelope.text_too_long": lambda t: t.replace("V/v thử", "x" * 70_000),
            "envelope.cdata": lambda t: t.replace("V/v thử", "<![CDATA[x]]>"),
            "envelope.structure": lambda t: t.replace("<OrganId>G98.11<", "<OrganId>G98<!-- -->.11<"),
            "attachment.missing": lambda t: t[:t.index("<AttachmentEncoded>")] + "</edXML>\n",
            "file.name": lambda t: t.replace("thu.pdf", "../../etc/passwd")}
        before = {i["remote_id"] for i in self.queue()["quarantined_incoming"]}
        for mangle in cases.values():
            self.document_from_partner(["G98.11"], self.next_number(), mangle=mangle)
        tolerated = self.next_number()
        self.document_from_partner(["G98.11"], tolerated, mangle=lambda t: t.replace("2026/11/20</PromulgationDate>", "hôm qua</PromulgationDate>"))
        self.wait_document(self.cuc11, tolerated)

        def aside():
            return [i for i in self.queue()["quarantined_incoming"] if i["remote_id"] not in before]
        wait_for("all set aside", lambda: len(aside()) == len(cases))
        self.assertEqual(sorted(i["reason"] for i in aside()), sorted(cases))
        self.assertTrue(all(i["detail"] for i in aside()), "with the place")
        # Kept, remembered, and not fetched again.
        self.document_from_partner(["G98.11"], good := self.next_number())
        self.wait_document(self.cuc11, good)
        self.assertEqual(len(aside()), len(cases))

    def test_a_recipient_the_axis_does_not_know_is_quarantined_until_an_operator_retries(self):
        id = self.send(["G95"])["id"]
        stuck = self.wait_recipient(id, "G95", "refused for good", delivery="quarantined")
        self.assertEqual(stuck["reason"], "peer.rejected")
        self.wait_alarm("delivery.quarantined")
        self.assertIn("retry", self.w.ctl("--lang", "en", "why", id))
        event = self.bo.wait_event(lambda e: e["type"] == "recipient.changed" and e["message_id"] == id and e["data"]["delivery"] == "quarantined")
        self.assertEqual(event["data"]["recipients"], ["G95"])
        self.w.ctl("retry", id)
        wait_for("a second attempt", lambda: len(self.verdicts(id)) == 2 and None not in self.verdicts(id))
        self.wait_recipient(id, "G95", "refused again", delivery="quarantined")
        # The agency joins the axis: now a retry goes through, and the alarm goes.
        self.assertEqual(self.partner.call("registerAgency", b'{"code":"G95","pcode":"","name":"Moi","mail":""}')["ErrorCode"], "0")
        self.w.ctl("retry", id)
        self.wait_recipient(id, "G95", "sent at last", delivery="done")
        self.wait_alarm("delivery.quarantined", False)

    def test_a_wrong_hmac_is_refused_by_the_axis(self):
        reply = self.partner.call("getReceivedEdocList", secret="wrong", servicetype="eDoc", messagetype="edoc")
        self.assertEqual(reply["ErrorCode"], "15")


class OnTrial(WorldCase):
    """An axis in mode "trial": configured and tested, while nothing leaves and nothing is fetched."""

    @classmethod
    def configured(cls):
        cls.set_mode("live", "trial")

    @classmethod
    def set_mode(cls, old, new):
        file = cls.w.config.parent / "endpoints.d" / "national.toml"
        text = file.read_text()
        assert f'mode = "{old}"' in text, text
        file.write_text(text.replace(f'mode = "{old}"', f'mode = "{new}"'))

    def test_what_is_accepted_on_trial_waits_and_goes_out_when_live(self):
        self.w.sim("POST", "/sim/send", {"from": "G99", "to": ["G98.11"], "number": "77", "notation": "BĐT-VP", "subject": "V/v thử"})
        id = self.send(["G99"])["id"]
        inside = self.send(["G98.11"])
        self.wait_document(self.cuc11, inside["number"])
        self.w.ctl("endpoint", "test", "national")
        self.assertIn("TRIAL", self.w.ctl("--lang", "en", "why", id))
        self.wait_recipient(id, "G99", "waits", delivery="queued")  # the alarm comes before the commit
        self.assertEqual(self.lane()["halted"], "trial")
        self.assertEqual([e["data"]["document"]["code"]["number"] for e in self.cuc11.events()], [str(inside["number"])], "nothing was fetched")
        self.w.stop("axisd")
        self.set_mode("trial", "live")
        self.w.start_gateway()
        self.wait_recipient(id, "G99", "sent when live", delivery="done")
        self.wait_document(self.cuc11, 77)


class AxisThatMisbehaves(WorldCase):
    def poke(self):
        self.w.ctl("poke", "national")

    def from_axis(self, to="G98.11"):
        number = self.next_number()
        self.w.sim("POST", "/sim/send", {"from": "G99", "to": [to], "number": str(number), "notation": "BĐT-VP", "subject": "V/v thử"})
        return number

    def test_poison_is_set_aside_and_the_rest_flows(self):
        self.w.fault("poison")
        before = len(self.queue()["quarantined_incoming"])
        self.from_axis()
        wait_for("one set aside", lambda: len(self.queue()["quarantined_incoming"]) == before + 1)
        self.wait_document(self.cuc11, self.from_axis())
        self.assertEqual(len(self.queue()["quarantined_incoming"]), before + 1, "it is not fetched again")

    def test_a_page_instead_of_a_list_raises_an_alarm_that_clears(self):
        self.w.fault("html_502", 10, operation="getReceivedEdocList")
        self.wait_alarm("axis.unreachable")
        self.wait_alarm("axis.unreachable", False)
        self.wait_document(self.cuc11, self.from_axis())

    def test_wrong_credentials_pause_the_lane_until_a_poke(self):
        self.w.fault("auth_401", 1, operation="sendEdoc")
        id = self.send(["G99"])["id"]
        self.wait_alarm("axis.unauthorised")
        self.wait_recipient(id, "G99", "waits", delivery="queued")  # the alarm comes before the commit
        lane = self.lane()
        self.assertEqual(lane["halted"], "paused")
        self.poke()
        self.wait_recipient(id, "G99", "sent", delivery="done")
        self.wait_alarm("axis.unauthorised", False)

    def test_a_sender_the_axis_does_not_accept_pauses_the_lane(self):
        self.w.fault("wrong_from", 1)
        id = self.send(["G99"])["id"]
        self.wait_alarm("axis.unauthorised")
        self.wait_recipient(id, "G99", "waits", delivery="queued")  # the alarm comes before the commit
        self.poke()
        self.wait_recipient(id, "G99", "sent", delivery="done")
        self.assertEqual(self.verdicts(id), ["unauthorised", "accepted"])

    def test_an_operator_holds_a_lane_and_lets_it_go(self):
        self.assertIn("Held: national", self.w.ctl("--lang", "en", "hold", "--endpoint", "national"))
        id = self.send(["G99"])["id"]
        wait_for("the lane looked", lambda: self.lane().get("halted") == "held")
        self.assertIn("HELD", self.w.ctl("--lang", "en", "why", id))
        self.assertEqual(self.verdicts(id), [])
        self.w.ctl("release", "--endpoint", "national")
        self.wait_recipient(id, "G99", "sent", delivery="done")

    def test_all_that_an_endpoint_refused_is_sent_again_or_taken_back_by_one_command(self):
        ids = [self.send(["G95"])["id"] for _ in range(3)]  # the axis does not know G95
        for id in ids:
            self.wait_recipient(id, "G95", "refused", delivery="quarantined")
        self.assertRegex(self.w.ctl("--lang", "en", "retry", "--endpoint", "national"), "national: retry, [3-9] deliveries")
        for id in ids:
            wait_for("a second attempt", lambda id=id: len(self.verdicts(id)) == 2 and None not in self.verdicts(id))
            self.wait_recipient(id, "G95", "refused again", delivery="quarantined")
        self.assertGreaterEqual(self.w.ctl_json("cancel", "--endpoint", "national", "--state", "quarantined")["count"], 3)
        for id in ids:
            self.wait_recipient(id, "G95", "taken back", delivery="cancelled")
        self.wait_alarm("delivery.quarantined", False)
        self.assertEqual(self.w.ctl_json("cancel", "--endpoint", "national", "--state", "quarantined")["count"], 0)

    def test_a_drained_gateway_takes_no_documents_and_finishes_what_it_has(self):
        self.w.ctl("hold", "--endpoint", "national")
        id = self.send(["G99"])["id"]
        self.w.ctl("drain")
        self.assert_problem(self.bo.submit(self.package(["G99"]), [("van-ban.pdf", common.PDF)]), 503, "draining")
        self.w.ctl("release", "--endpoint", "national")
        self.wait_recipient(id, "G99", "sent", delivery="done")
        self.w.ctl("drain", "--end")
        self.wait_recipient(self.send(["G99"])["id"], "G99", "sent", delivery="done")

    def test_a_lost_reply_is_asked_about_and_the_axis_has_the_document_once(self):
        self.w.fault("lost_reply_after_storing", 1)
        receipt = self.send(["G99"])
        self.wait_recipient(receipt["id"], "G99", "asking", delivery="reconciling")
        self.wait_recipient(receipt["id"], "G99", "found at the axis", delivery="done")
        self.assertEqual(len(self.on_axis(receipt["number"])), 1)
        self.wait_recipient(receipt["id"], "G99", "answers", status="03")
        self.assertIn("delivery.unknown", self.log())

    def test_a_reply_without_docid_is_asked_about(self):
        self.w.fault("no_docid_in_reply", 1)
        receipt = self.send(["G99"])
        self.wait_recipient(receipt["id"], "G99", "found at the axis", delivery="done")
        self.assertEqual(len(self.on_axis(receipt["number"])), 1)
        remote = self.on_axis(receipt["number"])[0]["docId"]
        self.assertIn(remote, self.w.ctl("show", receipt["id"]))

    def test_a_page_instead_of_an_answer_is_asked_about_and_sent_again(self):
        self.w.fault("html_502", 1, operation="sendEdoc")  # the axis has not taken it
        receipt = self.send(["G99"])
        self.wait_recipient(receipt["id"], "G99", "sent", delivery="done")
        self.assertEqual(len(self.on_axis(receipt["number"])), 1)
        self.assertEqual(self.verdicts(receipt["id"])[-1], "accepted")

    def test_an_axis_with_an_error_of_its_own_is_tried_again(self):
        self.w.fault("code_20", 1, operation="sendEdoc")
        receipt = self.send(["G99"])
        self.wait_recipient(receipt["id"], "G99", "sent at the second attempt", delivery="done")
        self.assertEqual(self.verdicts(receipt["id"]), ["deferred", "accepted"])
        self.assertEqual(len(self.on_axis(receipt["number"])), 1)

    def test_what_the_axis_lists_again_has_no_second_effect(self):
        number = self.from_axis("G98.12")
        event = self.wait_document(self.cuc12, number)
        wait_for("acknowledged", lambda: self.on_axis(number, "G99")[0]["recipients"][0]["transport"] == "done")
        self.w.fault("relist_done", 3)
        wait_for("three lists with it", lambda: b"relist_done" not in self.raw_sim("GET", "/sim/faults"))
        other = self.from_axis("G98.12")
        self.wait_document(self.cuc12, other)  # a later poll is over
        again = [e for e in self.cuc12.events(after=event["seq"]) if e["type"] == "document.received"
                 and e["data"]["document"]["code"]["number"] == str(number)]
        self.assertEqual(again, [])

    def test_a_cut_download_is_fetched_again(self):
        self.w.fault("cut_body", 1, value=300)
        before = len(self.queue()["quarantined_incoming"])
        self.wait_document(self.cuc11, self.from_axis())
        self.assertEqual(len(self.queue()["quarantined_incoming"]), before)

    def test_an_axis_that_is_down_is_waited_for(self):
        self.w.stop("axissim")
        id = self.send(["G99"])["id"]
        wait_for("a first attempt", lambda: self.verdicts(id)[:1] == ["deferred"])
        self.wait_alarm("axis.unreachable")
        self.assertTrue(self.w.gateway_ready(), "the axis being down is no unreadiness")
        self.w.start_axis()
        self.wait_recipient(id, "G99", "sent", delivery="done")
        self.wait_alarm("axis.unreachable", False)

    def test_kill_9_between_sending_and_settling_costs_a_question_not_a_copy(self):
        self.w.fault("slow_reply_ms", 1, value=3000, operation="sendEdoc")
        receipt = self.send(["G99"])
        wait_for("the axis to have it", lambda: self.on_axis(receipt["number"]))
        self.assertEqual(self.recipient(receipt["id"], "G99")["delivery"], "sending")
        self.w.stop("axisd", signal.SIGKILL)
        self.w.start_gateway()
        self.wait_recipient(receipt["id"], "G99", "found at the axis", delivery="done")
        self.assertEqual(len(self.on_axis(receipt["number"])), 1)


if __name__ == "__main__":
    common.main()
