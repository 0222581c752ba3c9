"""Backup and restore of databases: whole or not at all, verified, and never over what somebody still has."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from chassis.embedded.postgres import PostgresServer
from rapport_operator.cli import cli
from rapport_operator.errors import OperatorError
from rapport_operator.kept_folders import put_back
from rapport_operator.postgres_tools import program

from .answers import answer

TENANT = "00000000-0000-0000-0000-000000000001"
_INSERT = "INSERT INTO ledger (tenant_id, aggregate_id, number, note) VALUES (%s, %s, %s, %s)"


class Shelf:
    """A shop and an office whose databases nobody works with, and a folder for backups."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self._server = server
        self.folder = folder / "backup"
        self._described = folder / "deployment.json"
        services: dict[str, dict[str, Any]] = {
            name: {
                "http_url": "http://127.0.0.1:1",
                "database_url": server.dsn(name, f"{name}_runtime", "runtime"),
                "database_system_url": server.dsn(name, f"{name}_system", "system"),
                "database_owner_url": server.dsn(name, f"{name}_owner", "owner"),
            }
            for name in ("shop", "office")
        }
        self.papers = folder / "papers"
        (self.papers / "kept").mkdir(parents=True)
        services["office"]["folders"] = {"papers": str(self.papers)}
        nats = {"url": "nats://127.0.0.1:1", "operator_password": "unused"}
        content = {"gateway_url": "http://127.0.0.1:1", "jwks_url": "http://127.0.0.1:1"}
        self._described.write_text(json.dumps({**content, "nats": nats, "services": services}))

    def ask_for_tls(self) -> None:
        """Have the addresses want it."""
        described = json.loads(self._described.read_text())
        for service in described["services"].values():
            service["database_owner_url"] += "?sslmode=verify-full"
        self._described.write_text(json.dumps(described))

    def rapport(self, *words: str, exit_code: int = 0, answers: str | None = None) -> Result:
        """Run the command; `exit_code` is what it has to end with."""
        command = ["--deployment", str(self._described), *words]
        result = CliRunner().invoke(cli, command, input=answers)
        assert result.exit_code == exit_code, result.output
        return result

    def backup(self, *words: str) -> Result:
        """Back up into the folder."""
        return self.rapport("backup", "--to", str(self.folder), *words)

    def restore(self, *words: str, exit_code: int = 0, answers: str | None = None) -> Result:
        """Restore from the folder."""
        words = ("restore", "--from", str(self.folder), *words)
        return self.rapport(*words, exit_code=exit_code, answers=answers)

    def write(self, service: str, *numbers: int) -> None:
        """Put numbers into a ledger, as the superuser: of a tenant's row."""
        with psycopg.connect(self._server.admin_dsn(service), autocommit=True) as connection:
            for number in numbers:
                connection.execute(_INSERT, (TENANT, TENANT, number, "王小明"))

    def ledger(self, service: str) -> list[int]:
        """The numbers in a ledger."""
        with psycopg.connect(self._server.admin_dsn(service), autocommit=True) as connection:
            rows = connection.execute("SELECT number FROM ledger ORDER BY place").fetchall()
        return [number for (number,) in rows]

    def seen_by_runtime(self, service: str, tenant: str) -> list[int]:
        """The numbers that the service itself sees in a tenant's transaction."""
        url = self._server.dsn(service, f"{service}_runtime", "runtime")
        with psycopg.connect(url) as connection:
            connection.execute("SELECT set_config('app.tenant', %s, true)", [tenant])
            rows = connection.execute("SELECT number FROM ledger ORDER BY place").fetchall()
        return [number for (number,) in rows]

    def put(self, *numbers: int) -> None:
        """Have the office keep the papers that numbers in its ledger stand for."""
        for number in numbers:
            (self.papers / "kept" / str(number)).write_text(f"paper {number}")

    def kept(self) -> dict[str, str]:
        """The papers that the office has, by what they are called."""
        return {path.name: path.read_text() for path in (self.papers / "kept").iterdir()}

    def empty(self) -> None:
        """Have nothing in the ledgers."""
        for service in ("shop", "office"):
            with psycopg.connect(self._server.admin_dsn(service), autocommit=True) as connection:
                connection.execute("TRUNCATE ledger, outbox, inbox")


@pytest.fixture
def shelf(estate: PostgresServer, tmp_path: Path) -> Iterator[Shelf]:
    """Both databases with three numbers each."""
    made = Shelf(estate, tmp_path)
    made.empty()
    made.write("shop", 1, 2, 3)
    made.write("office", 4, 5, 6)
    yield made
    made.empty()


