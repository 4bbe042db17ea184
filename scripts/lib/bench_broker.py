"""The queue driver over RabbitMQ beside the embedded one: deliveries of a held lane, let go at once, against axissim; and the bare broker."""
import json
import statistics
import subprocess
import tempfile
import time

import bench_ledger
import bench_runs
import broker
import world

ATTEMPTS = 8
BARE_BYTES, BARE_IN_FLIGHT = 2048, 200
SLOW_MS = 50
ROUNDS = 3  # the processor's speed wanders between two measurements: each driver in turn, and the middle of them counts


def measure(directory, bin_dir, quick, progress):
    count = 300 if quick else 3000
    embedded, over = [], []
    mq = broker.Broker(tempfile.mkdtemp(prefix="bench-broker-", dir=directory))
    try:
        progress("RabbitMQ starts")
        mq.start()
        progress("the bare broker")
        bare = bare_rate(bin_dir, mq, count * 5)
        for n in range(ROUNDS):
            progress(f"{count} deliveries by the embedded queue, then over RabbitMQ ({n + 1} of {ROUNDS})")
            embedded.append(deliveries(directory, bin_dir, count, None))
            over.append(deliveries(directory, bin_dir, count, mq))
        progress(f"{count // 3} deliveries to an axis that answers after {SLOW_MS} ms: one worker, then two")
        workers = [deliveries(directory, bin_dir, count // 3, mq, workers=n) for n in (1, 2)]
    finally:
        mq.close()
    return {"embedded": embedded, "over": over, "bare": bare, "workers": workers}


def bare_rate(bin_dir, mq, count):
    words = (bin_dir / "queue_bench", mq.port, broker.USER, mq.password_file, count, BARE_BYTES, BARE_IN_FLIGHT)
    return json.loads(subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, text=True, check=True).stdout)["rate"]


def deliveries(directory, bin_dir, count, mq, workers=0):
    """Per second, from the release of the lane until the axis has all. With workers, they alone send, and the axis takes its time."""
    def configured(w):
        text = w.config.read_text().replace("[limits]\n", f"[limits]\nattempts_per_endpoint = {ATTEMPTS}\n", 1)
        section = f'[worker]\nhere = false\nsocket = "{w.directory}/worker.sock"\n\n' if workers else ""
        w.config.write_text((broker.queue_section(mq) if mq else "") + section + text)
    with bench_runs.fresh_world(directory, bin_dir, configured=configured, axis_in_memory=True) as w:
        for n in range(workers):
            w.start(f"worker{n}", [w.bin / "axisd", "--worker", "--config", w.config])
        if mq:
            world.wait_for("axisd to be at the broker", lambda: w.ctl_json("queue")["broker"]["workers"] == max(1, workers), 60)
        bench_runs.load(w, 50, [bench_runs.PARTNER], first=bench_runs.HELD_NUMBER)  # warm
        world.wait_for("the first deliveries", lambda: bench_runs.sent_count(w) >= 50, 60)
        w.ctl("hold", "--endpoint", "national")
        bench_runs.load(w, count, [bench_runs.PARTNER], file_bytes=bench_ledger.PACKAGE_BYTES)
        if workers:
            w.fault("slow_reply_ms", count, value=SLOW_MS, operation="sendEdoc")
        cpu, began = bench_runs.cpu_seconds(w), time.monotonic()
        w.ctl("release", "--endpoint", "national")
        world.wait_for("all deliveries", lambda: bench_runs.sent_count(w) >= 50 + count, 600)
        seconds = time.monotonic() - began
        return {"rate": count / seconds, "cpu_ms": 1000 * (bench_runs.cpu_seconds(w) - cpu) / count}


def middle(seen, name):
    return statistics.median(one[name] for one in seen)


def figures(seen, Figure):
    embedded, over = seen["embedded"], seen["over"]
    shares = [o["rate"] / e["rate"] for e, o in zip(embedded, over)]
    yield Figure("deliveries, embedded queue", middle(embedded, "rate"), "/s")
    yield Figure("deliveries over RabbitMQ", middle(over, "rate"), "/s")
    yield Figure(f"  in those of the embedded queue (of {len(shares)}: {min(shares):.2f} to {max(shares):.2f})", statistics.median(shares), "×", at_least=0.6)
    yield Figure("  CPU of axisd for each (embedded: %.2f)" % middle(embedded, "cpu_ms"), middle(over, "cpu_ms"), "ms")
    yield Figure(f"the bare broker through amqp::Connection, {BARE_BYTES} B, {BARE_IN_FLIGHT} in flight, confirmed", seen["bare"], "/s")
    one, two = (seen["workers"][n]["rate"] for n in (0, 1))
    yield Figure(f"an axis that answers after {SLOW_MS} ms, {ATTEMPTS} in flight in each worker: one worker", one, "/s")
    yield Figure("  two workers, in those of one", two / one, "×", at_least=1.7)
