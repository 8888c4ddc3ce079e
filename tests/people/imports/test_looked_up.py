"""Importing custom fields, categories, interests and who our contact is."""

from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import make_user
from tests.factories import make_contact, make_field, make_item
from tests.people.imports.importing import bring, carry_out, checked, contact, figures, upload
from webapp.accounts.rights import Role
from webapp.people import custom_fields, lists
from webapp.people.imports import dry_run, uploads
from webapp.people.imports.faults import note_text
from webapp.people.models import Contact, CustomField, FieldKind, ListItem, ListName
from webapp.platform.database import db

KAREN = "karen@lys.example.dk"


@pytest.fixture
def size() -> CustomField:
    return make_field("Shop size", FieldKind.NUMBER)


def interests(email: str = KAREN) -> set[str]:
    return {item.name for item in lists.interests_of(contact(email).id)}


def known(**values: Any) -> Contact:
    person = make_contact("Karen", KAREN, **values)
    db.session.commit()
    return person


def test_a_new_person_comes_with_everything_that_the_columns_name() -> None:
    make_field("Shop size", FieldKind.NUMBER)
    make_field("Visited", FieldKind.DATE)
    make_field("Brands", FieldKind.MANY_OF, "Lumo", "Nord")
    dealer, user = make_item("Dealer", ListName.CATEGORY), make_user(Role.MARKETER)
    for name in ("Lamps", "Care"):
        make_item(name)
    import_ = bring(
        "E-mail;Kategori;Interesser;Vores kontakt;SHOP SIZE;visited;Brands\n"
        f'{KAREN};dealer;"lamps; Care";mette marketer;140,5;3.2.2024;nord,lumo\n'
        "bo@lys.example.dk;;;;;;\n"
    )
    karen, bo = contact(KAREN), contact("bo@lys.example.dk")
    assert figures(import_) == (2, 0, 0, 0)
    assert import_.notes == {}
    assert karen.fields == {"shop_size": 140.5, "visited": "2024-02-03", "brands": ["Lumo", "Nord"]}
    assert (karen.category_id, karen.our_contact_id) == (dealer.id, user.id)
    assert interests() == {"Lamps", "Care"}
    assert (bo.fields, bo.category_id, bo.our_contact_id) == ({}, None, None)


@pytest.mark.parametrize(("overwrite", "kept"), [(False, 140), (True, 85)])
def test_a_custom_field_is_filled_or_replaced_and_others_stay(
    size: CustomField, overwrite: bool, kept: int
) -> None:
    visited = make_field("Visited", FieldKind.DATE)
    known(fields={size.key: 140, "of_earlier": "x"})
    import_ = bring(f"E-mail;Shop size;Visited\n{KAREN};85;2024-02-03\n", overwrite=overwrite)
    assert contact(KAREN).fields == {size.key: kept, visited.key: "2024-02-03", "of_earlier": "x"}
    assert figures(import_) == (0, 1, 0, 0)


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_empty_or_wrong_cell_empties_nothing(size: CustomField, overwrite: bool) -> None:
    item, user = make_item("Dealer", ListName.CATEGORY), make_user()
    karen = known(fields={size.key: 140}, category_id=item.id, our_contact_id=user.id)
    lists.set_interests(karen.id, [make_item("Lamps").id])
    db.session.commit()
    before = karen.updated_at
    for cells in (";;;", "huge;Nobody;Nothing;Noone"):
        import_ = bring(
            f"E-mail;Shop size;Category;Interests;Our contact\n{KAREN};{cells}\n",
            overwrite=overwrite,
        )
        assert figures(import_) == (0, 0, 1, 0)
    karen = contact(KAREN)
    assert (karen.fields, karen.category_id) == ({size.key: 140}, item.id)
    assert (karen.our_contact_id, interests()) == (user.id, {"Lamps"})
    assert karen.updated_at == before


@pytest.mark.parametrize(("overwrite", "kept"), [(False, "Dealer"), (True, "Press")])
def test_a_category_is_kept_or_replaced(overwrite: bool, kept: str) -> None:
    dealer, press = (make_item(name, ListName.CATEGORY) for name in ("Dealer", "Press"))
    known(category_id=dealer.id)
    import_ = bring(f"E-mail;Category\n{KAREN};{press.name}\n", overwrite=overwrite)
    category = contact(KAREN).category
    assert category is not None
    assert category.name == kept
    assert figures(import_) == ((0, 1, 0, 0) if overwrite else (0, 0, 1, 0))


