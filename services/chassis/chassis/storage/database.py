"""Connections to the service's database: tenant transactions, and the system login's own."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self, cast
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from chassis.domain import Unavailable
from chassis.storage.driver import Driver
from chassis.storage.opening import begun, fetched_first
from chassis.telemetry.metrics import pool_in_use, pool_size

if TYPE_CHECKING:
    from pydantic import SecretStr

in_transaction: contextvars.ContextVar[bool] = contextvars.ContextVar(
    "in_transaction", default=False
)
"""True while a transaction is open here: nothing may be asked over the network then."""


def forbid_network_in_transaction(what: str) -> None:
    """Raise if a transaction is open: a slow peer must never hold locks."""
    if in_transaction.get():
        raise RuntimeError(f"{what} inside a database transaction")


_CONNECT_SECONDS = 5


def _engine(url: str, *, size: int, application: str, statement_timeout_ms: int) -> sa.Engine:
    """An engine in driver autocommit: transactions are begun and ended here, in one round trip.

    Connections come back with no open transaction, so the pool need not reset them. The address may say how
    many seconds a connection may take, as libpq has it: `?connect_timeout=60`.
    """
    address = sa.engine.make_url(url).set(drivername="postgresql+psycopg")
    return sa.create_engine(
        address,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=5,
        pool_reset_on_return=None,
        pool_use_lifo=True,
        isolation_level="AUTOCOMMIT",
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        connect_args={
            "application_name": application,
            "connect_timeout": address.query.get("connect_timeout", _CONNECT_SECONDS),
            # A host that is gone without a word must not hold a thread for minutes.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
            "options": f"-c statement_timeout={statement_timeout_ms} -c lock_timeout=5000"
            " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
        },
    )


def _measure(name: str, engine: sa.Engine) -> None:
    """Have the metrics look at the engine's pool when they are read; closing makes it another one."""
    pool_in_use.labels(name).set_function(lambda: cast("QueuePool", engine.pool).checkedout())
    pool_size.labels(name).set_function(lambda: cast("QueuePool", engine.pool).size())


def _to_json(value: Any) -> str:
    return orjson.dumps(value, default=dict).decode()


class DatabaseAccess(Protocol):
    """Where a service's database is, and how much of it one process takes; `ServiceSettings` say it."""

    @property
    def database_url(self) -> SecretStr:
        """As the runtime login."""
        ...

    @property
    def database_system_url(self) -> SecretStr:
        """As the system login."""
        ...

    @property
    def database_pool_size(self) -> int:
        """Connections of the runtime login at most."""
        ...

    @property
    def database_statement_timeout_ms(self) -> int:
        """After how long a statement is cancelled."""
        ...


