"""Who may sign in: the first administrator, and checking a password."""

from sqlalchemy import func, select, text

from webapp.accounts import passwords
from webapp.accounts.models import User
from webapp.accounts.rights import Role
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l


class AlreadySetUp(DomainError):
    message = _l("This Brevdue already has an administrator. Sign in, or ask to be added.")


def nobody_yet() -> bool:
    return db.session.scalar(select(func.count()).select_from(User)) == 0


def create_first_administrator(*, name: str, email: str, password: str, language: str) -> User:
    """Raises AlreadySetUp, also for the second of two browsers that do this at once."""
    db.session.execute(text('LOCK TABLE "user" IN EXCLUSIVE MODE'))
    if not nobody_yet():
        db.session.rollback()
        raise AlreadySetUp
    return create_user(
        name=name, email=email, password=password, role=Role.ADMINISTRATOR, language=language
    )


def create_user(*, name: str, email: str, password: str, role: Role, language: str) -> User:
    user = User(
        name=name.strip(),
        email=email.strip(),
        email_key=_key(email),
        password_hash=passwords.hashed(password),
        role=role,
        language=language,
    )
    db.session.add(user)
    db.session.flush()
    return user


def authenticate(email: str, password: str) -> User | None:
    user = db.session.scalar(select(User).where(User.email_key == _key(email)))
    if not passwords.matches(password, user.password_hash if user else None):
        return None
    if user is None or user.disabled_at is not None:
        return None
    if passwords.outdated(user.password_hash):
        user.password_hash = passwords.hashed(password)
    user.last_seen_at = utcnow()
    return user


def _key(email: str) -> str:
    return email.strip().lower()
