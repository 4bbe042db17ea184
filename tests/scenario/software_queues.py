#!/usr/bin/env python3
"""Document software over RabbitMQ (adapters/amqp): packages, statuses and events through queues, with whatever dies in between."""
import json
import threading

import common
from broker_case import Over
from common import PDF, Software, sha256, wait_for

from queue_client import Letterbox, pika  # noqa: E402  scripts/lib

UNITS = ("bo", "cuc11")


class Queues(Over):
    """Lanes as usual: what is told here does not depend on their driver. bo and cuc11 have queues, cuc12 has none."""

    @classmethod
    def configured(cls):
        super().configured()
        text = cls.w.config.read_text()
        cls.w.config.write_text(text.replace('driver = "rabbitmq"', 'driver = "embedded"'))
        for unit in UNITS:
            file = cls.w.config.parent / "endpoints.d" / f"{unit}.toml"
            file.write_text(file.read_text() + "\nqueues = true\n")

    def setUp(self):
        super().setUp()
        self.boxes = []
        self.answers = {}

    def tearDown(self):
        for box in self.boxes:
            box.close()
        super().tearDown()

    def connected(self, seconds=40):
        wait_for("axisd to be at the broker", lambda: self.w.ctl_json("queue")["software"]["standing"] == "open", seconds)

    def box(self, unit="bo", user="axisd", password=None):
        box = Letterbox(self.broker.port, user, password or self.broker.password, unit)
        self.boxes.append(box)
        return box

    def answer(self, box, key, seconds=40):
        """(type, value) that answers the command; other answers are kept."""
        def look():
            for properties, value in box.take_all():
                if properties.type == "events":
                    continue
                self.answers.setdefault(properties.correlation_id, []).append((properties.type, value))
            return self.answers.get(key)
        return wait_for(f"an answer to {key}", look, seconds)[-1]

    def receipt(self, box, key, seconds=40):
        type, value = self.answer(box, key, seconds)
        self.assertEqual(type, "receipt", value)
        return value


class Submitted(Queues):
    def test_a_package_is_answered_like_rest_and_reaches_the_axis_once(self):
        box = self.box()
        package = self.package(["G99"])
        key = box.package(package, [("van-ban.pdf", PDF)])
        receipt = self.receipt(box, key)
        again = self.receipt(box, box.package(package, [("van-ban.pdf", PDF)], key))
        self.assertEqual(receipt, again)
        self.assertEqual(self.message(receipt["id"])["id"], receipt["id"])
        self.sent = [str(package["code"]["number"])]
        self.all_arrive_once()
        shown = {q["name"]: q for q in wait_for("what the broker holds", lambda: self.w.ctl_json("queue")["software"]["queues"], 30)}
        self.assertEqual(set(shown), {f"axisd.{what}.{unit}" for what in ("in", "out", "refused") for unit in UNITS})
        self.assertIn("RabbitMQ for document software: connected", self.w.ctl("--lang", "en", "queue"))
        metrics = Software(self.w.health_port, None).get("/metrics").body.decode()
        self.assertIn('axisd_broker_up{for="software"} 1', metrics)
        self.assertIn('axisd_queue_consumers{queue="axisd.in.bo"} 1', metrics)

    def test_what_fits_into_no_message_comes_by_claim(self):
        box = self.box()
        data = PDF * 1500  # 3 MB
        claim = self.bo.call("POST", "/v1/files", data, {"Content-Type": "application/octet-stream"})
        self.assertEqual(claim.status, 201, claim.body)
        name = "phụ lục.pdf"
        package = self.package(["G98.11"], files=((name, data),))
        receipt = self.receipt(box, box.package(package, [(name, claim.json()["claim"])]))
        file = self.cuc11.get(f"/v1/messages/{receipt['id']}/attachments/1")
        self.assertEqual(sha256(file.body), sha256(data))

    def test_a_refused_package_says_why_and_lies_beside_with_its_problem(self):
        box = self.box()
        box.take_all(box.refused)
        key = box.package(self.package(["G99"], security_class="mat"), [("van-ban.pdf", PDF)])
        type, problem = self.answer(box, key)
        self.assertEqual((type, problem["code"]), ("problem", "policy.forbidden_class"))
        for member in common.PROBLEM_MEMBERS:
            self.assertIn(member, problem)
        properties, value = box.take(box.refused)
        self.assertEqual((properties.message_id, properties.type), (key, "package"))
        self.assertEqual(json.loads(properties.headers["problem"]), problem)
        self.assertEqual(value["package"]["security_class"], "mat")

    def test_what_is_no_command_is_refused_by_name(self):
        box = self.box()
        cases = [("package", b"{", "not JSON"), ("package", {"files": []}, "/package"), ("document", {}, "type"),
                 ("package", b" " * (2 * 1024 * 1024 + 1), None), ("status", {"message_id": "x", "status": {}}, "/message_id")]
        for type, body, detail in cases:
            with self.subTest(type=type, detail=detail):
                kind, problem = self.answer(box, box.post(type, body))
                self.assertEqual(kind, "problem")
                self.assertEqual(problem["code"], "command.malformed" if detail else "command.too_large")
                self.assertIn(detail or "", json.dumps(problem))
        box.post("package", {}, key=" ")
        _, problem = self.answer(box, " ")
        self.assertIn("message_id", json.dumps(problem))

    def test_while_axisd_drains_commands_wait(self):
        box = self.box()
        self.w.ctl("drain")
        key = box.package(self.package(["G99"]), [("van-ban.pdf", PDF)])
        wait_for("the command to wait", lambda: "command.waits" in self.log(), 20)
        self.assertEqual(box.take_all(), [])
        self.w.ctl("drain", "--end")
        self.receipt(box, key)


    def test_answers_that_nobody_reads_hold_up_the_unit_and_are_given_when_there_is_room(self):
        box = self.box()
        box.take_all()
        loose = box.connection.channel()  # without confirms: 10,000 of them take long
        for _ in range(11_000):  # it overshoots a little, then refuses
            loose.basic_publish("", box.outlet, b"{}", pika.BasicProperties(type="filler", delivery_mode=2))
        wait_for("axisd to see it full", lambda: any(q["waiting"] >= 10_000 for q in self.w.ctl_json("queue")["software"]["queues"]), 60)
        key = box.package(self.package(["G99"]), [("van-ban.pdf", PDF)])
        wait_for("the answer to be refused", lambda: "queue.not_told" in self.log(), 20)
        self.assertEqual(self.w.ctl_json("queue")["software"]["standing"], "open")
        other = self.box("cuc11")
        self.answer(other, other.post("package", {}))  # is not held up
        box.channel.queue_purge(box.outlet)
        self.receipt(box, key)

    def test_a_channel_that_refuses_what_has_room_is_given_up(self):
        box = self.box()
        box.take_all()
        wait_for("axisd to have looked", lambda: self.w.ctl_json("queue")["software"]["queues"], 30)
        self.broker.ctl("set_policy", "--apply-to", "queues", "full", r"^axisd\.out\.bo$", '{"max-length": 1}')
        keys = [box.package(self.package(["G99"]), [("van-ban.pdf", PDF)]) for _ in range(6)]
        wait_for("the log to say so", lambda: "which cannot be full" in self.log(), 40)
        self.broker.ctl("clear_policy", "full")
        for key in keys:
            self.receipt(box, key, 60)


