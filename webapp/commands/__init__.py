"""The command line: `flask …`. It calls what the pages call."""

from flask import Flask

from webapp.commands.contacts import contacts
from webapp.commands.demo import demo
from webapp.commands.mailings import mailing


def init_app(app: Flask) -> None:
    app.cli.add_command(contacts)
    app.cli.add_command(demo)
    app.cli.add_command(mailing)
