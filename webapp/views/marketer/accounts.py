"""First start, sign-in, sign-out and the user's own preferences."""

from flask import Blueprint, Response, redirect, request, session, url_for
from flask_babel import get_locale
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from webapp.accounts import users
from webapp.accounts.audit import audit
from webapp.accounts.models import Theme
from webapp.accounts.organisation import organisation
from webapp.accounts.passwords import MIN_LENGTH
from webapp.accounts.rights import Right
from webapp.platform.database import db
from webapp.platform.locales import LANGUAGES, _, _l
from webapp.views.access import SignedIn, limiter, open_to_all, requires
from webapp.views.forms import EmailField, trimmed
from webapp.views.rendering import go_to, render

bp = Blueprint("accounts", __name__)


class FirstStartForm(FlaskForm):
    organisation = StringField(
        _l("Organisation"), filters=[trimmed], validators=[DataRequired(), Length(max=200)]
    )
    name = StringField(
        _l("Your name"), filters=[trimmed], validators=[DataRequired(), Length(max=200)]
    )
    email = EmailField(_l("E-mail"), validators=[DataRequired()])
    password = PasswordField(
        _l("Password"),
        validators=[
            DataRequired(),
            Length(min=MIN_LENGTH, max=200, message=_l("Use at least %(min)d characters.")),
        ],
    )


class SignInForm(FlaskForm):
    email = StringField(_l("E-mail"), filters=[trimmed], validators=[DataRequired()])
    password = PasswordField(_l("Password"), validators=[DataRequired(), Length(max=200)])
    remember = BooleanField(_l("Remember me on this computer for 30 days"))


def failed(response: Response) -> bool:
    return response.status_code == 422


def typed_email() -> str:
    """Guessing at one user from many places is throttled too."""
    return f"sign-in {request.form.get('email', '').strip().lower()[:200]}"


@bp.route("/first-start", methods=["GET", "POST"])
@open_to_all
@limiter.limit("20 per minute", methods=["POST"])
def first_start() -> Response:
    if not users.nobody_yet():
        return go_to(url_for("accounts.sign_in"))
    form = FirstStartForm()
    if not form.validate_on_submit():
        return render("marketer/first_start.html", form=form, status=422 if form.errors else 200)
    user = users.create_first_administrator(
        name=form.name.data,
        email=form.email.data,
        password=form.password.data,
        language=str(get_locale()),
    )
    organisation().name = form.organisation.data
    audit("first administrator created", by=user.id)
    db.session.commit()
    login_user(SignedIn(user))
    return go_to(url_for("home.index"))


@bp.route("/sign-in", methods=["GET", "POST"])
@open_to_all
@limiter.limit("10 per minute; 100 per hour", methods=["POST"], deduct_when=failed)
@limiter.limit("30 per hour", key_func=typed_email, methods=["POST"], deduct_when=failed)
def sign_in() -> Response:
    if users.nobody_yet():
        return go_to(url_for("accounts.first_start"))
    if current_user.is_authenticated:
        return go_to(url_for("home.index"))
    form = SignInForm()
    if form.validate_on_submit():
        user = users.authenticate(form.email.data, form.password.data)
        if user is not None:
            audit("signed in", by=user.id)
            db.session.commit()
            wanted = session.pop("next", None)
            login_user(SignedIn(user), remember=form.remember.data)
            return go_to(wanted or url_for("home.index"))
        audit("sign-in failed", by=None, email=form.email.data[:200])
        db.session.commit()
        form.password.errors = [_("That e-mail and password do not match.")]
    return render("marketer/sign_in.html", form=form, status=422 if form.errors else 200)


@bp.post("/sign-out")
@open_to_all
def sign_out() -> Response:
    logout_user()
    return go_to(url_for("accounts.sign_in"))


@bp.post("/preferences")
@requires(Right.VIEW)
def preferences() -> Response:
    """Language and theme, from the menu at the user's name."""
    language, theme = request.form.get("language"), request.form.get("theme")
    if language in LANGUAGES:
        current_user.user.language = language
    if theme in set(Theme):
        current_user.user.theme = Theme(theme)
    db.session.commit()
    return redirect(_own_page(request.referrer), 303)  # type: ignore[return-value]


@bp.get("/language/<language>")
@open_to_all
def language(language: str) -> Response:
    """The choice of somebody who is not signed in."""
    if language in LANGUAGES:
        session["language"] = language
    return redirect(_own_page(request.referrer), 303)  # type: ignore[return-value]


def _own_page(url: str | None) -> str:
    return url if url and url.startswith(request.host_url) else url_for("home.index")