class Told(Queues):
    def events(self, box):
        return [e for properties, value in box.take_all() if properties.type == "events" for e in value["events"]]

    def test_a_unit_is_told_reports_and_settles_through_its_queues(self):
        box = self.box("cuc11")
        sent = self.send(["G98.11"])
        event = wait_for("the event", lambda: next((e for e in self.events(box) if e["message_id"] == sent["id"]), None), 30)
        status = {"from": "G98.11", "code": "03", "description": "Số đến 12", "at": "2026-11-26T09:00:00+07:00"}
        body = {"message_id": sent["id"], "status": status}
        key = box.post("status", body)
        type, first = self.answer(box, key)
        self.assertEqual((type, first["statuses"][0]["to"]), ("statuses", "G98"))
        self.assertEqual(self.answer(box, box.post("status", body)), (type, first), "reported once")
        box.post("events.acknowledge", {"through": event["seq"]})
        self.wait_recipient(sent["id"], "G98.11", "status", status="03")
        wait_for("the hand-over", lambda: self.recipient(sent["id"], "G98.11")["delivery"] == "done", 20)

        self.w.kill("axisd")
        self.w.start_gateway()
        self.connected()
        later = self.send(["G98.11"])
        seen = []

        def told():
            seen.extend(self.events(box))
            return [e["message_id"] for e in seen if e["message_id"] == later["id"]]
        wait_for("the next event", told, 30)
        self.assertNotIn(sent["id"], [e["message_id"] for e in seen], "what is settled is told no more")

    def test_events_that_were_not_settled_come_again_when_the_queue_was_wiped(self):
        box = self.box("cuc11")
        sent = self.send(["G98.11"])
        wait_for("the event", lambda: [e for e in self.events(box) if e["message_id"] == sent["id"]], 30)
        self.broker.ctl("delete_queue", "axisd.out.cuc11")
        boxes = [self.box("cuc11")]

        def again():
            try:
                return [e for e in self.events(boxes[-1]) if e["message_id"] == sent["id"]]
            except pika.exceptions.AMQPError:
                boxes.append(self.box("cuc11"))  # the channel that met no queue is closed
                return None
        wait_for("the event again", again, 60)


