#!/usr/bin/env python3
"""Worker processes that send for the gateway: killed, stopped, cut off, on this machine and over TLS: every document arrives once."""
import os
import signal
import time

import common
from broker_case import Over
from common import wait_for


class Workers(Over):
    """axisd itself sends nothing; two workers do."""
    worker_section = '[worker]\nhere = false\nsocket = "{socket}"\n\n'

    @classmethod
    def configured(cls):
        super().configured()
        cls.worker_socket = cls.w.directory / "worker.sock"
        cls.w.config.write_text(cls.worker_section.format(socket=cls.worker_socket) + cls.w.config.read_text())

    def setUp(self):
        for name in ("worker1", "worker2"):
            process = self.w.processes.get(name)
            if not process or process.poll() is not None:
                self.start_worker(name)
        super().setUp()

    @classmethod
    def start_worker(cls, name):
        cls.w.start(name, [cls.w.bin / "axisd", "--worker", "--config", cls.w.config])

    def connected(self, seconds=40):
        wait_for("two workers to be known", lambda: self.shown()["workers"] == 2, seconds)
        wait_for("the lane to work", lambda: self.lane_halt() is None, seconds)

    def lane_halt(self):
        return self.lane().get("halted")

    def sent_by(self, name):
        return (self.w.directory / f"log/{name}.log").read_text(errors="replace")


class Flow(Workers):
    def test_both_send_and_the_gateway_does_not(self):
        self.slow()
        self.send_many(40)
        self.all_arrive_once()
        kinds = self.broker.ctl("list_connections", "client_properties")
        self.assertIn("worker", kinds)

    def test_a_worker_that_is_asked_to_stop_finishes_what_it_sends(self):
        self.slow()
        self.send_many(30)
        self.assertEqual(self.w.stop("worker1"), 0)
        wait_for("one worker to be left", lambda: self.shown()["workers"] == 1, 10)
        self.all_arrive_once()
        self.assertNotIn("worker.lost", self.log())

    def test_a_worker_begins_no_more_at_once_than_it_may_and_has_others_in_hand(self):
        self.w.stop("worker2")
        wait_for("one worker to be left", lambda: self.shown()["workers"] == 1, 10)
        self.slow(1500)  # many are left when the last was accepted
        self.send_many(40)
        most, begun = self.limits["attempts_per_endpoint"], []

        def all_in_hand():
            shown = self.shown()
            begun.append(shown["begun"])
            return shown["begun"] == shown["offered"] == most
        wait_for("as many to be in its hand as are under way", all_in_hand, 20)
        begun += [self.shown()["begun"] for _ in range(20)]
        self.all_arrive_once()
        self.assertEqual(max(begun), most)

    def test_what_the_last_worker_leaves_when_it_stops_is_not_a_dead_letter(self):
        self.w.stop("worker2")
        self.slow(1500)
        self.send_many(30)
        wait_for("it to send", lambda: self.shown()["begun"] > 0, 30)
        self.assertEqual(self.w.stop("worker1"), 0)
        wait_for("no worker to be left", lambda: self.shown()["workers"] == 0, 10)
        self.start_worker("worker1")
        self.all_arrive_once()
        self.assertFalse("queue.dead_letter" in self.log())


class Killed(Workers):
    def test_workers_killed_while_they_send(self):
        for turn in range(3):
            self.slow()
            self.send_many(20)
            time.sleep(0.3)
            name = f"worker{turn % 2 + 1}"
            self.w.kill(name)
            self.start_worker(name)
        self.all_arrive_once(90)

    def test_both_killed_and_started_later(self):
        self.slow()
        self.send_many(20)
        self.w.kill("worker1")
        self.w.kill("worker2")
        wait_for("the lane to say that nobody works", lambda: self.lane_halt() == "no_worker", 30)
        self.send_many(10)
        self.wait_alarm("worker.missing", seconds=60)
        self.start_worker("worker1")
        self.wait_alarm("worker.missing", False)
        self.start_worker("worker2")
        self.all_arrive_once(90)

    def test_the_gateway_killed_while_workers_send(self):
        self.slow()
        self.send_many(20)
        self.w.kill("axisd")
        self.w.start_gateway()
        self.all_arrive_once(90)


class Points(Workers):
    """A worker dies at a point of its work, alone; another takes over. What each point costs is in delivery/worker.hpp."""
    soon = 20  # s; what was not begun comes back at once

    def setUp(self):
        super().setUp()
        self.w.kill("worker1")
        self.w.kill("worker2")
        wait_for("nobody to be known", lambda: self.shown()["workers"] == 0, 30)

    def die_at(self, point, **more):
        self.w.start("worker1", [self.w.bin / "axisd", "--worker", "--config", self.w.config], {"AXISD_CRASH_AT": point, **more})
        wait_for("it to be known", lambda: self.shown()["workers"] == 1, 30)
        self.send_many(1)
        wait_for("it to die", lambda: self.w.processes["worker1"].poll() is not None, 30)
        self.start_worker("worker2")

    def test_before_it_asked(self):
        self.die_at("worker_received")
        self.all_arrive_once(self.soon)

    def test_before_it_sent(self):
        self.die_at("worker_begun")
        self.all_arrive_once()

    def test_before_it_told(self):
        self.die_at("worker_sent")
        self.all_arrive_once()

    def test_before_it_acknowledged(self):
        self.die_at("worker_settled")
        self.all_arrive_once(self.soon)

    def test_even_a_worker_that_acknowledges_too_soon_loses_nothing(self):
        self.die_at("worker_received", AXISD_MUTATION="ack_before_settle")
        self.all_arrive_once(self.soon)


class Frozen(Workers):
    def test_what_the_ledger_offers_and_no_queue_holds_is_named(self):
        self.w.stop("worker2")
        os.kill(self.w.processes["worker1"].pid, signal.SIGSTOP)
        try:
            self.send_many(5)
            wait_for("the difference", lambda: "offered 5, begun 0. RabbitMQ holds: 0. Difference 5: in the hands of workers"
                     in self.w.ctl("--lang", "en", "queue"), 14)  # the lease lasts longer
        finally:
            os.kill(self.w.processes["worker1"].pid, signal.SIGCONT)
        self.all_arrive_once()

    def test_a_worker_that_stands_still_past_its_lease_sends_nothing_afterwards(self):
        self.slow()
        self.send_many(20)
        frozen = self.w.processes["worker1"]
        os.kill(frozen.pid, signal.SIGSTOP)
        try:
            wait_for("it to be taken for lost", lambda: self.shown()["workers"] == 1, 40)
            self.send_many(10)
            wait_for("the others to arrive", lambda: set(self.sent) <= set(self.arrived()), 90)
        finally:
            os.kill(frozen.pid, signal.SIGCONT)
        wait_for("it to be known again", lambda: self.shown()["workers"] == 2, 30)
        self.send_many(10)
        self.all_arrive_once(90)


if __name__ == "__main__":
    common.main()
