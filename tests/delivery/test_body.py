"""The body as pieces and gaps says what its segments say, for any text and anybody's values."""

import quopri

from hypothesis import example, given, settings
from hypothesis import strategies as st

from webapp.content.tags.logic.expressions import Call, Name
from webapp.content.tags.segments import Choice, Escape, Formula, Segments, Slot, bound, render
from webapp.delivery.body import LINKS, Body
from webapp.mailings import values
from webapp.mailings.links import PublicLinks
from webapp.platform.tokens import Signer, packed

PUBLIC = PublicLinks(Signer(["key"]), "https://mail.fjordlys.example/desk")
MAILING, RECIPIENT = 300, 70_000
NUMBERS = packed(MAILING) + packed(RECIPIENT)
KNOWN_LINKS = values.links(PUBLIC, MAILING, RECIPIENT) | {
    "open": PUBLIC.open(MAILING, RECIPIENT),
    "click.7": PUBLIC.click(MAILING, RECIPIENT, 7),
    "click.128": PUBLIC.click(MAILING, RECIPIENT, 128),
}

# As the product lets them in: a text of the database holds no NUL and no lone surrogate.
WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=300)
VALUES = st.one_of(
    WORDS,
    st.text(alphabet="Az9 .,:/@_+-=<&'\"\r\n\t\u00e6\U0001f4a1", max_size=90),
    st.integers(0, 2000).map(lambda length: ("Karen. " * 300)[:length]),
)
NAMES = st.sampled_from(["customer.firstname", "company.name", "config.companyName"])
ESCAPES = st.sampled_from(Escape)
SLOTS = st.builds(Slot, NAMES, VALUES, ESCAPES)
LINK_SLOTS = st.builds(
    Slot, st.sampled_from(sorted(KNOWN_LINKS)), st.just(""), st.sampled_from(list(Escape))
)
EXPRESSIONS = st.one_of(
    st.sampled_from(["", "1"]),
    NAMES.map(Name),
    st.builds(lambda name, text: Call("=", (Name(name), text)), NAMES, VALUES),
    st.builds(lambda name, text: Call("otherwise", (Name(name), text)), NAMES, VALUES),
    st.builds(lambda *names: Call("join", (*map(Name, names), ".\n")), NAMES, NAMES),
    st.builds(lambda name: Call("not", (Name(name),)), NAMES),
)
FORMULAS = st.builds(Formula, EXPRESSIONS, ESCAPES)
FLAT = st.lists(st.one_of(WORDS, SLOTS, LINK_SLOTS, FORMULAS), max_size=6).map(tuple)


def choices(inner: st.SearchStrategy[Segments]) -> st.SearchStrategy[Segments]:
    branches = st.lists(st.tuples(EXPRESSIONS, inner), min_size=1, max_size=3).map(tuple)
    return st.tuples(inner, st.builds(Choice, branches), inner).map(
        lambda parts: (*parts[0], parts[1], *parts[2])
    )


SEGMENTS = st.recursive(FLAT, choices, max_leaves=6)
KNOWN = st.dictionaries(NAMES, VALUES, max_size=3)


def filled(segments: Segments, shared: dict[str, str], known: dict[str, str]) -> bytes:
    return Body([segments], shared, PUBLIC).filled(known, NUMBERS)


def read(octets: bytes) -> str:
    return quopri.decodestring(octets).decode()


def in_transit(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


@given(segments=SEGMENTS, known=KNOWN, company=VALUES)
@example(segments=(Slot("company.name", "", Escape.TEXT), "."), known={}, company="")
@example(
    segments=(".", Slot("company.name", ".", Escape.TEXT)),
    known={"company.name": "." * 80},
    company="",
)
@settings(max_examples=250, deadline=None)
def test_a_body_says_what_its_segments_say(
    segments: Segments, known: dict[str, str], company: str
) -> None:
    shared = {"config.companyName": company}
    octets = filled(segments, shared, known)
    lines = octets.split(b"\r\n")
    assert octets.isascii()
    assert octets.count(b"\r") == octets.count(b"\n") == len(lines) - 1
    assert max(map(len, lines)) <= 76
    assert not any(line.startswith((b".", b"--=_")) for line in lines)
    said = render(segments, known | KNOWN_LINKS | shared)
    assert read(octets) == in_transit(said)


def test_values_of_every_length_are_put_in_right() -> None:
    slots = [Slot("company.name", "", escape) for escape in Escape]
    for length in [*range(130), 500, 998, 999, 2000]:
        for letter in ("a", "\u00e6", "=", "."):
            known = {"company.name": letter * length}
            segments = ("<", slots[0], ">", *slots, ".")
            octets = filled(segments, {}, known)
            assert max(map(len, octets.split(b"\r\n"))) <= 76
            assert read(octets) == render(segments, known)


def test_somebody_without_a_value_gets_the_fallback() -> None:
    segments = (Slot("company.name", "<friend>", Escape.HTML), Slot("company.name", "", Escape.URL))
    assert read(filled(segments, {}, {})) == "&lt;friend&gt;"
    assert read(filled(segments, {}, {"company.name": ""})) == "&lt;friend&gt;"
    assert read(filled(segments, {}, {"company.name": "A/S"})) == "A/SA%2FS"


def test_what_holds_for_everybody_is_put_in_once() -> None:
    slot = Slot("config.companyName", "", Escape.HTML)
    assert bound(("a", slot, "b"), {"config.companyName": "A & B"}) == ("aA &amp; Bb",)


def test_each_recipient_gets_links_of_their_own() -> None:
    names = ["open", *values.links(PUBLIC, MAILING, 1)]
    assert {*names, "click"} == LINKS.keys()
    segments = tuple(Slot(name, "", Escape.TEXT) for name in names)
    body = Body([segments], {}, PUBLIC)
    both = [body.filled({}, packed(MAILING) + packed(number)) for number in (1, 2)]
    assert read(both[0]) == PUBLIC.open(MAILING, 1) + "".join(
        values.links(PUBLIC, MAILING, 1).values()
    )
    assert both[0] != both[1]


def test_pieces_that_are_encoded_already_stay_as_they_are() -> None:
    body = Body([b"--=_x\r\n", ("Hi", Slot("company.name", "", Escape.TEXT), "\n")], {}, PUBLIC)
    octets = body.filled({"company.name": "Fjordlys"}, NUMBERS)
    assert octets == b"--=_x\r\nHi=\r\nFjordlys=\r\n\r\n"
