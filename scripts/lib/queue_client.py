"""Document software that speaks through queues (adapters/amqp/README.md), as tests need it: one unit, pika, nothing kept."""
import base64
import json
import sys
import uuid

try:
    import pika
except ImportError:  # of Debian (python3-pika), under another Python
    sys.path.append("/usr/lib/python3/dist-packages")
    import pika


class Letterbox:
    """One connection. `user` and `password` are those of the broker."""

    def __init__(self, port, user, password, unit, prefix="axisd"):
        self.inlet, self.outlet, self.refused = (f"{prefix}.{what}.{unit}" for what in ("in", "out", "refused"))
        self.connection = pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", port, credentials=pika.PlainCredentials(user, password), heartbeat=0, blocked_connection_timeout=60))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()

    def close(self):
        try:
            if self.connection.is_open:
                self.connection.close()
        except pika.exceptions.AMQPError:
            pass  # the broker was killed meanwhile

    def post(self, type, body, key=None, exchange=None, routing_key=""):
        """Confirmed by the broker. The key."""
        key = key or uuid.uuid4().hex
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self.channel.basic_publish(self.inlet if exchange is None else exchange, routing_key, data, mandatory=True, properties=pika.BasicProperties(
            type=type, message_id=key, content_type="application/json", delivery_mode=2))
        return key

    def package(self, package, files=(), key=None, **more):
        """files: (name, bytes) in the message, or (name, claim) where the claim is a str."""
        listed = [{"name": name, "claim": data} if isinstance(data, str) else {"name": name, "base64": base64.b64encode(data).decode()}
                  for name, data in files]
        return self.post("package", {"package": package, "files": listed, **more}, key)

    def take(self, queue=None):
        """The next message, acknowledged: (properties, value), or None."""
        method, properties, body = self.channel.basic_get(queue or self.outlet)
        if method is None:
            return None
        self.channel.basic_ack(method.delivery_tag)
        return properties, json.loads(body) if body else None

    def take_all(self, queue=None):
        out = []
        while (one := self.take(queue)) is not None:
            out.append(one)
        return out
