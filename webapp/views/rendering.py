"""How a view answers: a page for a browser, its fragment for htmx."""

import json
from io import BytesIO
from typing import Any

from flask import (
    Response,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    send_file,
)
from htmx_flask import request

from webapp.views.security import MESSAGE_POLICY

UNNAMED_TYPE = "application/octet-stream"


def wants_fragment() -> bool:
    """Boosted links and restored history are htmx requests too, and want the whole page."""
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render(
    page: str, fragment: str | None = None, /, status: int = 200, **context: Any
) -> Response:
    """The fragment, if there is one and htmx asks; else the page."""
    template = fragment if fragment and wants_fragment() else page
    return make_response(render_template(template, **context), status)


def dialog(title: str, body: str, /, status: int = 200, **context: Any) -> Response:
    """The template `body` over the page that asked; on a page of its own where scripts are off,
    whose way back is `back_url`."""
    return render(
        "marketer/dialog.html",
        "marketer/mailings/_dialog.html",
        status,
        title=title,
        body=body,
        **context,
    )


def message_page(html: str) -> Response:
    """An e-mail as a page: with its own styles, without scripts and forms."""
    return Response(html, mimetype="text/html", headers={"Content-Security-Policy": MESSAGE_POLICY})


def file_to_keep(name: str, content: bytes) -> Response:
    """Never to be shown: whatever the file holds, it gets no say on our pages."""
    answer = send_file(
        BytesIO(content), mimetype=UNNAMED_TYPE, as_attachment=True, download_name=name
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def go_to(url: str) -> Response:
    """Another page next: a redirect that htmx follows as a page too, not into a fragment."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)  # type: ignore[return-value]


def came_from(otherwise: str) -> str:
    """The page of ours that led here, with its search and place in a list; not this very one,
    which asked something first."""
    page = request.referrer or ""
    ours = page.startswith(request.host_url) and page.partition("?")[0] != request.base_url
    return page if ours else otherwise


def toast(text: str, *, undo: str | None = None) -> None:
    """A short word at the foot of the next page (or of this one, when it answers a fragment).
    `undo` is the address to which a button beside it posts, on a next page."""
    flash(text, "toast")
    if undo:
        flash(undo, "undo")


def send_toasts(response: Response) -> Response:
    """Fragments cannot show flashed messages themselves: app.js shows those of HX-Trigger."""
    if wants_fragment() and response.status_code != 204 and "HX-Trigger" not in response.headers:
        texts = get_flashed_messages(category_filter=["toast"])
        if texts:
            response.headers["HX-Trigger"] = json.dumps({"toast": texts[-1]})
    return response
