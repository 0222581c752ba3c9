"""A session that notes how PostgreSQL would carry out each statement that runs in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from chassis.storage.database import TenantReading
from chassis.storage.driver import Driver

_PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass
class ExplainingSession:
    """Runs statements like the session that it stands before, and explains each.

    Twice: with the values at hand, and as a prepared statement is planned for any values.
    """

    session: TenantReading
    plans: list[str] = field(default_factory=list)

    @property
    def connection(self) -> sa.Connection:
        """Where SQLAlchemy runs statements; they are explained, too."""
        connection = self.session.connection
        if not sa.event.contains(connection, "before_cursor_execute", self._executed):
            sa.event.listen(connection, "before_cursor_execute", self._executed)
        return connection

    def fetch(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows that a statement gives."""
        self._explain(sql, parameters)
        return self.session.fetch(sql, parameters)

    def _executed(self, *about: Any) -> None:
        _, _, sql, parameters, _, _ = about
        if sql.startswith("SELECT"):
            self._explain(sql, parameters)

    def _explain(self, sql: str, parameters: Mapping[str, Any]) -> None:
        raw = Driver.of(self.session.connection).raw
        rows = raw.execute(f"EXPLAIN {sql}".encode(), parameters, prepare=False).fetchall()
        names = list(dict.fromkeys(_PARAMETER.findall(sql)))
        any_values = _PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", sql)
        generic = f"EXPLAIN (GENERIC_PLAN) {any_values}".replace("%%", "%").encode()
        rows += raw.execute(generic, prepare=False).fetchall()
        self.plans.append("\n".join(row[0] for row in rows))
