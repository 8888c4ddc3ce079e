"""Who else is at work on a mailing just now. It is kept in Redis, where it fades by itself: nothing
depends on it, and two people who save at once are told apart by `contents`."""

import time
from contextlib import suppress
from typing import Any

from redis import RedisError
from sqlalchemy import select

from webapp.accounts.models import User
from webapp.mailings.models import Mailing
from webapp.platform.database import db
from webapp.platform.queueing import connection

FADES = 15
"""Seconds after which somebody who is not heard of is gone."""


def note_here(mailing: Mailing, user_id: int) -> None:
    with suppress(RedisError):
        pipe = connection().pipeline()
        pipe.zadd(_key(mailing), {str(user_id): time.time()})
        pipe.expire(_key(mailing), FADES)
        pipe.execute()


def others(mailing: Mailing, user_id: int) -> list[User]:
    """Who else is here."""
    here: list[int] = []
    with suppress(RedisError):
        lately: Any = connection().zrangebyscore(_key(mailing), time.time() - FADES, "+inf")
        here = [int(member) for member in lately if int(member) != user_id]
    if not here:
        return []
    return list(db.session.scalars(select(User).where(User.id.in_(here)).order_by(User.name)))


def _key(mailing: Mailing) -> str:
    return f"editing:{mailing.id}"
