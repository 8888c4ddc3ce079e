"""A small SMTP server (RFC 5321, PIPELINING, 8BITMIME, SMTPUTF8) for the inbox and for tests.

Quick, because it reads a message at one go, and strict: what a lenient server forgives (a bare
line feed, a line of more than 998 octets) would be refused or garbled by others on the way.
"""

import asyncio
import re
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader, StreamWriter
from contextlib import suppress
from dataclasses import dataclass, field

LARGEST_MESSAGE = 32 * 1024 * 1024

_MAIL = re.compile(r"MAIL FROM: ?<([^>]*)>((?: \S+)*) *", re.IGNORECASE)
_RCPT = re.compile(r"RCPT TO: ?<([^>]+)>((?: \S+)*) *", re.IGNORECASE)
_LONGEST_LINE = 998
_CAPABILITIES = (f"SIZE {LARGEST_MESSAGE}", "PIPELINING", "8BITMIME", "SMTPUTF8")

OK = "250 2.0.0 OK"


class HangUp(Exception):
    """Ends the conversation without another word."""


@dataclass
class Envelope:
    sender: str
    recipients: list[str] = field(default_factory=list)
    content: bytes = b""
    """As the sender meant it: without the dots that transport added."""


class Host:
    """What the server answers at each turn. Any of them may wait, or raise HangUp."""

    async def greet(self) -> str:
        return "220 localhost ESMTP"

    async def admit(self, envelope: Envelope, recipient: str) -> str:  # noqa: ARG002
        """RCPT: a reply that begins with 2 adds the recipient to the envelope."""
        return OK

    async def listen(self, envelope: Envelope) -> None:
        """The content has begun, its final dot has not been read."""

    async def receive(self, envelope: Envelope) -> str:
        """After the final dot."""
        raise NotImplementedError


async def serve(host: Host, address: str, port: int) -> asyncio.Server:
    """Raises OSError when the port is taken."""

    async def converse(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            with suppress(HangUp, IncompleteReadError, LimitOverrunError, ConnectionError):
                await _Conversation(host, reader, writer).run()
        finally:
            writer.close()

    return await asyncio.start_server(converse, address, port, limit=LARGEST_MESSAGE, backlog=512)


class _Conversation:
    def __init__(self, host: Host, reader: StreamReader, writer: StreamWriter) -> None:
        self.host, self.reader, self.writer = host, reader, writer
        self.envelope: Envelope | None = None
        self.replies: list[str] = []

    async def run(self) -> None:
        greeting = await self.host.greet()
        self._say(greeting)
        last = not greeting.startswith("2")
        while not last:
            await self.writer.drain()
            line = await self.reader.readuntil(b"\r\n")
            reply = await self._answer(line.decode("utf-8", "replace").rstrip("\r\n"))
            self._say(reply)
            last = reply.startswith("221")
        self._flush()

    def _say(self, reply: str) -> None:
        """Pipelined commands are answered in one packet: it leaves as soon as we wait for more."""
        if not self.replies:
            asyncio.get_running_loop().call_soon(self._flush)
        self.replies.append(f"{reply}\r\n")

    def _flush(self) -> None:
        self.writer.write("".join(self.replies).encode())
        self.replies.clear()

    async def _answer(self, words: str) -> str:
        verb = words[:4].upper()
        if verb in {"EHLO", "HELO"}:
            self.envelope = None
            return self._hello(verb)
        if verb == "MAIL":
            return self._mail(words)
        if verb == "RCPT":
            return await self._rcpt(words)
        if verb == "DATA":
            return await self._data()
        if verb == "RSET":
            self.envelope = None
            return OK
        simple = {"NOOP": OK, "QUIT": "221 2.0.0 Bye", "VRFY": "252 2.0.0 Try it and see"}
        return simple.get(verb, "500 5.5.2 Unknown command")

    def _hello(self, verb: str) -> str:
        lines = ["localhost", *_CAPABILITIES] if verb == "EHLO" else ["localhost"]
        return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

    def _mail(self, words: str) -> str:
        if self.envelope is not None:
            return "503 5.5.1 One message at a time"
        if not (command := _MAIL.fullmatch(words)):
            return "501 5.5.4 MAIL FROM:<address>"
        self.envelope = Envelope(command[1])
        return OK

    async def _rcpt(self, words: str) -> str:
        if self.envelope is None:
            return "503 5.5.1 MAIL comes first"
        if not (command := _RCPT.fullmatch(words)):
            return "501 5.5.4 RCPT TO:<address>"
        reply = await self.host.admit(self.envelope, command[1])
        if reply.startswith("2"):
            self.envelope.recipients.append(command[1])
        return reply

    async def _data(self) -> str:
        envelope, self.envelope = self.envelope, None
        if envelope is None:
            return "503 5.5.1 MAIL comes first"
        if not envelope.recipients:
            self.envelope = envelope
            return "554 5.5.1 No valid recipients"
        self._say("354 End with a dot on a line of its own")
        content = bytearray(await self.reader.readexactly(1))
        await self.host.listen(envelope)
        envelope.content = await self._rest(content)
        return _fault(envelope.content) or await self.host.receive(envelope)

    async def _rest(self, content: bytearray) -> bytes:
        while content != b".\r\n" and not content.endswith(b"\r\n.\r\n"):
            content += await self.reader.readuntil(b".\r\n")
            if len(content) > LARGEST_MESSAGE:
                raise HangUp
        whole = bytes(content[:-3]).replace(b"\r\n..", b"\r\n.")
        return whole[1:] if whole.startswith(b"..") else whole


def _fault(content: bytes) -> str | None:
    lines = content.split(b"\r\n")
    if not content.count(b"\r") == content.count(b"\n") == len(lines) - 1:
        return "550 5.6.0 A line ends in CR or LF alone"
    if max(map(len, lines)) > _LONGEST_LINE:
        return f"550 5.6.0 A line is longer than {_LONGEST_LINE} octets"
    return None
