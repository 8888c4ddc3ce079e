"""Who else is at work on a mailing just now. It is kept in Redis, where it fades by itself: nothing
depends on it, and two people who save at once are told apart by `contents`."""

import time
from contextlib import suppress

from redis import RedisError
from sqlalchemy import select

from webapp.accounts.models import User
from webapp.mailings.models import Mailing
from webapp.platform.database import db
from webapp.platform.queueing import connection

FADES = 15
"""Seconds after which somebody who is not heard of is gone."""


def others(mailing: Mailing, user_id: int) -> list[User]:
    """Notes that this user is here, and answers who else is."""
    here: list[int] = []
    with suppress(RedisError):
        here = _seen(f"editing:{mailing.id}", user_id)
    if not here:
        return []
    return list(db.session.scalars(select(User).where(User.id.in_(here)).order_by(User.name)))


def _seen(key: str, user_id: int) -> list[int]:
    now = time.time()
    pipe = connection().pipeline()
    pipe.zadd(key, {str(user_id): now})
    pipe.zremrangebyscore(key, 0, now - FADES)
    pipe.expire(key, FADES)
    pipe.zrange(key, 0, -1)
    return [int(member) for member in pipe.execute()[-1] if int(member) != user_id]
