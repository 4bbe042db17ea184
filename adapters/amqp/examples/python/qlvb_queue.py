#!/usr/bin/env python3
"""Sends and receives documents over RabbitMQ. Made to be copied: Python 3.8 or later and pika (Debian: python3-pika).

    qlvb_queue.py SETTINGS send PACKAGE.json FILE…      one document; when in doubt run it again: it goes out once
    qlvb_queue.py SETTINGS status ID AGENCY CODE TEXT   03, 02, … about a document that came
    qlvb_queue.py SETTINGS events                       keeps what comes, until nothing does for QLVB_PATIENCE seconds (30)
Exit 0 done, 1 refused (mend the cause), 2 wrong usage, 3 not reached or not answered yet (run it again later)."""
import base64, hashlib, io, itertools, json, os, pathlib, re, sys, time, urllib.error, urllib.request, uuid
import pika

INLINE_BYTES, PATIENCE = 512 * 1024, float(os.environ.get("QLVB_PATIENCE", 30))  # the gateway takes 1 MiB of files in a message
class Refused(Exception): "The same would be refused again."
MEND = (Refused, LookupError, ValueError, FileNotFoundError, PermissionError)

def keep(path, source, sha256=None):  # all of it or nothing, and on disk when this returns
    path.parent.mkdir(parents=True, exist_ok=True)
    new, digest = path.with_name("new~"), hashlib.sha256()
    with open(new, "wb") as out:
        while piece := source.read(65536): digest.update(piece), out.write(piece)
        out.flush(), os.fsync(out.fileno())
    if sha256 not in (None, digest.hexdigest()): raise OSError("not the file that was announced")
    new.replace(path)
    os.fsync(folder := os.open(path.parent, os.O_RDONLY)), os.close(folder)  # its name too

def call(path, file=None):  # REST, for files that are too large for a message
    fields = {"Content-Type": "application/octet-stream", "Content-Length": str(os.fstat(file.fileno()).st_size)} if file else {}
    fields["Authorization"] = "Bearer " + settings["token"]
    try:
        return urllib.request.urlopen(urllib.request.Request(settings["api"].rstrip("/") + path, file, fields), timeout=90)
    except urllib.error.HTTPError as e:
        raise (OSError if e.code in (408, 429) or e.code >= 500 else Refused)(f"{e.code} {e.read().decode(errors='replace')}")

def content(path, inside):  # a claim is for a file that waits at the gateway: for seven days, and anew from each use
    with open(path, "rb") as file:
        if inside: return {"name": path.name, "base64": base64.b64encode(file.read()).decode()}
        return {"name": path.name, "claim": json.load(call("/v1/files", file))["claim"]}

def send(package, *files):
    text, paths = pathlib.Path(package).read_text("utf-8"), [pathlib.Path(file) for file in files]
    if not (own := json.loads(text).get("external_id")): raise Refused("external_id is missing: it makes a repetition known")
    ids = (f"{hashlib.sha256(own.encode()).hexdigest()[:40]}-{n}" for n in itertools.count())
    id = next(id for id in ids if "retryable" not in answer(id))  # mended after a problem: another one
    inside = sum(path.stat().st_size for path in paths) <= INLINE_BYTES
    order(id, "package", lambda: '{"package":%s,"files":%s}' % (text, json.dumps([content(path, inside) for path in paths])))

def status(about, agency, code, text):  # `at` is fixed before the first try: it makes a repetition known
    said = {"from": agency, "code": code, "description": text, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    order(str(uuid.uuid4()), "status", lambda: json.dumps({"message_id": about, "status": said}))

def answer(id):
    return json.loads((directory / "answers" / id).read_bytes()) if (directory / "answers" / id).exists() else {}

def order(id, kind, body):  # kept before it is published and until it is answered: each restart repeats the same id
    path = directory / f"out/{id}.{kind}"
    if not answer(id) and not path.exists(): keep(path, io.BytesIO(body().encode()))
    receive(lambda: answer(id))
    if not answer(id): raise OSError("not answered yet")
    print(json.dumps(answer(id), ensure_ascii=False))
    if "retryable" in answer(id): raise Refused("refused: see detail, action and errors of the problem")

def publish(id, kind, body):  # returns when the broker has it on disk; raises when not, or when nobody would get it
    what = pika.BasicProperties(message_id=id, type=kind, content_type="application/json", delivery_mode=2)
    writing.basic_publish(f"{settings['prefix']}.in.{settings['name']}", "", body, what, mandatory=True)

def receive(over=lambda: False):
    for path in (directory / "out").glob("*-*.*"): publish(path.stem, path.suffix[1:], path.read_bytes())
    while not over():
        delivery, what, body = next(incoming)
        if not delivery: return
        if what.type == "events": events(json.loads(body)["events"])
        elif what.type in ("receipt", "statuses", "problem") and re.fullmatch("[0-9a-z-]{1,64}", what.correlation_id or ""):
            keep(directory / "answers" / what.correlation_id, io.BytesIO(body))
            for path in (directory / "out").glob(what.correlation_id + ".*"): path.unlink()
        reading.basic_ack(delivery.delivery_tag)  # what it said is on disk, not before; types may be added: passed over

def events(several):  # in order, each at least once
    settled = int((directory / "position").read_text()) if (directory / "position").exists() else 0
    for event in several:
        if event["seq"] <= settled: continue  # told again
        folder = directory / "messages" / event["message_id"]
        for n, file in enumerate(event["data"].get("document", {}).get("files", []), 1):  # a name is never used as a path
            keep(folder / str(n), call(file["url"]), file["sha256"])
        keep(folder / f"event-{event['seq']}.json", io.BytesIO(json.dumps(event).encode()))
        keep(directory / "position", io.BytesIO(b"%d" % event["seq"]))
    publish(f"through-{several[-1]['seq']}", "events.acknowledge", b'{"through":%d}' % several[-1]["seq"])  # now 01 goes out

if __name__ == "__main__":
    if not {"send": len(sys.argv) > 3, "status": len(sys.argv) == 7, "events": len(sys.argv) == 3}.get("".join(sys.argv[2:3])):
        sys.exit(print(__doc__, file=sys.stderr) or 2)
    try:
        settings = dict(line.split("=", 1) for line in pathlib.Path(sys.argv[1]).read_text("utf-8").splitlines() if "=" in line)
        directory, broker = pathlib.Path(settings["directory"]), pika.URLParameters(settings["broker"])
        broker.heartbeat, broker.blocked_connection_timeout = 600, 60  # nobody answers heartbeats while a file comes or goes
        with pika.BlockingConnection(broker) as connection:
            reading, writing = connection.channel(), connection.channel()
            reading.basic_qos(prefetch_count=10), writing.confirm_delivery()
            incoming = reading.consume(f"{settings['prefix']}.out.{settings['name']}", inactivity_timeout=PATIENCE)
            {"send": send, "status": status, "events": receive}[sys.argv[2]](*sys.argv[3:])
    except (Refused, LookupError, ValueError, OSError, pika.exceptions.AMQPError) as e:
        sys.exit(print(type(e).__name__, str(e) or e.args, file=sys.stderr) or (1 if isinstance(e, MEND) else 3))
