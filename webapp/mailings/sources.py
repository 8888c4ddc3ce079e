"""Who to reach: adding sources to a draft and taking them away."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy.dialects.postgresql import insert

from webapp.accounts.organisation import fingerprint, organisation
from webapp.mailings.drafts import require_draft
from webapp.mailings.models import Mailing, MailingSource, PastedAddress, SourceKind
from webapp.people.addresses import Address, parse_address_list
from webapp.people.imports.faults import REASON_TEXTS
from webapp.people.imports.headings import guess_mapping
from webapp.people.imports.reading import open_table
from webapp.people.imports.rows import PersonRow, RowReader
from webapp.people.models import Basis, Contact
from webapp.people.texts import file_name
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l
from webapp.targets.models import Project, Selection

MOST_ROWS = 50_000
"""Of a file that is only a source: somebody waits for it. A longer list is imported."""
AT_ONCE = 1_000


class NothingPasted(DomainError):
    message = _l("There is no e-mail address in this text that can be written to.")


class NothingInFile(DomainError):
    message = _l("There is no e-mail address in this file that can be written to.")


class FileTooLong(DomainError):
    message = _l(
        "This file has more than %(limit)d rows. Import it under Contacts, and add the selection."
    )


@dataclass(frozen=True)
class Statement:
    """Why we may write to addresses that are in no contact's card: they carry their consent."""

    basis: Basis
    source: str
    by: int | None


@dataclass(frozen=True)
class Taken:
    """What became of a list: how many addresses were taken, and (text, why not) of the others."""

    number: int
    rejected: list[tuple[str, str]]


def add_selection(mailing: Mailing, selection: Selection) -> None:
    """Adding it twice adds it once."""
    _add(mailing, kind=SourceKind.SELECTION, selection_id=selection.id)


def add_project(mailing: Mailing, project: Project) -> None:
    _add(mailing, kind=SourceKind.PROJECT, project_id=project.id)


def add_contact(mailing: Mailing, contact: Contact) -> None:
    _add(mailing, kind=SourceKind.CONTACT, contact_id=contact.id)


def link(mailing: Mailing, selection: Selection | None, project: Project | None) -> None:
    """What a mailing is about brings its people, and takes them along when it is about something
    else. With a selection and a project only the selection does, until somebody asks for the
    project too."""
    if (mailing.selection, mailing.project) == (selection, project):
        return
    for source in mailing.sources:
        if (source.selection or source.project) in {mailing.selection, mailing.project} - {None}:
            remove(mailing, source.id)
    mailing.selection, mailing.project = selection, project
    db.session.flush()
    db.session.expire(mailing, ["sources"])
    if selection:
        add_selection(mailing, selection)
    elif project:
        add_project(mailing, project)


def left_project(mailing: Mailing) -> Project | None:
    """The linked project whose people are not added, since a selection is linked as well."""
    added = {source.project_id for source in mailing.sources}
    both = mailing.selection and mailing.project
    return mailing.project if both and mailing.project_id not in added else None


def add_pasted(mailing: Mailing, text: str, statement: Statement) -> Taken:
    """Raises NothingPasted when not one address can be read."""
    people, rejected = parse_address_list(text)
    if not people:
        raise NothingPasted
    _add_addresses(mailing, people, statement, kind=SourceKind.PASTED)
    return Taken(len(people), rejected)


def add_file(mailing: Mailing, path: Path, name: str, statement: Statement) -> Taken:
    """Who is in an Excel or text file: names and addresses, found by the headings.

    A row that says no to consent is not taken. Raises an UnreadableFile, FileTooLong, and
    NothingInFile.
    """
    table = open_table(path)
    rows = list(islice(table.rows(), MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise FileTooLong(limit=MOST_ROWS)
    mapping = guess_mapping(table.headings)
    reader = RowReader(mapping, organisation().country, max_columns=table.max_columns)
    people: list[tuple[str, Address]] = []
    rejected: list[tuple[str, str]] = []
    for number, cells in rows:
        read = reader.read(number, cells)
        if not isinstance(read, PersonRow):
            rejected.append((str(number), read.detail or str(REASON_TEXTS[read.reason])))
        elif read.consent is False:
            rejected.append((str(number), _("The row says no to consent.")))
        else:
            people.append((_name(read), read.email))
    if not people:
        raise NothingInFile
    _add_addresses(mailing, people, statement, kind=SourceKind.FILE, file_name=file_name(name))
    return Taken(len(people), rejected)


def remove(mailing: Mailing, source_id: int) -> None:
    require_draft(mailing)
    for source in mailing.sources:
        if source.id == source_id:
            db.session.delete(source)
            mailing.sources_changed_at = utcnow()


def _name(row: PersonRow) -> str:
    return " ".join(filter(None, (row.first_name, row.middle_name, row.last_name)))


def _add_addresses(
    mailing: Mailing,
    people: Iterable[tuple[str, Address]],
    statement: Statement,
    **source_values: object,
) -> None:
    require_draft(mailing)
    source = MailingSource(
        mailing_id=mailing.id,
        basis=statement.basis,
        consent_source=statement.source,
        stated_by_id=statement.by,
        **source_values,
    )
    db.session.add(source)
    db.session.flush()
    rest = iter(people)
    while some := list(islice(rest, AT_ONCE)):
        rows = [_pasted(source.id, name, address) for name, address in some]
        db.session.execute(insert(PastedAddress).on_conflict_do_nothing(), rows)
    mailing.sources_changed_at = utcnow()
    db.session.expire(mailing, ["sources"])


def _pasted(source_id: int, name: str, address: Address) -> dict[str, object]:
    return {
        "source_id": source_id,
        "name": name,
        "email": address.text,
        "email_key": address.key,
        "email_hash": fingerprint(address.key),
    }


def _add(mailing: Mailing, **source: object) -> None:
    require_draft(mailing)
    db.session.execute(
        insert(MailingSource).values(mailing_id=mailing.id, **source).on_conflict_do_nothing()
    )
    mailing.sources_changed_at = utcnow()
    db.session.expire(mailing, ["sources"])
