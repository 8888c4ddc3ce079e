"""Brevdue: a self-hosted marketing desk."""

import importlib
from datetime import timedelta
from pathlib import Path

from flask import Flask, has_request_context, request, session
from flask_babel import get_locale
from flask_login import current_user
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import commands
from webapp.accounts.organisation import organisation
from webapp.platform import config as configuration
from webapp.platform import database, locales, mail, queueing
from webapp.platform.config import Config
from webapp.platform.sealing import Sealer
from webapp.platform.tokens import Signer
from webapp.response import recorder
from webapp.views import access, errors, formats, navigation, places, rendering, security

ROOT = Path(__file__).parent.parent

VIEWS = [
    "marketer.accounts",
    "marketer.attachments",
    "marketer.companies",
    "marketer.confirm",
    "marketer.contact_card",
    "marketer.contacts",
    "marketer.deleted",
    "marketer.editing",
    "marketer.editor",
    "marketer.fields",
    "marketer.folders",
    "marketer.health",
    "marketer.home",
    "marketer.images",
    "marketer.imports",
    "marketer.link_choice",
    "marketer.links",
    "marketer.lists",
    "marketer.mailing",
    "marketer.mailings",
    "marketer.merging",
    "marketer.own_html",
    "marketer.privacy",
    "marketer.projects",
    "marketer.recipients",
    "marketer.scheduling",
    "marketer.selections",
    "marketer.servers",
    "marketer.settings",
    "marketer.setup",
    "marketer.shelving",
    "marketer.sources",
    "marketer.subscription_types",
    "marketer.template_step",
    "marketer.templates",
    "marketer.trial",
    "marketer.updates",
    "public.attachments",
    "public.images",
    "public.message",
    "public.subscriptions",
    "public.track",
]

CARDS = ["people", "targets", "mailings", "response"]
"""The floors that have a say in what a person's card shows, each in its module `cards`."""

IMAGE_USES = ["content", "mailings"]
"""The floors that know where images are used, each in its module `image_uses`."""


def create_app(config: Config | None = None) -> Flask:
    """Raises ConfigError when the environment is wrong (and no `config` is given)."""
    config = config or configuration.from_environment()
    app = Flask(
        __name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    _configure(app, config)
    database.init_app(app, config.database_url)
    queueing.init_app(app, config.redis_url, config.queue_prefix)
    mail.init_app(app, config.mail)
    locales.init_app(app, locale=_language, timezone=_timezone)
    recorder.init_app(app, config.database_url)
    access.init_app(app, config.redis_url)
    security.init_app(app, https=config.https)
    _wire_registries()
    _wire_views(app)
    commands.init_app(app)
    return app


def _configure(app: Flask, config: Config) -> None:
    app.secret_key = config.secret_keys[0]
    app.config.update(
        SECRET_KEY_FALLBACKS=list(config.secret_keys[1:]),
        SESSION_COOKIE_NAME="brevdue",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.https,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=config.https,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_DURATION=timedelta(days=30),
        MAX_CONTENT_LENGTH=8 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=8 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        PUBLIC_URL=config.public_url,
        MEDIA_DIR=config.media_dir,
        JOURNAL_DIR=config.journal_dir,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "webapp" / "translations"),
    )
    app.extensions["secret_keys"] = config.secret_keys
    app.extensions["signer"] = Signer(config.secret_keys)
    app.extensions["sealer"] = Sealer(config.secret_keys)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if config.proxies:
        # Without a proxy anybody could claim to be somebody else by these headers.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=config.proxies
        )


def _wire_registries() -> None:
    for floor in CARDS:
        importlib.import_module(f"webapp.{floor}.cards")
    for floor in IMAGE_USES:
        importlib.import_module(f"webapp.{floor}.image_uses")
    importlib.import_module("webapp.delivery.checks")


def _wire_views(app: Flask) -> None:
    Htmx(app)
    csrf = CSRFProtect(app)
    for name in VIEWS:
        blueprint = importlib.import_module(f"webapp.views.{name}").bp
        app.register_blueprint(blueprint)
        if name.startswith("public."):
            # These come from mail programs and people without a session; tokens guard them.
            csrf.exempt(blueprint)
    app.after_request(rendering.send_toasts)
    errors.init_app(app)
    app.context_processor(_page_context)
    formats.init_app(app)
    places.init_app(app)
    navigation.init_app(app)


def _page_context() -> dict[str, object]:
    return {
        "organisation": organisation(),
        "locale": str(get_locale()),
        "languages": locales.LANGUAGES,
    }


def _language() -> str | None:
    if not has_request_context():
        return None
    if current_user and current_user.is_authenticated:
        return str(current_user.language)
    chosen = session.get("language")
    return chosen or request.accept_languages.best_match(list(locales.LANGUAGES), "en")


def _timezone() -> str:
    return organisation().timezone
