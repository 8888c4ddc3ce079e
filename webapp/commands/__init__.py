"""The command line: `flask …`. It calls what the pages call."""

from flask import Flask

from webapp.commands.contacts import contacts


def init_app(app: Flask) -> None:
    app.cli.add_command(contacts)
