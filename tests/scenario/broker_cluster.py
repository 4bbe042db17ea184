#!/usr/bin/env python3
"""Three RabbitMQ nodes on loopback: while documents go out, the node axisd talks to is killed, or the one that leads the lane's queue.

What is accepted after the kill arrives while the node is still dead, each document once. With two nodes dead there is no quorum: what
is accepted waits, and goes on when one is back.
"""
import re
import threading
import time

import common
from broker_case import Over
from common import wait_for

import broker  # noqa: E402  scripts/lib; common has put it on the path

LANE = "axisd.lane.national"
QUEUES = ("axisd.dead", LANE, LANE + ".urgent")
AFTER = 40     # documents accepted after a kill that have to arrive before the node is started again
PAUSE = 0.1    # s between two documents: what waits for a node is to be gone soon afterwards
FAILOVER = 60  # s: a lost node is followed at once; a leader is elected, or a confirmation given up, within 15


class Load(threading.Thread):
    """One document after the other, until stopped."""

    def __init__(self, case):
        super().__init__(daemon=True)
        self.case, self.accepted, self.refused, self.over = case, [], None, threading.Event()

    def run(self):
        while not self.over.is_set():
            package = self.case.package(["G99"])
            answer = self.case.bo.submit(package, [("van-ban.pdf", common.PDF)])
            if answer.status != 202:
                self.refused = answer.body
                return
            self.accepted.append(str(package["code"]["number"]))
            time.sleep(PAUSE)

    def stop(self):
        self.over.set()
        self.join()


class Cluster(Over):
    world_arguments = {"partner_delay_ms": 10}

    @classmethod
    def make_brokers(cls, folder):
        cls.nodes = broker.cluster(folder)
        cls.broker = cls.nodes[0]
        for node in reversed(cls.nodes):
            cls.addClassCleanup(node.close)

    @classmethod
    def queue_section(cls):
        return broker.queue_section(*cls.nodes)

    def setUp(self):
        for node in self.nodes:
            if not node.process:
                node.start()
        super().setUp()
        self.all_members_online()
        self.load = Load(self)
        self.addCleanup(self.load.stop)
        self.load.start()
        wait_for("documents to go out", lambda: len(set(self.load.accepted) & set(self.arrived())) > 10, 30)

    # -- helpers
    def alive(self):
        return next(node for node in self.nodes if node.process)

    def rows(self, *columns):
        """Of our queues, by name."""
        lines = self.alive().ctl("list_queues", "name", *columns).splitlines()
        return {cells[0]: cells[1:] for cells in (line.split("\t") for line in lines) if cells[0] in QUEUES}

    def all_members_online(self):
        def whole():
            rows = self.rows("members", "online")
            return set(rows) == set(QUEUES) and all(all(node.node in cell for node in self.nodes) for cells in rows.values() for cell in cells)
        wait_for("each queue to live on all three nodes", whole, 60)

    def node_named(self, name):
        return next(node for node in self.nodes if node.node == name)

    def leader(self):
        return self.node_named(self.rows("leader")[LANE][0])

    def lead(self, node):
        queue = f'rabbit_misc:r(<<"/">>, queue, <<"{LANE}">>)'
        self.alive().ctl("eval", f"{{ok, Q}} = rabbit_amqqueue:lookup({queue}), rabbit_quorum_queue:transfer_leadership(Q, '{node.node}').")
        wait_for("it to lead", lambda: self.leader() is node, 30)

    def connected_to(self):
        """Where the one that publishes was last taken in."""
        port = int(re.findall(r"broker\.open host=localhost:(\d+)", self.log())[-1])
        return next(node for node in self.nodes if node.port == port)

    def flows_without(self, *dead):
        """What is accepted from now on arrives, while these are dead."""
        first = len(self.load.accepted)

        def arrived():
            self.assertIsNone(self.load.refused)
            later = self.load.accepted[first:]
            return len(later) >= AFTER and set(later[:AFTER]) <= set(self.arrived())
        wait_for("what was accepted after the kill to arrive", arrived, FAILOVER)
        self.assertEqual([node.process for node in dead], [None] * len(dead))

    def all_once_and_whole_again(self):
        for node in self.nodes:
            if not node.process:
                node.start()
        self.all_members_online()
        self.load.stop()
        self.assertIsNone(self.load.refused)
        self.sent = self.load.accepted
        self.all_arrive_once()
        self.wait_alarm("broker.down", False)


class Killed(Cluster):
    def test_the_node_axisd_talks_to(self):
        victim = self.connected_to()
        victim.kill()
        self.flows_without(victim)
        self.assertIsNot(self.connected_to(), victim)
        self.all_once_and_whole_again()

    def test_the_node_that_leads_the_queue(self):
        victim = next(node for node in self.nodes if node is not self.connected_to())
        self.lead(victim)
        victim.kill()
        self.flows_without(victim)
        self.assertIsNot(self.leader(), victim)
        self.all_once_and_whole_again()

    def test_one_after_the_other(self):
        for victim in self.nodes:
            victim.kill()
            self.flows_without(victim)
            victim.start()
            self.all_members_online()
        self.all_once_and_whole_again()

    def test_two_of_three(self):
        self.lose_the_quorum()

    def test_two_of_three_and_the_worker_was_with_one_of_them(self):
        """Nothing is published any more: the connection that is left shows nothing."""
        before = self.connected_to()
        rows = self.alive().ctl("list_connections", "pid", "client_properties").splitlines()
        pid = next(row.split("\t")[0] for row in rows if "axisd owner" in row)
        self.alive().ctl("close_connection", pid, "the test moves it")
        wait_for("it to be with another node", lambda: self.connected_to() is not before, 30)
        self.wait_alarm("broker.down", False)
        self.lose_the_quorum()

    def lose_the_quorum(self):
        dead = [node for node in self.nodes if node is not self.connected_to()]
        for node in dead:
            node.kill()
        accepted = len(self.load.accepted)
        self.wait_alarm("broker.down")
        wait_for("documents to be accepted all the same", lambda: len(self.load.accepted) > accepted + AFTER, 30)
        dead[0].start()
        self.flows_without(dead[1])
        self.all_once_and_whole_again()


if __name__ == "__main__":
    common.main()
