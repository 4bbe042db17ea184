#!/usr/bin/env python3
"""TLS to a RabbitMQ: documents flow over it; a certificate that is not the broker's, or ours that is not wanted, lets nothing through.

Each wrong certificate is met by an axisd that starts with documents waiting: it says why in `broker.down`, logs in nowhere, publishes
nothing; put right, it sends them.
"""
import shutil

import common
from broker_case import Over
from common import wait_for

import broker  # noqa: E402  scripts/lib; common has put it on the path
import pki  # noqa: E402

NAME = "localhost"  # what axisd is told to connect to, so what the certificate has to bear


# TLS 1.3 judges our certificate after we think we are in: a reset that overtakes the reason leaves none.
RESET = "a socket error occurred"


class OverTls(Over):
    wants_certificate = False

    @classmethod
    def make_brokers(cls, folder):
        cls.ours = pki.Pki(folder / "pki")
        cls.other = pki.Pki(folder / "other")
        cls.ours.machine("broker", NAME)
        cls.ours.machine("elsewhere", "mq9.example")
        cls.ours.machine("gateway", "gateway.example")
        cls.other.machine("gateway", "gateway.example")
        cls.served = folder / "served"  # what the broker's configuration names; tests put others in their place
        cls.served.mkdir()
        cls.serve("broker")
        cls.broker = broker.Broker(folder / "mq", tls=broker.Tls(cls.served / "crt", cls.served / "key", cls.ours.root, cls.wants_certificate))
        cls.addClassCleanup(cls.broker.close)
        cls.broker.start()

    @classmethod
    def serve(cls, name):
        shutil.copy(cls.ours.crt(name), cls.served / "crt")
        shutil.copy(cls.ours.key(name), cls.served / "key")

    @classmethod
    def show(cls, name):
        """Of a broker that runs."""
        cls.serve(name)
        cls.broker.ctl("eval", "ssl:clear_pem_cache().")

    @classmethod
    def tls_lines(cls, root=None, own=None):
        lines = f'ca_file = "{root or cls.ours.root}"\n'
        return lines + (f'cert = "{own.crt("gateway")}"\nkey = "{own.key("gateway")}"\n' if own else "")

    @classmethod
    def right_lines(cls):
        return cls.tls_lines(own=cls.ours if cls.wants_certificate else None)

    @classmethod
    def queue_section(cls):
        return broker.queue_section(cls.broker, tls=cls.right_lines())

    def setUp(self):
        self.restart_with(self.right_lines())
        super().setUp()

    def restart_with(self, lines, port=None):
        section = broker.queue_section(self.broker, tls=lines)
        if port:
            section = section.replace(f":{self.broker.port}", f":{port}")
        self.w.stop("axisd")
        self.mark()
        rest = self.w.config.read_text().split("[gateway]", 1)[1]
        self.w.config.write_text(section + "[gateway]" + rest)
        self.w.start_gateway()

    def mark(self):
        self.marked = len(self.broker.whole_log())

    def logins(self):
        """Since the last mark, all of them."""
        return self.broker.whole_log()[self.marked:].count("authenticated and granted access")

    def alarm_text(self):
        return next((a["text"] for a in self.w.ctl_json("status")["alarms"] if a["name"] == "broker.down"), "")

    def refused_with(self, *says):
        """Documents are sent and stay; the alarm names the node and says why; the broker has met nobody."""
        self.send_many(5)
        wait_for(f"the alarm to say one of {says}", lambda: any(word in self.alarm_text() for word in says), 40)
        self.assertIn(f"{NAME}:{self.broker.port}", self.alarm_text())
        self.assertEqual(self.shown()["standing"], "away")
        self.assertEqual(self.logins(), 0)
        self.assertEqual(self.waiting_messages(), 0)
        self.assertEqual(set(self.sent) & set(self.arrived()), set())

    def waiting_messages(self):
        return sum(int(line.split()[-1]) for line in self.broker.ctl("list_queues", "name", "messages").splitlines() if line.startswith("axisd."))

    def put_right(self):
        self.restart_with(self.right_lines())
        self.all_arrive_once()
        self.wait_alarm("broker.down", False)


class Verified(OverTls):
    def test_documents_pass_over_tls(self):
        self.send_many(20)
        self.all_arrive_once()
        lines = self.broker.ctl("list_connections", "user", "ssl", "ssl_protocol").splitlines()[1:]
        self.assertGreaterEqual(len(lines), 2)
        for line in lines:
            self.assertRegex(line, rf"^{broker.USER}\ttrue\ttlsv1\.[23]$")

    def test_a_certificate_with_another_name_is_refused(self):
        self.addCleanup(self.show, "broker")
        self.show("elsewhere")
        self.restart_with(self.right_lines())
        self.refused_with("hostname verification failed")
        self.show("broker")
        self.all_arrive_once()
        self.wait_alarm("broker.down", False)

    def test_a_certificate_of_an_unknown_authority_is_refused(self):
        self.restart_with(self.tls_lines(root=self.other.root))
        self.refused_with("peer cert verification failed")
        self.put_right()

    def test_a_broker_that_speaks_no_tls_gets_no_password(self):
        self.restart_with(self.right_lines(), port=self.broker.plain_port)
        self.send_many(3)
        self.wait_alarm("broker.down")
        self.assertEqual(self.logins(), 0)
        self.put_right()


class BothSides(OverTls):
    """The broker wants a certificate of its clients."""
    wants_certificate = True

    def test_documents_pass_with_our_certificate(self):
        self.send_many(20)
        self.all_arrive_once()
        peers = self.broker.ctl("list_connections", "peer_cert_subject").splitlines()[1:]
        self.assertGreaterEqual(len(peers), 2)
        self.assertEqual(set(peers), {"CN=gateway.example"})

    def test_without_a_certificate_nothing_passes(self):
        self.restart_with(self.tls_lines())
        self.refused_with("certificate required", RESET)
        self.put_right()

    def test_with_a_certificate_of_another_authority_nothing_passes(self):
        self.restart_with(self.tls_lines(own=self.other))
        self.refused_with("unknown ca", RESET)
        self.put_right()


if __name__ == "__main__":
    common.main()
