#!/usr/bin/env python3
"""A power cut under RabbitMQ: of what it confirmed, a quorum queue has kept all; a classic queue of version 2 has not.

The broker runs on power_cut.cpp, which keeps aside what was synced and nothing else; killed, it is started again on that. Publisher is
queue_bench, our own amqp::Connection with confirms; the mutation `classic_queue` makes it declare the other kind.
"""
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import common
from common import wait_for

import broker  # noqa: E402  scripts/lib; common has put it on the path

COUNT, BYTES, IN_FLIGHT = 2000, 200, 100
QUEUE = "axisd.bench"


class PowerCut(unittest.TestCase):
    mutation = None

    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="axs-cut-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.broker = broker.Broker(folder / "mq")
        self.addCleanup(self.broker.close)
        self.disk, self.kept = self.broker.directory / "mnesia", folder / "kept"

    def publish(self, count, **env):
        """All confirmed, or it fails."""
        words = (common.BIN / "queue_bench", self.broker.port, broker.USER, self.broker.password_file, count, BYTES, IN_FLIGHT)
        environment = {**self.broker.environment, **({"AXISD_MUTATION": self.mutation} if self.mutation else {})}
        out = subprocess.run([str(w) for w in words], env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=120).stdout
        self.assertIn("rate", json.loads(out))

    def count(self):
        """As the queue itself says; list_queues is seconds late."""
        queue = f'rabbit_misc:r(<<"/">>, queue, <<"{QUEUE}">>)'
        return int(self.broker.ctl("eval", f"{{ok, Q}} = rabbit_amqqueue:lookup({queue}), {{ok, N, _}} = rabbit_amqqueue:stat(Q), N."))

    def kind(self):
        return dict(line.split("\t") for line in self.broker.ctl("list_queues", "name", "type").splitlines())[QUEUE]

    def killed_after_confirms(self, power_cut):
        """The queue was declared long before; COUNT are confirmed, and at once the broker is killed. It is back afterwards."""
        self.broker.start()
        self.publish(0)
        self.broker.stop()
        shutil.copytree(self.disk, self.kept)
        self.broker.start({"LD_PRELOAD": str(common.BIN / "power_cut.so"), "AXIS_CUT_DIR": str(self.disk), "AXIS_CUT_KEPT": str(self.kept)})
        self.publish(COUNT)
        self.broker.kill()
        if power_cut:
            shutil.rmtree(self.disk)
            self.kept.rename(self.disk)
        self.broker.start()
        self.broker.ctl("await_startup", "--timeout", "60")

    def test_a_quorum_queue_has_kept_all_that_was_confirmed(self):
        self.killed_after_confirms(power_cut=True)
        self.assertEqual(self.kind(), "quorum")
        wait_for("all to be there", lambda: self.count() == COUNT, 30)  # when it has elected itself its leader

    def test_a_classic_queue_has_not(self):
        self.mutation = "classic_queue"
        self.killed_after_confirms(power_cut=True)
        self.assertEqual(self.kind(), "classic")
        self.assertLess(self.count(), COUNT)

    def test_killed_alone_a_classic_queue_has_and_hides_it(self):
        self.mutation = "classic_queue"
        self.killed_after_confirms(power_cut=False)
        self.assertEqual(self.kind(), "classic")
        self.assertEqual(self.count(), COUNT)


if __name__ == "__main__":
    common.main()
