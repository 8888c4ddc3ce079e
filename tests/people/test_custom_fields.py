import pytest

from tests.factories import make_contact, make_field
from webapp.people import custom_fields
from webapp.people.custom_fields import (
    LabelOfDeleted,
    LabelTaken,
    NoOptions,
    NoSuchField,
    OptionTooLong,
    TooManyOptions,
)
from webapp.people.models import FieldKind, FieldOf
from webapp.people.search import find_contacts
from webapp.platform.database import db


def _labels() -> list[str]:
    return [field.label for field in custom_fields.defined(FieldOf.CONTACT)]


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Shop size", "shop_size"),
        ("Butikkens størrelse (m²)", "butikkens_stoerrelse_m2"),
        ("Åben på søndage?", "aaben_paa_soendage"),
        ("Café", "cafe"),
        ("Größe", "grosse"),
        ("店の広さ", "field"),
        ("[[x]] & <b>", "x_b"),
        ("A" * 60, "a" * 40),
    ],
)
def test_the_key_is_the_label_in_plain_letters(label: str, key: str) -> None:
    assert make_field(label).key == key


def test_keys_are_different_for_each_kind_of_owner() -> None:
    assert make_field("Shop-size").key == "shop_size"
    assert make_field("Shop size!").key == "shop_size_2"
    assert make_field("Shop size", of=FieldOf.COMPANY).key == "shop_size"


def test_the_key_stays_when_the_label_changes() -> None:
    field = make_field("Shop size")
    custom_fields.change(field, "Showroom size", by=None)
    assert (field.label, field.key) == ("Showroom size", "shop_size")


def test_two_fields_of_one_name_are_refused_whatever_the_case() -> None:
    make_field("Størrelse")
    with pytest.raises(LabelTaken):
        make_field("STØRRELSE")
    other = make_field("Alder")
    with pytest.raises(LabelTaken):
        custom_fields.change(other, "størrelse", by=None)
    custom_fields.change(other, "ALDER", by=None)


def test_a_deleted_field_is_to_be_brought_back_rather_than_made_again() -> None:
    custom_fields.retire(make_field("Shop size"), by=None)
    with pytest.raises(LabelOfDeleted):
        make_field("shop size")


def test_a_retired_field_keeps_its_values() -> None:
    field = make_field("Shop size")
    contact = make_contact(fields={"shop_size": 140})
    custom_fields.retire(field, by=None)
    assert _labels() == []
    assert custom_fields.retired(FieldOf.CONTACT) == [field]
    assert custom_fields.holders(field) == 1
    custom_fields.bring_back(field, by=None)
    assert _labels() == ["Shop size"]
    assert contact.fields == {"shop_size": 140}


def test_fields_change_places_with_their_neighbours() -> None:
    fields = {label: make_field(label) for label in ("Age", "Size", "Team")}
    custom_fields.move(fields["Team"], up=True)
    assert _labels() == ["Age", "Team", "Size"]
    custom_fields.move(fields["Age"], up=False)
    assert _labels() == ["Team", "Age", "Size"]
    custom_fields.move(fields["Team"], up=True)
    custom_fields.move(fields["Size"], up=False)
    assert _labels() == ["Team", "Age", "Size"]


def test_a_field_that_was_brought_back_and_moved_has_a_place_of_its_own() -> None:
    age, size = make_field("Age"), make_field("Size")
    custom_fields.retire(age, by=None)
    custom_fields.move(age, up=False)
    custom_fields.move(size, up=True)
    custom_fields.bring_back(age, by=None)
    custom_fields.move(age, up=False)
    assert _labels() == ["Size", "Age"]


def test_choices_are_cleaned_and_stand_once() -> None:
    field = make_field("Tier", FieldKind.ONE_OF, " Gold\t", "", "gold", "Sil\u200fver", "Bronze")
    assert field.options == ["Gold", "Silver", "Bronze"]


def test_only_a_choice_has_choices() -> None:
    assert make_field("Age", FieldKind.NUMBER, "1", "2").options == []


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ([], NoOptions),
        (["", "  "], NoOptions),
        ([f"Choice {number}" for number in range(101)], TooManyOptions),
        (["x" * 201], OptionTooLong),
    ],
)
def test_choices_that_cannot_be_are_refused(options: list[str], fault: type[Exception]) -> None:
    with pytest.raises(fault):
        make_field("Tier", FieldKind.MANY_OF, *options)


def test_a_field_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NoSuchField):
        custom_fields.get(999_999)


def test_a_person_is_found_by_the_text_of_a_custom_field() -> None:
    make_field("Nickname", FieldKind.TEXT)
    make_field("Likes", FieldKind.MANY_OF, "Garden lamps", "Chairs")
    make_contact("Ole Dam", "ole@dam.example", fields={"nickname": "Sparky"})
    make_contact("Ib Voss", "ib@voss.example", fields={"likes": ["Garden lamps"]})
    for text, name in (("spark", "Ole Dam"), ("garden ib", "Ib Voss")):
        assert [each.name for each in db.session.scalars(find_contacts(text))] == [name]
