"""What the table of mailings shows, wherever it stands."""

from typing import Any

from flask import request
from sqlalchemy import Select

from webapp.mailings import uses
from webapp.mailings.models import Mailing
from webapp.mailings.names import KIND_NAMES
from webapp.mailings.uses import Target
from webapp.platform.paging import page_of
from webapp.response import statistics
from webapp.views.marketer.looks import mark_of


def rows(found: Select[Mailing]) -> dict[str, Any]:
    """The page of them that the query names, for marketer/mailings/_table.html."""
    page = page_of(found, request.args.get("page", 1, type=int))
    return {
        "page": page,
        "figures": statistics.of_several([mailing.id for mailing in page.rows]),
        "kinds": KIND_NAMES,
        "marks": {mailing.id: mark_of(mailing.id, mailing.updated_at) for mailing in page.rows},
    }


def rows_of(target: Target) -> dict[str, Any]:
    """Those that use a selection or project, the newest first unless the query says otherwise."""
    sort = request.args.get("sort", "-changed")
    return {**rows(uses.find_mailings(target, sort=sort)), "sort": sort}
