import pytest

from tests.factories import make_company, make_contact
from webapp.people import search
from webapp.people.models import Contact
from webapp.people.search import find_companies, find_contacts, parts
from webapp.people.standing import Standing
from webapp.platform.database import db
from webapp.platform.paging import page_of


def _found(text: str = "", *, only: Standing | None = None, sort: str = "name") -> list[str]:
    return [
        contact.label for contact in db.session.scalars(find_contacts(text, only=only, sort=sort))
    ]


@pytest.fixture
def _three_people() -> None:
    company = make_company("Thygesen Arkitekter")
    make_contact(
        "Karen Blichfeldt", "karen.b@blichfeldtlys.example", postcode="5700", city="Svendborg"
    )
    make_contact("Åse Østergaard", "aase@ostergaard.example", mobile="+4520148836")
    make_contact("Ole O'Brien", "ole@thygesen.example", phone="+4586141000", company=company)


@pytest.mark.usefixtures("_three_people")
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("kar", "Karen Blichfeldt"),
        ("BLICH", "Karen Blichfeldt"),
        ("blichfeldt karen", "Karen Blichfeldt"),
        ("svendb", "Karen Blichfeldt"),
        ("karen.b@blichfeldtlys.example", "Karen Blichfeldt"),
        ("Karen.B@Blich", "Karen Blichfeldt"),
        ("@blichfeldtlys", "Karen Blichfeldt"),
        ("åse øst", "Åse Østergaard"),
        ("+4520148836", "Åse Østergaard"),
        ("45201", "Åse Østergaard"),
        ("20 14 88 36", "Åse Østergaard"),
        ("+45 2014 88", "Åse Østergaard"),
        ("0045 20148836", "Åse Østergaard"),
        ("(86) 14-10", "Ole O'Brien"),
        ("5700", "Karen Blichfeldt"),
        ("5700 svendborg", "Karen Blichfeldt"),
        ("o'brien", "Ole O'Brien"),
        ("arkitekter", "Ole O'Brien"),
        ("ole arkitekter", "Ole O'Brien"),
    ],
)
def test_a_person_is_found_by_the_beginnings_of_words(text: str, name: str) -> None:
    assert _found(text) == [name]


@pytest.mark.usefixtures("_three_people")
@pytest.mark.parametrize("text", ["karen arkitekter", "aren", "karen%@blich", "zzz"])
def test_every_word_has_to_match(text: str) -> None:
    assert _found(text) == []


@pytest.mark.usefixtures("_three_people")
@pytest.mark.parametrize("text", ["", "   ", "' & | ! :* ()", "\\", "\0"])
def test_a_search_without_words_finds_everybody(text: str) -> None:
    assert len(_found(text)) == 3


@pytest.mark.parametrize("text", ["'karen':* & !(", "karen:*|ole", "<b>karen</b>", "k\0aren"])
def test_signs_that_mean_something_to_postgresql_are_only_signs(text: str) -> None:
    make_contact("Karen Karen")
    assert _found(text) in ([], ["Karen Karen"])


def test_names_stand_in_danish_order() -> None:
    for last_name in ["Åkjær", "Zimmer", "Ørsted", "Ærø", "Ahlmann", "Émond", "Ebbesen"]:
        make_contact(f"Ib {last_name}")
    names = [name.removeprefix("Ib ") for name in _found()]
    assert names == ["Ahlmann", "Ebbesen", "Émond", "Zimmer", "Ærø", "Ørsted", "Åkjær"]


def test_somebody_without_a_name_stands_where_the_address_belongs() -> None:
    make_contact("Ib Hansen")
    make_contact("", "info@lys.example")
    make_contact("Ib Jensen")
    assert _found() == ["Ib Hansen", "info@lys.example", "Ib Jensen"]


def test_a_minus_turns_the_order_round() -> None:
    make_contact("Ib Hansen")
    make_contact("Ib Jensen")
    assert _found(sort="-name") == ["Ib Jensen", "Ib Hansen"]
    assert _found(sort="-created") == ["Ib Jensen", "Ib Hansen"]


def test_an_order_that_nobody_knows_is_by_name() -> None:
    make_contact("Ib Jensen")
    make_contact("Ib Hansen")
    assert _found(sort="-; drop table") == ["Ib Hansen", "Ib Jensen"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("company", ["Ib Voss", "Ib Dam", "Ib Aa"]),
        ("-company", ["Ib Dam", "Ib Voss", "Ib Aa"]),
    ],
)
def test_people_without_a_company_come_last_both_ways(sort: str, expected: list[str]) -> None:
    make_contact("Ib Aa")
    make_contact("Ib Dam", company=make_company("Østergaard"))
    make_contact("Ib Voss", company=make_company("Bække El"))
    people = page_of(parts(find_contacts(sort=sort), sort), 1).rows
    assert [person.label for person in people] == expected


@pytest.mark.parametrize("sort", ["name", "company", "-company"])
def test_a_search_and_its_pages_hold_everybody_once(sort: str) -> None:
    company = make_company("Dam Huse")
    make_contact("Ib Dam", company=company)
    make_contact("Ib Voss", company=company)
    make_contact("Ib Dam", "ib@dam.example")
    make_contact("Ib Aa", "ib@aa.example")
    found = parts(find_contacts("dam", sort=sort), sort)
    pages = [page_of(found, number, size=1) for number in (1, 2, 3)]
    assert len({page.rows[0].id for page in pages}) == 3
    assert {(page.total, page.more) for page in pages} == {(3, False)}


@pytest.mark.parametrize("few", [0, 5])
def test_people_are_found_by_the_name_of_one_of_many_companies(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FEW", few)
    make_contact("Ole Voss", company=make_company("Dam Huse"))
    make_contact("Ib Dam")
    make_contact("Ib Aa", company=make_company("Aa Have"))
    assert _found("dam") == ["Ib Dam", "Ole Voss"]
    assert _found("dam ole") == ["Ole Voss"]


def test_a_filter_and_a_search_hold_together() -> None:
    make_contact("Karen Dam", no_mailings=True)
    make_contact("Karen Voss")
    make_contact("Ole Dam", "ole@dam.example", no_mailings=True)
    assert _found("karen", only=Standing.NO_MAILINGS) == ["Karen Dam"]


def test_companies_are_found_by_name_site_and_city() -> None:
    company = make_company("Blichfeldt Belysning ApS", domain="lysby.example", city="Svendborg")
    make_company("Voss & Bjerregaard")
    for text in ("belys", "lysby", "svend blich"):
        assert db.session.scalars(find_companies(text)).all() == [company]


def test_a_contact_is_found_by_the_new_name_after_a_change() -> None:
    contact: Contact = make_contact("Karen Dam")
    contact.last_name = "Voss"
    db.session.flush()
    assert _found("dam") == []
    assert _found("voss") == ["Karen Voss"]


def test_people_are_found_by_the_numbers_of_custom_fields() -> None:
    karen = make_contact("Karen Holm", "karen@lys.example", fields={"shop_size": 640})
    make_contact("Ole Holm", "ole@lys.example", fields={"shop_size": 65})
    for words in ("640", "holm 64"):
        assert list(db.session.scalars(find_contacts(words))) == [karen]
