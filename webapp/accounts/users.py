"""Who may sign in: the first administrator, and checking a password."""

from sqlalchemy import func, select, text

from webapp.accounts import passwords
from webapp.accounts.models import User
from webapp.accounts.rights import Role
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l


class NoSuchUser(NotFound):
    message = _l("This user does not exist any more.")


class AddressTaken(DomainError):
    message = _l("Somebody signs in with this address already.")


class LastAdministrator(DomainError):
    message = _l("Somebody has to be administrator: give the role to another user first.")


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


def create_user(
    *,
    name: str,
    email: str,
    password: str,
    role: Role,
    language: str,
    phone: str = "",
    mobile: str = "",
) -> User:
    """Raises AddressTaken."""
    if db.session.scalar(select(User.id).where(User.email_key == _key(email))) is not None:
        raise AddressTaken
    user = User(
        name=name.strip(),
        email=email.strip(),
        email_key=_key(email),
        password_hash=passwords.hashed(password),
        role=role,
        language=language,
        phone=phone,
        mobile=mobile,
    )
    db.session.add(user)
    db.session.flush()
    return user


def get(user_id: int) -> User:
    """Raises NoSuchUser."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NoSuchUser
    return user


def everybody() -> list[User]:
    """Those who may sign in first."""
    return list(
        db.session.scalars(select(User).order_by(User.disabled_at.is_(None).desc(), User.name))
    )


def change(
    user: User, *, role: Role, active: bool, password: str | None, phone: str = "", mobile: str = ""
) -> None:
    """A new password when one is given. Raises LastAdministrator."""
    stays = role is Role.ADMINISTRATOR and active
    if user.role is Role.ADMINISTRATOR and not stays and not _other_administrators(user):
        raise LastAdministrator
    user.role, user.phone, user.mobile = role, phone, mobile
    user.disabled_at = None if active else user.disabled_at or utcnow()
    if password:
        user.password_hash = passwords.hashed(password)


def _other_administrators(user: User) -> int:
    others = select(func.count()).where(
        User.role == Role.ADMINISTRATOR, User.disabled_at.is_(None), User.id != user.id
    )
    return db.session.scalar(others) or 0


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
