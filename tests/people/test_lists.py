import pytest
from sqlalchemy import select

from tests.factories import make_company, make_contact, make_item
from webapp.accounts.models import AuditEntry
from webapp.people import contacts, lists
from webapp.people.contacts import ContactDetails
from webapp.people.lists import NameTaken, NoSuchItem
from webapp.people.models import Company, Contact, ContactInterest, ListName
from webapp.platform.database import db


def _interests(contact: Contact) -> list[str]:
    return [item.name for item in lists.interests_of(contact.id)]


def test_a_list_stands_in_danish_order() -> None:
    for name in ("Årstider", "Æbler", "udendørs", "Lamper"):
        make_item(name)
    names = [item.name for item in lists.items(ListName.INTEREST)]
    assert names == ["Lamper", "udendørs", "Æbler", "Årstider"]


def test_a_name_stands_once_on_its_list_whatever_its_case() -> None:
    make_item("Ældre lamper")
    with pytest.raises(NameTaken):
        make_item("ÆLDRE Lamper")
    make_item("Ældre lamper", ListName.CATEGORY)
    assert len(lists.items(ListName.INTEREST)) == 1


def test_an_item_is_not_renamed_to_another_of_its_list() -> None:
    make_item("Lamps")
    other = make_item("Chairs")
    with pytest.raises(NameTaken):
        lists.rename(other, "lamps", by=None)
    lists.rename(other, "chairs", by=None)
    assert [item.name for item in lists.items(ListName.INTEREST)] == ["chairs", "Lamps"]


def test_the_interests_of_a_person_are_set_as_a_whole() -> None:
    lamps, chairs, tables = make_item("Lamps"), make_item("Chairs"), make_item("Tables")
    contact = make_contact()
    lists.set_interests(contact.id, [lamps.id, chairs.id])
    lists.set_interests(contact.id, [chairs.id, tables.id])
    assert _interests(contact) == ["Chairs", "Tables"]


def test_an_interest_is_added_twice_and_removed_once() -> None:
    lamps = make_item("Lamps")
    contact = make_contact()
    for _time in range(2):
        lists.add_interests(contact.id, [lamps.id])
    assert _interests(contact) == ["Lamps"]
    lists.remove_interests(contact.id, [lamps.id])
    assert _interests(contact) == []


def test_what_is_no_interest_is_passed_over() -> None:
    contact = make_contact()
    lists.set_interests(contact.id, [make_item("Dealer", ListName.CATEGORY).id, 999_999])
    assert _interests(contact) == []


def test_each_item_knows_how_many_have_it() -> None:
    dealer, press = (make_item(name, ListName.CATEGORY) for name in ("Dealer", "Press"))
    make_contact(category_id=dealer.id)
    make_contact("Ole Dam", "ole@dam.example", category_id=dealer.id)
    make_company(category_id=press.id)
    both = [dealer.id, press.id]
    assert lists.uses(Contact.category_id, both) == {dealer.id: 2}
    assert lists.uses(Company.category_id, both) == {press.id: 1}
    assert lists.uses(Contact.category_id, [press.id]) == {}


def test_whoever_had_a_deleted_item_stays_without_it() -> None:
    dealer, lamps = make_item("Dealer", ListName.CATEGORY), make_item("Lamps")
    contact = contacts.create(
        ContactDetails(first_name="Ib", category_id=dealer.id, interests=(lamps.id,))
    )
    assert contact.category == dealer
    for item in (dealer, lamps):
        lists.remove(item, by=None)
    db.session.expire_all()
    assert contact.category is None
    assert lists.uses(ContactInterest.item_id, [lamps.id]) == {}
    with pytest.raises(NoSuchItem):
        lists.get(dealer.id)


def test_what_is_done_to_a_list_is_written_down() -> None:
    item = make_item()
    lists.rename(item, "Lights", by=None)
    lists.remove(item, by=None)
    assert db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all() == [
        "list item created",
        "list item renamed",
        "list item deleted",
    ]
