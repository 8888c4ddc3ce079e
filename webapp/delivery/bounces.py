"""What a server's refusal says about the address: the enhanced status codes of RFC 3463."""

import re

_ENHANCED = re.compile(r"5\d\d[ -]([245]\.\d{1,3}\.\d{1,3})\b")

HARD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""There is no such mailbox or domain, it moved away, takes no mail (RFC 7505), or is disabled.
Never 5.7.x, which is about what we send, nor a code that is missing: that could mean anything."""


def is_hard(reply: str) -> bool:
    """Whether the address itself is bad, so that nobody should write to it again."""
    found = _ENHANCED.match(reply)
    return found is not None and found[1] in HARD
