from base64 import urlsafe_b64encode
from hashlib import blake2b, sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.platform.tokens import BadToken, Purpose, Signer, packed

NUMBERS = st.lists(st.integers(0, 2**63 - 1), max_size=4)


@given(NUMBERS)
def test_what_was_signed_is_read(numbers: list[int]) -> None:
    signer = Signer(["key"])
    token = signer.sign(Purpose.CLICK, *numbers)
    assert signer.read(Purpose.CLICK, token) == tuple(numbers)
    assert token.replace("-", "").replace("_", "").isalnum() or not token


@given(st.text(max_size=80))
def test_garbage_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        Signer(["key"]).read(Purpose.OPEN, token)


def test_a_token_serves_one_purpose() -> None:
    signer = Signer(["key"])
    with pytest.raises(BadToken):
        signer.read(Purpose.UNSUBSCRIBE, signer.sign(Purpose.OPEN, 1, 2))


def test_a_single_changed_character_is_noticed() -> None:
    signer = Signer(["key"])
    token = signer.sign(Purpose.OPEN, 1, 2)
    for position, character in enumerate(token):
        forged = token[:position] + ("A" if character != "A" else "B") + token[position + 1 :]
        with pytest.raises(BadToken):
            signer.read(Purpose.OPEN, forged)


def test_keys_can_be_rotated_and_dropped() -> None:
    old = Signer(["old"]).sign(Purpose.OPEN, 7)
    assert Signer(["new", "old"]).read(Purpose.OPEN, old) == (7,)
    with pytest.raises(BadToken):
        Signer(["new"]).read(Purpose.OPEN, old)


def test_a_link_stays_short() -> None:
    assert len(Signer(["key"]).sign(Purpose.CLICK, 10_000, 10_000_000, 10)) <= 28


@given(
    key=st.text(min_size=1, max_size=100),
    purpose=st.sampled_from(Purpose),
    numbers=st.lists(st.integers(0, 2**63 - 1), max_size=3),
)
@settings(max_examples=100, deadline=None)
def test_a_token_is_signed_by_blake2b_with_a_key(
    key: str, purpose: Purpose, numbers: list[int]
) -> None:
    secret = sha256(b"brevdue tokens\0" + key.encode()).digest()
    payload = packed(*numbers)
    code = blake2b(payload, key=secret, person=purpose.encode(), digest_size=12).digest()
    expected = urlsafe_b64encode(payload + code).rstrip(b"=")
    assert Signer([key]).pen(purpose)(payload) == expected
    assert Signer(["newer", key]).read(purpose, expected.decode()) == tuple(numbers)
