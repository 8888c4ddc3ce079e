"""The sending servers: which there are, how much each may be given, and whether it works."""

from flask import Blueprint, Response, url_for
from flask_login import current_user

from webapp.accounts.rights import Right
from webapp.delivery import server_check, servers
from webapp.delivery.models import SendingServer
from webapp.people.addresses import parse_address
from webapp.platform import mail
from webapp.platform.database import db
from webapp.platform.locales import _
from webapp.views.access import requires
from webapp.views.marketer.server_forms import ServerForm, UseForm
from webapp.views.rendering import go_to, render, toast

bp = Blueprint("servers", __name__, url_prefix="/settings/servers")


@bp.get("/")
@requires(Right.ADMINISTER)
def index() -> Response:
    return render(
        "marketer/settings/servers.html",
        servers=servers.everyone(),
        state_of=servers.state_of,
        place_of=servers.place_of,
        is_of_environment=servers.is_of_environment,
        shows_password=servers.shows_password,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
def new() -> Response:
    server = SendingServer()
    form = _form(server)
    if form.validate_on_submit():
        return _saved(server, form)
    return _page(server, form)


@bp.route("/<int:server_id>", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
def edit(server_id: int) -> Response:
    server = servers.get(server_id)
    form = _form(server)
    if form.validate_on_submit():
        return _saved(server, form)
    return _page(server, form)


@bp.post("/check")
@requires(Right.ADMINISTER)
def check_new() -> Response:
    return _checked(SendingServer())


@bp.post("/<int:server_id>/check")
@requires(Right.ADMINISTER)
def check(server_id: int) -> Response:
    return _checked(servers.get(server_id))


@bp.post("/<int:server_id>/try-again")
@requires(Right.ADMINISTER)
def try_again(server_id: int) -> Response:
    server = servers.get(server_id)
    servers.let_try_again(server, by=current_user.id)
    db.session.commit()
    toast(_("“%(name)s” is used again. Paused mailings go on from their own pages.",
            name=server.name))  # fmt: skip
    return go_to(url_for(".index"))


@bp.post("/<int:server_id>/delete")
@requires(Right.ADMINISTER)
def delete(server_id: int) -> Response:
    server = servers.get(server_id)
    name = server.name
    servers.remove(server, by=current_user.id)
    db.session.commit()
    toast(_("“%(name)s” is deleted.", name=name))
    return go_to(url_for(".index"))


def _form(server: SendingServer) -> UseForm:
    if servers.is_of_environment(server):
        return UseForm(obj=server, test_to=current_user.email)
    return ServerForm(server, test_to=current_user.email)


def _saved(server: SendingServer, form: UseForm) -> Response:
    servers.change(server, form.settings(), form.new_password, by=current_user.id)
    db.session.commit()
    toast(_("Saved."))
    return go_to(url_for(".index"))


def _checked(server: SendingServer) -> Response:
    """A try with what is typed. Nothing of it is saved."""
    form = _form(server)
    if not form.validate_connection():
        return _page(server, form, checking=True)
    tried = form.draft() if isinstance(form, ServerForm) else server
    try:
        config = servers.connection_of(tried)
    except servers.PasswordLost as error:
        form.password.errors = [str(error)]
        return _page(server, form, checking=True)
    letter = _letter(tried, form) if form.send.data else None
    in_clear = servers.shows_password(tried)
    # The other side may take its time, and no transaction is to wait for it.
    db.session.rollback()
    check = server_check.try_out(config, letter)
    return _page(server, form, checking=True, check=check, in_clear=in_clear)


def _letter(server: SendingServer, form: UseForm) -> server_check.Letter:
    return server_check.letter(server, form.test_address, parse_address(current_user.email))


def _page(server: SendingServer, form: UseForm, **tried: object) -> Response:
    of_environment = servers.is_of_environment(server)
    return render(
        "marketer/settings/server.html",
        "marketer/settings/_server_check.html",
        status=422 if form.errors else 200,
        server=server,
        form=form,
        environment=mail.of_environment() if of_environment else None,
        state=servers.state_of(server) if server.id else None,
        shows_password=servers.shows_password(server),
        **tried,
    )