def test_what_was_backed_up_comes_back_with_the_rights_that_there_were(shelf: Shelf) -> None:
    manifest = answer(shelf.backup("--json"))
    assert list(manifest["services"]) == ["shop", "office"]
    assert manifest["services"]["office"]["rows"]["ledger"] == 3
    assert manifest["services"]["office"]["migration"] == "0001"
    shelf.write("shop", 99)
    shelf.empty()

    done = answer(shelf.restore("--replace", "--yes", "--json"))

    assert done["taken_at"] == manifest["taken_at"].replace("Z", "+00:00")
    assert (shelf.ledger("shop"), shelf.ledger("office")) == ([1, 2, 3], [4, 5, 6])
    # Row-level security and the rights of the logins are there as before.
    assert shelf.seen_by_runtime("shop", TENANT) == [1, 2, 3]
    assert shelf.seen_by_runtime("shop", TENANT.replace("1", "2")) == []
    # And numbers go on after the last one.
    shelf.write("shop", 7)
    assert shelf.ledger("shop") == [1, 2, 3, 7]


def test_a_backup_is_for_its_owner_alone_and_needs_a_folder_of_its_own(shelf: Shelf) -> None:
    shelf.backup()
    assert stat.S_IMODE(shelf.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in shelf.folder.iterdir()} == {0o600}
    again = shelf.rapport("backup", "--to", str(shelf.folder), exit_code=1)
    assert "is not empty" in again.stderr


def test_one_service_is_backed_up_and_brought_back_alone(shelf: Shelf) -> None:
    assert list(answer(shelf.backup("--service", "office", "--json"))["services"]) == ["office"]
    shelf.empty()
    shelf.write("shop", 8)
    shelf.restore("--replace", "--yes")
    assert (shelf.ledger("shop"), shelf.ledger("office")) == ([8], [4, 5, 6])
    assert "has nothing of shop" in shelf.restore("--service", "shop", exit_code=1).stderr


def test_a_database_that_holds_something_is_not_overwritten_unless_that_is_said(
    shelf: Shelf,
) -> None:
    shelf.backup()
    shelf.write("shop", 9)
    refused = shelf.restore(exit_code=1)
    assert "not empty: shop" in refused.stderr
    assert "--replace" in refused.stderr
    no = shelf.restore("--replace", exit_code=1, answers="n\n")
    assert "What is there now is lost: shop" in no.stderr
    assert shelf.ledger("shop") == [1, 2, 3, 9]


def test_a_file_that_has_changed_is_refused_before_anything_is_changed(shelf: Shelf) -> None:
    shelf.backup()
    damaged = shelf.folder / "office.dump"
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    shelf.write("shop", 9)
    refused = shelf.restore("--replace", "--yes", exit_code=1)
    assert "office.dump is not what was backed up of office" in refused.stderr
    assert shelf.ledger("shop") == [1, 2, 3, 9]


def test_a_restore_that_fails_on_the_way_leaves_what_there_was(shelf: Shelf) -> None:
    shelf.backup()
    manifest = shelf.folder / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"ledger": 3', '"ledger": 4'), encoding="utf-8")
    shelf.write("shop", 9)
    refused = shelf.restore("--replace", "--yes", exit_code=1)
    assert "shop is not what was backed up: ledger has 3 rows, not 4" in refused.stderr
    assert shelf.ledger("shop") == [1, 2, 3, 9]
    assert shelf.seen_by_runtime("shop", TENANT) == [1, 2, 3, 9]


def test_nothing_is_restored_while_somebody_works_with_the_database(
    shelf: Shelf, estate: PostgresServer
) -> None:
    shelf.backup()
    with psycopg.connect(estate.dsn("office", "office_runtime", "runtime")):
        refused = shelf.restore("--replace", "--yes", exit_code=1)
    assert "somebody works with the database of office: office_runtime (1)" in refused.stderr
    # Somebody who only watches, as an exporter of metrics does, is in nobody's way.
    with psycopg.connect(estate.admin_dsn("office")):
        shelf.restore("--replace", "--yes")


def test_files_that_a_service_keeps_come_back_as_old_as_they_were(shelf: Shelf) -> None:
    shelf.put(4, 5)
    os.utime(shelf.papers / "kept" / "4", (1_900_000_000, 1_900_000_000))
    (shelf.papers / "kept" / ".6.half").write_text("not whole yet")
    papers = answer(shelf.backup("--json"))["services"]["office"]["folders"]["papers"]
    # The row of number 6 names a file that was not there already.
    assert (papers["files"], papers["missing"]) == (2, 1)
    shutil.rmtree(shelf.papers)
    shelf.empty()
    done = answer(shelf.restore("--replace", "--yes", "--json"))
    assert done["missing_files"] == {"shop": 0, "office": 1}
    assert shelf.kept() == {"4": "paper 4", "5": "paper 5"}
    assert (shelf.papers / "kept" / "4").stat().st_mtime == 1_900_000_000
    assert stat.S_IMODE((shelf.papers / "kept" / "5").stat().st_mode) == 0o600


