from webapp.accounts.models import AuditEntry
from webapp.platform.database import db


def audit(action: str, by: int | None, **detail: str | int | None) -> None:
    """Write down who did what, in the transaction that does it. `by` is None for the command line
    and for jobs that nobody asked for."""
    db.session.add(AuditEntry(action=action, user_id=by, detail=detail))
