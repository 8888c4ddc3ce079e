"""What sending asks of a mailing before it begins: a server that may take it, and an address of our
own that its readers can open."""

from flask import current_app

from webapp.delivery import servers
from webapp.delivery.models import SendingServer
from webapp.delivery.servers import PasswordLost, State
from webapp.mailings import preflight
from webapp.mailings.checks.finding import Draft, Finding, Findings, Level, Place, fine
from webapp.mailings.checks.links import is_of_one_house
from webapp.people.addresses import AddressError, parse_address
from webapp.platform import mail
from webapp.platform.locales import _


def sending_server(draft: Draft) -> Findings:
    """Which one it is depends on the From domain; without one there is nothing to look for."""
    try:
        domain = parse_address(draft.mailing.from_address).key.rpartition("@")[2]
    except AddressError:
        return
    able = servers.serving(domain)
    if not able:
        yield _nobody_sends_for(domain)
    elif refused := next(_refusals(able), None):
        yield refused
    elif all(servers.state_of(server) is State.RESTING for server in able):
        text = _("The sending server does not answer just now")
        yield Finding(Level.HINT, text, _("It is tried again by itself."), Place.SERVERS)
    else:
        yield fine(_("A sending server is ready"))


def public_address(_draft: Draft) -> Findings:
    """Pictures, tracked links and the page for leaving are opened at our own address. While mail
    does not leave the house either, everybody is where it can be opened."""
    address = current_app.config["PUBLIC_URL"]
    if is_of_one_house(address) and any(map(_sends_far, servers.everyone())):
        yield Finding(
            Level.WARNING,
            _("Readers cannot open %(address)s", address=address),
            _("Pictures, tracked links and the page to unsubscribe are there. An administrator"
              " sets PUBLIC_URL to an address that everybody can open."),
            Place.ELSEWHERE,
        )  # fmt: skip


def _sends_far(server: SendingServer) -> bool:
    host = server.host or mail.of_environment().server
    return server.enabled and not is_of_one_house(f"smtp://{host}")


def _nobody_sends_for(domain: str) -> Finding:
    if not any(server.enabled for server in servers.everyone()):
        text = _("There is no sending server.")
        detail = _("An administrator adds one, or turns one on, under Settings.")
        return Finding(Level.ERROR, text, detail, Place.SERVERS)
    return Finding(
        Level.ERROR,
        _("No sending server may send for %(domain)s.", domain=domain),
        _("Write from another address, or let an administrator give the domain to a server."),
        Place.SETUP,
        "from_address",
    )


def _refusals(able: list[SendingServer]) -> Findings:
    """The reason why none of them can be used; nothing as long as one can."""
    found = [_refusal(server) for server in able]
    if all(found):
        yield from (each for each in found if each)


def _refusal(server: SendingServer) -> Finding | None:
    if server.paused_reason:
        text = _("The sending server “%(name)s” is paused.", name=server.name)
        said = _("It said: %(reason)s", reason=server.paused_reason)
        return Finding(Level.ERROR, text, said, Place.SERVERS)
    try:
        servers.connection_of(server)
    except PasswordLost as error:
        return Finding(Level.ERROR, str(error), place=Place.SERVERS)
    return None


preflight.register(sending_server)
preflight.register(public_address)
