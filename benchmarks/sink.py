"""A mail server that says yes and throws away: where there is no smtp-sink, or none that can.

python -m benchmarks.sink PORT [--delay SECONDS] [--keep FILE]

It reads no more of a message than it takes to find its end. `--delay` is the time between the
final dot and the reply, for each connection by itself. Counts go to the output when it stops.
"""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

END = b"\r\n.\r\n"
CAPABILITIES = b"250-localhost\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
REPLIES = {
    b"EHLO": CAPABILITIES,
    b"DATA": b"354 End with a dot\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
}
OK = b"250 2.0.0 OK\r\n"


class Count:
    messages = 0
    last = b""


class Conversation(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, count: Count, delay: float) -> None:
        self.count, self.delay = count, delay
        self.unread = bytearray()
        self.in_content = False
        self.thinking = False
        self.searched = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 localhost ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self.unread += data
        self.go_on()

    def go_on(self) -> None:
        """Answers in one packet what came in one packet."""
        replies = bytearray()
        while not self.thinking and (reply := self.next_reply()) is not None:
            replies += reply
        if replies:
            self.transport.write(bytes(replies))
        if replies.endswith(REPLIES[b"QUIT"]):
            self.transport.close()

    def next_reply(self) -> bytes | None:
        return self.end_of_content() if self.in_content else self.command()

    def command(self) -> bytes | None:
        end = self.unread.find(b"\r\n")
        if end < 0:
            return None
        verb = bytes(self.unread[:4]).upper()
        del self.unread[: end + 2]
        self.in_content = verb == b"DATA"
        return REPLIES.get(verb, OK)

    def end_of_content(self) -> bytes | None:
        end = self.unread.find(END, self.searched)
        if end < 0:
            self.searched = max(0, len(self.unread) - len(END) + 1)
            return None
        self.count.last = bytes(self.unread[: end + 2])
        self.count.messages += 1
        del self.unread[: end + len(END)]
        self.in_content, self.searched = False, 0
        if not self.delay:
            return OK
        self.thinking = True
        asyncio.get_running_loop().call_later(self.delay, self.answer)
        return None

    def answer(self) -> None:
        self.thinking = False
        self.transport.write(OK)
        self.go_on()


async def serve(port: int, count: Count, delay: float) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    server = await loop.create_server(
        lambda: Conversation(count, delay), "127.0.0.1", port, backlog=512
    )
    await stop.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--keep", type=Path, help="a file for the last message")
    chosen, count = parser.parse_args(), Count()
    asyncio.run(serve(chosen.port, count, chosen.delay))
    if chosen.keep:
        chosen.keep.write_bytes(count.last)
    sys.stdout.write(f"mesg={count.messages}\n")


if __name__ == "__main__":
    main()
