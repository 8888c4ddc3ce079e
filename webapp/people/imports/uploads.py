"""A file of people on its way in: kept, looked into, its columns chosen."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from flask import current_app
from sqlalchemy import select

from webapp.people.imports.headings import LABELS, custom, guess_mapping
from webapp.people.imports.models import Import, ImportState
from webapp.people.imports.reading import Table, open_table
from webapp.people.texts import file_name, storable
from webapp.platform.database import db
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l

SAMPLES = 5
MAX_NAME = 200


class NoSuchImport(NotFound):
    message = _l("This import does not exist any more.")


class FileGone(DomainError):
    message = _l("The file “%(name)s” is not there any more. Upload it again.")


class NoAddressColumn(DomainError):
    message = _l("Choose the column that holds the e-mail addresses. People are known by them.")


class FieldTwice(DomainError):
    message = _l("Two columns are chosen as “%(field)s”. Choose it for one of them.")


class BeingWorkedOn(DomainError):
    message = _l("“%(name)s” is being worked on. Wait until that is finished.")


def get(import_id: int) -> Import:
    """Raises NoSuchImport."""
    import_ = db.session.get(Import, import_id)
    if import_ is None:
        raise NoSuchImport
    return import_


def receive(file: BinaryIO, filename: str, *, user_id: int | None) -> Import:
    """Keep the file and look into it. Raises an UnreadableFile, and then keeps nothing."""
    import_ = Import(filename=clean_name(filename), stored_as=uuid4().hex, user_id=user_id)
    path = path_of(import_)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb") as kept:
            shutil.copyfileobj(file, kept, 1_000_000)
        look_into(import_)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    db.session.add(import_)
    db.session.flush()
    return import_


def look_into(import_: Import, sheet: str = "") -> None:
    """Note the headings and first rows, and guess what the columns hold."""
    table = open_table(path_of(import_), sheet=sheet)
    import_.sheets = [storable(name) for name in table.sheets]
    import_.sheet = storable(table.sheet)
    import_.headings = [storable(heading)[:MAX_NAME] for heading in table.headings]
    import_.samples = [
        [storable(cell)[:MAX_NAME] for cell in cells] for _number, cells in table.sample(SAMPLES)
    ]
    import_.mapping = remembered_mapping(import_.headings) or stored(
        guess_mapping(table.headings, custom())
    )


def remembered_mapping(headings: list[str]) -> dict[str, str]:
    """What somebody chose when a file with just these headings was last imported, as far as there
    still are such fields."""
    chosen = db.session.scalar(
        select(Import.mapping)
        .where(Import.state == ImportState.DONE, Import.headings == headings)
        .order_by(Import.id.desc())
        .limit(1)
    )
    known = labels()
    return {column: code for column, code in (chosen or {}).items() if code in known}


def labels() -> dict[str, str]:
    """What a column can be imported as, by field code."""
    return LABELS | {field.code: field.label for field in custom()}


def choose_sheet(import_: Import, sheet: str) -> None:
    require_editable(import_)
    look_into(import_, sheet)


def choose_columns(import_: Import, mapping: Mapping[int, str]) -> None:
    """Column index to field code. Raises NoAddressColumn, FieldTwice and BeingWorkedOn."""
    require_editable(import_)
    import_.mapping = stored(mapping)
    codes = list(mapping.values())
    for code in codes:
        if codes.count(code) > 1:
            raise FieldTwice(field=labels()[code])
    if "email" not in codes:
        raise NoAddressColumn


def require_editable(import_: Import) -> None:
    if import_.state not in {ImportState.UPLOADED, ImportState.CHECKED}:
        raise BeingWorkedOn(name=import_.filename)


def remove(import_: Import) -> None:
    """The import and its file; the people stay. Raises BeingWorkedOn."""
    if import_.state.working:
        raise BeingWorkedOn(name=import_.filename)
    db.session.delete(import_)
    path_of(import_).unlink(missing_ok=True)


def columns(import_: Import) -> dict[int, str]:
    return {int(column): code for column, code in import_.mapping.items()}


def stored(mapping: Mapping[int, str]) -> dict[str, str]:
    return {str(column): code for column, code in mapping.items()}


def table_of(import_: Import) -> Table:
    path = path_of(import_)
    if not path.exists():
        raise FileGone(name=import_.filename)
    return open_table(path, sheet=import_.sheet)


def path_of(import_: Import) -> Path:
    return Path(current_app.config["MEDIA_DIR"]) / "imports" / import_.stored_as


def clean_name(filename: str) -> str:
    return file_name(filename) or "–"
