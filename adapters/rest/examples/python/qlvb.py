#!/usr/bin/env python3
"""Sends and receives documents through the gateway. Made to be copied: Python 3.8 or later, nothing else.

    qlvb.py URL TOKENFILE AGENCY send PACKAGE.json FILE…  one document; when in doubt run it again: it goes out once
    qlvb.py URL TOKENFILE AGENCY poll DIR                 waits for events, keeps documents in DIR, answers 03
    qlvb.py URL TOKENFILE AGENCY refuse ID REASON         answers 02
Exit 0 done, 1 refused (mend the cause), 2 wrong usage, 3 not reached (run it again later).
QLVB_PATIENCE: for how many seconds a gateway that cannot be reached is tried again; 60 when not set."""
import contextlib, hashlib, http.client, io, json, os, pathlib, random, sys, time, urllib.parse, uuid

class Refused(Exception): "The same request would be refused again."
class NotReached(Exception): "Nobody knows whether the gateway took it: the same request again, later."

def call(method, path, body=None, kind="application/json", read=lambda reply: reply.read()):
    """What `read` makes of the reply. Network failures, 408, 429, 5xx: tried again, later each time; a body that is a
    function begins anew at each try."""
    connect = {"https": http.client.HTTPSConnection, "http": http.client.HTTPConnection}[url.scheme]
    fields = {"Authorization": "Bearer " + token, "Content-Type": kind}
    end, pause = time.monotonic() + float(os.environ.get("QLVB_PATIENCE", 60)), 1
    while True:
        try:
            with contextlib.closing(connect(url.netloc, timeout=90)) as connection:  # longer than the long poll
                with contextlib.suppress(BrokenPipeError, ConnectionAbortedError, ConnectionResetError):
                    # When the gateway refuses before all is sent, its reply can still be read.
                    connection.request(method, url.path.rstrip("/") + path, body() if callable(body) else body, fields)
                reply = connection.getresponse()
                if reply.status < 300: return read(reply)
                trouble, wanted = problem(reply), reply.headers.get("Retry-After", "")
                if reply.status not in (408, 429) and reply.status < 500: raise Refused(trouble)
                pause = max(pause, int(wanted) if wanted.isdigit() else 0)
        except (OSError, http.client.HTTPException) as failure:
            trouble = repr(failure)
        if time.monotonic() + pause > end: raise NotReached(trouble)
        print(f"{trouble}\nagain in {pause} s", file=sys.stderr)
        time.sleep(pause * random.uniform(1, 1.2))  # not all clients at the same moment
        pause = min(2 * pause, 30)

def problem(reply):
    text = reply.read().decode(errors="replace")
    if reply.headers.get_content_type() != "application/problem+json":
        return f"{reply.status} {text[:200]}"  # not the gateway, something before it
    p = json.loads(text)
    faults = "".join(f"\n  {e['pointer']} {e['code']}: {e['detail']}" for e in p["errors"])
    return f"{reply.status} {p['code']}: {p['detail']} {p['action']} (request {p['request_id']}){faults}"

def send(package, *files):
    if not json.loads(pathlib.Path(package).read_bytes()).get("external_id"):
        raise Refused("external_id is missing: fixed before the first try, it makes a repetition known")
    opened, bound = [open(path, "rb") for path in (package, *files)], uuid.uuid4().hex
    names = [urllib.parse.quote(os.path.basename(path), safe="") for path in files]
    parts = ["package\r\nContent-Type: application/json"] + [f"file; filename*=UTF-8''{name}" for name in names]
    def form():  # piece by piece: memory does not grow with the files
        for part, file in zip(parts, opened):
            yield f"\r\n--{bound}\r\nContent-Disposition: form-data; name={part}\r\n\r\n".encode()
            file.seek(0)
            while piece := file.read(65536): yield piece
        yield f"\r\n--{bound}--\r\n".encode()
    print(call("POST", "/v1/packages", form, "multipart/form-data; boundary=" + bound).decode())

def poll(directory):
    position = pathlib.Path(directory, "position")
    after = position.read_text() if position.exists() else 0
    for event in json.loads(call("GET", f"/v1/events?after={after}&wait=30"))["events"]:  # in order, 100 at most
        folder = pathlib.Path(directory, event["message_id"])
        folder.mkdir(parents=True, exist_ok=True)
        for n, file in enumerate(event["data"].get("document", {}).get("files", []), 1):  # a name is never used as a path
            call("GET", file["url"], read=lambda reply: keep(folder / str(n), reply, file["sha256"]))
        keep(folder / f"event-{event['seq']}.json", io.BytesIO(json.dumps(event).encode()))
        call("POST", "/v1/events/ack", b'{"through":%d}' % event["seq"])  # all is stored, not before: now 01 goes out
        for code in event["data"]["recipients"] if event["type"] == "document.received" else []:
            report(event["message_id"], code, "03", "Đã vào sổ văn bản đến")
        keep(position, io.BytesIO(b"%d" % event["seq"]))  # a crash before this: told again, and that is harmless

def keep(path, source, sha256=None):  # all of it or nothing, and on disk when this returns
    new, digest = path.with_suffix(".new"), hashlib.sha256()
    with open(new, "wb") as out:
        while piece := source.read(65536):
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    if sha256 not in (None, digest.hexdigest()): raise OSError("not the file that was announced")  # fetched again
    new.replace(path)

def report(id, sender, code, text):  # `at` is fixed before the first try: it makes a repetition known
    status = {"from": sender, "code": code, "description": text, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    print(call("POST", f"/v1/messages/{urllib.parse.quote(id, safe='')}/statuses", json.dumps(status).encode()).decode())

if __name__ == "__main__":
    if len(sys.argv) < 6 or not {"send": 1, "poll": len(sys.argv) == 6, "refuse": len(sys.argv) == 7}.get(sys.argv[4]):
        sys.exit(print(__doc__, file=sys.stderr) or 2)
    try:
        sys.stdout.reconfigure(encoding="utf-8")
        url, token = urllib.parse.urlsplit(sys.argv[1]), pathlib.Path(sys.argv[2]).read_text().strip()
        run = {"send": send, "poll": poll, "refuse": lambda id, reason: report(id, sys.argv[3], "02", reason)}
        run[sys.argv[4]](*sys.argv[5:])
    except (Refused, NotReached, LookupError, OSError, ValueError) as e:
        print(e, file=sys.stderr)
        sys.exit(3 if isinstance(e, NotReached) else 1)
