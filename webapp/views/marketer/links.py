"""The list of tracked links, and each link's own page."""

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms.validators import DataRequired

from webapp.accounts.rights import Right
from webapp.content import folders, shelf
from webapp.content.links import tracked_links
from webapp.content.links.tracked_links import MAX_NAME, OF
from webapp.content.links.typed_addresses import LONGEST
from webapp.content.models import Folder, TrackedLink
from webapp.content.templates import templates
from webapp.mailings import tracked_links as in_mailings
from webapp.platform.database import db
from webapp.platform.locales import _, _l, ngettext
from webapp.platform.paging import page_of
from webapp.response.tracked_links import Clicks, clicks_of
from webapp.views.access import requires
from webapp.views.forms import LineField, refusals_at
from webapp.views.marketer.deleted import undo
from webapp.views.marketer.folders import FolderField, in_tree, places
from webapp.views.rendering import dialog, go_to, render, toast

bp = Blueprint("links", __name__, url_prefix="/links")

NOBODY = Clicks()


class NewLinkForm(FlaskForm):
    name = LineField(_l("Name"), DataRequired(_l("A link needs a name.")), max_length=MAX_NAME)
    url = LineField(_l("Address"), DataRequired(_l("Write where it leads.")), max_length=LONGEST)


class LinkForm(NewLinkForm):
    folder_id = FolderField(OF)

    def __init__(self, link: TrackedLink | None = None, folder: Folder | None = None) -> None:
        super().__init__(obj=link, folder_id=folder.id if folder else None)


@bp.get("/")
@requires(Right.VIEW)
def index() -> Response:
    counts = shelf.count_by_folder(TrackedLink)
    tree = folders.tree(OF, counts)
    folder = in_tree(tree)
    q, sort = request.args.get("q", ""), request.args.get("sort", "name")
    found = tracked_links.find(q, folder.ids if folder else None, sort=sort)
    page = page_of(found, request.args.get("page", 1, int))
    shown = [link.id for link in page.rows]
    return render(
        "marketer/links/index.html",
        "marketer/links/_list.html",
        page=page,
        clicks=clicks_of(shown),
        nobody=NOBODY,
        uses=in_mailings.count_mailings(shown),
        tree=tree,
        folder=folder,
        total=sum(counts.values()),
        places=places(OF),
        q=q,
        sort=sort,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def new() -> Response:
    """In the folder that the query names."""
    form = LinkForm(folder=folders.chosen(OF, request.args.get("folder", type=int)))
    if form.validate_on_submit():
        with refusals_at(form.url):
            link = tracked_links.make(
                form.name.data, form.url.data, form.folder_id.folder(), by=current_user.id
            )
            db.session.commit()
            toast(_("“%(name)s” is there. Choose it where an e-mail leads.", name=link.name))
            return go_to(url_for(".index", folder=link.folder_id))
    return dialog(
        _("New link"),
        "marketer/links/_new.html",
        status=422 if form.errors else 200,
        form=form,
        place="links",
        back_url=url_for(".index"),
    )


@bp.get("/<int:link_id>")
@requires(Right.VIEW)
def show(link_id: int) -> Response:
    return _page(tracked_links.get(link_id))


@bp.post("/<int:link_id>/edit")
@requires(Right.WRITE_MAILINGS)
def edit(link_id: int) -> Response:
    link = tracked_links.get(link_id)
    form = LinkForm(link)
    if form.validate_on_submit():
        with refusals_at(form.url):
            in_mailings.change(
                link,
                name=form.name.data,
                url=form.url.data,
                folder=form.folder_id.folder(),
                by=current_user.id,
            )
            db.session.commit()
            toast(_("Saved."))
            return go_to(url_for(".show", link_id=link.id))
    return _page(link, form, status=422)


@bp.post("/<int:link_id>/reset")
@requires(Right.WRITE_MAILINGS)
def reset(link_id: int) -> Response:
    link = tracked_links.get(link_id)
    tracked_links.reset(link, by=current_user.id)
    db.session.commit()
    toast(_("“%(name)s” counts from now on.", name=link.name))
    return go_to(url_for(".show", link_id=link.id))


@bp.post("/move")
@requires(Right.WRITE_MAILINGS)
def move() -> Response:
    folder = folders.chosen(OF, request.form.get("folder", type=int))
    ids = request.form.getlist("link", int)
    moved = len(shelf.move(TrackedLink, ids, folder, by=current_user.id))
    db.session.commit()
    toast(ngettext("%(num)d link is moved.", "%(num)d links are moved.", moved))
    return go_to(url_for(".index", folder=folder.id if folder else None))


@bp.post("/delete")
@requires(Right.WRITE_MAILINGS)
def delete() -> Response:
    removed = shelf.remove(TrackedLink, request.form.getlist("link", int), by=current_user.id)
    db.session.commit()
    if removed:
        words = ngettext(
            "%(num)d link is deleted. What was sent goes on leading there.",
            "%(num)d links are deleted. What was sent goes on leading there.",
            len(removed),
        )
        toast(words, undo=undo(OF, removed))
    return go_to(url_for(".index", folder=request.form.get("shown", type=int)))


def _page(link: TrackedLink, form: LinkForm | None = None, *, status: int = 200) -> Response:
    return render(
        "marketer/links/show.html",
        status=status,
        link=link,
        form=form or LinkForm(link),
        clicks=clicks_of([link.id]).get(link.id, NOBODY),
        mailings=in_mailings.mailings_with(link),
        templates=templates.leading_to(link),
        most_used=in_mailings.SHOWN,
    )
