"""The ledger and its lanes: durable acceptance beside SQLite alone, what signing and statuses cost, one document for many units,
and a start on a long past. build/…/bin/ledger_bench posts packages and fills ledgers; every ratio is taken within one run."""
import collections
import hashlib
import http.client
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import threading
import time
import urllib.request

import bench_client
import bench_runs
import bench_signature
import world
from pki import Pki

MB = 1024 * 1024
CLIENTS = 64
PACKAGE_BYTES = 10 * 1024
NUMBER, UNIQUE = "4000000000", b"RANDOMRANDOMRANDOM"  # the marks of tests/bench/http_load.cpp
UNITS = 500
DOCUMENT_BYTES = 20 * MB


def tool(bin_dir, *words):
    return json.loads(subprocess.run([bin_dir / "ledger_bench", *map(str, words)], stdout=subprocess.PIPE, text=True, check=True).stdout)


def package_to_axis():
    return world.sample_package([bench_runs.PARTNER], NUMBER, external_id="QLVB-" + NUMBER, files=[{"name": "cong-van.pdf"}])


def request_file(w, package, file_bytes=None):
    """One request with the marks of what differs from package to package; of 10 KB, when nothing else is said."""
    text = json.dumps(package, ensure_ascii=False).encode()
    file_bytes = file_bytes or PACKAGE_BYTES - len(text)
    file = b"%PDF-1.7\n" + UNIQUE + random.Random(98).randbytes(file_bytes - 9 - len(UNIQUE))
    body = bench_client.multipart(text, file)
    head = (f"POST /v1/packages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {w.tokens['bo']}\r\n"
            f"Content-Type: multipart/form-data; boundary={bench_client.BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    path = w.directory / "request"
    path.touch(0o600)
    path.write_bytes(head + body)
    return path


def commits(w):
    """Commits and the jobs they carried, so far."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{w.health_port}/metrics", timeout=30).read().decode()
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("axisd_ledger_"))
    return float(values["axisd_ledger_commits"]), float(values["axisd_ledger_jobs"])


def many_clients(w):
    w.config.write_text(w.config.read_text().replace("[limits]\n", f"[limits]\nuploads_per_endpoint = {CLIENTS}\n", 1))


def accepting(directory, bin_dir, count):
    with bench_runs.fresh_world(directory, bin_dir, configured=many_clients) as w:
        bench_runs.hold_lane(w)
        request = request_file(w, package_to_axis())
        post = lambda first, n, pace: tool(bin_dir, "post", w.api_port, request, first, n, CLIENTS, pace)  # noqa: E731
        post(1, 200, 0)  # warm
        before, cpu = commits(w), bench_runs.cpu_seconds(w)
        seen = post(1000, count, 0)
        cpu = bench_runs.cpu_seconds(w) - cpu
        batch = max(1, round((commits(w)[1] - before[1]) / (commits(w)[0] - before[0])))
        half = post(1000 + count, count // 2, seen["rate"] / 2)
        with sqlite3.connect(f"file:{w.directory}/state/ledger.db?mode=ro", uri=True) as db:
            skeleton = db.execute("SELECT length(skeleton) FROM envelope ORDER BY id DESC").fetchone()[0]
            text = db.execute("SELECT bytes FROM blob ORDER BY created DESC").fetchone()[0]
        raw = tool(bin_dir, "fill", w.directory / "raw.db", count, batch, skeleton, text, "queued", "full")
        return {"rate": seen["rate"], "cpu_ms": 1000 * cpu / count, "batch": batch, "half": half, "raw": raw}


def cpu_with_signer(w):
    return bench_runs.cpu_seconds(w) + bench_runs.cpu_of(bench_signature.signer_pid(w.processes["axisd"].pid))


def signing_and_sending(directory, bin_dir, count):
    pki = Pki(pathlib.Path(directory) / f"bench-keys-{os.getpid()}")
    pki.agency("g98", "G98")
    with bench_runs.fresh_world(directory, bin_dir, configured=bench_signature.signing(pki)) as w:
        bench_runs.load(w, 50, [bench_runs.PARTNER], first=bench_runs.HELD_NUMBER)  # warm
        world.wait_for("the first deliveries", lambda: bench_runs.sent_count(w) >= 50, 60)
        cpu = cpu_with_signer(w)
        bench_runs.load(w, count, [bench_runs.PARTNER])
        world.wait_for("all deliveries", lambda: bench_runs.sent_count(w) >= 50 + count, 600)
        return {"cpu_ms": 1000 * (cpu_with_signer(w) - cpu) / count}


def statuses(directory, bin_dir, count):
    """`count` documents come from a partner, the unit reports on each; then `count` documents go out and are reported on."""
    with bench_runs.fresh_world(directory, bin_dir, configured=answering) as w:
        unit = w.software("cuc11")
        for n in range(count):
            w.sim("POST", "/sim/send", {"from": "G95", "to": ["G98.11"], "number": str(n + 1), "notation": "BĐT-VP", "subject": "V/v thử"})
        w.ctl("poke", "national")
        world.wait_for("all documents", lambda: told_count(w, "document.received") >= count, 120)
        ids = [e["message_id"] for e in events(unit, "document.received")]
        cpu, sent = bench_runs.cpu_seconds(w), bench_runs.sent_count(w)
        report_all(w, ids)
        world.wait_for("all statuses to go out", lambda: bench_runs.sent_count(w) >= sent + count, 120)
        out = bench_runs.cpu_seconds(w) - cpu
        bench_runs.load(w, count, [{"code": "G94", "name": "Bộ Đối tác D (mô phỏng)"}], file_bytes=1024)
        world.wait_for("all documents to go out", lambda: bench_runs.sent_count(w) >= sent + 2 * count, 120)
        world.wait_for("the partner's answers", lambda: len(w.sim_state()["statuses"]) >= 2 * count, 120)
        cpu = bench_runs.cpu_seconds(w)
        w.ctl("poke", "national")
        world.wait_for("all answers", lambda: told_count(w, "status.received") >= count, 120)
        return {"out_ms": 1000 * out / count, "in_ms": 1000 * (bench_runs.cpu_seconds(w) - cpu) / count}


def answering(w):
    """A partner that answers 01 to each document; units that report by themselves."""
    w.stop("axissim")
    w.start_axis("--partner", "G95=none:Bộ Đối tác C (mô phỏng)", "--partner", "G94=arrive:Bộ Đối tác D (mô phỏng)")
    for name in ("cuc11", "bo"):
        file = w.config.parent / f"endpoints.d/{name}.toml"
        file.write_text('status_01 = "software"\n' + file.read_text())


def events(unit, kind):
    out, after = [], 0
    while more := unit.events(after):
        out += [e for e in more if e["type"] == kind]
        after = more[-1]["seq"]
    return out


def told_count(w, kind):
    """Out of the file: to ask axisd would cost it time."""
    with sqlite3.connect(f"file:{w.directory}/state/ledger.db?mode=ro", uri=True) as db:
        return db.execute("SELECT count(*) FROM event WHERE type = ?", (kind,)).fetchone()[0]


def report_all(w, ids):
    """As a unit's software does it that has much to report: some connections, each used again and again."""
    left, refused = collections.deque(ids), []

    def caller():
        connection = http.client.HTTPConnection("127.0.0.1", w.api_port, timeout=60)
        headers = {"Authorization": f"Bearer {w.tokens['cuc11']}", "Content-Type": "application/json"}
        while left:
            connection.request("POST", f"/v1/messages/{left.popleft()}/statuses", '{"from": "G98.11", "code": "03"}', headers)
            reply = connection.getresponse()
            text = reply.read()
            if reply.status != 202:
                refused.append((reply.status, text))
        connection.close()

    threads = [threading.Thread(target=caller) for _ in range(bench_runs.CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused:
        raise world.Trouble(f"a status was refused: {refused[0]}")


def unit_code(n):
    return f"G98.{n:03}"


def with_units(count):
    def configured(w):
        with w.config.open("a") as f:
            for n in range(100, 100 + count):
                f.write(f'\n[[agency]]\ncode = "{unit_code(n)}"\nname = "Đơn vị {n}"\n')
        for n in range(100, 100 + count):
            token = hashlib.sha256(f"bench{n}".encode()).hexdigest()
            (w.config.parent / f"endpoints.d/u{n}.toml").write_text(
                f'adapter = "rest"\ncodes = ["{unit_code(n)}"]\nmode = "live"\ntoken_sha256 = ["{token}"]\n')
    return configured


def written_bytes(w):
    for line in pathlib.Path(f"/proc/{w.processes['axisd'].pid}/io").read_text().splitlines():
        if line.startswith("write_bytes"):
            return int(line.split()[1])
    return 0


def many_units(directory, bin_dir, units, file_bytes):
    with bench_runs.fresh_world(directory, bin_dir, configured=with_units(units)) as w:
        package = world.sample_package([unit_code(n) for n in range(100, 100 + units)], 1, files=[{"name": "lon.pdf"}])
        file = b"%PDF-1.7\n" + random.Random(1).randbytes(file_bytes - 9)
        before = written_bytes(w)
        answer = w.software("bo").submit(package, [("lon.pdf", file)])
        accepted = time.monotonic()
        if answer.status != 202:
            raise world.Trouble(f"refused: {answer.status} {answer.body[:300]!r}")
        last = world.Software(w.api_port, f"bench{99 + units}")
        world.wait_for("the last unit's event", lambda: last.events())
        offered = sum(lane["deliveries"].get("offered", 0) for lane in w.ctl_json("queue")["lanes"])
        took = time.monotonic() - accepted
        if offered != units:
            raise world.Trouble(f"{offered} of {units} deliveries are offered")
        time.sleep(2)  # what the log holds is moved when nothing happens
        return {"written": written_bytes(w) - before, "base64": (file_bytes + 2) // 3 * 4, "seconds": took}


def past(directory, bin_dir, queued, rows_small):
    """A start on `queued` waiting deliveries; then they are done, and packages are sent on top of that past and of a short one."""
    out = {}
    with bench_runs.fresh_world(directory, bin_dir, configured=lambda w: fill_past(w, bin_dir, queued, "queued")) as w:
        out |= {"start": w.started_in, "rss": w.rss_bytes(peak=True)}
        w.stop("axisd")
        with sqlite3.connect(w.directory / "state/ledger.db") as db:
            db.execute("UPDATE delivery SET state = 7")
            db.execute("UPDATE endpoint_state SET held = 0")
            tables = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            out["rows"] = sum(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)
            db.commit()
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        w.start_gateway(seconds=120)
        out["long"] = cpu_end_to_end(w)
    with bench_runs.fresh_world(directory, bin_dir, configured=lambda w: fill_past(w, bin_dir, rows_small, "done")) as w:
        out["short"] = cpu_end_to_end(w)
    return out


def fill_past(w, bin_dir, count, state):
    text = w.config.read_text()
    w.config.write_text(text.replace("[limits]\n", "[limits]\nwaiting_deliveries_max = 5000000\n", 1))
    more = count * 3 // 10 if state == "queued" else 0  # they are done: 10 M rows for a million that waits
    tool(bin_dir, "fill", w.directory / "state/ledger.db", count + more, 2000, 512, 16, state, "off")
    with sqlite3.connect(w.directory / "state/ledger.db") as db:
        db.execute("UPDATE delivery SET state = 7 WHERE id <= ?", (more,))
        if state == "queued":  # nothing is sent while memory is looked at
            db.execute("INSERT INTO endpoint_state(endpoint, held) VALUES('national', 1)")
    began = w.start_gateway

    def start_gateway(**more):
        started = time.monotonic()
        began(**more)
        w.started_in = time.monotonic() - started
    w.start_gateway = start_gateway


def cpu_end_to_end(w, warm=300, count=1000):
    bench_runs.load(w, warm, [bench_runs.PARTNER], first=1)
    world.wait_for("the first deliveries", lambda: bench_runs.sent_count(w) >= warm, 300)
    cpu = bench_runs.cpu_seconds(w)
    bench_runs.load(w, count, [bench_runs.PARTNER], first=1 + warm)
    world.wait_for("all deliveries", lambda: bench_runs.sent_count(w) >= warm + count, 300)
    return 1000 * (bench_runs.cpu_seconds(w) - cpu) / count


def outage(directory, bin_dir, seconds, pace):
    """The axis is away for some seconds while packages come at a pace; they still come while what has gathered is sent."""
    with bench_runs.fresh_world(directory, bin_dir, configured=many_clients) as w:
        request = request_file(w, package_to_axis())
        tool(bin_dir, "post", w.api_port, request, 1, 100, 8, 0)  # warm
        world.wait_for("the first deliveries", lambda: bench_runs.sent_count(w) >= 100, 60)
        w.stop("axissim")
        count = 3 * seconds * pace
        load = subprocess.Popen([bin_dir / "ledger_bench", *map(str, ("post", w.api_port, request, 1000, count, 8, pace))], stdout=subprocess.DEVNULL)
        time.sleep(seconds)
        w.start_axis("--partner", f"{bench_runs.PARTNER['code']}=none:{bench_runs.PARTNER['name']}")
        w.ctl("poke", "national")
        began, sent = time.monotonic(), bench_runs.sent_count(w)
        world.wait_for("the backlog to go", lambda: not waiting(w), 300)
        drained = bench_runs.sent_count(w) - sent
        rate = drained / (time.monotonic() - began)
        load.wait()
        world.wait_for("all to arrive", lambda: bench_runs.sent_count(w) >= 100 + count, 300)
        bench_runs.check_on_axis(w, 100 + count)
        return {"rate": rate, "pace": pace, "drained": drained}


def waiting(w):
    lane = next((lane for lane in w.ctl_json("queue")["lanes"] if lane["endpoint"] == "national"), None)
    return lane is not None and lane["deliveries"].get("queued", 0) > CLIENTS


def measure(directory, bin_dir, quick, say):
    count, queued = (1000, 20_000) if quick else (10_000, 1_000_000)
    out = {"queued": queued}
    say(f"{count} packages of 10 KB from {CLIENTS} clients, and SQLite alone")
    out["accept"] = accepting(directory, bin_dir, count)
    say("packages signed and sent")
    out["rsa_ms"] = bench_signature.Bench(directory, bin_dir).small()["private_us"] / 1000
    out["sent"] = signing_and_sending(directory, bin_dir, count // 10)
    say("statuses")
    out["status"] = statuses(directory, bin_dir, count // 20)
    say(f"one document for {UNITS} units")
    out["units"] = many_units(directory, bin_dir, UNITS, DOCUMENT_BYTES)
    say("the axis away, and back")
    out["outage"] = outage(directory, bin_dir, 5 if quick else 20, 100)
    say(f"a start with {queued:,} deliveries waiting")
    out["past"] = past(directory, bin_dir, queued, 1000)
    return out


def figures(seen, Figure):
    accept, units, past_ = seen["accept"], seen["units"], seen["past"]
    yield Figure(f"10 KB packages accepted, {CLIENTS} clients, lane held", accept["rate"], "/s")
    yield Figure(f"  of SQLite alone with {accept['batch']} in a commit ({accept['raw']['rate']:,.0f}/s)",
                 100 * accept["rate"] / accept["raw"]["rate"], "%", at_least=25)
    yield Figure("  CPU of each", accept["cpu_ms"], "ms", 0.4)
    yield Figure("  p99 at half that load", accept["half"]["p99_ms"], "ms", max(50, 4 * accept["raw"]["p99_ms"]))
    yield Figure("50 KB accepted, signed and sent: CPU, at most one RSA-2048 + 1.1 ms", seen["sent"]["cpu_ms"], "ms", seen["rsa_ms"] + 1.1)
    yield Figure("a status from a unit, sent to the axis: CPU", seen["status"]["out_ms"], "ms", 0.35)
    yield Figure("a status from the axis, told to the software: CPU", seen["status"]["in_ms"], "ms", 0.35)
    yield Figure(f"20 MB for {UNITS} units: written", units["written"] / MB, "MB", (1.1 * units["base64"] + UNITS * 16 * 1024) / MB)
    yield Figure("  all of them can fetch it after", units["seconds"], "s", 2)
    away = seen["outage"]
    yield Figure(f"after an outage with {away['pace']} packages/s coming in: sent, in that inflow", away["rate"] / away["pace"], "×", at_least=3)
    yield Figure(f"start with {seen['queued']:,} deliveries waiting: ready", past_["start"], "s", 5)
    yield Figure("  peak memory", past_["rss"] / MB, "MB", 256)
    yield Figure(f"package accepted and delivered, ledger of {past_['rows'] / 1e6:.1f} M rows: CPU in that on a short one ({past_['short']:.2f} ms)",
                 past_["long"] / past_["short"], "×", 1.15)