class Database:
    """One service's database as its runtime and system logins see it."""

    def __init__(self, settings: DatabaseAccess, service: str) -> None:
        timeout = settings.database_statement_timeout_ms
        self.runtime = _engine(
            settings.database_url.get_secret_value(),
            size=settings.database_pool_size,
            application=service,
            statement_timeout_ms=timeout,
        )
        self.system = _engine(
            settings.database_system_url.get_secret_value(),
            size=max(4, settings.database_pool_size // 2),
            application=f"{service}-system",
            statement_timeout_ms=timeout,
        )
        self.system_dsn = settings.database_system_url.get_secret_value()
        for name, engine in (("runtime", self.runtime), ("system", self.system)):
            _measure(name, engine)

    def close(self) -> None:
        """Give all connections back."""
        self.runtime.dispose()
        self.system.dispose()

    @contextmanager
    def tenant_transaction(
        self, tenant_id: UUID | None, *, read_only: bool = False
    ) -> Iterator[sa.Connection]:
        """A transaction that sees and touches just this tenant's rows.

        Commits when the block ends well, rolls back otherwise. Raises `Unavailable` when the
        database cannot be reached, RuntimeError without a tenant.
        """
        if tenant_id is None:
            raise RuntimeError("a unit of work needs a tenant")
        # The identifier is a UUID, so it can be written into the statement: one round trip.
        begin = f"BEGIN{' READ ONLY' if read_only else ''}; SET LOCAL app.tenant = '{tenant_id}'"
        with _transaction(self.runtime, begin) as connection:
            yield connection

    def tenant_work(self, tenant_id: UUID | None) -> AbstractContextManager[TenantWork]:
        """The same for a unit of work, with fewer round trips; see `TenantWork`. Raises as above."""
        if tenant_id is None:
            raise RuntimeError("a unit of work needs a tenant")
        return TenantWork(self.runtime, tenant_id)

    def tenant_reading(self, tenant_id: UUID | None) -> AbstractContextManager[TenantReading]:
        """A way to read just this tenant's rows; see `TenantReading`. Raises as above."""
        if tenant_id is None:
            raise RuntimeError("a query needs a tenant")
        return TenantReading(self.runtime, tenant_id)

    @contextmanager
    def system_transaction(self) -> Iterator[sa.Connection]:
        """A transaction of the system login: the relay's, the timers', the look-ups'."""
        with _transaction(self.system, "BEGIN") as connection:
            yield connection

    def is_reachable(self) -> bool:
        """Whether a statement gets through now."""
        try:
            with _transaction(self.runtime, "BEGIN READ ONLY") as connection:
                connection.exec_driver_sql("SELECT 1")
        except Unavailable:
            return False
        return True


class Session(Protocol):
    """Where a query's statements run."""

    @property
    def connection(self) -> sa.Connection:
        """A connection within a transaction."""
        ...

    def fetch(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows that a statement gives, by column name."""
        ...


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session over a transaction that is open already."""

    connection: sa.Connection

    def fetch(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows that a statement gives, by column name."""
        return rows_of(self.connection, sql, parameters)


class _Opened:
    """Ends the transaction on the opened connection, if there is one, and gives it back.

    Every operation and query passes here, so it is no generator.
    """

    def __init__(self) -> None:
        self.opened: list[sa.Connection] = []

    def __enter__(self) -> Self:
        self._token = in_transaction.set(True)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        try:
            if error is None:
                self._commit()
            else:
                self._abandon(error)
        finally:
            in_transaction.reset(self._token)
            for connection in self.opened:
                connection.close()

    def _commit(self) -> None:
        try:
            for connection in self.opened:
                _commit(Driver.of(connection))
        except BaseException as error:
            self._abandon(error)
            raise

    def _abandon(self, error: BaseException) -> None:
        for connection in self.opened:
            _abandon(connection)
        if isinstance(error, (sa.exc.DBAPIError, psycopg.Error)):
            raise _translated(error) from error


class TenantReading(_Opened):
    """Reads one tenant's rows, with no more round trips than needed.

    A statement by `fetch` is sent together with the tenant's setting: both are one transaction by
    PostgreSQL's rules for statements that come at once. `connection` begins an ordinary read-only
    transaction, in which later statements run too.
    """

    def __init__(self, engine: sa.Engine, tenant_id: UUID) -> None:
        super().__init__()
        self._engine = engine
        self._tenant = tenant_id
        self._begun = False

    @property
    def connection(self) -> sa.Connection:
        """A connection within a read-only transaction."""
        if not self._begun:
            begin = f"BEGIN READ ONLY; SET LOCAL app.tenant = '{self._tenant}'"
            if self.opened:
                Driver.of(self.opened[0]).command(begin.encode())
            else:
                self.opened.append(begun(self._engine, begin))
            self._begun = True
        return self.opened[0]

    def fetch(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows that a statement gives, by column name."""
        if self._begun:
            return rows_of(self.opened[0], sql, parameters)
        setting = f"SET LOCAL app.tenant = '{self._tenant}'".encode()
        if self.opened:
            return Driver.of(self.opened[0]).fetch_after(setting, sql, parameters)
        return fetched_first(self._engine, self.opened, setting, (sql, parameters))


class TenantWork(_Opened):
    """One transaction of a tenant's that begins with its first statement: both are one round trip.

    `connection` begins it, too. Nothing is begun where nothing is asked or written.
    """

    def __init__(self, engine: sa.Engine, tenant_id: UUID) -> None:
        super().__init__()
        self._engine = engine
        # The identifier is a UUID, so it can be written into the statement.
        self._begin = f"BEGIN; SET LOCAL app.tenant = '{tenant_id}'"

    @property
    def connection(self) -> sa.Connection:
        """A connection within the transaction."""
        if not self.opened:
            self.opened.append(begun(self._engine, self._begin))
        return self.opened[0]

    def fetch(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows that a statement gives, by column name."""
        if self.opened:
            return rows_of(self.opened[0], sql, parameters)
        begin = self._begin.encode()
        return fetched_first(self._engine, self.opened, begin, (sql, parameters))


def rows_of(
    connection: sa.Connection, sql: str, parameters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The rows that a statement with named parameters gives, by column name."""
    return Driver.of(connection).fetch(sql, parameters)


@contextmanager
def _transaction(engine: sa.Engine, begin: str) -> Iterator[sa.Connection]:
    with _Opened() as held:
        held.opened.append(begun(engine, begin))
        yield held.opened[0]


def _commit(driver: Driver) -> None:
    if driver.has_failed:  # PostgreSQL would roll back, and call that a success
        raise RuntimeError("a statement has failed here, and nobody has told")
    if driver.is_begun:
        driver.command(b"COMMIT")


def _abandon(connection: sa.Connection) -> None:
    """Roll back, or drop the connection when even that fails."""
    try:
        if not connection.invalidated and Driver.of(connection).is_begun:
            Driver.of(connection).roll_back()
    except (psycopg.Error, sa.exc.SQLAlchemyError):
        connection.invalidate()


class Retryable(Exception):
    """The database ended this transaction for another's sake; the same work may be tried again."""


_RETRYABLE = ("40001", "40P01")
_PASSING = ("57014", "55P03", "53300", "57P01", "57P02", "57P03")


def _translated(error: Exception) -> Exception:
    """What the caller should see of a driver's error."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    state = getattr(cause, "sqlstate", None)
    if state in _RETRYABLE:
        return Retryable(str(state))
    if state in _PASSING:
        return Unavailable("The database is too busy for this now.", code="database_busy")
    if state is None and isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError)):
        return Unavailable("The database cannot be reached.")
    if state is not None and state.startswith("08"):
        return Unavailable("The database cannot be reached.")
    return error


def constraint_of(error: BaseException) -> str | None:
    """The name of the unique, check or foreign key constraint that an error is about."""
    cause: Any = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(cause, psycopg.errors.IntegrityError):
        return cause.diag.constraint_name
    return None
