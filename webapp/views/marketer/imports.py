"""Importing people: upload, columns, check, result."""

from io import BytesIO
from pathlib import PurePath
from typing import Any

from flask import Blueprint, Response, abort, request, send_file, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from openpyxl.utils import get_column_letter
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms import RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from webapp.accounts.rights import Right
from webapp.people import subscriptions
from webapp.people.imports import dry_run, results, run, uploads, work
from webapp.people.imports.faults import note_text, reason_text
from webapp.people.imports.files import MAX_MEGABYTES, TooLarge
from webapp.people.imports.headings import FIELDS, custom
from webapp.people.imports.lookups import undefined
from webapp.people.imports.models import Import, ImportState
from webapp.people.models import Basis, Purpose
from webapp.people.privacy import BASIS_MEANINGS, BASIS_NAMES, basis_names
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l
from webapp.platform.paging import page_of
from webapp.targets.imports import selection_of
from webapp.views.access import requires
from webapp.views.forms import choices_of, refusals_at, trimmed
from webapp.views.live import pulse
from webapp.views.rendering import go_to, render, toast, wants_fragment

bp = Blueprint("imports", __name__, url_prefix="/contacts/imports")

SHOWN_REJECTED = 10

STEPS = {"new": _l("Upload"), "columns": _l("Columns"), "check": _l("Check")}


class UploadForm(FlaskForm):
    file = FileField(
        _l("Excel or CSV file"), validators=[FileRequired(_l("Choose the file to import."))]
    )


class StatementForm(FlaskForm):
    """What the importer has to say before anything is written."""

    basis = RadioField(
        _l("Why may we write to them?"),
        choices=choices_of(basis_names(Purpose.E_MARKETING)),
        validators=[InputRequired(_l("Choose why we may write to these people."))],
    )
    source = StringField(
        _l("Where do these people come from?"),
        filters=[trimmed],
        validators=[
            DataRequired(_l("Say where these people come from, such as a fair or a web shop.")),
            Length(max=500),
        ],
    )
    known = RadioField(
        _l("People we know already"),
        choices=choices_of(
            {"fill": _l("Only fill what is empty"), "overwrite": _l("Replace what differs")}
        ),
        default="fill",
        validators=[InputRequired()],
    )
    selection_name = StringField(
        _l("Selection"),
        filters=[trimmed],
        validators=[DataRequired(_l("Give the selection a name.")), Length(max=200)],
    )


@bp.get("/")
@requires(Right.IMPORT_PEOPLE)
def index() -> Response:
    imports = select(Import).options(selectinload(Import.user)).order_by(Import.id.desc())
    page = page_of(imports, request.args.get("page", 1, int))
    return render("marketer/imports/index.html", "marketer/imports/_list.html", page=page)


@bp.route("/new", methods=["GET", "POST"])
@requires(Right.IMPORT_PEOPLE)
def new() -> Response:
    form = UploadForm()
    if form.validate_on_submit():
        with refusals_at(form.file):
            import_ = uploads.receive(
                form.file.data.stream, form.file.data.filename, user_id=current_user.id
            )
            db.session.commit()
            return go_to(address(import_))
    return upload_page(form)


@bp.errorhandler(RequestEntityTooLarge)
@requires(Right.IMPORT_PEOPLE)
def too_large(_error: RequestEntityTooLarge) -> Response:
    """The body was not read, so the form cannot be either."""
    form = UploadForm(formdata=None)
    form.file.errors = [str(TooLarge(limit=MAX_MEGABYTES))]
    return upload_page(form)


@bp.route("/<int:import_id>/columns", methods=["GET", "POST"])
@requires(Right.IMPORT_PEOPLE)
def columns(import_id: int) -> Response:
    import_ = in_state(import_id, ImportState.UPLOADED, ImportState.CHECKED)
    if request.method == "GET":
        return columns_page(import_, import_.error)
    try:
        dry_run.ask(import_, chosen_columns(import_))
    except DomainError as error:
        return columns_page(import_, str(error), status=422)
    db.session.commit()
    dry_run.begin(import_)
    return go_to(address(import_))


