"""No migration that is newer than the last release holds up, or breaks, the version before it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from chassis.embedded.postgres import PostgresServer
from chassis.testing.fixtures import postgres
from deploy.tools.releases import last_release
from tests.migrations.statements import ROOT, Risk, executed, lint, service_names

__all__ = ["postgres"]

_EXEMPTIONS = Path(__file__).with_name("exemptions.toml")


def exemptions() -> dict[tuple[str, str], str]:
    """The reasons by migration and rule."""
    entries = tomllib.loads(_EXEMPTIONS.read_text(encoding="utf-8"))["exemption"]
    return {(entry["migration"], entry["rule"]): entry["reason"] for entry in entries}


@pytest.fixture(scope="module")
def risks(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> list[Risk]:
    """What the linter says of every migration that no release had."""
    released = last_release()
    wanted = [
        (f"{service}/{revision}", text)
        for service in service_names()
        for revision, text in executed(
            postgres, service, ROOT / "services" / service / "migrations"
        )
        if not released.has_migration(service, revision)
    ]
    assert wanted
    return lint(wanted, tmp_path_factory.mktemp("sql"))


def test_no_migration_takes_a_lock_that_others_wait_for(risks: list[Risk]) -> None:
    known = exemptions()
    assert [risk for risk in risks if (risk.migration, risk.rule) not in known] == []


def test_every_exemption_exempts_something_and_has_a_reason(risks: list[Risk]) -> None:
    found = {(risk.migration, risk.rule) for risk in risks}
    assert exemptions().keys() - found == set()
    assert all(len(reason.split()) > 5 for reason in exemptions().values())


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("CREATE INDEX people_name ON people (name);", "require-concurrent-index-creation"),
        ("ALTER TABLE people DROP COLUMN name;", "ban-drop-column"),
        ("ALTER TABLE people RENAME COLUMN name TO label;", "renaming-column"),
        ("ALTER TABLE people ALTER COLUMN age TYPE bigint;", "changing-column-type"),
        ("ALTER TABLE people ADD COLUMN age int NOT NULL;", "adding-required-field"),
        (
            "ALTER TABLE people ADD CONSTRAINT grown CHECK (age > 17);",
            "constraint-missing-not-valid",
        ),
        ("ALTER TABEL people ADD COLUMN age int;", "syntax-error"),
    ],
)
def test_a_migration_that_would_stop_others_is_found(tmp_path: Path, sql: str, rule: str) -> None:
    assert rule in {risk.rule for risk in lint([("shop/0002", sql)], tmp_path)}


def test_a_table_that_the_same_migration_makes_may_have_any_index(tmp_path: Path) -> None:
    sql = "CREATE TABLE shops (id uuid PRIMARY KEY, name text);\nCREATE INDEX n ON shops (name);"
    assert lint([("shop/0001", sql)], tmp_path) == []


def test_what_a_migration_changes_is_written_down_and_what_it_asks_is_not(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    versions = tmp_path / "versions"
    versions.mkdir()
    (versions / "0001_shops.py").write_text(
        "from alembic import op\n"
        "revision, down_revision = '0001', None\n"
        "def upgrade():\n"
        "    op.execute('SELECT 1')\n"
        "    op.execute('-- why\\nCREATE TABLE shops (id int)')\n",
        encoding="utf-8",
    )
    [(revision, text)] = executed(postgres, "written_down", tmp_path)
    assert revision == "0001"
    assert text.endswith("-- why\nCREATE TABLE shops (id int);\n")
    assert "SELECT" not in text
