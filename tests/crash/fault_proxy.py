"""TCP between axisd and the axis, with faults at a byte's precision. Knows of HTTP only where a request and its reply end.

    axisd ──► proxy ──► axis          sendEdoc requests only; each fault happens once, to the next request in line:

    cut_request(n)    n bytes of the request reach the axis, then its end; axisd is reset
    cut_reply(n)      the axis answered; n bytes of it reach axisd, then a reset (0: lost after commit)
    close_reply(n)    the same, closed in good order
    stall_request(n)  n bytes of the request pass, then nothing until release() or somebody gives up
    stall_reply(n)    the same with the reply
    repeat_request    the axis gets the whole request twice; axisd sees the first reply
    repeat_reply      axisd gets the whole reply twice

Thread: a loop of its own; every member may be called from any thread.
"""
import asyncio
import collections
import fcntl
import socket
import struct
import termios
import threading
from typing import NamedTuple

PIECE = 64 * 1024
SENDING = b"POST /sendEdoc "  # what the proxy must have seen to know the request
KINDS = ("cut_request", "cut_reply", "close_reply", "stall_request", "stall_reply", "repeat_request", "repeat_reply")


class Fault(NamedTuple):
    kind: str
    at: int = 0


class Gone(Exception):
    """The conversation is over: a fault ended it, or a side left."""


def reset(writer):
    """RST instead of FIN."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def some(reader):
    data = await reader.read(PIECE)
    if not data:
        raise Gone
    return data


class Message:
    """One request or reply, as far as it has come."""

    def __init__(self, reader, data=b""):
        self.reader, self.data = reader, data

    def end(self):
        """Its length; None while that cannot be told."""
        head, found, _ = self.data.partition(b"\r\n\r\n")
        if not found:
            return None
        at = len(head) + 4
        fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
        if fields.get(b"transfer-encoding", b"").strip() != b"chunked":
            return at + int(fields.get(b"content-length", b"0"))
        while (line := self.data.find(b"\r\n", at)) >= 0:
            size = int(self.data[at:line], 16)
            at = line + 2 + size + 2
            if size == 0:
                return at
        return None

    async def first(self, wanted):
        """So many bytes, or all when there are fewer."""
        while len(self.data) < wanted and ((end := self.end()) is None or len(self.data) < end):
            self.data += await some(self.reader)
        return self.data[:wanted]

    async def whole(self):
        while (end := self.end()) is None or len(self.data) < end:
            self.data += await some(self.reader)
        return self.data


async def pass_on(data, writer):
    writer.write(data)
    await writer.drain()


async def arrived(writer):
    """An RST overtakes what the kernel has not delivered yet: wait until it has."""
    sock = writer.get_extra_info("socket")
    while any(fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4))):
        await asyncio.sleep(0)


class FaultProxy:
    def __init__(self, port, every=1):
        """port: of the axis. every: 3 gives a fault to each third sending only."""
        self.target, self.every = port, every
        self.waiting = collections.deque()
        self.used = collections.Counter()
        self.sizes = []  # (bytes of head, of request, of reply) of sendings nothing was done to
        self.repeated = []  # requests the axis got twice
        self.seen = 0
        self.stalled = 0  # exchanges that stand still now
        self.loop = asyncio.new_event_loop()
        self.released = asyncio.Event()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = asyncio.run_coroutine_threadsafe(self.open(), self.loop).result()
        self.port = self.server.sockets[0].getsockname()[1]

    async def open(self):
        return await asyncio.start_server(self.serve, "127.0.0.1", 0)

    def close(self):
        asyncio.run_coroutine_threadsafe(self.shut(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def shut(self):
        self.server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def plan(self, faults):
        self.waiting.extend(faults)

    def release(self):
        """Lets go what is stalled now."""
        self.loop.call_soon_threadsafe(self.let_go)

    def let_go(self):
        self.released.set()
        self.released = asyncio.Event()

    def next_fault(self):
        self.seen += 1
        if not self.waiting or self.seen % self.every:
            return None
        fault = self.waiting.popleft()
        self.used[fault.kind] += 1
        return fault

    async def serve(self, reader, writer):
        pair = None
        try:
            pair = await asyncio.open_connection("127.0.0.1", self.target)
            while True:
                await self.exchange(reader, writer, *pair)
        except (Gone, OSError, asyncio.CancelledError):
            pass  # faults end like this, and so do both sides when they please
        finally:
            for w in (writer, *(pair[1:] if pair else ())):
                w.close()

    async def exchange(self, reader, writer, from_axis, to_axis):
        """One request and its reply."""
        request = Message(reader, await some(reader))
        if SENDING.startswith(request.data):
            await request.first(len(SENDING))
        sending = request.data.startswith(SENDING)
        fault = self.next_fault() if sending else None
        if fault and fault.kind in ("cut_request", "stall_request"):
            return await self.part_of_request(fault, request, writer, from_axis, to_axis)
        await pass_on(await request.whole(), to_axis)
        reply = await Message(from_axis).whole()
        if fault:
            return await self.spoil(fault, request, reply, writer, to_axis)
        if sending:
            self.sizes.append((request.data.index(b"\r\n\r\n") + 4, len(request.data), len(reply)))
        return await pass_on(reply, writer)

    async def part_of_request(self, fault, request, writer, from_axis, to_axis):
        await pass_on(await request.first(fault.at), to_axis)
        if fault.kind == "cut_request":
            to_axis.close()  # the axis sees the end of what it got
            reset(writer)
            raise Gone
        await self.stall(request)
        await pass_on(request.data[fault.at:], to_axis)
        await pass_on(await Message(from_axis).whole(), writer)

    async def spoil(self, fault, request, reply, writer, to_axis):
        if fault.kind == "repeat_request":
            await self.send_again(request.data)
            return await pass_on(reply, writer)
        if fault.kind == "repeat_reply":
            return await pass_on(reply * 2, writer)
        await pass_on(reply[:fault.at], writer)
        if fault.kind == "stall_reply":
            await self.stall(request)
            return await pass_on(reply[fault.at:], writer)
        await arrived(writer)
        reset(to_axis)
        if fault.kind == "cut_reply":
            reset(writer)
        raise Gone

    async def send_again(self, data):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        await pass_on(data, writer)
        await Message(reader).whole()
        writer.close()
        self.repeated.append(data)

    async def stall(self, request):
        """Until released; axisd may leave before, and nothing more of this passes then."""
        await request.whole()
        self.stalled += 1
        release, left = (asyncio.ensure_future(x) for x in (self.released.wait(), request.reader.read(1)))
        await asyncio.wait({release, left}, return_when=asyncio.FIRST_COMPLETED)
        self.stalled -= 1
        gone = left.done()
        for task in (release, left):
            task.cancel()
        await asyncio.gather(release, left, return_exceptions=True)
        if gone:
            raise Gone
