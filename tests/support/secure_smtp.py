"""An SMTP server that encrypts and asks who is there, one conversation after the other.

with SecureSmtp(tls=authority.server("localhost"), password="s3cret") as server:
    … localhost, server.port
"""

import base64
import socket
import threading
from contextlib import suppress
from ssl import SSLContext
from types import TracebackType


class SecureSmtp:
    """`tls` at STARTTLS, or from the start; AUTH for `user` where a password is set.

    `replies` are said instead of the usual to a verb (`""`: the greeting).
    """

    user = "brevdue"

    def __init__(
        self,
        tls: SSLContext | None = None,
        *,
        from_start: bool = False,
        password: str = "",
        mechanisms: str = "PLAIN",
        replies: dict[str, str] | None = None,
    ) -> None:
        self.tls, self.from_start, self.password = tls, from_start, password
        self.mechanisms, self.replies = mechanisms, replies or {}
        self.heard: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "SecureSmtp":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self._listener.accept()
            except OSError:
                return
            line.settimeout(5)
            with suppress(OSError):
                if self.tls and self.from_start:
                    line = self.tls.wrap_socket(line, server_side=True)
                self._converse(line)
            line.close()

    def _converse(self, line: socket.socket) -> None:
        encrypted = self.from_start
        _say(line, self.replies.get("", "220 localhost ESMTP"))
        while words := _heard(line):
            self.heard.append(words)
            verb, _space, rest = words.partition(" ")
            _say(
                line,
                self.replies.get(verb.upper()) or self._reply(line, verb.upper(), rest, encrypted),
            )
            if verb.upper() == "STARTTLS" and self.tls:
                line, encrypted = self.tls.wrap_socket(line, server_side=True), True
            if verb.upper() == "QUIT":
                return

    def _reply(self, line: socket.socket, verb: str, rest: str, encrypted: bool) -> str:
        if verb == "EHLO":
            return self._hello(encrypted)
        if verb == "AUTH":
            return self._signed_in(line, rest)
        known = {"STARTTLS": "220 Go ahead", "NOOP": "250 OK", "QUIT": "221 Bye", "RSET": "250 OK"}
        return known.get(verb, "502 Not here")

    def _hello(self, encrypted: bool) -> str:
        offers = ["localhost", "SIZE 1000000", "PIPELINING"]
        offers += ["STARTTLS"] if self.tls and not encrypted else []
        offers += [f"AUTH {self.mechanisms}"] if self.password else []
        return "\r\n".join([*(f"250-{offer}" for offer in offers), "250 HELP"])

    def _signed_in(self, line: socket.socket, rest: str) -> str:
        mechanism, _space, answer = rest.partition(" ")
        if mechanism == "LOGIN":
            said = [answer or self._asked(line, "Username:"), self._asked(line, "Password:")]
        else:
            said = [answer]
        proof = [part for each in said for part in _decoded(each).split("\0") if part]
        good = proof == [self.user, self.password]
        return "235 2.7.0 Welcome" if good else f"535 5.7.8 No: {' '.join([*said, *proof])}"

    def _asked(self, line: socket.socket, question: str) -> str:
        _say(line, f"334 {base64.b64encode(question.encode()).decode()}")
        self.heard.append(answer := _heard(line))
        return answer


def _say(line: socket.socket, words: str) -> None:
    line.sendall(f"{words}\r\n".encode())


def _heard(line: socket.socket) -> str:
    """One line; each is answered before the next, so that none is read too many."""
    heard = b""
    while not heard.endswith(b"\r\n"):
        more = line.recv(4096)
        if not more:
            return ""
        heard += more
    return heard.decode().rstrip("\r\n")


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()
