"""`flask demo`"""

import secrets

import click
from sqlalchemy import select

from webapp.accounts import users
from webapp.accounts.models import User
from webapp.accounts.rights import Role
from webapp.commands import fjordlys
from webapp.platform.database import db
from webapp.response import today


@click.command()
def demo() -> None:
    """Fill an empty database with a small company to look around in. Sends nothing."""
    if not today.is_empty():
        raise click.ClickException(
            "There are people or mailings in this database already; the demo needs an empty one."
        )
    password = secrets.token_urlsafe(9)
    owner, is_new = _owner(password)
    fjordlys.tell(owner.id)
    db.session.commit()
    click.echo(
        "Fjordlys A/S is here: its people, selections, a project, three sent mailings and a draft."
    )
    click.echo(f"Sign in as {owner.email}" + (f" with the password {password}" if is_new else ""))


def _owner(password: str) -> tuple[User, bool]:
    """The first administrator, or one made now: then True."""
    if users.nobody_yet():
        mette = users.create_first_administrator(
            name="Mette Kjærgaard", email="mette@fjordlys.example", password=password, language="en"
        )
        return mette, True
    administrators = select(User).where(User.role == Role.ADMINISTRATOR).order_by(User.id)
    return db.session.scalars(administrators.limit(1)).one(), False