class Permitted(Queues):
    def test_a_unit_can_write_to_its_own_queue_and_read_its_own_alone(self):
        self.broker.ctl("add_user", "cuc11", "tam-thoi-1")
        self.broker.ctl("set_permissions", "cuc11", "^$", r"^axisd\.in\.cuc11$", r"^axisd\.(out|refused)\.cuc11$")
        own = self.box("cuc11", "cuc11", "tam-thoi-1")
        type, problem = self.answer(own, own.post("package", {}))
        self.assertEqual((type, problem["code"]), ("problem", "command.malformed"))
        others = [lambda b: b.post("package", {}, exchange="axisd.in.bo"),
                  lambda b: b.post("package", {}, exchange="", routing_key="axisd.in.bo"),
                  lambda b: b.post("package", {}, exchange="", routing_key="axisd.dead"),
                  lambda b: b.take("axisd.out.bo"), lambda b: b.take("axisd.in.cuc11"), lambda b: b.take("axisd.in.bo")]
        for i, act in enumerate(others):
            with self.subTest(i):
                box = self.box("cuc11", "cuc11", "tam-thoi-1")
                with self.assertRaises(pika.exceptions.ChannelClosedByBroker) as refused:
                    act(box)
                self.assertEqual(refused.exception.reply_code, 403)


class Killed(Queues):
    COUNT = 60

    def post_many(self, box):
        keys = {}
        for _ in range(self.COUNT):
            package = self.package(["G99"])
            self.sent.append(str(package["code"]["number"]))
            keys[box.package(package, [("van-ban.pdf", PDF)])] = package
        return keys

    def all_answered(self, keys, seconds=90):
        def look():
            fresh = self.box()
            got = fresh.take_all()
            fresh.close()
            for properties, value in got:
                if properties.type != "events":
                    self.answers.setdefault(properties.correlation_id, []).append((properties.type, value))
            return set(keys) <= set(self.answers)
        wait_for("all to be answered", look, seconds)
        for key in keys:
            ids = {value.get("id") for type, value in self.answers[key] if type == "receipt"}
            self.assertEqual((len(ids), {t for t, _ in self.answers[key]}), (1, {"receipt"}), "answered alike, however often")

    def test_axisd_killed_while_packages_come_in(self):
        keys = {}
        thread = threading.Thread(target=lambda: keys.update(self.post_many(self.box())))
        thread.start()
        for _ in range(3):
            self.w.kill("axisd")
            self.w.start_gateway()
            self.connected()
        thread.join()
        self.all_answered(keys)
        self.all_arrive_once()

    def test_the_broker_killed_while_packages_come_in(self):
        self.broker.settle()
        keys = self.post_many(self.box())
        self.broker.kill()
        self.broker.start()
        self.all_answered(keys)
        self.all_arrive_once()


class Points(Queues):
    """Between units alone: nothing comes from an axis that would pass the same points."""
    with_axis = False

    def at_each_point(self, points, **env):
        for point in points:
            self.w.stop("axisd")
            self.w.start_gateway(env={"AXISD_CRASH_AT": point, **env})
            self.connected()
            package = self.package(["G98.11"])
            key = self.box().package(package, [("van-ban.pdf", PDF)])
            wait_for(f"axisd to die at {point}", lambda: self.w.processes["axisd"].poll() is not None, 30)
            self.w.kill("axisd")
            self.w.start_gateway()
            self.connected()
            yield point, key, package["code"]["number"]

    def found(self, number):
        return self.bo.get(f"/v1/messages?number={number}/TMĐT-TTTH").json()["messages"]

    def test_killed_at_each_point_a_command_is_answered_and_done_once(self):
        for point, key, number in self.at_each_point(("after_spool", "after_commit", "command_committed", "command_answered")):
            with self.subTest(point):
                receipt = self.receipt(self.box(), key)
                self.assertEqual([m["id"] for m in self.found(number)], [receipt["id"]])
                told = [e for e in self.cuc11.events() if e["message_id"] == receipt["id"]]
                self.assertEqual(len(told), 1)

    def test_a_command_acknowledged_before_its_commit_would_be_lost(self):
        """The harness sees: with that mutation the document is nowhere."""
        for _, key, number in self.at_each_point(["after_spool"], AXISD_MUTATION="ack_before_commit"):
            box = self.box()
            self.receipt(box, box.package(self.package(["G98.11"]), [("van-ban.pdf", PDF)]))
            self.assertNotIn(key, self.answers)
            self.assertEqual(self.found(number), [])
            self.assertIn("axisd.in.bo\t0", self.broker.ctl("list_queues", "name", "messages"))


if __name__ == "__main__":
    common.main()
