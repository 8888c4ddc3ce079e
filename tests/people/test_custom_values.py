import pytest

from tests.factories import make_company, make_contact, make_field
from webapp.people import companies, contacts, custom_fields
from webapp.people.addresses import AddressError
from webapp.people.companies import CompanyDetails
from webapp.people.contacts import ContactDetails
from webapp.people.custom_values import (
    BadValue,
    Fact,
    NotAChoice,
    NotADate,
    NotANumber,
    TooLong,
    TooManyDecimals,
    TooManyDigits,
    Value,
    YearOutOfReach,
    facts,
    in_words,
    parse,
    typed,
)
from webapp.people.models import CustomField, FieldKind, FieldOf
from webapp.platform.locales import speaking


def _field(kind: FieldKind, *options: str) -> CustomField:
    return CustomField(of=FieldOf.CONTACT, key="x", label="X", kind=kind, options=list(options))


@pytest.mark.parametrize(
    ("language", "written", "value"),
    [
        ("da", "1.234,5", 1234.5),
        ("en", "1,234.5", 1234.5),
        ("en", "1.234,5", 1234.5),
        ("da", "1,234.5", 1234.5),
        ("en", "1.234.567", 1234567),
        ("da", "1.234", 1234),
        ("en", "1,234", 1234),
        ("da", "2,5", 2.5),
        ("en", "2,5", 2.5),
        ("da", "2.5", 2.5),
        ("da", "12 500", 12500),
        ("da", "−3", -3),
        ("en", "+007", 7),
        ("en", "0.10", 0.1),
    ],
)
def test_a_number_is_read_as_people_of_the_language_write_it(
    language: str, written: str, value: Value
) -> None:
    with speaking(language):
        found = parse(_field(FieldKind.NUMBER), [written])
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "written", "fault"),
    [
        (FieldKind.NUMBER, "many", NotANumber),
        (FieldKind.NUMBER, "1e300", NotANumber),
        (FieldKind.NUMBER, "NaN", NotANumber),
        (FieldKind.NUMBER, "1,2,3", NotANumber),
        (FieldKind.NUMBER, "9" * 16, TooManyDigits),
        (FieldKind.NUMBER, "0." + "1" * 40, TooManyDigits),
        (FieldKind.NUMBER, "0.0000000001", TooManyDecimals),
        (FieldKind.DATE, "0001-01-01", YearOutOfReach),
        (FieldKind.DATE, "1899-12-31", YearOutOfReach),
        (FieldKind.DATE, "9999-12-31", YearOutOfReach),
        (FieldKind.DATE, "2026-02-30", NotADate),
        (FieldKind.DATE, "tomorrow", NotADate),
        (FieldKind.DATE, "12/26", NotADate),
        (FieldKind.YES_NO, "maybe", NotAChoice),
        (FieldKind.ONE_OF, "Platinum", NotAChoice),
        (FieldKind.TEXT, "x" * 1001, TooLong),
    ],
)
def test_what_cannot_be_the_value_is_refused(
    kind: FieldKind, written: str, fault: type[BadValue]
) -> None:
    with pytest.raises(fault):
        parse(_field(kind, "Gold"), [written])


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (FieldKind.TEXT, "  Two\r\nlines\0 ", "Two lines"),
        (FieldKind.TEXT, "💡 \u202eשלום", "💡 שלום"),
        (FieldKind.DATE, "2026-05-12", "2026-05-12"),
        (FieldKind.DATE, "12.5.2026", "2026-05-12"),
        (FieldKind.DATE, "12/05/2026", "2026-05-12"),
        (FieldKind.YES_NO, "yes", True),
        (FieldKind.YES_NO, "no", False),
        (FieldKind.ONE_OF, "gold", "Gold"),
        (FieldKind.MANY_OF, "Gold", ["Gold"]),
        (FieldKind.TEXT, " \0 ", None),
        (FieldKind.MANY_OF, "", None),
    ],
)
def test_what_is_written_is_kept_clean(kind: FieldKind, written: str, value: Value | None) -> None:
    assert parse(_field(kind, "Gold"), [written]) == value


