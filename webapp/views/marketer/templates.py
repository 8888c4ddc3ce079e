"""Templates of one's own: the list, and what can be done with each."""

import re
from io import BytesIO

from flask import Blueprint, Response, current_app, request, send_file, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms.validators import DataRequired

from webapp.accounts.rights import Right
from webapp.content import folders, shelf
from webapp.content.models import Folder, Template
from webapp.content.templates import files as template_files
from webapp.content.templates import templates
from webapp.content.templates.templates import LONGEST_NAME, OF
from webapp.mailings import beginnings, drafts, preview
from webapp.platform.database import db
from webapp.platform.locales import _, _l
from webapp.platform.paging import page_of
from webapp.views.access import requires
from webapp.views.forms import IdField, LineField, choices_of, refusals_at
from webapp.views.marketer import looks
from webapp.views.marketer.deleted import undo
from webapp.views.marketer.folders import FolderField, PlaceForm, in_tree
from webapp.views.rendering import came_from, dialog, go_to, render, toast

bp = Blueprint("templates", __name__, url_prefix="/templates")

SHOWN = 24
UNFIT = re.compile(r"[^\w .,&()-]+")
"""Characters that a file's name had better not have."""


class NameForm(FlaskForm):
    name = LineField(
        _l("Name"), DataRequired(_l("A template needs a name.")), max_length=LONGEST_NAME
    )


class CopyForm(NameForm):
    """A template to be made, or one that another takes the place of."""

    replaced = IdField(_l("In place of"))
    folder = FolderField(OF)

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        there = {each.id: each.name for each in db.session.scalars(templates.find())}
        self.replaced.choices = choices_of({"": _("None: a new template"), **there})

    def chosen(self) -> tuple[Template | None, Folder | None]:
        """What is replaced, and where the new one lies: unless said, where that was."""
        replaced = templates.get(self.replaced.data) if self.replaced.data else None
        return replaced, self.folder.folder() or (replaced.folder if replaced else None)


class FileForm(FlaskForm):
    file = FileField(_l("Template file"), validators=[FileRequired(_l("Choose the file."))])


@bp.get("/")
@requires(Right.WRITE_MAILINGS)
def index() -> Response:
    counts = shelf.count_by_folder(Template)
    tree = folders.tree(OF, counts)
    folder, q = in_tree(tree), request.args.get("q", "")
    found = templates.find(q, folder.ids if folder else None)
    page = page_of(found, request.args.get("page", 1, type=int), size=SHOWN)
    return render(
        "marketer/templates/index.html",
        "marketer/templates/_list.html",
        place="mailings",
        tree=tree,
        folder=folder,
        total=sum(counts.values()),
        q=q,
        page=page,
        marks={each.id: mark_of(each) for each in page.rows},
    )


@bp.get("/<int:template_id>/preview")
@requires(Right.WRITE_MAILINGS)
def look(template_id: int) -> Response:
    template = templates.get(template_id)
    return looks.answer(mark_of(template), lambda: preview.of_document(template.document))


@bp.route("/from-mailing/<int:mailing_id>", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def copy_mailing(mailing_id: int) -> Response:
    """Asks for a name, until the form says it."""
    mailing = drafts.get(mailing_id)
    beginnings.written(mailing)
    form = CopyForm(mailing.name)
    if form.validate_on_submit():
        replaced, folder = form.chosen()
        beginnings.copy_to_template(mailing, form.name.data, folder, by=current_user.id)
        if replaced:
            shelf.remove(Template, [replaced.id], by=current_user.id)
        return _done(_("“%(name)s” is among the templates now", name=form.name.data))
    return _ask(_("Copy to template"), form, _("Copy"))


@bp.route("/<int:template_id>/rename", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def rename(template_id: int) -> Response:
    template = templates.get(template_id)
    form = NameForm(obj=template)
    if form.validate_on_submit():
        templates.rename(template, form.name.data, by=current_user.id)
        return _done(_("Saved."))
    return _ask(_("Rename “%(name)s”", name=template.name), form, _("Save"))


@bp.post("/<int:template_id>/copy")
@requires(Right.WRITE_MAILINGS)
def copy(template_id: int) -> Response:
    made = templates.copy(templates.get(template_id), by=current_user.id)
    return _done(_("“%(name)s” is there", name=made.name))


@bp.route("/<int:template_id>/move", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def move(template_id: int) -> Response:
    template = templates.get(template_id)
    form = PlaceForm(OF, template.folder)
    if form.validate_on_submit():
        shelf.move(Template, [template.id], form.folder.folder(), by=current_user.id)
        return _done(_("“%(name)s” is moved.", name=template.name))
    return _ask(_("Move “%(name)s”", name=template.name), form, _("Move"))


@bp.post("/<int:template_id>/delete")
@requires(Right.WRITE_MAILINGS)
def delete(template_id: int) -> Response:
    template = templates.get(template_id)
    shelf.remove(Template, [template.id], by=current_user.id)
    return _done(_("“%(name)s” is deleted", name=template.name), undo=undo(OF, [template]))


@bp.get("/<int:template_id>/file")
@requires(Right.WRITE_MAILINGS)
def export(template_id: int) -> Response:
    template = templates.get(template_id)
    name = " ".join(UNFIT.sub(" ", template.name).split()) or _("Template")
    return send_file(
        BytesIO(template_files.written(template, current_app.config["PUBLIC_URL"])),
        mimetype="application/json",
        as_attachment=True,
        download_name=name[:100] + template_files.ENDING,
    )


@bp.route("/import", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def take_in() -> Response:
    """A file that was exported here or elsewhere, into the folder that the query names."""
    folder, form = folders.chosen(OF, request.args.get("folder", type=int)), FileForm()
    if form.validate_on_submit():
        with refusals_at(form.file):
            content = form.file.data.read(template_files.LARGEST + 1)
            template = template_files.read(content, folder, by=current_user.id)
            return _done(_("“%(name)s” is among the templates now", name=template.name))
    return _ask(_("Import a template"), form, _("Import"))


def mark_of(template: Template) -> str:
    return looks.mark_of(template.id, template.changed_at)


def _ask(title: str, form: FlaskForm, action: str) -> Response:
    return dialog(
        title,
        "marketer/templates/_form.html",
        status=422 if form.errors else 200,
        form=form,
        action=action,
        place="mailings",
        back_url=_list(),
    )


def _done(words: str, *, undo: str | None = None) -> Response:
    db.session.commit()
    toast(words, undo=undo)
    return go_to(_list())


def _list() -> str:
    return came_from(url_for("templates.index"))
