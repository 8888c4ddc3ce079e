"""The message as a recipient got it, to be read in a browser."""

from webapp.content.tags.segments import render
from webapp.mailings import values
from webapp.mailings.compiling import compiled
from webapp.mailings.links import PREVIEW
from webapp.mailings.models import Mailing, Recipient
from webapp.response.tracking import Reader


def as_received(reader: Reader) -> str:
    """With the recipient's own links; without the open pixel, since the view itself counts."""
    if reader.recipient is None:
        return as_sample(reader.mailing)
    mailing, recipient, public = reader.mailing, reader.recipient, values.public_links()
    content = compiled(mailing, opens=False)
    clicks = {
        f"click.{link.number}": public.click(mailing.id, recipient.id, link.number)
        for link in content.links
    }
    known = values.of_recipient(recipient, content.html) | values.of_mailing(mailing)
    return render(content.html, known | clicks | values.links(public, mailing.id, recipient.id))


def as_shown_to_us(mailing: Mailing, recipient: Recipient) -> str:
    """The same message for a colleague who looks at it: its links neither count nor change."""
    html = compiled(mailing, tracked=False).html
    links = values.links(values.public_links(), mailing.id, PREVIEW)
    known = values.of_recipient(recipient, html) | values.of_mailing(mailing) | links
    return render(html, known)


def as_sample(mailing: Mailing) -> str:
    """As a sample person would get it."""
    return render(compiled(mailing, tracked=False).html, values.for_preview(mailing, None))


def inbox_line(mailing: Mailing, recipient: Recipient | None) -> tuple[str, str]:
    """The subject and the preheader, as this recipient got them, or a sample person."""
    content = compiled(mailing, tracked=False)
    line = content.subject, content.preheader
    if recipient is None:
        known = values.for_preview(mailing, None)
    else:
        known = values.of_recipient(recipient, *line) | values.of_mailing(mailing)
    subject, preheader = (render(text, known) for text in line)
    return subject, preheader
