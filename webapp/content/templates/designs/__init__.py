"""The templates that come with the program.

To add one, copy a function of the modules here and list it below, draw its pictures as SVG in
static/img/templates, and run script/pictures.
"""

from webapp.content.templates.designs import events, letters, news, people, sales
from webapp.content.templates.designs.vocabulary import Design, blank

__all__ = ["DESIGNS", "Design", "blank"]

_OFFERED = (
    news.newsletter,
    events.invitation,
    news.product,
    sales.offer,
    people.welcome,
    letters.letter,
    news.digest,
    events.webinar,
    events.reminder,
    sales.story,
    people.survey,
    sales.thanks,
    letters.season,
    people.anniversary,
    letters.job,
    people.permission,
    news.notice,
)

DESIGNS = {each.name: each for each in _OFFERED}
