"""Headers that every answer carries. Pages that need other rules set their own policy first."""

from typing import Any

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface

PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: https: http:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'; frame-src 'self'"
)
MESSAGE_POLICY = (
    "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; font-src https:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
    " allow-popups allow-popups-to-escape-sandbox"
)
"""For pages that show an e-mail: its inline styles work, its scripts and forms do not."""


UPLOADS = {
    "attachments.add": 26 * 1024 * 1024,
    "own_html.new": 32 * 1024 * 1024,
    "images.upload": 100_000_000,
    "imports.new": 160 * 1024 * 1024,
}
"""Endpoints that take files, and how many bytes; elsewhere a body is a form, and small."""
LASTING = {"static", "public_images.show"}
"""Endpoints of files that are the same for everybody, whoever asks and how."""


class Sessions(SecureCookieSessionInterface):
    """For pages. A file for everybody carries no cookie, nor does it depend on one."""

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        if request.endpoint not in LASTING:
            super().save_session(app, session, response)


def init_app(app: Flask, *, https: bool) -> None:
    app.session_interface = Sessions()

    # Before the forms are read, which the check of their token does first of all.
    @app.before_request
    def take_uploads() -> None:
        if request.endpoint in UPLOADS:
            request.max_content_length = UPLOADS[request.endpoint]

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint not in LASTING:
            headers.setdefault("Cache-Control", "no-store")
            response.vary.add("HX-Request")
        return response