@pytest.mark.parametrize(
    ("kind", "value", "english", "danish"),
    [
        (FieldKind.TEXT, "Lumo", "Lumo", "Lumo"),
        (FieldKind.NUMBER, 1234.5, "1,234.5", "1.234,5"),
        (FieldKind.NUMBER, 140, "140", "140"),
        (FieldKind.DATE, "2026-05-12", "May 12, 2026", "12. maj 2026"),
        (FieldKind.YES_NO, True, "Yes", "Ja"),
        (FieldKind.YES_NO, False, "No", "Nej"),
        (FieldKind.MANY_OF, ["Gold", "Silver"], "Gold, Silver", "Gold, Silver"),
    ],
)
def test_a_value_is_put_into_words_in_each_language(
    kind: FieldKind, value: Value, english: str, danish: str
) -> None:
    for language, words in (("en", english), ("da", danish)):
        with speaking(language):
            assert in_words(kind, value) == words


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("value", [1234.567, 1.234, 0, -5, 999_999_999_999_999, 0.000001])
def test_a_number_in_its_control_is_read_as_it_was(language: str, value: float) -> None:
    field = _field(FieldKind.NUMBER)
    with speaking(language):
        assert parse(field, [typed(field, value)]) == value


def test_a_choice_that_is_not_offered_any_more_stays_with_those_who_have_it() -> None:
    field = make_field("Tier", FieldKind.ONE_OF, "Gold", "Silver")
    contact = make_contact(fields={"tier": "Gold"})
    custom_fields.change(field, "Tier", ["Silver", "Bronze"], by=None)
    assert facts(contact) == [Fact("Tier", "Gold", ("Gold",))]
    assert parse(field, ["Gold"], known="Gold") == "Gold"
    with pytest.raises(NotAChoice):
        parse(field, ["Gold"], known="Silver")


def test_some_of_several_choices_may_be_gone() -> None:
    field = make_field("Likes", FieldKind.MANY_OF, "Lamps", "Chairs")
    contact = make_contact(fields={"likes": ["Lamps", "Chairs"]})
    custom_fields.change(field, "Likes", ["Chairs"], by=None)
    assert facts(contact) == [Fact("Likes", "Lamps, Chairs", ("Lamps",))]
    assert parse(field, ["Lamps", "Lamps"], known=["Lamps", "Chairs"]) == ["Lamps"]


def test_a_card_shows_what_is_known_in_the_order_of_the_fields() -> None:
    make_field("Size", FieldKind.NUMBER, of=FieldOf.COMPANY)
    gone = make_field("Age", FieldKind.NUMBER, of=FieldOf.COMPANY)
    make_field("Open", FieldKind.YES_NO, of=FieldOf.COMPANY)
    make_field("Open", FieldKind.YES_NO)
    custom_fields.retire(gone, by=None)
    company = make_company(fields={"open": False, "age": 3, "size": 0})
    assert facts(company) == [Fact("Size", "0"), Fact("Open", "No")]


def test_a_change_of_a_card_leaves_the_values_that_it_does_not_name() -> None:
    contact = contacts.create(ContactDetails(first_name="Ib", fields={"age": 3, "size": 140}))
    contacts.change(contact, ContactDetails(first_name="Ib", fields={"size": None, "open": True}))
    assert contact.fields == {"age": 3, "open": True}


def test_the_details_of_a_contact_make_the_same_contact_again() -> None:
    contact = contacts.create(ContactDetails(first_name="Ib", fields={"age": 3}))
    before = contacts.details(contact)
    contacts.change(contact, before)
    assert contacts.details(contact) == before


def test_the_address_of_a_company_is_written_like_a_persons() -> None:
    company = companies.create(CompanyDetails(name="Dam", email="Info@DAM.example"))
    assert (company.email, company.email_key) == ("Info@DAM.example", "info@dam.example")
    assert company.email_hash is not None
    with pytest.raises(AddressError):
        companies.change(company, CompanyDetails(name="Dam", email="info@"))
    companies.change(company, CompanyDetails(name="Dam"))
    assert (company.email, company.email_key, company.email_hash) == ("", None, None)
