"""A world whose lanes run over a RabbitMQ of its own, and what its tests count at the axis."""
import pathlib
import shutil
import tempfile

import common
from common import WorldCase, wait_for

import broker  # noqa: E402  scripts/lib; common has put it on the path

DOCUMENTS = 60
SOON = 60  # s; until all has arrived after the broker came back: back-off, then the flow itself


class Over(WorldCase):
    limits = {"attempts_per_endpoint": 8}
    world_arguments = {"partner_delay_ms": 50}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="axs-mq-")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.make_brokers(pathlib.Path(folder))
        super().setUpClass()

    @classmethod
    def make_brokers(cls, folder):
        """Started; cls.broker is one that lives."""
        cls.broker = broker.Broker(folder)
        cls.addClassCleanup(cls.broker.close)
        cls.broker.start()

    @classmethod
    def queue_section(cls):
        return broker.queue_section(cls.broker)

    @classmethod
    def configured(cls):
        cls.w.config.write_text(cls.queue_section() + cls.w.config.read_text())

    def setUp(self):
        self.sent = []
        if "axisd" not in self.w.processes:
            self.w.start_gateway()
        self.connected()

    # -- helpers
    def slow(self, ms=500, count=40):
        self.w.fault("slow_reply_ms", count, value=ms, operation="sendEdoc")

    def send_many(self, count=DOCUMENTS, **more):
        for _ in range(count):
            self.sent.append(str(self.send(["G99"], **more)["number"]))

    def all_are_quorum_queues(self):
        kinds = dict(line.split("\t", 1) for line in self.broker.ctl("list_queues", "name", "type", "durable").splitlines()[1:])
        lane = "axisd.lane.national"
        self.assertEqual(kinds, {name: "quorum\ttrue" for name in ("axisd.dead", lane, lane + ".urgent")})

    def arrived(self):
        return [d["number"] for d in self.w.sim_state()["documents"] if d["from"] == "G98"]

    def all_arrive_once(self, seconds=SOON):
        def there():
            return set(self.sent) <= set(self.arrived())
        wait_for("all to arrive", there, seconds)
        mine = sorted(n for n in self.arrived() if n in set(self.sent))
        self.assertEqual(mine, sorted(self.sent), "each once")

    def shown(self):
        return self.w.ctl_json("queue")["broker"]

    def connected(self, seconds=40):
        def ready():
            seen = self.shown()
            return seen["standing"] == "open" and seen["workers"] == 1
        wait_for("axisd to be at the broker", ready, seconds)
