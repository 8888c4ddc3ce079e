"""A DNS server that answers what a test says, over UDP: the rest of the world, for tests."""

import socket
import threading
from collections.abc import Mapping
from types import TracebackType

import dns.message
import dns.rcode
import dns.rrset
from dns.resolver import Resolver


class ScriptedDns:
    """TXT records by name; a name that only has others below it is there, without any."""

    def __init__(self, texts: Mapping[str, list[str]], *, silent: bool = False) -> None:
        self.asked: list[str] = []
        self._texts, self._silent = texts, silent
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def resolver(self) -> Resolver:
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self._socket.getsockname()[1]
        return resolver

    def __enter__(self) -> "ScriptedDns":
        self._thread.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        # A datagram of nothing is the end.
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            asked, sender = self._socket.recvfrom(4096)
            if not asked:
                return
            query = dns.message.from_wire(asked)
            name = query.question[0].name.to_text().rstrip(".")
            self.asked.append(name)
            if not self._silent:
                self._socket.sendto(self._answer(query, name).to_wire(), sender)

    def _answer(self, query: dns.message.Message, name: str) -> dns.message.Message:
        answer = dns.message.make_response(query)
        texts = self._texts.get(name, [])
        if texts:
            quoted = [f'"{text}"' for text in texts]
            answer.answer.append(dns.rrset.from_text_list(f"{name}.", 60, "IN", "TXT", quoted))
        elif not any(each == name or each.endswith(f".{name}") for each in self._texts):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
