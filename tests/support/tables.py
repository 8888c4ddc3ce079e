"""Every test finds the tables as the migrations left them."""

from dataclasses import dataclass

import psycopg
from sqlalchemy import MetaData, Table


@dataclass
class Tables:
    """Empties what a test filled, and puts back the rows that migrations insert."""

    url: str
    metadata: MetaData

    def __post_init__(self) -> None:
        self._tables = {_name(table): table for table in self.metadata.sorted_tables}
        self._connection = psycopg.connect(self.url.replace("+psycopg", "", 1), autocommit=True)
        self._connection.execute("SET lock_timeout = '15s'")
        # No foreign keys are looked up: rows go and come in any order. It takes a superuser.
        self._connection.execute("SET session_replication_role = replica")
        self._seeded = self._filled()
        self._connection.execute("CREATE SCHEMA seed")
        for name in self._seeded:
            self._connection.execute(f"CREATE TABLE seed.{name} AS TABLE {name}")

    def restore(self) -> None:
        """Deletes: for the few rows of a test that is several times quicker than to truncate."""
        with self._connection.transaction():
            for name in self._filled():
                self._connection.execute(f"DELETE FROM {name}")
            for name in self._seeded:
                columns = _columns(self._tables[name])
                self._connection.execute(
                    f"INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE"
                    f" SELECT {columns} FROM seed.{name}"
                )

    def close(self) -> None:
        self._connection.close()

    def _filled(self) -> list[str]:
        probes = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in self._tables]
        return [name for (name,) in self._connection.execute(" UNION ALL ".join(probes))]


def _name(table: Table) -> str:
    return f'"{table.name}"'


def _columns(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns if column.computed is None)
