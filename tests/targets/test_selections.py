from datetime import UTC, datetime

import pytest

from tests.conftest import make_user
from tests.factories import make_contact
from webapp.people.models import Contact
from webapp.people.search import find_contacts
from webapp.platform.database import db
from webapp.targets import selections
from webapp.targets.selections import NameTaken, NoSuchSelection


def _people(*names: str) -> list[int]:
    return [make_contact(name, f"p{index}@fjordlys.example").id for index, name in enumerate(names)]


def test_a_name_is_taken_in_whatever_case() -> None:
    selections.create("Årets gæster", None)
    with pytest.raises(NameTaken, match="ÅRETS GÆSTER"):
        selections.create("ÅRETS GÆSTER", None)


def test_renaming_to_a_name_that_is_taken_is_refused() -> None:
    selections.create("Dealers", None)
    other = selections.create("Guests", None)
    with pytest.raises(NameTaken):
        selections.rename(other, "dealers")
    selections.rename(other, "GUESTS")
    assert other.name == "GUESTS"


def test_naming_a_selection_finds_it_or_makes_it() -> None:
    user = make_user()
    made = selections.named("Dealers", user.id)
    assert (made.name, made.owner) == ("Dealers", user)
    assert selections.named("dealers", None) == made


def test_people_are_added_once_and_counted_when_new() -> None:
    selection = selections.create("Dealers", None)
    first, second, third = _people("Karen Dam", "Ole Dam", "Ib Dam")
    assert selections.add_members(selection.id, [first, second]) == 2
    assert selections.add_members(selection.id, [second, third, third]) == 1
    assert selections.size(selection.id) == 3


def test_an_id_of_nobody_is_not_added() -> None:
    selection = selections.create("Dealers", None)
    assert selections.add_members(selection.id, [999_999]) == 0


def test_whoever_a_statement_selects_is_added() -> None:
    selection = selections.create("Dealers", None)
    _people("Karen Dam", "Ole Dam", "Ib Voss")
    found = find_contacts("dam").with_only_columns(Contact.id)
    assert selections.add_members(selection.id, found) == 2


def test_more_people_than_a_statement_takes_values_are_added() -> None:
    selection = selections.create("Dealers", None)
    [one] = _people("Karen Dam")
    assert selections.add_members(selection.id, [one, *range(10**6, 10**6 + 70_000)]) == 1


def test_removing_answers_how_many_were_in_it() -> None:
    selection = selections.create("Dealers", None)
    first, second = _people("Karen Dam", "Ole Dam")
    selections.add_members(selection.id, [first])
    assert selections.remove_members(selection.id, [first, second]) == 1
    assert selections.size(selection.id) == 0


def test_a_change_of_members_is_a_change_of_the_selection() -> None:
    selection = selections.create("Dealers", None)
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    selection.updated_at = long_ago
    people = _people("Karen Dam")
    selections.add_members(selection.id, people)
    db.session.refresh(selection)
    assert selection.updated_at > long_ago
    selection.updated_at = long_ago
    db.session.flush()
    selections.add_members(selection.id, people)
    db.session.refresh(selection)
    assert selection.updated_at == long_ago


def test_members_can_be_searched_and_sorted() -> None:
    selection = selections.create("Dealers", None)
    people = _people("Karen Dam", "Ole Dam", "Ole Aa")
    make_contact("Ole Outside", "outside@fjordlys.example")
    selections.add_members(selection.id, people)
    names = [person.name for person in db.session.scalars(selections.members(selection.id, "ole"))]
    assert names == ["Ole Aa", "Ole Dam"]
    assert selections.members_among(selection.id, [people[0], 999_999]) == {people[0]}


def test_deleting_a_selection_leaves_its_people() -> None:
    selection = selections.create("Dealers", None)
    [karen] = _people("Karen Dam")
    selections.add_members(selection.id, [karen])
    assert selections.containing(karen) == [selection]
    selections.remove(selection, by=None)
    db.session.expire_all()
    assert selections.containing(karen) == []
    assert db.session.get(Contact, karen)
    with pytest.raises(NoSuchSelection):
        selections.get(selection.id)


def test_selections_stand_in_danish_order_and_are_found_by_a_part_of_the_name() -> None:
    for name in ("Årets gæster", "Zoo", "Æblefest", "100% ready"):
        selections.create(name, None)
    assert [found.name for found in db.session.scalars(selections.find_selections())] == [
        "100% ready",
        "Zoo",
        "Æblefest",
        "Årets gæster",
    ]
    assert db.session.scalars(selections.find_selections("GÆST")).one().name == "Årets gæster"
    assert db.session.scalars(selections.find_selections("0%")).one().name == "100% ready"
