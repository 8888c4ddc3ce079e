"""The messages that the inbox keeps: a file each, the newest 10,000."""

import json
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from itertools import islice
from pathlib import Path
from threading import Lock

from webapp.platform.development.smtp import Envelope

KEPT = 10_000

_HEADER = re.compile(
    rb"^(From|Subject):([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", re.MULTILINE | re.IGNORECASE
)


@dataclass(frozen=True)
class Message:
    id: int
    sender: str
    """Of the envelope: where bounces go."""
    recipients: tuple[str, ...]
    author: str
    """The From header."""
    subject: str
    at: float
    """Seconds since 1970."""

    def concerns(self, words: str) -> bool:
        text = " ".join((*self.recipients, self.author, self.sender)).casefold()
        return words.casefold() in text


class Mailbox:
    """One writer, many readers, all within one process."""

    def __init__(self, folder: Path, kept: int = KEPT) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._kept = folder, kept
        self._lock = Lock()
        self._messages: OrderedDict[int, Message] = OrderedDict()
        for file in sorted(folder.glob("*.eml")):
            self._remember(file)
        self._last = next(reversed(self._messages), 0)

    def add(self, envelope: Envelope) -> int:
        about = {"from": envelope.sender, "to": envelope.recipients, "at": time.time()}
        with self._lock:
            self._last += 1
            file = self._file(self._last)
            file.write_bytes(json.dumps(about).encode() + b"\n" + envelope.content)
            self._messages[self._last] = _message(self._last, about, envelope.content)
            while len(self._messages) > self._kept:
                oldest, _ = self._messages.popitem(last=False)
                self._file(oldest).unlink(missing_ok=True)
            return self._last

    def newest(self, words: str = "", *, skip: int = 0, limit: int | None = None) -> list[Message]:
        """Those whose sender or recipient contains `words`, newest first."""
        with self._lock:
            messages = list(reversed(self._messages.values()))
        found = (message for message in messages if message.concerns(words))
        return list(islice(found, skip, None if limit is None else skip + limit))

    def count(self, words: str = "") -> int:
        if not words:
            return len(self._messages)
        return len(self.newest(words))

    def get(self, message_id: int) -> Message | None:
        return self._messages.get(message_id)

    def content(self, message_id: int) -> bytes:
        """As it arrived. Raises FileNotFoundError when it has gone meanwhile."""
        return self._file(message_id).read_bytes().partition(b"\n")[2]

    def clear(self) -> None:
        with self._lock:
            for message_id in self._messages:
                self._file(message_id).unlink(missing_ok=True)
            self._messages.clear()

    def _file(self, message_id: int) -> Path:
        return self._folder / f"{message_id:09}.eml"

    def _remember(self, file: Path) -> None:
        head, _, content = file.read_bytes().partition(b"\n")
        try:
            about = json.loads(head)
        except ValueError:
            file.unlink()  # Cut short by a crash: nobody was told that we have it.
            return
        self._messages[int(file.stem)] = _message(int(file.stem), about, content)


def _message(message_id: int, about: dict[str, object], content: bytes) -> Message:
    head = content.partition(b"\r\n\r\n")[0]
    headers = {name.lower(): _decoded(value) for name, value in _HEADER.findall(head)}
    recipients, at = about["to"], about["at"]
    assert isinstance(recipients, list)
    assert isinstance(at, float)
    return Message(
        id=message_id,
        sender=str(about["from"]),
        recipients=tuple(recipients),
        author=headers.get(b"from", ""),
        subject=headers.get(b"subject", ""),
        at=at,
    )


def _decoded(value: bytes) -> str:
    text = re.sub(r"\r\n[ \t]", " ", value.decode("utf-8", "replace")).strip()
    if "=?" not in text:
        return text
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        return text
