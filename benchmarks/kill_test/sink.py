"""A mail server that writes down for whom each message was, and says yes.

python -m benchmarks.kill_test.sink SOCKET FILE

A message counts from its final dot on, whether its sender lives to hear the answer or not. Each
connection has a pace of its own and each answer another delay, so that a blow falls on every
moment of a conversation.
"""

import asyncio
import os
import random
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

from benchmarks.sink import Conversation, Count
from webapp.platform.development import processes
from webapp.platform.development.settings import ROOT

PACES = (0.001, 0.01, 0.03, 0.06)
"""Seconds that an answer takes at most, on one connection and the next."""
RCPT = b"RCPT TO:<"
OPENED = "-"


@dataclass(frozen=True)
class Witness:
    port: int
    _file: Path

    def count_by_recipient(self) -> Counter[str]:
        return Counter(line for line in self._lines() if line != OPENED)

    def connections(self) -> int:
        return self._lines().count(OPENED)

    def _lines(self) -> list[str]:
        return self._file.read_text("utf-8").splitlines()


@contextmanager
def witness(folder: Path) -> Iterator[Witness]:
    file = folder / "witness.txt"
    file.write_bytes(b"")
    # It listens before the process runs: nobody has to wait for it.
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        words = ["-m", "benchmarks.kill_test.sink", str(listener.fileno()), str(file)]
        process = processes.start(
            [sys.executable, *words],
            log=folder / "witness.log",
            environ=os.environ | {"PYTHONPATH": str(ROOT)},
            pass_fds=[listener.fileno()],
        )
        try:
            yield Witness(listener.getsockname()[1], file)
        finally:
            processes.stop(process, SIGTERM, 10)


class Statement(Conversation):
    """What one connection has to say."""

    recipient = b""

    def __init__(self, record: int) -> None:
        super().__init__(Count(), 0.0)
        self.record = record
        self.pace = random.choice(PACES)  # noqa: S311

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        os.write(self.record, f"{OPENED}\n".encode())
        super().connection_made(transport)

    def command(self) -> bytes | None:
        if self.unread.startswith(RCPT) and b">" in self.unread:
            self.recipient = bytes(self.unread[len(RCPT) : self.unread.index(b">")])
        reply = super().command()
        if reply is None or not self.in_content:
            return reply
        self.later(reply)
        return None

    def end_of_content(self) -> bytes | None:
        reply = super().end_of_content()
        if reply is not None:
            os.write(self.record, self.recipient + b"\n")
            self.later(reply)
        return None

    def later(self, reply: bytes) -> None:
        self.thinking = True
        delay = random.uniform(0, self.pace)  # noqa: S311
        asyncio.get_running_loop().call_later(delay, self.say, reply)

    def say(self, reply: bytes) -> None:
        self.thinking = False
        if not self.transport.is_closing():
            self.transport.write(reply)
        self.go_on()


async def serve(listener: socket.socket, record: int) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: Statement(record), sock=listener
    )
    await server.serve_forever()


if __name__ == "__main__":
    record = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1])), record))
