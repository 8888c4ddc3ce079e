"""`flask contacts …`"""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from webapp.people.imports import run, uploads
from webapp.people.imports.faults import note_text, reason_text
from webapp.people.imports.models import Import, ImportState
from webapp.people.imports.results import counted
from webapp.people.models import Basis
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.targets import imports

BASES = click.Choice([basis.value for basis in Basis])

contacts = AppGroup("contacts", help="People: import them.")


@contacts.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--selection", required=True, help="The selection that the people are put into.")
@click.option("--basis", required=True, type=BASES, help="Why we may write to them.")
@click.option("--source", required=True, help="Where the list comes from; kept with each person.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def import_file(file: Path, selection: str, basis: str, source: str, as_json: bool) -> None:
    """Import the people in FILE (.xlsx or .csv). What is known of them stays, the rest is added."""
    try:
        with file.open("rb") as content:
            import_ = uploads.receive(content, file.name, user_id=None)
        uploads.choose_columns(import_, uploads.columns(import_))
        run.start(import_, basis=Basis(basis), source=source, selection_name=selection)
        db.session.commit()
        imports.take_up(import_.id)
    except OSError as error:
        raise click.ClickException(f"“{file}” cannot be read: {error.strerror}.") from error
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    if import_.state == ImportState.FAILED:
        raise click.ClickException(import_.error)
    click.echo(json.dumps(figures(import_), ensure_ascii=False) if as_json else summary(import_))


def figures(import_: Import) -> dict[str, object]:
    return {
        "rows": import_.total_rows,
        "created": import_.created,
        "changed": import_.changed,
        "unchanged": import_.unchanged,
        "rejected": import_.rejected,
        "cleaned": dict(counted(import_.notes, note_text)),
    }


def summary(import_: Import) -> str:
    lines = [
        f"{import_.total_rows} rows: {import_.created} created, {import_.changed} changed,"
        f" {import_.unchanged} unchanged, {import_.rejected_rows} rejected",
        *(f"{number:>8} {why}" for why, number in counted(import_.rejected, reason_text)),
        *(f"{number:>8} {what}" for what, number in counted(import_.notes, note_text)),
    ]
    return "\n".join(lines)
