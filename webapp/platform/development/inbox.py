"""The development inbox: takes every message that is sent, and shows it on a page.

python -m webapp.platform.development.inbox FOLDER PAGE_PORT SMTP_PORT
"""

import asyncio
import logging
import secrets
import signal
import sys
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from threading import Thread

import flask_babel
from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server

from webapp.platform import locales
from webapp.platform.development import smtp
from webapp.platform.development.mailbox import KEPT, Mailbox, Message
from webapp.platform.development.settings import ROOT
from webapp.platform.development.smtp import Envelope, Host

HERE = Path(__file__).parent
PAGE = 50

bp = Blueprint("inbox", __name__, static_folder="static", static_url_path="/inbox-static")


class InboxHost(Host):
    """Says yes to everything."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def receive(self, envelope: Envelope) -> str:
        return f"250 2.0.0 Kept as {self.mailbox.add(envelope)}"


def create_inbox(mailbox: Mailbox) -> Flask:
    app = Flask(__name__, root_path=str(ROOT), static_folder="static")
    app.config.update(
        SECRET_KEY=secrets.token_hex(),
        # Cookies do not know of ports: the application's own must not be touched.
        SESSION_COOKIE_NAME="brevdue_inbox",
        SESSION_COOKIE_SAMESITE="Lax",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "webapp" / "translations"),
        TRUSTED_HOSTS=["localhost", "127.0.0.1"],
    )
    app.extensions["mailbox"] = mailbox
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(HERE / "templates"), FileSystemLoader(ROOT / "templates")]
    )
    app.add_template_filter(flask_babel.format_decimal, "number")
    app.add_template_filter(_arrived, "arrived")
    CSRFProtect(app)
    locales.init_app(app, locale=lambda: "en", timezone=lambda: "UTC")
    app.context_processor(_document)
    app.register_blueprint(bp)
    app.after_request(_guarded)
    return app


@bp.get("/")
def index() -> str:
    words, number = request.args.get("q", ""), request.args.get("page", 1, type=int)
    skip = max(number - 1, 0) * PAGE
    messages, total = _mailbox().newest(words, skip=skip, limit=PAGE), _mailbox().count(words)
    page = {
        "number": max(number, 1),
        "first": skip + 1,
        "last": skip + len(messages),
        "total": total,
    }
    template = "_list.html" if request.headers.get("HX-Request") else "index.html"
    return render_template(f"inbox/{template}", messages=messages, page=page, q=words, kept=KEPT)


@bp.get("/messages.json")
def as_json() -> dict[str, object]:
    """For tests: `count`, and the newest messages (`?q=` narrows, `?limit=` of 0 gives no list)."""
    words, limit = request.args.get("q", ""), request.args.get("limit", KEPT, type=int)
    return {
        "count": _mailbox().count(words),
        "messages": [
            {
                "id": message.id,
                "to": list(message.recipients),
                "from": message.author,
                "envelope_from": message.sender,
                "subject": message.subject,
                "at": message.at,
            }
            for message in _mailbox().newest(words, limit=limit)
        ],
    }


@bp.get("/messages/<int:message_id>", defaults={"view": "html"})
@bp.get("/messages/<int:message_id>/<any(text, headers):view>")
def message(message_id: int, view: str) -> str:
    kept = _message(message_id)
    parsed = _parsed(kept)
    parts = {"html": _body(parsed, "html"), "text": _body(parsed, "plain")}
    if view == "html" and not parts["html"]:
        view = "text"
    headers = [(name, str(value)) for name, value in parsed.items()]
    return render_template(
        "inbox/message.html", message=kept, view=view, parts=parts, headers=headers
    )


@bp.get("/messages/<int:message_id>/html")
def html(message_id: int) -> Response:
    """The message alone, walled in: it may load pictures and open its links, nothing else."""
    document = _body(_parsed(_message(message_id)), "html")
    head, tag, rest = document.partition("<head>")
    answer = Response(
        f'{head}<head><base target="_blank">{rest}' if tag else f'<base target="_blank">{document}'
    )
    answer.headers["Content-Security-Policy"] = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src * data:;"
        " style-src * 'unsafe-inline'; font-src *; frame-ancestors 'self'"
    )
    return answer


@bp.get("/messages/<int:message_id>.eml")
def raw(message_id: int) -> Response:
    return Response(
        _content(_message(message_id)),
        mimetype="message/rfc822",
        headers={"Content-Disposition": f'attachment; filename="{message_id}.eml"'},
    )


@bp.post("/delete")
def delete_all() -> ResponseReturnValue:
    _mailbox().clear()
    return redirect("/")


def _mailbox() -> Mailbox:
    mailbox: Mailbox = current_app.extensions["mailbox"]
    return mailbox


def _message(message_id: int) -> Message:
    return _mailbox().get(message_id) or abort(404)


def _content(message: Message) -> bytes:
    try:
        return _mailbox().content(message.id)
    except FileNotFoundError:
        abort(404)


def _parsed(message: Message) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(_content(message))


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except LookupError:  # A character set that nobody has heard of.
        content = part.get_payload(decode=True)
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _arrived(seconds: float) -> str:
    """By the clock of this machine: whoever reads it sits there."""
    at = datetime.fromtimestamp(seconds).astimezone()
    today = at.date() == datetime.now().astimezone().date()
    return f"{at:%H:%M:%S}" if today else f"{at:%Y-%m-%d %H:%M}"


def _document() -> dict[str, object]:
    return {"locale": str(flask_babel.get_locale()), "current_user": None}


def _guarded(response: Response) -> Response:
    response.headers.setdefault(
        "Content-Security-Policy", "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


async def _take_mail(mailbox: Mailbox, port: int) -> None:
    server = await smtp.serve(InboxHost(mailbox), "127.0.0.1", port)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()


def main() -> None:
    folder, page_port, smtp_port = sys.argv[1:]
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    mailbox = Mailbox(Path(folder))
    page = make_server("127.0.0.1", int(page_port), create_inbox(mailbox), threaded=True)
    Thread(target=page.serve_forever, daemon=True).start()
    asyncio.run(_take_mail(mailbox, int(smtp_port)))


if __name__ == "__main__":
    main()