@bp.post("/<int:import_id>/sheet")
@requires(Right.IMPORT_PEOPLE)
def sheet(import_id: int) -> Response:
    import_ = in_state(import_id, ImportState.UPLOADED, ImportState.CHECKED)
    try:
        uploads.choose_sheet(import_, request.form.get("sheet", ""))
    except DomainError as error:
        db.session.rollback()
        return columns_page(import_, str(error), status=422)
    db.session.commit()
    return go_to(url_for(".columns", import_id=import_.id))


@bp.route("/<int:import_id>/check", methods=["GET", "POST"])
@requires(Right.IMPORT_PEOPLE)
def check(import_id: int) -> Response:
    import_ = in_state(import_id, ImportState.CHECKING, ImportState.CHECKED)
    if import_.state == ImportState.CHECKING:
        return progress_page(import_, "checking.html", **wizard(import_, "check"))
    if wants_fragment():
        return go_to(request.path)
    form = StatementForm(data={"selection_name": proposed_name(import_)})
    if form.validate_on_submit():
        run.start(
            import_,
            basis=Basis(form.basis.data),
            source=form.source.data,
            selection_name=form.selection_name.data,
            overwrite=form.known.data == "overwrite",
        )
        db.session.commit()
        work.ring(import_.id)
        return go_to(url_for(".show", import_id=import_.id))
    return render(
        "marketer/imports/check.html",
        status=422 if form.errors else 200,
        import_=import_,
        form=form,
        basis_meanings=BASIS_MEANINGS,
        undefined=undefined(import_.notes),
        **outcome(import_),
        **wizard(import_, "check"),
    )


@bp.post("/<int:import_id>/lists")
@requires(Right.ADMINISTER)
def extend_lists(import_id: int) -> Response:
    import_ = in_state(import_id, ImportState.CHECKED)
    dry_run.define_unknown(import_, by=current_user.id)
    db.session.commit()
    dry_run.begin(import_)
    return go_to(address(import_))


@bp.get("/<int:import_id>")
@requires(Right.IMPORT_PEOPLE)
def show(import_id: int) -> Response:
    import_ = in_state(
        import_id, ImportState.WAITING, ImportState.RUNNING, ImportState.DONE, ImportState.FAILED
    )
    if import_.state.working:
        return progress_page(import_, "running.html")
    if wants_fragment():
        return go_to(request.path)
    return render(
        "marketer/imports/show.html",
        import_=import_,
        selection=selection_of(import_),
        basis_names=BASIS_NAMES,
        **outcome(import_),
    )


