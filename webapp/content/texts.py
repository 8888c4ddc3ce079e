"""What no text may hold, wherever it stands."""

import re

CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff"
"""C0 and C1 controls, the Unicode line separators, non-characters and lone surrogates: none of them
may stand in XML, a header or a database text."""
_CONTROLS = re.compile(f"[{CONTROLS}]+")


def without_controls(value: str) -> str:
    return _CONTROLS.sub(" ", value)
