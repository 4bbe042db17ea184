"""A RabbitMQ of its own on loopback: started as whoever runs this, without systemd, below one directory; gone with it.

The wrappers in /usr/sbin insist on root or rabbitmq, so the server's own scripts are called. epmd is a child of ours.
"""
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess

import world

SERVER = pathlib.Path("/usr/lib/rabbitmq/bin")
USER = "axisd"
START_SECONDS = 90


class Broker:
    """One node. `wiped` brokers keep their ports, name and password. With a Tls, `port` speaks TLS only; another one is there for listens()."""

    def __init__(self, directory, name="axis1", epmd=None, tls=None, cookie=None, erlang=""):
        """cookie: what the nodes of a cluster know each other by. erlang: more arguments of its virtual machine."""
        self.directory, self.name = pathlib.Path(directory), name
        self.port, self.dist_port, self.tls = world.free_port(), world.free_port(), tls
        self.plain_port = world.free_port() if tls else self.port
        self.epmd, self.own_epmd = epmd or Epmd(), epmd is None
        self.password = secrets.token_hex(16)
        self.process, self.erlang = None, erlang
        self.password_file = self.directory / "password"
        for sub in ("mnesia", "log", "home", "schema"):
            (self.directory / sub).mkdir(parents=True, exist_ok=True)
        if cookie:
            (self.directory / "home/.erlang.cookie").touch(0o600)
            (self.directory / "home/.erlang.cookie").write_text(cookie)
        self.password_file.touch(0o600)
        self.password_file.write_text(self.password + "\n")
        (self.directory / "enabled_plugins").write_text("[].\n")
        (self.directory / "rabbitmq-env.conf").touch()
        (self.directory / "rabbitmq.conf").touch(0o600)
        (self.directory / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.plain_port}\n{tls.lines(self.port) if tls else ''}log.console = false\ndisk_free_limit.absolute = 50MB\n"
            f"vm_memory_high_watermark.absolute = 512MB\ndefault_user = {USER}\ndefault_pass = {self.password}\n")

    @property
    def node(self):
        return f"{self.name}@localhost"

    @property
    def environment(self):
        d, inside = self.directory, "-kernel inet_dist_use_interface {127,0,0,1}"
        return {**os.environ, "HOME": str(d / "home"), "RABBITMQ_NODENAME": self.node,
                "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(self.plain_port), "RABBITMQ_DIST_PORT": str(self.dist_port),
                "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": str(self.epmd.port), "RABBITMQ_MNESIA_BASE": str(d / "mnesia"),
                "RABBITMQ_LOG_BASE": str(d / "log"), "RABBITMQ_GENERATED_CONFIG_DIR": str(d / "schema"), "RABBITMQ_SCHEMA_DIR": str(d / "schema"),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(d / "enabled_plugins"), "RABBITMQ_PID_FILE": str(d / "pid"),
                "RABBITMQ_CONFIG_FILE": str(d / "rabbitmq"), "RABBITMQ_ADVANCED_CONFIG_FILE": str(d / "advanced.config"),
                "RABBITMQ_CONF_ENV_FILE": str(d / "rabbitmq-env.conf"), "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{inside} {self.erlang}",
                "RABBITMQ_CTL_ERL_ARGS": inside}

    def start(self, env=None):
        self.launch(env)
        self.wait()

    def launch(self, env=None):
        self.epmd.start()
        with open(self.directory / "log" / "out", "ab") as log:
            self.process = subprocess.Popen([SERVER / "rabbitmq-server"], cwd=self.directory, env={**self.environment, **(env or {})}, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)

    def wait(self):
        world.wait_for("RabbitMQ to listen", self.listens, START_SECONDS)
        self.ctl("await_startup")  # it listens a little before it takes commands

    def listens(self):
        if self.process.poll() is not None:
            raise world.Trouble(f"RabbitMQ ended with {self.process.returncode}:\n{(self.directory / 'log' / 'out').read_text()[-2000:]}")
        try:
            if self.tls:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            with socket.create_connection(("127.0.0.1", self.plain_port), 1) as line:
                line.settimeout(2)
                line.sendall(b"AMQP\0\0\x09\x01")
                return line.recv(1) == b"\x01"
        except OSError:
            return False

    def ctl(self, *arguments):
        run = subprocess.run([SERVER / "rabbitmqctl", "--quiet", *arguments], env=self.environment, capture_output=True, text=True, timeout=60)
        if run.returncode != 0:
            raise world.Trouble(f"rabbitmqctl {' '.join(arguments)}: {run.stdout}{run.stderr}")
        return run.stdout

    def whole_log(self):
        """What it has logged until now: it writes the file when it finds the time, in order, so up to a mark of ours."""
        mark = f"mark {secrets.token_hex(8)};"
        self.ctl("eval", f'rabbit_log:info("{mark}").')
        file = self.directory / "log" / f"{self.node}.log"
        world.wait_for("the broker's log", lambda: mark in file.read_text(errors="replace"), 30)
        return file.read_text(errors="replace").partition(mark)[0]

    def settle(self):
        """Puts on disk which quorum queues it holds. RabbitMQ 3.10 does so seconds after they were declared; a lone node killed before
        starts such a queue anew without ever electing its leader."""
        self.ctl("eval", "ok = dets:sync(ra_directory_reverse).")

    def signal(self, what):
        os.killpg(self.process.pid, what)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def go_on(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        """All of it at once, as the kernel would."""
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGKILL)
            self.process.wait()
        self.process = None

    def stop(self):
        """In order, all on disk."""
        self.ctl("shutdown", "--timeout", "60")
        self.process.wait(60)
        self.process = None

    def wipe(self):
        """Of a killed one: as a new disk."""
        shutil.rmtree(self.directory / "mnesia")
        (self.directory / "mnesia").mkdir()

    def close(self):
        self.kill()
        if self.own_epmd:
            self.epmd.close()


