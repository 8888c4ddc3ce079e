"""The SQL of an import.

The rows of the file are staged in one temporary table. What each of them means for the people
there are is found out once, set-based, into another. The dry run counts that, the run carries it
out, so that they cannot differ.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Insert,
    Select,
    String,
    Subquery,
    Text,
    Update,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    null,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import InstrumentedAttribute

from webapp.people import suppression
from webapp.people.imports import lookup_queries
from webapp.people.imports.tables import TEXTS, TOGETHER, matched, staged
from webapp.people.models import (
    Company,
    Consent,
    ConsentEntry,
    Contact,
    Suppression,
    SuppressionReason,
)

zone: ColumnElement[str] = bindparam("zone", type_=Text)
draw_ids: ColumnElement[bool] = bindparam("draw_ids", type_=Boolean)
source: ColumnElement[str] = bindparam("source", type_=Text)
basis: ColumnElement[str] = bindparam("basis", type_=String)
user_id: ColumnElement[int] = bindparam("user_id", type_=BigInteger)


Pairs = list[tuple[InstrumentedAttribute[str], ColumnElement[str]]]


def pairs(names: Sequence[str], rows: FromClause = staged) -> Pairs:
    """What the contact has and what the row brings."""
    return [(getattr(Contact, name), rows.c[name]) for name in names]


def group_fills(group: Pairs) -> ColumnElement[bool]:
    """Something is empty that the row knows, and nothing that is known contradicts the row."""
    agrees = (or_(old == "", new == "", func.lower(old) == func.lower(new)) for old, new in group)
    return and_(*agrees, or_(*(and_(old == "", new != "") for old, new in group)))


def match(looked_up: Collection[str]) -> Insert:
    """An address means the oldest contact that has it. An empty cell never changes anything.

    `looked_up` are the columns of `staged` that the file fills beside those of every import.
    """
    oldest = (
        select(Contact.email_key, func.min(Contact.id).label("id"))
        .where(Contact.email_key.in_(select(staged.c.email_key)))
        .group_by(Contact.email_key)
        .subquery("oldest")
    )
    known = Contact.id.is_not(None)
    fills_company = and_(known, staged.c.company != "", Contact.company_id.is_(None))
    replaces_company = and_(
        known,
        staged.c.company != "",
        func.lower(func.coalesce(Company.name, "")) != func.lower(staged.c.company),
    )
    fills = or_(
        *(group_fills(pairs(group)) for group in TOGETHER),
        fills_company,
        *lookup_queries.changes(looked_up, overwrite=False),
    )
    replaces = or_(
        *(and_(new != "", new != old) for old, new in pairs(TEXTS)),
        replaces_company,
        *lookup_queries.changes(looked_up, overwrite=True),
    )
    next_id = func.nextval(func.pg_get_serial_sequence("contact", "id"))
    rows = (
        select(
            staged.c.row_number,
            func.coalesce(Contact.id, case((draw_ids, next_id))),
            Contact.id.is_(None),
            and_(known, fills),
            fills_company,
            and_(known, replaces),
            replaces_company,
            consent_to_record(),
            and_(staged.c.consent, or_(has_refused(), Contact.e_marketing == Consent.WITHDRAWN)),
        )
        .select_from(staged)
        .outerjoin(oldest, oldest.c.email_key == staged.c.email_key)
        .outerjoin(Contact, Contact.id == oldest.c.id)
        .outerjoin(Company, Company.id == Contact.company_id)
        .outerjoin(Suppression, suppresses(staged.c.email_hash))
    )
    return insert(matched).from_select(list(matched.c), rows)


def refuse(addresses: Mapping[str, date | None]) -> Update:
    """A later row of theirs says no; unless the file itself dates it before the yes."""
    no = (
        func.unnest(
            literal(list(addresses), ARRAY(Text)),
            literal(list(addresses.values()), ARRAY(Date)),
        )
        .table_valued("email_key", "said_on")
        .render_derived()
    )
    dated_before = func.coalesce(no.c.said_on < staged.c.consent_at, false())
    return (
        update(staged)
        .values(consent=False, consent_at=no.c.said_on)
        .where(staged.c.email_key == no.c.email_key, staged.c.consent.is_not(False))
        .where(not_(dated_before))
    )


def suppresses(address_hash: ColumnElement[bytes]) -> ColumnElement[bool]:
    return and_(suppression.of_everything(), Suppression.address_hash == address_hash)


def has_refused() -> ColumnElement[bool]:
    """The person does not want our mail. A hard bounce says nothing of that kind."""
    return func.coalesce(Suppression.reason != SuppressionReason.HARD_BOUNCE, False)


def consent_to_record() -> ColumnElement[str]:
    """The row's yes or no, where it is news.

    A yes counts only where nothing was known: consent that was withdrawn, an unsubscribe, a
    complaint and a block all stay. A no always counts, also as the evidence that keeps a later
    list from granting, unless the file itself dates it before the consent that we have.
    """
    last_granted = (
        select(func.max(ConsentEntry.given_at))
        .where(ConsentEntry.contact_id == Contact.id, ConsentEntry.state == Consent.GRANTED)
        .scalar_subquery()
    )
    said_on = func.coalesce(staged.c.consent_at, local_day(func.now()))
    is_newer = func.coalesce(said_on >= local_day(last_granted), true())
    unknown = func.coalesce(Contact.e_marketing, Consent.UNKNOWN.value) == Consent.UNKNOWN
    says_no = staged.c.consent.is_(False)
    return case(
        (and_(staged.c.consent, unknown, not_(has_refused())), Consent.GRANTED.value),
        (and_(says_no, unknown), Consent.WITHDRAWN.value),
        (
            and_(says_no, Contact.e_marketing == Consent.GRANTED, is_newer),
            Consent.WITHDRAWN.value,
        ),
    )


def local_day(moment: ColumnElement[Any]) -> ColumnElement[date]:
    return cast(func.timezone(zone, moment), Date)


def is_changed(*, overwrite: bool) -> ColumnElement[bool]:
    content = matched.c.replaces if overwrite else matched.c.fills
    return and_(not_(matched.c.is_new), or_(content, matched.c.consent_to_record.is_not(None)))


def count(*, overwrite: bool) -> Select[int, int, int, int, int, int, int]:
    """Created, changed, unchanged; changed if overwriting; refused; those for whom a yes is
    recorded, and a no."""
    changed = is_changed(overwrite=overwrite)

    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(condition)

    return select(
        counted(matched.c.is_new),
        counted(changed),
        counted(and_(not_(matched.c.is_new), not_(changed))),
        counted(is_changed(overwrite=True)),
        counted(matched.c.refused),
        counted(matched.c.consent_to_record == Consent.GRANTED),
        counted(matched.c.consent_to_record == Consent.WITHDRAWN),
    )


def make_companies(*, overwrite: bool) -> Insert:
    """Those that people come to and that there are not, under the name of the first such row."""
    comes = matched.c.replaces_company if overwrite else matched.c.fills_company
    lower_name = func.lower(staged.c.company)
    names = (
        select(staged.c.company)
        .ext(distinct_on(lower_name))
        .join(matched, matched.c.row_number == staged.c.row_number)
        .where(
            staged.c.company != "",
            or_(matched.c.is_new, comes),
            ~exists().where(func.lower(Company.name) == lower_name),
        )
        .order_by(lower_name, staged.c.row_number)
    )
    return insert(Company).from_select([Company.name], names)


def ready() -> Subquery:
    """The staged rows, what they mean, and the company they name (looked up once for all)."""
    named = (
        select(func.lower(Company.name).label("name"), func.min(Company.id).label("id"))
        .group_by(func.lower(Company.name))
        .subquery("named")
    )
    return (
        select(
            *staged.c,
            *(column for column in matched.c if column.name != "row_number"),
            named.c.id.label("company_id"),
        )
        .join_from(matched, staged, staged.c.row_number == matched.c.row_number)
        .outerjoin(named, named.c.name == func.lower(staged.c.company))
        .subquery("ready")
    )


def make_contacts(looked_up: Collection[str]) -> Insert:
    row = ready()
    columns: dict[InstrumentedAttribute[Any], ColumnElement[Any]] = {
        Contact.id: row.c.contact_id,
        Contact.email: row.c.email,
        Contact.email_key: row.c.email_key,
        Contact.email_hash: row.c.email_hash,
        Contact.company_id: row.c.company_id,
        Contact.e_marketing: func.coalesce(row.c.consent_to_record, Consent.UNKNOWN.value),
    }
    columns.update(pairs(TEXTS, row))
    columns.update(lookup_queries.brought(looked_up, row))
    people = select(*columns.values()).where(row.c.is_new).order_by(row.c.row_number)
    return insert(Contact).from_select(list(columns), people)


def update_contacts(looked_up: Collection[str], *, overwrite: bool) -> Update:
    row = ready()
    if overwrite:
        chosen, company = row.c.replaces, row.c.replaces_company
        texts = {old: case((new != "", new), else_=old) for old, new in pairs(TEXTS, row)}
    else:
        chosen, company = row.c.fills, row.c.fills_company
        texts = {
            old: case((and_(group_fills(group), old == ""), new), else_=old)
            for group in (pairs(names, row) for names in TOGETHER)
            for old, new in group
        }
    return (
        update(Contact)
        .where(Contact.id == row.c.contact_id, not_(row.c.is_new), chosen)
        .values(texts)
        .values({Contact.company_id: case((company, row.c.company_id), else_=Contact.company_id)})
        .values(lookup_queries.left(looked_up, row, overwrite=overwrite))
    )


def update_consent() -> Update:
    """Looks again at where the person stands: a click may have come in meanwhile, and wins."""
    return (
        update(Contact)
        .where(
            Contact.id == matched.c.contact_id,
            not_(matched.c.is_new),
            matched.c.consent_to_record.is_not(None),
            Contact.e_marketing != matched.c.consent_to_record,
            Contact.e_marketing != Consent.WITHDRAWN,
        )
        # Consent is no change of the card's details: `updated_at` stays.
        .values(
            {
                Contact.e_marketing: matched.c.consent_to_record,
                Contact.updated_at: Contact.updated_at,
            }
        )
    )


def record_consent() -> Insert:
    """The evidence, for everybody whose consent now stands as the row said."""
    state = matched.c.consent_to_record
    entries: dict[InstrumentedAttribute[Any], ColumnElement[Any]] = {
        ConsentEntry.contact_id: matched.c.contact_id,
        ConsentEntry.state: matched.c.consent_to_record,
        ConsentEntry.basis: case(
            (matched.c.consent_to_record == Consent.GRANTED, basis), else_=null()
        ),
        ConsentEntry.source: source,
        ConsentEntry.comment: literal(""),
        ConsentEntry.given_at: func.coalesce(
            func.timezone(zone, cast(staged.c.consent_at, DateTime)), func.now()
        ),
        ConsentEntry.user_id: user_id,
    }
    rows = (
        select(*entries.values())
        .join_from(matched, staged, staged.c.row_number == matched.c.row_number)
        .join(Contact, Contact.id == matched.c.contact_id)
        .where(Contact.e_marketing == state)
        .order_by(matched.c.row_number)
    )
    return insert(ConsentEntry).from_select(list(entries), rows)


def granted_ids() -> Select[int]:
    """Who consents now by what the file says."""
    return (
        select(matched.c.contact_id)
        .join(Contact, Contact.id == matched.c.contact_id)
        .where(
            matched.c.consent_to_record == Consent.GRANTED, Contact.e_marketing == Consent.GRANTED
        )
    )


def imported_ids() -> Select[int]:
    return select(matched.c.contact_id)


# Who works at an import holds this lock until its transaction ends, however it ends.
HOLD = text("SELECT pg_try_advisory_xact_lock(:space, :id)")

# One import at a time looks up who there is and adds who is missing, so that two files with the
# same address make one person.
ALONE = text("SELECT pg_advisory_xact_lock(:space, 0)")

# Work that nobody holds although it was asked for a while ago: its worker died, or the queue was
# emptied. Marking it makes several clocks ring once.
TAKE_STUCK = text(
    """
UPDATE import SET rung_at = now()
 WHERE state IN ('checking', 'waiting', 'running')
   AND rung_at < now() - make_interval(secs => :patience)
   AND NOT EXISTS (
        SELECT FROM pg_locks
          JOIN pg_database ON pg_database.oid = pg_locks.database
         WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 2
           AND classid = :space AND objid = import.id AND granted
       )
RETURNING id
"""
)