@pytest.mark.parametrize(
    ("before", "overwrite", "after", "changed"),
    [
        ([], False, {"Care", "Spares"}, 1),
        ([], True, {"Care", "Spares"}, 1),
        (["Lamps", "Care"], False, {"Lamps", "Care"}, 0),
        (["Lamps", "Care"], True, {"Care", "Spares"}, 1),
        (["Spares", "Care"], True, {"Care", "Spares"}, 0),
    ],
)
def test_interests_are_given_to_who_has_none_or_replaced(
    before: list[str], overwrite: bool, after: set[str], changed: int
) -> None:
    items = {name: make_item(name).id for name in ("Lamps", "Care", "Spares")}
    lists.set_interests(known().id, [items[name] for name in before])
    db.session.commit()
    import_ = bring(f"E-mail;Interests\n{KAREN};Spares, Care\n", overwrite=overwrite)
    assert interests() == after
    assert figures(import_) == (0, changed, 1 - changed, 0)


def test_the_same_file_again_changes_nothing(size: CustomField) -> None:
    make_item("Lamps")
    make_item("Dealer", ListName.CATEGORY)
    text = f"E-mail;{size.label};Interests;Category\n{KAREN};85,0;Lamps;Dealer\n"
    assert figures(bring(text)) == (1, 0, 0, 0)
    assert figures(bring(text)) == (0, 0, 1, 0)
    assert figures(bring(text, overwrite=True)) == (0, 0, 1, 0)


def test_the_dry_run_counts_what_is_left_out_by_reason(size: CustomField) -> None:
    make_field("Brand", FieldKind.ONE_OF, "Lumo")
    import_ = checked(
        f"E-mail;{size.label};Brand;Interests\n"
        "a@lys.example.dk;many;Nord;Lamps\n"
        "b@lys.example.dk;more;NORD;\n"
        "c@lys.example.dk;85;Nord;\n"
    )
    assert figures(import_) == (3, 0, 0, 0)
    assert {note_text(note): rows for note, rows in import_.notes.items()} == {
        "Shop size: not a number, left out": 2,
        "Brand: “Nord” is unknown, left out": 2,
        "Brand: “NORD” is unknown, left out": 1,
        "Interests: “Lamps” is unknown, left out": 1,
    }


def test_an_import_makes_no_words_for_the_lists() -> None:
    bring(f"E-mail;Category;Interests\n{KAREN};Dealer;Lamps\n")
    assert db.session.scalar(select(func.count()).select_from(ListItem)) == 0


def test_unknown_categories_and_interests_can_be_defined_before_the_import() -> None:
    make_field("Brand", FieldKind.ONE_OF, "Lumo")
    import_ = checked(
        "E-mail;Category;Interests;Brand;Our contact\n"
        f"{KAREN};Dealer;lamps, Care;Nord;Nobody\n"
        f"bo@lys.example.dk;{'x' * 101};Lamps;Lumo;\n"
    )
    user = make_user()
    dry_run.define_unknown(import_, by=user.id)
    db.session.commit()
    dry_run.begin(import_)
    assert [item.name for item in lists.items(ListName.CATEGORY)] == ["Dealer"]
    assert {item.name.lower() for item in lists.items(ListName.INTEREST)} == {"lamps", "care"}
    assert {note_text(note) for note in import_.notes} == {
        "Category: “" + "x" * 100 + "…” is unknown, left out",
        "Our contact: “Nobody” is unknown, left out",
        "Brand: “Nord” is unknown, left out",
    }
    carry_out(import_)
    assert {name.lower() for name in interests()} == {"lamps", "care"}


def test_columns_of_custom_fields_are_guessed_and_remembered(size: CustomField) -> None:
    text = f"E-mail;shop_size;What else\n{KAREN};85;Lumo\n"
    brand = make_field("Brand", FieldKind.TEXT)
    import_ = upload(text)
    assert uploads.columns(import_) == {0: "email", 1: "field.shop_size"}
    chosen = {0: "email", 1: "field.brand", 2: "note"}
    uploads.choose_columns(import_, chosen)
    carry_out(import_)
    assert uploads.columns(upload(text)) == chosen
    custom_fields.retire(brand, by=None)
    db.session.commit()
    assert uploads.columns(upload(text)) == {0: "email", 2: "note"}
