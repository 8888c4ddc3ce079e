"""Files of people, imported as the pages and the command line do it."""

from io import BytesIO
from typing import Any

from sqlalchemy import Select, select

from webapp.people.imports import dry_run, run, uploads
from webapp.people.imports.models import Import
from webapp.people.models import Basis, Contact
from webapp.platform.database import db


def upload(text: str, name: str = "people.csv") -> Import:
    import_ = uploads.receive(BytesIO(text.encode()), name, user_id=None)
    db.session.commit()
    return import_


def bring(text: str, name: str = "people.csv", **statement: Any) -> Import:
    """Upload, state and run."""
    import_ = upload(text, name)
    carry_out(import_, **statement)
    return import_


def carry_out(import_: Import, **statement: Any) -> None:
    begin(import_, **statement)
    run.run(import_.id, into_nothing)


def checked(text: str) -> Import:
    """Upload and run dry."""
    import_ = upload(text)
    dry_run.ask(import_, uploads.columns(import_))
    db.session.commit()
    dry_run.begin(import_)
    return import_


def begin(import_: Import, **statement: Any) -> bool:
    stated = {"basis": Basis.CONSENT, "source": "Autumn fair", "selection_name": "Fair"}
    started = run.start(import_, **{**stated, **statement})
    db.session.commit()
    return started


def breaking(text: str) -> str:
    """With a quotation mark that is never closed, too far down for the upload to see it."""
    return text + ";;;;\n;no;;;\n" * 60 + 'Eva;"Dam;;;\nPer;Dam;per@lys.example.dk;;\n' * 2


def into_nothing(import_: Import, people: Select[int]) -> None:
    """The imported people are wanted in no selection."""


def figures(import_: Import) -> tuple[int, int, int, int]:
    """Created, changed, unchanged, rejected."""
    return import_.created, import_.changed, import_.unchanged, import_.rejected_rows


def contact(email_key: str) -> Contact:
    db.session.expire_all()
    return db.session.scalars(select(Contact).where(Contact.email_key == email_key)).one()
