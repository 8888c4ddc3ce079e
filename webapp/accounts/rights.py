"""What each role may do. Pages ask for a right, never for a role."""

from enum import StrEnum

from webapp.platform.locales import _l


class Right(StrEnum):
    VIEW = "view"
    """See people, selections, mailings and their figures."""
    EDIT_PEOPLE = "edit_people"
    IMPORT_PEOPLE = "import_people"
    WRITE_MAILINGS = "write_mailings"
    SEND_MAILINGS = "send_mailings"
    OVERRIDE_CONSENT = "override_consent"
    """Send to people who have not consented, with a reason that is kept."""
    ADMINISTER = "administer"


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    MARKETER = "marketer"
    AUTHOR = "author"
    VIEWER = "viewer"

    @property
    def rights(self) -> frozenset[Right]:
        return RIGHTS[self]


_MARKETER = frozenset(Right) - {Right.ADMINISTER, Right.OVERRIDE_CONSENT}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.MARKETER: _MARKETER,
    Role.AUTHOR: frozenset({Right.VIEW, Right.WRITE_MAILINGS}),
    Role.VIEWER: frozenset({Right.VIEW}),
}

ROLE_NAMES = {
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.MARKETER: _l("Marketer"),
    Role.AUTHOR: _l("Author"),
    Role.VIEWER: _l("Viewer"),
}
