"""HTML of one's own as the content of a draft, with the images that came with it."""

from webapp.content.html.addresses import with_addresses
from webapp.content.own_html.files import Given
from webapp.content.own_html.message import Note, checked, from_html
from webapp.content.own_html.pictures import Pictures
from webapp.mailings import contents
from webapp.mailings.drafts import require_draft
from webapp.mailings.models import Mailing


def take(mailing: Mailing, given: Given, *, by: int | None) -> list[Note]:
    """In place of what was there. Answers what was changed or is missing, for the user to read.

    Raises NotADraft, EmptyHtml, HtmlTooLarge, BrokenHtml or an UnreadableArchive.
    """
    require_draft(mailing)
    pictures = Pictures(given.companions, mailing.name, by)
    document, notes = from_html(with_addresses(checked(given.html), pictures.address))
    contents.start_from(mailing, document)
    return [*notes, *pictures.notes()]
