"""The embedded PostgreSQL server: who gets in, what survives a crash, what it understands of Chinese."""

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from contextlib import closing as closed_after
from pathlib import Path

import psycopg
import pytest

from chassis.embedded.databases import ServicePasswords, provision_service_database, service_dsn
from chassis.embedded.errors import PortTaken
from chassis.embedded.postgres import PostgresServer, throwaway_postgres
from chassis.embedded.processes import wait_until

_PASSWORDS = ServicePasswords(
    owner="owner-password", runtime="runtime-password", system="system-password"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A throw-away server with the databases of two services."""
    with throwaway_postgres(tmp_path_factory.mktemp("postgres")) as running:
        provision_service_database(running.admin_dsn(), "contacts", _PASSWORDS)
        provision_service_database(running.admin_dsn(), "identity", _PASSWORDS)
        yield running


def test_trigrams_of_a_chinese_name_are_not_empty(server: PostgresServer) -> None:
    with psycopg.connect(server.dsn("contacts", "contacts_owner", "owner-password")) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        answer = connection.execute("SELECT show_trgm('王小明')").fetchone()

    assert answer is not None
    assert len(answer[0]) == 4


def test_a_wrong_password_is_refused(server: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.dsn("contacts", "contacts_runtime", "guessed"))


def test_a_login_cannot_connect_to_another_services_database(server: PostgresServer) -> None:
    for database in ("identity", "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(server.dsn(database, "contacts_runtime", "runtime-password"))


@pytest.mark.parametrize("login", ["runtime", "system"])
def test_a_serving_login_creates_nothing_and_passes_no_policy(
    server: PostgresServer, login: str
) -> None:
    address = server.dsn("contacts", f"contacts_{login}", f"{login}-password")
    with psycopg.connect(address) as connection:
        privileges = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert privileges == (False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (id int)")


def test_provisioning_again_keeps_the_data_and_sets_the_password_right(
    server: PostgresServer,
) -> None:
    provision_service_database(server.admin_dsn(), "desk", _PASSWORDS)
    with psycopg.connect(server.dsn("desk", "desk_owner", "owner-password")) as connection:
        connection.execute("CREATE TABLE kept (id int)")

    changed = ServicePasswords(
        owner="another-password", runtime="runtime-password", system="system-password"
    )
    provision_service_database(server.admin_dsn(), "desk", changed)

    with psycopg.connect(server.dsn("desk", "desk_owner", "another-password")) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_copy_of_a_template_has_its_tables_and_their_privileges(server: PostgresServer) -> None:
    admin = server.admin_dsn()
    provision_service_database(admin, "loyalty", _PASSWORDS, database="loyalty_template")
    with psycopg.connect(
        service_dsn(admin, "loyalty_template", "loyalty_owner", "owner-password")
    ) as connection:
        connection.execute("CREATE TABLE points (amount int)")
        connection.execute("GRANT SELECT ON points TO loyalty_runtime")

    def copy(number: int) -> str:
        name = f"loyalty_{number}"
        provision_service_database(
            admin, "loyalty", _PASSWORDS, database=name, template="loyalty_template"
        )
        return name

    with ThreadPoolExecutor(4) as pool:
        names = list(pool.map(copy, range(4)))

    for name in names:
        with psycopg.connect(
            service_dsn(admin, name, "loyalty_runtime", "runtime-password")
        ) as connection:
            assert connection.execute("SELECT count(*) FROM points").fetchone() == (0,)


def test_a_durable_server_keeps_what_was_committed_before_a_crash(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path, 0, "superuser-password")
    server.start()
    try:
        with psycopg.connect(server.admin_dsn()) as connection:
            durability = "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
            assert connection.execute(durability).fetchone() == ("on", "on")
            connection.execute("CREATE TABLE kept (id int)")
        port = server.port
        server.kill()
        assert not server.is_running()
        server.start()

        assert server.port == port
        with psycopg.connect(server.admin_dsn()) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    finally:
        server.stop()


def test_a_server_that_crashed_starts_again_when_its_last_session_has_noticed(
    tmp_path: Path,
) -> None:
    """One that computes has the memory until it is done; each says its last word in the log."""
    with ExitStack() as closing:
        server = PostgresServer(tmp_path / "crashed", 0, "secret")
        server.start()
        closing.callback(server.kill)
        pool = closing.enter_context(ThreadPoolExecutor(1))
        # Each question by itself: a transaction sees the sessions as they were when it asked first.
        busy, *idle = [
            closing.enter_context(
                closed_after(psycopg.connect(server.admin_dsn(), autocommit=True))
            )
            for _ in range(20)
        ]
        computing = pool.submit(busy.execute, "SELECT sum(n) FROM generate_series(1, 10000000) n")
        running = (
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%series%'"
        )
        assert wait_until(lambda: idle[0].execute(running).fetchone() == (2,), 10)
        server.kill()
        server.start()
        computing.exception(10)  # answered or not, it is over
        with psycopg.connect(server.admin_dsn()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_another_object_finds_the_running_server_and_stops_it(
    server: PostgresServer, tmp_path: Path
) -> None:
    first = PostgresServer(tmp_path, 0, "superuser-password")
    first.start()
    second = PostgresServer(tmp_path, first.port, "superuser-password")
    second.start()

    assert second.process == first.process
    second.stop()
    assert not first.is_running()
    assert server.is_running()


def test_a_taken_port_is_named(server: PostgresServer, tmp_path: Path) -> None:
    with pytest.raises(PortTaken, match=rf"PostgreSQL: port {server.port} .* is taken"):
        PostgresServer(tmp_path, server.port, "superuser-password").start()


def test_the_superusers_password_is_in_no_file(server: PostgresServer) -> None:
    password = server.admin_dsn().split(":")[2].split("@")[0]
    files = [path for path in server.folder.rglob("*") if path.is_file()]

    assert files
    assert [path for path in files if password.encode() in path.read_bytes()] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another account")
def test_root_starts_it_unprivileged_below_a_closed_folder_that_stays_closed() -> None:
    with tempfile.TemporaryDirectory() as parent:
        closed = Path(parent)
        closed.chmod(0o700)
        with throwaway_postgres(closed / "postgres") as server:
            process = server.process
            assert process is not None
            status = Path(f"/proc/{process.pid}/status").read_text()
            fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            capabilities = int(fields["CapEff"], 16)
            with psycopg.connect(server.admin_dsn()) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)

        assert fields["Uid"].split() != ["0"] * 4
        assert capabilities.bit_count() == 1
        assert closed.stat().st_mode & 0o777 == 0o700
        assert closed.stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another account")
def test_root_gives_no_capability_where_none_is_needed() -> None:
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o755)
        with throwaway_postgres(Path(parent) / "postgres") as server:
            process = server.process
            assert process is not None
            status = Path(f"/proc/{process.pid}/status").read_text()

    [line] = [line for line in status.splitlines() if line.startswith("CapEff")]
    assert int(line.split()[1], 16) == 0
