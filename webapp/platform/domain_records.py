"""What a domain says in DNS about who may send mail for it."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from time import monotonic

from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, Resolver
from redis import RedisError

from webapp.platform.queueing import connection

PATIENCE = 2.0
"""Seconds for everything that is asked about one domain."""
REMEMBERED = 300
"""Seconds. Who has just mended a record waits about as long for the rest of the world anyway."""


class CannotLookUp(Exception):
    """DNS did not answer, or not in time."""


@dataclass(frozen=True)
class DomainRecords:
    exists: bool
    spf: list[str]
    """There must be one; two count as none (RFC 7208, 4.5)."""
    has_dkim_keys: bool
    """Whether there is anything below `_domainkey`. Which keys are in use shows only in a message
    that was signed with one."""
    dmarc: str
    """Empty: neither the domain nor one above it has a policy."""


def look_up(domain: str) -> DomainRecords:
    """`domain` is in ASCII. It takes PATIENCE at most, so hold no transaction meanwhile.

    Raises CannotLookUp.
    """
    key = f"domain records:{domain}"
    with suppress(RedisError):
        if kept := connection().get(key):
            return DomainRecords(**json.loads(kept))
    found = _asked(_Asking(), domain)
    with suppress(RedisError):
        connection().set(key, json.dumps(asdict(found)), ex=REMEMBERED)
    return found


def _asked(asking: "_Asking", domain: str) -> DomainRecords:
    texts = asking.texts(domain)
    if texts is None:
        return DomainRecords(exists=False, spf=[], has_dkim_keys=False, dmarc="")
    return DomainRecords(
        exists=True,
        spf=[text for text in texts if text.lower().split(" ")[0] == "v=spf1"],
        # A name that only has names below it exists, too (RFC 8020).
        has_dkim_keys=asking.texts(f"_domainkey.{domain}") is not None,
        dmarc=next(_policies(asking, domain), ""),
    )


def _policies(asking: "_Asking", domain: str) -> Iterator[str]:
    """The nearest holds, the domain's own or that of one above it."""
    parts = domain.split(".")
    for place in range(len(parts) - 1):
        texts = asking.texts("_dmarc." + ".".join(parts[place:])) or []
        yield from (text for text in texts if text.lower().replace(" ", "").startswith("v=dmarc1"))


class _Asking:
    """Several questions with one deadline."""

    def __init__(self) -> None:
        self._ends_at = monotonic() + PATIENCE

    def texts(self, name: str) -> list[str] | None:
        """The TXT records; None when there is no such name. Raises CannotLookUp."""
        left = self._ends_at - monotonic()
        if left <= 0:
            raise CannotLookUp
        try:
            answer = _resolver().resolve(f"{name}.", "TXT", lifetime=left)
        except NXDOMAIN:
            return None
        except NoAnswer:
            return []
        except (DNSException, OSError) as error:
            raise CannotLookUp from error
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def _resolver() -> Resolver:
    """As the machine is set up. Raises a DNSException when it is not."""
    return Resolver()
