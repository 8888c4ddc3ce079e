import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.people.addresses import (
    Address,
    AddressError,
    checked_address,
    parse_address,
    parse_address_list,
    plain_address,
)


def reason_for(raw: str) -> str:
    with pytest.raises(AddressError) as caught:
        parse_address(raw)
    return caught.value.reason


@pytest.mark.parametrize(
    "raw",
    [
        "  Ole.Hansen@Example.DK ",
        "mailto:Ole.Hansen@Example.DK",
        "MAILTO:Ole.Hansen@Example.DK?subject=Hi",
        "Ole Hansen <Ole.Hansen@Example.DK>",
        '"Hansen, Ole" <mailto:Ole.Hansen@Example.DK>',
        "<Ole.Hansen@Example.DK>",
        "Ole.Hansen@Example.DK;",
        "\u200bOle.Hansen@Example.DK\ufeff",
        "\u00a0Ole.Hansen@Example.DK\u00a0",
    ],
)
def test_what_surrounds_an_address_is_taken_off(raw: str) -> None:
    assert parse_address(raw) == Address("Ole.Hansen@Example.DK", "ole.hansen@example.dk")


def test_a_unicode_domain_and_its_ascii_form_are_the_same_address() -> None:
    typed = parse_address("Ole@Bøgehuset.example.dk")
    ascii_form = parse_address("ole@xn--bgehuset-54a.example.dk")
    assert typed.key == ascii_form.key == "ole@xn--bgehuset-54a.example.dk"
    assert typed.text == "Ole@bøgehuset.example.dk"


def test_an_international_local_part_is_valid_and_compared_in_lower_case() -> None:
    assert parse_address("Søren@example.dk") == Address("Søren@example.dk", "søren@example.dk")


def test_a_letter_written_as_two_characters_is_the_same_letter() -> None:
    assert parse_address("a\u030aase@example.dk").key == parse_address("åase@example.dk").key


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "empty"),
        ("  mailto: ", "empty"),
        ("ole.example.dk", "no_at"),
        ("ole at example.dk", "at_word"),
        ("ole(at)example.dk", "at_word"),
        ("ole@@example.dk", "double_at"),
        ("ole@example.dk; bo@example.dk", "two_addresses"),
        ("ole@example.dk bo@example.dk", "two_addresses"),
        ("ole@example.dk\nBcc: bo@example.dk", "two_addresses"),
        ("ole@example.dk, " * 20, "two_addresses"),
        ("@example.dk", "no_local_part"),
        ("ole@", "no_domain"),
        ("ole@example.", "trailing_dot"),
        ("for få kolonner@example.dk", "space"),
        ("ole..hansen@example.dk", "double_dot"),
        ("ole@example", "no_dot"),
        ("ole@server.local", "reserved_domain"),
        ("ole@-example.dk", "syntax"),
        ("o" * 65 + "@example.dk", "syntax"),
        ("ole@" + "e" * 300 + ".dk", "too_long"),
        ("ole@192.168.0.1", "syntax"),
    ],
)
def test_a_faulty_address_is_refused_with_the_reason(raw: str, reason: str) -> None:
    assert reason_for(raw) == reason


def test_the_message_quotes_the_address_and_keeps_it_short() -> None:
    with pytest.raises(AddressError, match="says “at” where the @ should be"):
        parse_address("ole at example.dk")
    with pytest.raises(AddressError) as caught:
        parse_address("%s" * 5_000)
    assert len(str(caught.value)) < 200


NEARLY_PLAIN = st.builds(
    "{}@{}".format,
    st.text("abcXYZ019._+-'!", min_size=1, max_size=70),
    st.lists(st.text("abXY01-", min_size=1, max_size=66), min_size=1, max_size=5).map(".".join)
    | st.sampled_from(["x.local", "test", "A.Test", "localhost", "mytest", "xn--p1ai.dk"]),
)


@given(NEARLY_PLAIN)
@example("a@b.c")
@example("a@ab--c.dk")
@example("a@x.c0")
@example("a@x.c-")
@example("a@" + ".".join(["b" * 60] * 4) + ".dk")
@example("a" * 64 + "@example.dk")
def test_the_quick_check_accepts_only_what_the_full_check_accepts(text: str) -> None:
    quick = plain_address(text)
    assert quick is None or quick == checked_address(text)


def test_ordinary_addresses_take_the_quick_way() -> None:
    assert plain_address("Ole.B+news_2@mail-1.firma-16.example") is not None


def test_a_pasted_list_keeps_names_and_folds_repeated_addresses() -> None:
    found, rejected = parse_address_list(
        "Ole Hansen <ole@example.dk>\r\n"
        "bo@example.dk, OLE@example.dk; \n"
        '"Lund, Eva" <eva@example.dk>;\n'
        "søren@bøgehuset.example.dk\n"
    )
    assert [(name, address.text) for name, address in found] == [
        ("Ole Hansen", "ole@example.dk"),
        ("", "bo@example.dk"),
        ("Lund, Eva", "eva@example.dk"),
        ("", "søren@bøgehuset.example.dk"),
    ]
    assert rejected == []


def test_a_pasted_list_tells_what_it_could_not_understand() -> None:
    found, rejected = parse_address_list("ole at example.dk\nbo@example.dk")
    assert [address.key for _name, address in found] == ["bo@example.dk"]
    assert rejected == [
        ("ole at example.dk", "“ole at example.dk” says “at” where the @ should be.")
    ]


def test_an_unclosed_quotation_mark_in_a_pasted_list_costs_one_line() -> None:
    found, rejected = parse_address_list('"Ole <ole@example.dk>\nbo@example.dk')
    assert [address.key for _name, address in found] == ["ole@example.dk", "bo@example.dk"]
    assert rejected == []
