"""A mailing's content as it is sent, previewed or edited: compiled in one place."""

from typing import Any

from flask import current_app

from webapp.accounts.organisation import organisation
from webapp.content.email import compile
from webapp.content.email.compile import CompiledContent, compile_content
from webapp.content.links.link_tracking import LinkTracking
from webapp.mailings import campaigns
from webapp.mailings.models import Mailing


def compiled(
    mailing: Mailing, *, tracked: bool = True, opens: bool = True, marked: bool = False
) -> CompiledContent:
    """Links and opens are tracked as the mailing says, unless this copy is not to be.

    `marked` is for the editor's canvas.
    """
    return _compiled(
        mailing,
        track_links=mailing.track_links if tracked else LinkTracking.NONE,
        track_opens=tracked and opens and mailing.track_opens,
        campaign=campaigns.of(mailing),
        marked=marked,
    )


def with_every_link(mailing: Mailing) -> CompiledContent:
    """To know its links, whether they are tracked or not."""
    return _compiled(mailing, track_links=LinkTracking.ALL, track_opens=False)


def as_typed(mailing: Mailing) -> tuple[str, str]:
    """The HTML and the text of it, with the tags as they were typed."""
    return compile.as_typed(mailing.content, current_app.config["PUBLIC_URL"])


def _compiled(mailing: Mailing, **how: Any) -> CompiledContent:
    return compile_content(
        mailing.content,
        subject=mailing.subject,
        preheader=mailing.preheader,
        public_url=current_app.config["PUBLIC_URL"],
        language=organisation().language,
        **how,
    )
