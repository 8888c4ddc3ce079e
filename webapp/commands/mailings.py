"""`flask mailing …`"""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from webapp.accounts.organisation import organisation
from webapp.content.own_html.message import from_html
from webapp.delivery import engine, sweeping
from webapp.mailings import audience, contents, drafts, lifecycle, preflight, sources
from webapp.mailings.models import Mailing, State
from webapp.people.texts import one_line
from webapp.platform import stopping
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.response import statistics
from webapp.response.models import HitKind
from webapp.targets import selections
from webapp.targets.models import Selection

ID = click.IntRange(1, 2**63 - 1)


def line(longest: int) -> Callable[[click.Context, click.Parameter, str], str]:
    """A text on one line, no longer than the pages take it."""

    def checked(_context: click.Context, _option: click.Parameter, text: str) -> str:
        words = one_line(text)
        if not 0 < len(words) <= longest:
            raise click.BadParameter(f"Write from 1 to {longest} characters.")
        return words

    return checked


mailing = AppGroup("mailing", help="E-mails: create, send, and see how it went.")


@mailing.command()
@click.option("--name", required=True, callback=line(200), help="What the mailing is called.")
@click.option(
    "--subject", required=True, callback=line(300), help="The subject; merge tags are allowed."
)
@click.option(
    "--html",
    "file",
    required=True,
    type=click.Path(path_type=Path),
    help="HTML of your own, in a file. It gets an unsubscribe link at its foot if it has none.",
)
@click.option("--selection", required=True, help="Whom to reach: the name of a selection.")
@click.option("--from", "sender", help="The From address, unless MAIL_DEFAULT_SENDER is set.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def create(
    name: str, subject: str, file: Path, selection: str, sender: str | None, as_json: bool
) -> None:
    """Create a draft from an HTML file for the people of a selection."""
    try:
        document, notes = from_html(file.read_text("utf-8"))
        draft = drafts.create(
            name,
            owner_id=None,
            from_name=organisation().name,
            from_address=sender or current_app.config["MAIL_DEFAULT_SENDER"],
        )
        draft.subject = subject
        contents.start_from(draft, document)
        sources.add_selection(draft, _selection(selection))
        audience.resolve(draft)
    except OSError as error:
        raise click.ClickException(f"“{file}” cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"“{file}” is not UTF-8 text.") from error
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    counted = audience.count(draft)
    if as_json:
        figures = {
            "id": draft.id,
            "mailed": counted.mailed,
            "left_out": {reason.value: number for reason, number in counted.left_out.items()},
            "notes": [str(note) for note in notes],
        }
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    click.echo(f"Mailing {draft.id}: {counted.mailed} will receive it, {counted.not_mailed} not.")
    for note in notes:
        click.echo(f"  {note}")


@mailing.command()
@click.argument("mailing_id", metavar="ID", type=ID)
@click.option("--wait", is_flag=True, help="Until everybody has an outcome; lends a hand.")
def send(mailing_id: int, wait: bool) -> None:
    """Send a draft now."""
    try:
        found = drafts.get(mailing_id)
        if audience.is_out_of_date(found):
            audience.resolve(found)
        preflight.require_ready(found)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    if not lifecycle.start(found, by=None):
        raise click.ClickException(f"Mailing {mailing_id} was started already.")
    if wait:
        _see_it_through(found)
    click.echo(_in_words(found))


@mailing.command()
@click.argument("mailing_id", metavar="ID", type=ID)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def stats(mailing_id: int, as_json: bool) -> None:
    """Recipients by state and reason, opens, clicks, unsubscribes."""
    try:
        found = drafts.get(mailing_id)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        json.dumps(_figures(found), ensure_ascii=False, indent=2) if as_json else _in_words(found)
    )


def _selection(name: str) -> Selection:
    found = db.session.scalar(select(Selection).where(selections.called(name)))
    if found is None:
        raise click.ClickException(f"There is no selection called “{name}”.")
    return found


def _see_it_through(sending: Mailing) -> None:
    """This process works too, so that it goes out even when no sender runs."""
    with stopping.heeding(signal.SIGINT, signal.SIGTERM):
        while sending.state in {State.PREPARING, State.SENDING} and not stopping.requested():
            engine.work_slice(sending.id, 0)
            sweeping.sweep()
            time.sleep(0.2)
            db.session.refresh(sending)


def _figures(found: Mailing) -> dict[str, object]:
    figures = statistics.of(found.id)
    hits = statistics.hits(found.id)
    return {
        "id": found.id,
        "name": found.name,
        "state": found.state.value,
        "recipients": {
            "total": sum(figures.states.values()),
            "by_state": {state.value: number for state, number in figures.states.items()},
            "by_reason": {reason.value: number for reason, number in figures.left_out.items()},
        },
        "sent": figures.sent,
        "delivered": figures.delivered,
        "opens": {"people": figures.opened, "total": hits[HitKind.OPEN]},
        "clicks": {"people": figures.clicked, "total": hits[HitKind.CLICK]},
        "unsubscribed": figures.unsubscribed,
        "links": [
            {"url": link.url, "label": link.label, "clicks": link.clicks, "people": link.people}
            for link in statistics.links(found.id)
        ],
    }


def _in_words(found: Mailing) -> str:
    figures = statistics.of(found.id)
    lines = [
        f"“{found.name}” is {found.state.value.replace('_', ' ')}. {found.state_reason}".rstrip(),
        *(f"{number:>8} {state.value}" for state, number in figures.states.items()),
        *(f"{number:>16} {reason.value}" for reason, number in figures.left_out.items()),
        f"{figures.opened:>8} opened",
        f"{figures.clicked:>8} clicked",
        f"{figures.unsubscribed:>8} unsubscribed",
    ]
    return "\n".join(lines)
