"""The people of the benchmarks, and a newsletter for them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import psycopg
from sqlalchemy import insert, literal, select, text

from webapp.accounts.organisation import fingerprint
from webapp.content.own_html.message import from_html
from webapp.mailings import contents, drafts, sources
from webapp.mailings.models import Mailing
from webapp.people.models import Company, Contact
from webapp.platform.database import db
from webapp.targets import selections
from webapp.targets.models import Selection, SelectionMember

COMPANIES = 1_000
PERSON = ("company_id", "first_name", "last_name", "email", "email_key", "email_hash")
NEWSLETTER = Path(__file__).with_name("newsletter.html")
SUBJECT = '[[customer.firstname|"You"]], light for the dark months'


def make_people(number: int) -> None:
    """Contacts who said yes to e-mail, with the evidence."""
    # The first one asks the database for the key, which is busy while it copies.
    fingerprint("")
    db.session.execute(
        insert(Company), [{"name": f"Firma nummer {each} A/S"} for each in range(COMPANIES)]
    )
    companies = db.session.scalars(select(Company.id)).all()
    people = (_person(each, companies[each % COMPANIES]) for each in range(number))
    copy_contacts(PERSON, people)
    db.session.execute(
        text(
            "INSERT INTO consent_entry (contact_id, state, basis, source, comment, given_at,"
            " recorded_at) SELECT id, 'granted', 'consent', 'Benchmark', '', now(), now()"
            " FROM contact"
        )
    )
    db.session.commit()


def make_selection(name: str, number: int) -> Selection:
    """The first so many people."""
    selection = selections.create(name, owner_id=None)
    first = select(literal(selection.id), Contact.id).order_by(Contact.id).limit(number)
    db.session.execute(insert(SelectionMember).from_select(["selection_id", "contact_id"], first))
    db.session.commit()
    return selection


def tidy_up() -> None:
    """What PostgreSQL does by itself soon after: so that it does not do it while we measure."""
    db.session.rollback()
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def make_mailing(selection: Selection) -> Mailing:
    """A draft: 6 merge tags and 10 tracked links, about 6 KB as it is sent."""
    mailing = drafts.create(
        "Benchmark", owner_id=None, from_name="Mette", from_address="mette@fjordlys.example"
    )
    mailing.subject = SUBJECT
    document, _notes = from_html(NEWSLETTER.read_text("utf-8"))
    contents.start_from(mailing, document)
    sources.add_selection(mailing, selection)
    db.session.commit()
    return mailing


def copy_contacts(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """By COPY; the columns that are not given and need a value get one. It does not commit."""
    values = _needed() | dict.fromkeys(columns)
    rest = [value for name, value in values.items() if name not in columns]
    names = [*columns, *(name for name in values if name not in columns)]
    driver = db.session.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor().copy(f"COPY contact ({', '.join(names)}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row((*row, *rest))


def _needed() -> dict[str, object]:
    """A value for each column of a contact that cannot be without."""
    needed = [
        column.name
        for column in Contact.__table__.c
        if not (column.nullable or column.computed or column.server_default or column.identity)
    ]
    special = {"no_mailings": False, "former_employee": False, "e_marketing": "granted"}
    return dict.fromkeys(needed, "") | special | {"created_at": "now", "updated_at": "now"}


def _person(number: int, company: int) -> tuple[object, ...]:
    """In the order of PERSON."""
    email = f"karen.{number}@kunde{number % 5003}.example"
    names = f"Karen{number % 997}", f"Østergaard{number % 9973}"
    return company, *names, email, email, fingerprint(email)