def cluster(directory, count=3):
    """So many nodes, started and joined; users, queues and the password are those of the first. Close them all."""
    epmd, cookie = Epmd(), secrets.token_hex(16)
    nodes = [Broker(pathlib.Path(directory) / f"axis{n}", f"axis{n}", epmd, cookie=cookie, erlang="+S 1:1 +sbwt none") for n in range(1, count + 1)]
    nodes[0].own_epmd = True
    try:
        join(nodes)
    except BaseException:  # nobody else knows them yet
        for node in nodes:
            node.close()
        raise
    return nodes


def join(nodes):
    for node in nodes:
        node.launch()
    for node in nodes:
        node.wait()
        node.ctl("await_startup", "--timeout", str(START_SECONDS))
    for node in nodes[1:]:
        node.ctl("stop_app")
        node.ctl("join_cluster", nodes[0].node)
        node.ctl("start_app")


class Tls:
    """Of a broker: its certificate, key and authority (files of a Pki), and whether it wants a certificate of those who come."""

    def __init__(self, cert, key, ca, wants_certificate=False):
        self.cert, self.key, self.ca, self.wants_certificate = cert, key, ca, wants_certificate

    def lines(self, port):
        wanted = "verify_peer" if self.wants_certificate else "verify_none"
        return (f"listeners.ssl.1 = 127.0.0.1:{port}\nssl_options.certfile = {self.cert}\nssl_options.keyfile = {self.key}\n"
                f"ssl_options.cacertfile = {self.ca}\nssl_options.verify = {wanted}\n"
                f"ssl_options.fail_if_no_peer_cert = {str(self.wants_certificate).lower()}\n"
                "ssl_options.versions.1 = tlsv1.3\nssl_options.versions.2 = tlsv1.2\n")


class Epmd:
    """The name service of Erlang nodes; one for all nodes of a cluster."""

    def __init__(self):
        self.port, self.process = world.free_port(), None

    def start(self):
        if self.process:
            return
        self.process = subprocess.Popen(["epmd", "-port", str(self.port), "-address", "127.0.0.1"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None


def queue_section(*brokers, prefix="axisd", tls="tls = false\n"):
    """For axisd.toml: one broker, or the nodes of a cluster. tls: the lines about it."""
    hosts = ", ".join(f'"localhost:{broker.port}"' for broker in brokers)
    return (f'[queue]\ndriver = "rabbitmq"\nhosts = [{hosts}]\nuser = "{USER}"\n{tls}'
            f'password_file = "{brokers[0].password_file}"\nprefix = "{prefix}"\n\n')
