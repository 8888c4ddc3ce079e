import pytest

from tests.factories import make_company, make_contact
from webapp.people import duplicates, not_duplicates
from webapp.people.duplicates import By, Likeness
from webapp.people.models import Contact
from webapp.platform.database import db


def why(contact: Contact) -> dict[str, list[Likeness]]:
    db.session.refresh(contact)
    return {alike.contact.label: alike.why for alike in duplicates.of(contact)}


def groups(by: By, after: str = "") -> list[list[str]]:
    found = duplicates.everywhere(by, after)
    return [[alike.contact.email for alike in group] for group in found.groups]


def test_the_same_address_in_whatever_case() -> None:
    karen = make_contact("Karen Dam", "office@dam.example")
    make_contact("Ole Dam", "Office@DAM.example")
    make_contact("Ib Voss", "ib@voss.example")
    assert why(karen) == {"Ole Dam": [Likeness.ADDRESS]}


def test_the_same_mobile() -> None:
    karen = make_contact("Karen Dam", "a@dam.example", mobile="+4520148836")
    make_contact("K. Dam", "b@dam.example", mobile="+4520148836")
    make_contact("Ib Voss", "c@dam.example", mobile="+45201488361")
    assert why(karen) == {"K. Dam": [Likeness.MOBILE]}


def test_the_same_name_counts_with_the_same_company_or_postcode_only() -> None:
    company = make_company()
    karen = make_contact("Karen Dam", "a@dam.example", company=company, postcode="5700")
    make_contact("karen dam", "b@dam.example", company=company)
    make_contact("Karén Dam", "c@dam.example", postcode="5700")
    make_contact("Karen Dam", "d@dam.example", postcode="8000")
    assert why(karen) == {
        "karen dam": [Likeness.NAME_AND_COMPANY],
        "Karén Dam": [Likeness.NAME_AND_POSTCODE],
    }


def test_people_of_whom_nothing_is_known_are_not_alike() -> None:
    karen = make_contact("", "", mobile="", postcode="5700")
    make_contact("", "", mobile="", postcode="5700")
    assert why(karen) == {}


def test_all_who_share_an_address_stand_together_the_oldest_first() -> None:
    first = make_contact("Karen Dam", "office@dam.example")
    second = make_contact("Ole Dam", "office@dam.example")
    make_contact("Ib Voss", "ib@voss.example")
    (group,) = duplicates.everywhere(By.ADDRESS).groups
    assert [alike.contact for alike in group] == [first, second]
    assert [alike.why for alike in group] == [[], [Likeness.ADDRESS]]


def test_of_namesakes_those_stand_together_who_share_more() -> None:
    make_contact("Jens Hansen", "a@h.example", postcode="5700")
    make_contact("Jens Hansen", "b@h.example", postcode="8000")
    make_contact("Jens Hansen", "c@h.example", postcode="5700")
    make_contact("Jens Hansen", "d@h.example", postcode="8000")
    make_contact("Jens Hansen", "e@h.example", postcode="9000")
    assert groups(By.NAME) == [["a@h.example", "c@h.example"], ["b@h.example", "d@h.example"]]


def test_people_of_different_names_who_share_a_mobile_are_a_list_of_their_own() -> None:
    make_contact("Karen Dam", "a@dam.example", mobile="+4520148836")
    make_contact("Ole Dam", "b@dam.example", mobile="+4520148836")
    make_contact("Ib Voss", "c@dam.example", mobile="")
    make_contact("Eva Voss", "d@dam.example", mobile="")
    assert groups(By.MOBILE) == [["a@dam.example", "b@dam.example"]]


def test_two_who_are_kept_apart_are_not_alike_any_more() -> None:
    karen, ole = two = [make_contact(name, "office@dam.example") for name in ("Karen", "Ole")]
    for one, other in (two, reversed(two)):
        not_duplicates.remember(one.id, other.id, by=None)
    assert (why(karen), why(ole), groups(By.ADDRESS)) == ({}, {}, [])
    not_duplicates.forget(ole.id, karen.id, by=None)
    assert why(karen) == {"Ole": [Likeness.ADDRESS]}
    assert len(groups(By.ADDRESS)) == 1


def test_of_three_alike_the_third_is_still_compared_when_two_are_kept_apart() -> None:
    karen, ole, third = (make_contact(name, "office@dam.example") for name in "ABC")
    not_duplicates.remember(karen.id, ole.id, by=None)
    (group,) = duplicates.everywhere(By.ADDRESS).groups
    assert [(alike.contact, alike.like) for alike in group] == [(karen, None), (third, karen)]
    not_duplicates.remember(third.id, karen.id, by=None)
    (group,) = duplicates.everywhere(By.ADDRESS).groups
    assert [(alike.contact, alike.like) for alike in group] == [(ole, None), (third, ole)]


def test_the_sixth_who_is_alike_shows_when_five_are_kept_apart() -> None:
    karen, *others = (make_contact(name, "office@dam.example") for name in "ABCDEFG")
    for other in others[: duplicates.SHOWN]:
        not_duplicates.remember(karen.id, other.id, by=None)
    assert why(karen) == {"G": [Likeness.ADDRESS]}


def test_the_next_page_goes_on_where_this_one_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(duplicates.KEYS, By.ADDRESS, 1)
    for address in ("a@dam.example", "b@dam.example"):
        make_contact("Karen Dam", address)
        make_contact("Ole Dam", address)
    first = duplicates.everywhere(By.ADDRESS)
    assert first.go_on == "a@dam.example"
    assert groups(By.ADDRESS, first.go_on) == [["b@dam.example"] * 2]


def test_those_at_the_edge_of_a_slice_are_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "SLICE", 2)
    for address in ("a@dam.example", "b@dam.example", "b@dam.example", "c@dam.example"):
        make_contact("Karen Dam", address)
    found, after = [], ""
    while True:
        page = duplicates.everywhere(By.ADDRESS, after)
        found += page.groups
        if page.go_on is None:
            break
        after = page.go_on
    assert [len(group) for group in found] == [2]
