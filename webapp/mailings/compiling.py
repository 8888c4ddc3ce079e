"""A mailing's content as it is sent, previewed or edited: compiled in one place."""

from webapp.accounts.organisation import organisation
from webapp.content.compile import CompiledContent, compile_content
from webapp.mailings.models import LinkTracking, Mailing


def compiled(
    mailing: Mailing, *, tracked: bool = True, opens: bool = True, marked: bool = False
) -> CompiledContent:
    """Links and opens are tracked as the mailing says, unless this copy is not to be.

    `marked` is for the editor's canvas.
    """
    return compile_content(
        mailing.content,
        subject=mailing.subject,
        preheader=mailing.preheader,
        track_links=tracked and mailing.track_links == LinkTracking.ALL,
        track_opens=tracked and opens and mailing.track_opens,
        language=organisation().language,
        marked=marked,
    )
