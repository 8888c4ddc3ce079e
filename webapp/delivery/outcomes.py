"""What became of one message, in words that all channels share."""

from typing import NamedTuple

from webapp.mailings.models import LeftOut, RecipientState


class Outcome(NamedTuple):
    state: RecipientState
    reply: str = ""
    """What the other side said, or what went wrong."""
    reason: LeftOut | None = None


def sent(reply: str) -> Outcome:
    return Outcome(RecipientState.SENT, reply)


def deferred(reply: str) -> Outcome:
    """Not taken now; it is tried again, with growing pauses."""
    return Outcome(RecipientState.DEFERRED, reply)


def failed(reply: str) -> Outcome:
    return Outcome(RecipientState.FAILED, reply)


def unknown(reply: str) -> Outcome:
    """It may have arrived or not: shown, and never sent again by itself."""
    return Outcome(RecipientState.UNKNOWN, reply)


def left_out(reason: LeftOut) -> Outcome:
    """A rule came to apply after the audience was made."""
    return Outcome(RecipientState.LEFT_OUT, reason=reason)


class ServerTrouble(Exception):
    """It is not about a message: nobody's was touched. The text says what the server said."""


class ServerUnavailable(ServerTrouble):
    """It cannot be reached, or takes nothing now."""


class ServerRefusesUs(ServerTrouble):
    """It will not work for us until somebody changes something (sign-in, relay)."""
