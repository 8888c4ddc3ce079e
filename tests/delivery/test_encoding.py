"""How text travels: read back with the standard library's parser, for any text there is."""

import quopri
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webapp.content.texts import without_controls
from webapp.delivery.encoding import encoded_words, quoted

ANY_TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=2000)
AWKWARD = st.text(alphabet="aZ.= \t\n\r\u00e6\u706f\U0001f4a1-_?<&'\"", max_size=400)
TEXTS = st.one_of(ANY_TEXT, AWKWARD)


def with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(octets: bytes) -> str:
    return quopri.decodestring(octets).decode().replace("\r\n", "\n")


def checked(octets: bytes) -> None:
    lines = octets.split(b"\r\n")
    assert octets.count(b"\r") == octets.count(b"\n") == len(lines) - 1
    assert max(map(len, lines)) <= 76
    assert not any(line.startswith(b".") for line in lines)
    assert not any(line.endswith((b" ", b"\t")) for line in lines)
    assert octets.isascii()


@given(text=TEXTS)
@example(text=".\r\n..\r\n.a" + "." * 300)
@example(text="x" * 72 + "\u706f" + "x" * 73 + ".")
@example(text=" " * 200 + "\n" + "\t" * 80)
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    octets = quoted(text)
    checked(octets)
    assert read(octets) == with_line_feeds(text)


@pytest.mark.parametrize("character", ["a", ".", "=", " ", "\t", "\u00e6", "\U0001f4a1", "\n"])
def test_every_length_is_folded_right(character: str) -> None:
    for length in [*range(160), 999, 1000, 2000]:
        octets = quoted(character * length)
        checked(octets)
        assert read(octets) == character * length


@given(pieces=st.lists(AWKWARD, max_size=8))
@settings(max_examples=100, deadline=None)
def test_pieces_that_were_encoded_by_themselves_can_be_put_together(pieces: list[str]) -> None:
    octets = b"".join(map(quoted, pieces))
    checked(octets)
    assert read(octets) == "".join(map(with_line_feeds, pieces))


@given(text=TEXTS)
@settings(max_examples=50, deadline=None)
def test_each_piece_ends_with_its_line(text: str) -> None:
    assert quoted(text) == b"" or quoted(text).endswith(b"\r\n")


def test_what_needs_no_code_stays_readable() -> None:
    assert quoted("Hello, Karen & co. (2026)\n") == b"Hello, Karen & co. (2026)\r\n"
    assert encoded_words("Light for the dark months, 2026!") == "Light for the dark months, 2026!"


def header(folded: str) -> EmailMessage:
    parser = BytesParser(policy=policy.default)
    return parser.parsebytes(f"Subject: {folded}\r\nX-Next: here\r\n\r\n".encode())


def checked_header(folded: str) -> None:
    assert folded.isascii()
    assert all(line.strip() for line in folded.split("\r\n")) or not folded
    assert all(line.startswith(" ") for line in folded.split("\r\n")[1:])
    assert not set("\r\n") & set(folded.replace("\r\n ", ""))
    assert max(map(len, folded.split("\r\n"))) <= 76


@given(text=TEXTS)
@example(text="=?utf-8?q?evil?=")
@example(text="a" * 73 + " " + "b" * 74)
@example(text="\N{WHITE HEAVY CHECK MARK}" * 300)
@example(text=" \u00a0 \u3000 ")
@settings(max_examples=150, deadline=None)
def test_any_subject_is_read_back_and_never_makes_a_header(text: str) -> None:
    folded = encoded_words(text)
    checked_header(folded)
    found = header(folded)
    assert found.keys() == ["Subject", "X-Next"]
    assert found["X-Next"] == "here"
    assert str(found["Subject"]) == " ".join(without_controls(text).split())


@pytest.mark.parametrize("character", ["a", "a ", "\u00e6", "\u706f", "\U0001f4a1", "=?", "-"])
def test_a_subject_of_every_length_is_folded_right(character: str) -> None:
    for length in [*range(100), 1000, 2000]:
        folded = encoded_words(character * length)
        checked_header(folded)
        assert str(header(folded)["Subject"]) == (character * length).strip()
