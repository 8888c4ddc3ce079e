"""The dialogue in which somebody chooses where a part of an e-mail leads: to a tracked link, which
can be made there, to an address, or to a page that Brevdue makes for each recipient."""

import json
import re
from enum import StrEnum
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import LazyString
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import DataRequired

from webapp.accounts.rights import Right
from webapp.content.addresses import short
from webapp.content.links import tracked_links
from webapp.content.links.tracked_links import MAX_NAME, tag_of
from webapp.content.links.typed_addresses import LONGEST, Opens, plain_address, taken_apart
from webapp.content.tags.merge_tags import KnownTag, known_tag, known_tags
from webapp.platform.database import db
from webapp.platform.locales import _, _l
from webapp.platform.paging import page_of
from webapp.views.access import requires
from webapp.views.forms import LineField, choices_of, refusals_at
from webapp.views.marketer.links import NewLinkForm
from webapp.views.rendering import dialog, go_to, toast, wants_fragment

bp = Blueprint("link_choice", __name__, url_prefix="/links/choose")

OFFERED = 5

_TAG = re.compile(r"\[\[((?:link|attachment)\.[\w.]{1,40})\]\]")


class Tab(StrEnum):
    TRACKED = "tracked"
    PLAIN = "plain"
    SPECIAL = "special"


TAB_NAMES: dict[Tab, LazyString] = {
    Tab.TRACKED: _l("Tracked"),
    Tab.PLAIN: _l("Plain"),
    Tab.SPECIAL: _l("Special"),
}
OPENS_NAMES: dict[Opens, LazyString] = {
    Opens.PAGE: _l("A page on the web"),
    Opens.MAIL: _l("An e-mail to somebody"),
    Opens.PHONE: _l("A call"),
}
SPECIAL_NOTES: dict[str, LazyString] = {
    "link.viewShipmentMessage": _l("The message in the browser"),
    "link.subscription": _l("What they subscribe to, with boxes to tick"),
    "link.unsubscribe": _l("Leaves in one or two clicks"),
    "attachment.openUrl": _l("The first file attached at Setup"),
}
SPECIAL_ICONS = {
    "link.viewShipmentMessage": "world",
    "link.subscription": "list-check",
    "link.unsubscribe": "mail-off",
    "attachment.openUrl": "paperclip",
}


class PlainForm(FlaskForm):
    opens = RadioField(_l("Opens"), choices=choices_of(OPENS_NAMES), coerce=Opens)
    address = LineField(
        _l("Address"), DataRequired(_l("Write where it leads.")), max_length=LONGEST
    )


@bp.get("/")
@requires(Right.WRITE_MAILINGS)
def index() -> Response:
    """On the tab that the query names, or that of the `value` that is chosen now. A new tracked
    link begins with the address that was typed, and with the `words` that lead there as its name.
    """
    value = request.args.get("value", "")
    tab = request.args.get("tab", "")
    return _dialog(Tab(tab) if tab in set(Tab) else _tab_of(value), value)


@bp.post("/tracked")
@requires(Right.WRITE_MAILINGS)
def make() -> Response:
    """A tracked link on the spot."""
    form = NewLinkForm()
    if form.validate_on_submit():
        with refusals_at(form.url):
            link = tracked_links.make(form.name.data, form.url.data, None, by=current_user.id)
            db.session.commit()
            return _chosen(tag_of(link), link.name, link.url)
    return _dialog(Tab.TRACKED, new=form)


@bp.post("/plain")
@requires(Right.WRITE_MAILINGS)
def plain() -> Response:
    form = PlainForm()
    if form.validate_on_submit():
        with refusals_at(form.address):
            return _chosen(plain_address(form.opens.data, form.address.data))
    return _dialog(Tab.PLAIN, plain=form)


def known_links(values: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What the tags of links in the values of a panel are called, and where they lead; special ones
    always, as they can be chosen."""
    names = _TAG.findall(json.dumps(values, default=str))
    found = [tag for name in names if (tag := known_tag(name))]
    tags = [*_special_tags(), *found]
    return {f"[[{tag.name}]]": (str(tag.label), short(tag.leads_to)) for tag in tags}


def _tab_of(value: str) -> Tab:
    tag = _TAG.fullmatch(value)
    known = known_tag(tag[1]) if tag else None
    if known is not None and known.is_address:
        return Tab.TRACKED if known.leads_to else Tab.SPECIAL
    return Tab.PLAIN if value else Tab.TRACKED


def _special_tags() -> list[KnownTag]:
    return [tag for tag in known_tags() if tag.is_address]


def _begun(typed: str) -> NewLinkForm:
    name = " ".join(request.args.get("words", "").split())[:MAX_NAME]
    return NewLinkForm(formdata=None, url=typed, name="" if "[[" in name else name)


def _dialog(
    tab: Tab,
    value: str = "",
    *,
    new: NewLinkForm | None = None,
    plain: PlainForm | None = None,
) -> Response:
    q = request.args.get("q", "")
    opens, typed = taken_apart("" if _TAG.fullmatch(value) else value)
    return dialog(
        _("Where it leads"),
        "marketer/links/_choose.html",
        status=422 if new or plain else 200,
        tab=tab,
        tabs=TAB_NAMES,
        value=value,
        q=q,
        page=page_of(tracked_links.find(q), request.args.get("page", 1, int), size=OFFERED),
        tag_of=tag_of,
        new=new or _begun(typed if opens is Opens.PAGE else ""),
        words=request.args.get("words"),
        plain=plain or PlainForm(formdata=None, opens=opens, address=typed),
        special=_special_tags(),
        notes=SPECIAL_NOTES,
        icons=SPECIAL_ICONS,
        place="mailings",
        back_url=url_for("links.index"),
    )


def _chosen(value: str, name: str = "", address: str = "") -> Response:
    """The scripts of the page that asked put it where it belongs."""
    if not wants_fragment():
        toast(_("Saved."))
        return go_to(url_for("links.index"))
    told = {"link-chosen": {"value": value, "name": name, "address": short(address)}}
    return Response(status=204, headers={"HX-Trigger": json.dumps(told)})
