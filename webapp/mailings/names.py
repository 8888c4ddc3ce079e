"""What people read for the words that the database stores."""

from webapp.content.links.link_tracking import LinkTracking
from webapp.mailings.models import Goal, Kind, LeftOut
from webapp.platform.locales import _l

KIND_NAMES = {
    Kind.EMAIL: _l("E-mail"),
    Kind.SMS: _l("SMS"),
    Kind.DOCUMENT: _l("Document"),
    Kind.FORM_RESPONSE: _l("Form response"),
}

GOAL_NAMES = {
    Goal.WIN_LEADS: _l("Win leads"),
    Goal.SELL: _l("Sell to customers"),
    Goal.LOYALTY: _l("Loyalty"),
    Goal.INFORM: _l("Inform"),
    Goal.EVENT: _l("Event"),
    Goal.OTHER: _l("Other"),
}

TRACKING_NAMES = {
    LinkTracking.ALL: _l("All links"),
    LinkTracking.REGISTERED: _l("Registered links only"),
    LinkTracking.NONE: _l("No links"),
}

REASON_NAMES = {
    LeftOut.NO_ADDRESS: _l("No address"),
    LeftOut.BLOCKED_ADDRESS: _l("Blocked address"),
    LeftOut.FORMER_EMPLOYEE: _l("Former employee"),
    LeftOut.NO_MAILINGS: _l("No mailings"),
    LeftOut.NO_CONSENT: _l("No consent"),
    LeftOut.NO_SUBSCRIPTION: _l("No subscription"),
    LeftOut.DUPLICATE: _l("Duplicate address"),
}
