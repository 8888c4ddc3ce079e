from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.platform.sealing import CannotOpen, Sealer

SECRETS = st.text(alphabet=st.characters(codec="utf-8"), max_size=200)


@given(SECRETS)
def test_what_was_sealed_is_opened(secret: str) -> None:
    sealer = Sealer(["key"])
    assert sealer.open(sealer.seal(secret)) == secret


def test_what_is_sealed_does_not_show_the_secret_and_differs_each_time() -> None:
    sealer = Sealer(["key"])
    first, second = sealer.seal("correct-horse"), sealer.seal("correct-horse")
    assert b"correct-horse" not in first
    assert first != second


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    sealed = Sealer(["old"]).seal("correct-horse")
    rotated = Sealer(["new", "old"])
    assert rotated.open(sealed) == "correct-horse"
    assert Sealer(["new"]).open(rotated.seal("correct-horse")) == "correct-horse"


def test_another_key_opens_nothing() -> None:
    with pytest.raises(CannotOpen):
        Sealer(["other"]).open(Sealer(["key"]).seal("correct-horse"))


@given(place=st.integers(min_value=0), change=st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    sealer = Sealer(["key"])
    sealed = bytearray(urlsafe_b64decode(sealer.seal("correct-horse")))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(CannotOpen):
        sealer.open(urlsafe_b64encode(sealed))


@given(st.binary(max_size=200))
def test_garbage_is_refused(sealed: bytes) -> None:
    with pytest.raises(CannotOpen):
        Sealer(["key"]).open(sealed)
