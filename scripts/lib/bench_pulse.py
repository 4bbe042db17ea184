#!/usr/bin/env python3
"""Asks /livez at PORT over one connection, a thousand times a second at most, until stdin ends; prints {"count", "p50_ms", "p99_ms", "most_ms"}.

A process of its own: nothing else keeps it from looking at the clock.
"""
import gc
import json
import select
import socket
import sys
import time

QUESTION = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
ANSWER_END = b'{"live":true}'
PAUSE_SECONDS = 0.001


def ask(connection):
    started = time.perf_counter()
    connection.sendall(QUESTION)
    answer = b""
    while not answer.endswith(ANSWER_END):
        piece = connection.recv(4096)
        if not piece:
            raise SystemExit(f"axisd closed the connection: {answer!r}")
        answer += piece
    return 1000 * (time.perf_counter() - started)


def main():
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    gc.disable()
    times = []
    while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
        times.append(ask(connection))
    times.sort()
    json.dump({"count": len(times), "p50_ms": times[len(times) // 2], "p99_ms": times[len(times) * 99 // 100], "most_ms": times[-1]}, sys.stdout)


if __name__ == "__main__":
    main()
