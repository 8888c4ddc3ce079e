"""Who may see a page: signed in, and with the right that the view names."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import ParamSpec, TypeVar

from flask import Flask, Response, abort, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user

from webapp.accounts.models import User
from webapp.accounts.rights import Right
from webapp.platform.database import db, id_from
from webapp.views.rendering import go_to

P = ParamSpec("P")
R = TypeVar("R")

login_manager = LoginManager()
limiter = Limiter(get_remote_address, in_memory_fallback_enabled=True)


def requires(right: Right) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.is_authenticated:
                return login_manager.unauthorized()  # type: ignore[no-any-return]
            if right not in current_user.role.rights:
                abort(403)
            return view(*args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return decorate


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """Says that a view needs no sign-in on purpose; a test lists every view without either."""
    view.right = None  # type: ignore[attr-defined]
    return view


def may(right: str) -> bool:
    return bool(current_user.is_authenticated) and Right(right) in current_user.role.rights


def init_app(app: Flask, redis_url: str) -> None:
    login_manager.init_app(app)
    # Flask-Limiter has its own word for Redis at a socket.
    app.config["RATELIMIT_STORAGE_URI"] = redis_url.replace("unix://", "redis+unix://", 1)
    limiter.init_app(app)
    app.add_template_global(may, "may")


@login_manager.user_loader
def load_user(session_id: str) -> "SignedIn | None":
    user_id, _, _fingerprint = session_id.partition(":")
    user = db.session.get(User, id_from(user_id) or 0)
    signed_in = SignedIn(user) if user and user.disabled_at is None else None
    return signed_in if signed_in and signed_in.get_id() == session_id else None


@login_manager.unauthorized_handler
def to_sign_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    if wanted and wanted != "/":
        session["next"] = wanted
    return go_to(url_for("accounts.sign_in"))


class SignedIn:
    """What Flask-Login wants of a user, around ours, so that the accounts floor knows no HTTP."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        """A new password ends all sessions, also those that “remember me” kept."""
        fingerprint = sha256(self.user.password_hash.encode()).hexdigest()[:16]
        return f"{self.user.id}:{fingerprint}"

    def __getattr__(self, name: str) -> object:
        return getattr(self.user, name)
