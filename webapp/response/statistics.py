"""The figures of mailings: people first; a person counts once however often they opened."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from webapp.content.tags.segments import loaded, readable
from webapp.mailings.models import LeftOut, RecipientState
from webapp.platform.database import db
from webapp.response.models import HitKind
from webapp.response.queries import HITS, LINKS, REACTIONS, STATES


@dataclass(frozen=True)
class Figures:
    """Of one mailing. The states and reasons add up to everybody in its sources."""

    states: Mapping[RecipientState, int] = field(default_factory=dict)
    left_out: Mapping[LeftOut, int] = field(default_factory=dict)
    opened: int = 0
    clicked: int = 0
    unsubscribed: int = 0

    def in_state(self, state: RecipientState) -> int:
        return self.states.get(state, 0)

    @property
    def not_mailed(self) -> int:
        return sum(self.left_out.values())

    @property
    def mailed(self) -> int:
        """Everybody who is to get it, whatever became of it."""
        return sum(self.states.values()) - self.in_state(RecipientState.LEFT_OUT)

    @property
    def waiting(self) -> int:
        return self.in_state(RecipientState.READY)

    @property
    def done(self) -> int:
        """Those with whom nothing is left to do."""
        return self.mailed - self.waiting - self.in_state(RecipientState.DEFERRED)

    @property
    def attempted(self) -> int:
        """Those whose message went to the mail server, whatever became of it."""
        states = (RecipientState.SENT, RecipientState.FAILED, RecipientState.UNKNOWN)
        return sum(self.in_state(state) for state in states)

    @property
    def sent(self) -> int:
        return self.in_state(RecipientState.SENT)

    @property
    def delivered(self) -> int:
        """Sent, without what came back as undeliverable. Rates of opens, clicks and goodbyes are
        over this, and this itself over `attempted`."""
        return self.sent


@dataclass(frozen=True)
class LinkFigures:
    number: int
    url: str
    label: str
    """The words that it stands on."""
    registered: str
    """Its name among the tracked links, if it is one."""
    clicks: int
    people: int

    @property
    def name(self) -> str:
        return self.registered or self.label or self.url

    @property
    def words(self) -> str:
        """Below a registered name."""
        return self.label if self.registered and self.label != self.registered else ""


def of(mailing_id: int) -> Figures:
    return of_several([mailing_id])[mailing_id]


def of_several(mailing_ids: Collection[int]) -> dict[int, Figures]:
    """Two statements, however many mailings."""
    mailings = {"mailings": list(mailing_ids)}
    states: dict[int, dict[RecipientState, int]] = {mailing: {} for mailing in mailing_ids}
    left_out: dict[int, dict[LeftOut, int]] = {mailing: {} for mailing in mailing_ids}
    for row in db.session.execute(STATES, mailings):
        counts = states[row.mailing_id]
        state = RecipientState(row.state)
        counts[state] = counts.get(state, 0) + row.people
        if row.reason is not None:
            left_out[row.mailing_id][LeftOut(row.reason)] = row.people
    return {
        row.id: Figures(
            states[row.id], _in_order(left_out[row.id]), row.opened, row.clicked, row.unsubscribed
        )
        for row in db.session.execute(REACTIONS, mailings)
    }


def links(mailing_id: int) -> list[LinkFigures]:
    """In the order of the message, also those that nobody clicked."""
    return [
        LinkFigures(
            *(row.number, readable(loaded(row.target)), row.label, row.name, row.clicks, row.people)
        )
        for row in db.session.execute(LINKS, {"mailing": mailing_id})
    ]


def hits(mailing_id: int) -> dict[HitKind, int]:
    """How often in all; the figures above count people."""
    counted = {
        HitKind(row.kind): row.hits for row in db.session.execute(HITS, {"mailing": mailing_id})
    }
    return {kind: counted.get(kind, 0) for kind in HitKind}


def _in_order(reasons: Mapping[LeftOut, int]) -> dict[LeftOut, int]:
    return {reason: reasons[reason] for reason in LeftOut if reason in reasons}
