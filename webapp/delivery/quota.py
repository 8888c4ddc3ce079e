"""How much a server may be given: reserved before it is sent, so that limits hold exactly, however
many senders on however many hosts there are, and whatever becomes of them.

Windows are those of the calendar (UTC), as providers count them. What a killed sender had reserved
and not used is lost for its window: we rather send too little than too much.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, update
from sqlalchemy.dialects.postgresql import insert

from webapp.delivery.models import QuotaUse, SendingServer
from webapp.platform.database import db, utcnow

LENGTHS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass
class Window:
    """A stretch of time in which no more than `limit` messages of its scope may go."""

    scope: str
    begins_at: datetime
    ends_at: datetime
    limit: int
    left: int = 0
    """What was reserved here and is not used yet."""
    exhausted: bool = False


@dataclass
class Allowance:
    """What may be sent now; the empty one sets no limits."""

    server_id: int = 0
    general: tuple[Window, ...] = ()
    by_domain: Mapping[str, Window] | None = None

    def take(self, domain: str) -> bool:
        """Whether one more message may go to this domain; if so, it is used up."""
        windows = [*self.general, *([self.by_domain[domain]] if self.by_domain else [])]
        now = utcnow()
        for window in windows:
            if window.ends_at <= now:
                # The next window is filled by others: what is left of this one may not go in it.
                window.left, window.exhausted = 0, True
        if not all(window.left for window in windows):
            return False
        for window in windows:
            window.left -= 1
        return True

    @property
    def server_rests_until(self) -> datetime | None:
        """Set when the server is to be given nothing more until then."""
        return max((window.ends_at for window in self.general if window.exhausted), default=None)

    @property
    def again_at(self) -> datetime | None:
        """When those may go who were held back for the sake of their domain alone."""
        windows = (self.by_domain or {}).values()
        return min((window.ends_at for window in windows if window.exhausted), default=None)

    def give_back(self) -> None:
        """What was reserved and not used. Commits.

        To do it again does nothing, as nobody knows whether a commit that failed has come through.
        """
        windows = (*self.general, *(self.by_domain or {}).values())
        unused = [(window, -window.left) for window in windows]
        for window in windows:
            window.left = 0
        _add(self.server_id, unused)
        db.session.commit()


def reserve(server: SendingServer, wanted: Counter[str]) -> Allowance:
    """For so many messages to each recipient domain. Commits."""
    now = utcnow()
    general = tuple(_general(server, now))
    by_domain = _by_domain(server, wanted, now)
    windows = [*general, *by_domain.values()]
    if not windows:
        return Allowance()
    used = _locked(server.id, windows)
    for domain, window in by_domain.items():
        _grant(window, wanted[domain], window.limit - used[window.scope])
    total = sum(window.left for window in by_domain.values()) if by_domain else wanted.total()
    for window in general:
        _grant(window, total, window.limit - used[window.scope])
    for window in general:
        window.left = min(each.left for each in general)
    _add(server.id, [(window, window.left) for window in windows])
    db.session.commit()
    return Allowance(server.id, general, by_domain or None)


def forget_old() -> None:
    """Windows that ended long ago. It does not commit."""
    db.session.execute(delete(QuotaUse).where(QuotaUse.begins_at < utcnow() - timedelta(days=2)))


def _general(server: SendingServer, now: datetime) -> Iterator[Window]:
    limits = {"minute": server.per_minute, "hour": server.per_hour, "day": server.per_day}
    for scope, limit in limits.items():
        if limit is not None:
            yield _window(scope, LENGTHS[scope], limit, now)


def _by_domain(server: SendingServer, wanted: Counter[str], now: datetime) -> dict[str, Window]:
    limit = server.per_domain_hour
    if limit is None:
        return {}
    return {domain: _window(f"@{domain}", LENGTHS["hour"], limit, now) for domain in wanted}


def _window(scope: str, length: timedelta, limit: int, now: datetime) -> Window:
    begins_at = now - (now - EPOCH) % length
    return Window(scope, begins_at, begins_at + length, limit)


def _grant(window: Window, wanted: int, room: int) -> None:
    window.left = max(0, min(wanted, room))
    window.exhausted = window.left < wanted


def _locked(server_id: int, windows: list[Window]) -> dict[str, int]:
    """What each window has used. Nobody else reserves in them until the transaction ends; the
    order of the rows keeps two senders from waiting for each other."""
    rows = [
        {"server_id": server_id, "scope": each.scope, "begins_at": each.begins_at, "used": 0}
        for each in sorted(windows, key=_order)
    ]
    statement = insert(QuotaUse).values(rows)
    keep = statement.on_conflict_do_update(
        index_elements=[QuotaUse.server_id, QuotaUse.scope, QuotaUse.begins_at],
        set_={"used": QuotaUse.used},
    )
    found = db.session.execute(keep.returning(QuotaUse.scope, QuotaUse.used)).all()
    return dict(found)


def _add(server_id: int, numbers: Iterable[tuple[Window, int]]) -> None:
    """In the same order as above, and without a row for a server that was deleted meanwhile."""
    changes = [
        {"id": server_id, "of": window.scope, "since": window.begins_at, "more": number}
        for window, number in sorted(numbers, key=lambda each: _order(each[0]))
        if number
    ]
    if changes:
        db.session.connection().execute(_MORE, changes)


def _order(window: Window) -> tuple[str, datetime]:
    return window.scope, window.begins_at


_MORE = (
    update(QuotaUse)
    .where(
        QuotaUse.server_id == bindparam("id"),
        QuotaUse.scope == bindparam("of"),
        QuotaUse.begins_at == bindparam("since"),
    )
    .values(used=QuotaUse.used + bindparam("more"))
)