def test_files_that_are_there_are_left_as_they_are(shelf: Shelf) -> None:
    shelf.put(4, 5, 6)
    shelf.backup()
    (shelf.papers / "kept" / "5").unlink()
    shelf.put(7)
    shelf.restore("--replace", "--yes")
    assert sorted(shelf.kept()) == ["4", "5", "6", "7"]


def test_an_archive_of_files_that_has_changed_is_refused_before_anything_is_changed(
    shelf: Shelf,
) -> None:
    shelf.put(4, 5, 6)
    shelf.backup()
    damaged = shelf.folder / "office.papers.tar"
    damaged.write_bytes(damaged.read_bytes().replace(b"paper 5", b"paper X"))
    shelf.write("shop", 9)
    refused = shelf.restore("--replace", "--yes", exit_code=1)
    assert "office.papers.tar is not what was backed up of office" in refused.stderr
    assert shelf.ledger("shop") == [1, 2, 3, 9]


@pytest.mark.parametrize("name", ["../outside", "/outside", "kept/link"])
def test_nothing_is_written_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    archive, target = tmp_path / "bad.tar", tmp_path / "inside" / "papers"
    with tarfile.open(archive, "w") as written:
        member = tarfile.TarInfo(name)
        if name == "kept/link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc"
        written.addfile(member, io.BytesIO())
    with pytest.raises(OperatorError, match="what is no file of a folder"):
        put_back(archive, target, lambda _done: None)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [archive]


def test_a_folder_that_nobody_can_reach_is_said_and_a_missing_one_is_no_backup(
    shelf: Shelf,
) -> None:
    described = shelf.folder.parent / "deployment.json"
    content = json.loads(described.read_text())
    shutil.rmtree(shelf.papers)
    assert "is no folder" in shelf.rapport("backup", "--to", str(shelf.folder), exit_code=1).stderr
    del content["services"]["office"]["folders"]
    described.write_text(json.dumps(content))
    said = shelf.rapport("backup", "--to", str(shelf.folder.with_name("second"))).stderr
    assert "The folder papers of office is not in it" in " ".join(said.split())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is no backup"),
        ("{}", "is no manifest: taken_at: Field required"),
        (
            '{"format": 2, "taken_at": "2026-01-01T00:00:00Z", "services": {}}',
            "has the format 2; this version reads 1",
        ),
    ],
)
def test_what_is_no_backup_is_said(shelf: Shelf, content: str | None, said: str) -> None:
    shelf.folder.mkdir()
    if content is not None:
        (shelf.folder / "manifest.json").write_text(content, encoding="utf-8")
    assert said in " ".join(shelf.restore(exit_code=1).stderr.split())


def test_no_password_is_among_the_words_of_a_program(estate: PostgresServer) -> None:
    from rapport_operator.deployment import Deployment  # noqa: PLC0415
    from rapport_operator.postgres_tools import Access  # noqa: PLC0415

    url = estate.dsn("shop", "shop_owner", "hidden-word")
    deployment = Deployment.model_validate(
        {
            "gateway_url": "",
            "jwks_url": "",
            "nats": {"url": "", "operator_password": ""},
            "services": {
                "shop": {
                    "http_url": "",
                    "database_url": url,
                    "database_system_url": url,
                    "database_owner_url": url,
                }
            },
        }
    )
    access = Access.of(deployment, "shop")
    assert "hidden-word" not in access.address
    assert access.environment["PGPASSWORD"] == "hidden-word"


def test_a_database_that_is_reached_by_tls_alone_needs_programs_that_speak_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the package do not; what is installed beside them is taken, or asked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    shelf = Shelf(PostgresServer(tmp_path / "none", 1, "unused"), tmp_path)
    shelf.ask_for_tls()
    refused = shelf.rapport("backup", "--to", str(shelf.folder), exit_code=1)
    assert "asks for TLS" in refused.output.replace("\n", " ")
    assert not shelf.folder.exists()

    installed = tmp_path / "pg_dump"
    installed.write_text("#!/bin/sh\n")
    installed.chmod(0o755)
    assert program("pg_dump", by_tls=True) == str(installed)
    assert program("pg_dump") != str(installed)
