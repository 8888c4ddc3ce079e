"""The one door to PostgreSQL: base class, session and the few helpers that every floor uses."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Identity, MetaData, event
from sqlalchemy import Enum as EnumType
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, mapped_column, registry


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: DateTime(timezone=True),
            dict[str, Any]: JSONB(),
            # Stored as the plain word: readable in psql, and a new word needs no migration.
            StrEnum: EnumType(
                StrEnum,
                native_enum=False,
                create_constraint=False,
                length=32,
                values_callable=lambda words: [word.value for word in words],
            ),
        },
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate(directory="migrations")

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
"""64 bits for every key: the high-volume tables will need them, the others stay alike."""

_LONGEST_ID = 18
"""Digits that 64 bits always hold."""


def init_app(app: Flask, database_url: str) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": True, "pool_size": 10}
    db.init_app(app)
    migrate.init_app(app, db, render_as_batch=False)
    with app.app_context():
        event.listen(db.engine, "connect", _settle)


def memory() -> dict[Any, Any]:
    """For what is read again and again. It lasts until something is written or the transaction
    ends."""
    found: dict[Any, Any] = db.session().info.setdefault("memory", {})
    return found


def _forget(session: Session, *_details: object) -> None:
    session.info.pop("memory", None)


def _forget_at_a_write(execution: ORMExecuteState) -> None:
    if not execution.is_select:
        _forget(execution.session)


for _moment in ("after_flush", "after_commit", "after_rollback"):
    event.listen(Session, _moment, _forget)
event.listen(Session, "do_orm_execute", _forget_at_a_write)


def _settle(connection: Any, _record: Any) -> None:
    connection.execute("SET TIME ZONE 'UTC'")
    # Reading here and there is no slower than in a row where data is in memory or on flash.
    connection.execute("SET random_page_cost = 1.1")
    # The best way to find a rare name is the worst one for “Hansen”: it is chosen each time.
    connection.execute("SET plan_cache_mode = force_custom_plan")
    # What a page asks is short: to call in a second processor for it takes longer than it saves,
    # and takes that processor from somebody else.
    connection.execute("SET max_parallel_workers_per_gather = 0")
    connection.commit()


def id_from(text: str) -> int | None:
    """The id that a text from outside writes; None for what is no number of the database."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_ID else None


def utcnow() -> datetime:
    return datetime.now(UTC)