@bp.get("/<int:import_id>/rejected")
@requires(Right.IMPORT_PEOPLE)
def rejected(import_id: int) -> Response:
    import_ = uploads.get(import_id)
    book = BytesIO()
    results.write_rejected(import_, book)
    book.seek(0)
    name = PurePath(import_.filename).stem
    return send_file(
        book,
        as_attachment=True,
        download_name=_("%(name)s, rejected rows.xlsx", name=name),
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


@bp.post("/<int:import_id>/retry")
@requires(Right.IMPORT_PEOPLE)
def retry(import_id: int) -> Response:
    import_ = uploads.get(import_id)
    started = run.retry(import_)
    db.session.commit()
    if started:
        work.ring(import_.id)
    return go_to(address(import_))


@bp.post("/<int:import_id>/delete")
@requires(Right.IMPORT_PEOPLE)
def delete(import_id: int) -> Response:
    import_ = uploads.get(import_id)
    uploads.remove(import_)
    db.session.commit()
    toast(_("The import of “%(name)s” is removed. Its people stay.", name=import_.filename))
    return go_to(url_for(".index"))


def in_state(import_id: int, *states: ImportState) -> Import:
    """The import while it is at that step; at another, the browser is led there.

    Raises NoSuchImport.
    """
    import_ = uploads.get(import_id)
    if import_.state not in states:
        abort(go_to(address(import_)))
    return import_


def address(import_: Import) -> str:
    """Where the import is now."""
    endpoint = {
        ImportState.UPLOADED: ".columns",
        ImportState.CHECKING: ".check",
        ImportState.CHECKED: ".check",
    }.get(import_.state, ".show")
    return url_for(endpoint, import_id=import_.id)


def upload_page(form: UploadForm) -> Response:
    return render(
        "marketer/imports/new.html",
        status=422 if form.file.errors else 200,
        form=form,
        max_megabytes=MAX_MEGABYTES,
        **wizard(None, "new"),
    )


def columns_page(import_: Import, error: str, *, status: int = 200) -> Response:
    return render(
        "marketer/imports/columns.html",
        status=status,
        import_=import_,
        error=error,
        columns=shown_columns(import_),
        fields=FIELDS,
        custom_fields=custom(),
        **wizard(import_, "columns"),
    )


def shown_columns(import_: Import) -> list[dict[str, Any]]:
    mapping = uploads.columns(import_)
    headings = [heading.casefold() for heading in import_.headings]
    return [
        {
            "number": column,
            "letter": get_column_letter(column + 1),
            "heading": heading,
            "samples": [row[column] for row in import_.samples if any(row[column : column + 1])],
            "field": mapping.get(column),
            "twice": bool(heading) and headings.count(heading.casefold()) > 1,
        }
        for column, heading in enumerate(import_.headings)
    ]


def chosen_columns(import_: Import) -> dict[int, str]:
    codes = uploads.labels()
    chosen = {
        column: request.form.get(f"column-{column}", "") for column in range(len(import_.headings))
    }
    return {column: code for column, code in chosen.items() if code in codes}


def progress_page(import_: Import, page: str, **context: Any) -> Response:
    """It asks for its fragment until that leads on to the page of what came out."""
    moving = (import_.state, import_.rows_read)
    return render(
        f"marketer/imports/{page}",
        "marketer/imports/_progress.html",
        import_=import_,
        pulse=pulse(url_for(request.endpoint or ".show", import_id=import_.id), moving),
        **context,
    )


def outcome(import_: Import) -> dict[str, Any]:
    """The figures of an import, forecast or final, with their words."""
    return {
        "parts": [
            ("accent", import_.created, _("new")),
            ("violet", import_.changed, _("changed")),
            ("slate", import_.unchanged, _("unchanged")),
            ("red", import_.rejected_rows, _("rejected")),
        ],
        "reasons": results.counted(import_.rejected, reason_text),
        "notes": results.counted(import_.notes, note_text),
        "rejected": list(results.rejected_rows(import_, SHOWN_REJECTED)),
        "reason_text": reason_text,
        "subscribed": list(map(subscriptions.name_of, subscriptions.defaults())),
    }


def proposed_name(import_: Import) -> str:
    return f"{PurePath(import_.filename).stem[:180]} {utcnow().date().isoformat()}"


def wizard(import_: Import | None, current: str) -> dict[str, Any]:
    places = list(STEPS)
    reached = places.index(current)
    return {
        "steps": [
            {
                "label": label,
                "url": step_address(import_, place) if number <= reached else "",
                "state": "current"
                if number == reached
                else "done"
                if number < reached
                else "untouched",
            }
            for number, (place, label) in enumerate(STEPS.items())
        ],
        "back_url": url_for(".index"),
        "wizard_name": import_.filename if import_ else _("Import people"),
        "wizard_note": _("Import people") if import_ else _("From Excel or CSV"),
        "place": "contacts",
    }


def step_address(import_: Import | None, place: str) -> str:
    if import_ is None or place == "new":
        return url_for(".new")
    return url_for(f".{place}", import_id=import_.id)
