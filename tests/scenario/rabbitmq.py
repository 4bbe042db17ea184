#!/usr/bin/env python3
"""Deliveries over a real RabbitMQ: whatever happens to the broker, every document arrives once, and nothing hangs.

Each test sends while it does something to the broker, and counts at the axis. Nothing is waited for longer than the limits of
amqp/connection.hpp allow.
"""
import time

import common
from broker_case import Over
from common import wait_for


class Flow(Over):
    def test_documents_pass_through_the_queues_of_their_lanes(self):
        self.send_many(20)
        self.send_many(5, priority="hoa_toc")
        self.all_arrive_once()
        wait_for("the broker to say what it holds", lambda: self.shown()["queues"], 30)
        queues = {q["name"]: q for q in self.shown()["queues"]}
        self.assertEqual(set(queues), {"axisd.lane.national", "axisd.lane.national.urgent"})
        self.assertEqual([q["consumers"] for q in queues.values()], [1, 1])
        self.assertIn("RabbitMQ: connected, workers: 1", self.w.ctl("--lang", "en", "queue"))
        self.all_are_quorum_queues()
        wait_for("the queues to be empty", lambda: self.ready_messages() == 0, 30)

    def ready_messages(self):
        return sum(int(line.split()[-1]) for line in self.broker.ctl("list_queues", "name", "messages").splitlines() if line.startswith("axisd."))

    def test_foreign_messages_end_beside_and_disturb_nothing(self):
        self.broker.ctl("eval", 'rabbit_basic:publish(rabbit_misc:r(<<"/">>, exchange, <<>>), <<"axisd.lane.national">>, [], <<"not ours">>).')
        wait_for("it to be named in the log", lambda: "queue.not_a_reference" in self.log(), 20)
        self.send_many(5)
        self.all_arrive_once()


class Classic(Over):
    """Queues that confirm before they sync (power_cut.py): existing ones are not taken for ours, and the check above sees new ones."""

    def test_classic_queues_are_refused_or_seen(self):
        self.w.stop("axisd")
        self.w.start_gateway({"AXISD_MUTATION": "classic_queue"})
        self.wait_alarm("broker.down")
        said = next(a["text"] for a in self.w.ctl_json("status")["alarms"] if a["name"] == "broker.down")
        self.assertIn("406 PRECONDITION_FAILED", said)
        self.all_are_quorum_queues()
        self.broker.kill()
        self.broker.wipe()
        self.broker.start()
        self.connected()
        with self.assertRaisesRegex(AssertionError, "classic"):
            self.all_are_quorum_queues()


class Killed(Over):
    def test_killed_and_started_again_while_documents_go_out(self):
        self.slow(300, 20)
        self.send_many()
        self.broker.kill()
        self.send_many(20)  # taken all the same
        self.wait_alarm("broker.down")
        self.broker.start()
        self.all_arrive_once()
        self.wait_alarm("broker.down", False)

    def test_wiped_while_documents_go_out(self):
        self.slow(300, 20)
        self.send_many()
        self.broker.kill()
        self.broker.wipe()
        self.send_many(20)
        self.broker.start()
        self.all_arrive_once()

    def test_axisd_killed_while_references_are_with_the_broker(self):
        self.slow(300, 20)
        self.send_many()
        self.w.kill("axisd")
        self.w.start_gateway()
        self.all_arrive_once()


class Silent(Over):
    def test_stopped_for_half_a_minute(self):
        self.slow(300, 20)
        self.send_many(20)
        self.broker.pause()
        began = time.monotonic()
        self.send_many(20)
        self.wait_alarm("broker.down", seconds=40)
        self.assertLess(time.monotonic() - began, 40)
        time.sleep(max(0.0, began + 30 - time.monotonic()))
        self.broker.go_on()
        self.all_arrive_once(90)


class Deleted(Over):
    def test_queues_deleted_by_hand_are_declared_again_and_nothing_waits_for_long(self):
        for _ in range(3):
            self.send_many(20)
            for name in ("axisd.lane.national", "axisd.lane.national.urgent"):
                wait_for(f"{name} to be there", lambda: name in self.broker.ctl("list_queues", "name").split(), 30)
                self.broker.ctl("delete_queue", name)
        self.send_many(5)
        self.all_arrive_once()  # sooner than what nobody has begun is published again by the clock


class Alarmed(Over):
    def test_out_of_disk_it_takes_nothing_and_says_so(self):
        self.broker.ctl("set_disk_free_limit", "900000GB")
        self.send_many(20)
        self.wait_alarm("broker.blocked", seconds=40)
        self.assertEqual(self.shown()["standing"], "blocked")
        self.assertIn("BLOCKED", self.w.ctl("--lang", "en", "queue"))
        self.send_many(5)
        self.broker.ctl("set_disk_free_limit", "50MB")
        self.all_arrive_once()
        self.wait_alarm("broker.blocked", False)


class Refusing(Over):
    stale = 20_000  # references of nobody: while they are worked off, the bound is passed

    def test_a_queue_that_refuses_is_an_alarm_and_goes_on_when_it_takes_again(self):
        self.w.stop("axisd")
        publish = 'rabbit_basic:publish(rabbit_misc:r(<<"/">>, exchange, <<>>), <<"axisd.lane.national">>, [], <<"{\\"delivery\\":999999,\\"attempt\\":1}">>)'
        self.broker.ctl("eval", f"[{publish} || _ <- lists:seq(1, {self.stale})], ok.")
        self.broker.ctl("set_policy", "--apply-to", "queues", "full", "^axisd.lane.national$", '{"max-length": 1}')
        self.w.start_gateway()
        self.send_many(10)
        wait_for("the log to say so", lambda: "basic.nack of axisd.lane.national, which cannot be full" in self.log(), 40)
        self.broker.ctl("clear_policy", "full")
        self.all_arrive_once()
        self.wait_alarm("broker.down", False)


class Switched(Over):
    def driver(self, name):
        text = self.w.config.read_text()
        other = {"rabbitmq": "embedded", "embedded": "rabbitmq"}[name]
        self.w.config.write_text(text.replace(f'driver = "{other}"', f'driver = "{name}"'))

    def test_the_driver_is_changed_on_a_full_ledger_both_ways(self):
        self.w.stop("axissim")
        self.send_many(40)
        self.w.stop("axisd")
        self.driver("embedded")
        self.w.start_gateway()
        self.assertIsNone(self.shown())
        self.w.start_axis()
        self.w.ctl("poke", "national")
        self.all_arrive_once()

        self.w.stop("axissim")
        self.send_many(40)
        self.w.stop("axisd")
        self.driver("rabbitmq")
        self.w.start_gateway()
        self.connected()
        self.w.start_axis()
        self.w.ctl("poke", "national")
        self.all_arrive_once()


if __name__ == "__main__":
    common.main()
