"""What each migration really says to the database: run on a real one, written down, and given to a linter."""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.embedded.databases import ServicePasswords, provision_service_database
from chassis.embedded.postgres import PostgresServer
from chassis.storage.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
OLDEST_POSTGRES = "17"
LOCK_RULES = frozenset(
    {
        "adding-field-with-default",
        "adding-foreign-key-constraint",
        "adding-not-nullable-field",
        "adding-required-field",
        "adding-serial-primary-key-field",
        "ban-alter-domain-with-add-constraint",
        "ban-concurrent-index-creation-in-transaction",
        "ban-drop-column",
        "ban-drop-constraint",
        "ban-drop-not-null",
        "ban-drop-table",
        "ban-truncate-cascade",
        "changing-column-type",
        "constraint-missing-not-valid",
        "disallowed-unique-constraint",
        "renaming-column",
        "renaming-table",
        "require-concurrent-index-creation",
        "require-concurrent-index-deletion",
        "syntax-error",
    }
)
"""What holds up the version before while a migration runs, or breaks it afterwards. Timeouts are the chassis' work."""
_CHANGES = re.compile(
    r"(?:\s|--[^\n]*\n)*(?:ALTER|COMMENT|CREATE|DROP|LOCK|REINDEX|TRUNCATE)\b", re.IGNORECASE
)
_WORDS = ("--reporter=json", f"--pg-version={OLDEST_POSTGRES}.0", "--assume-in-transaction")


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration of a service."""

    service: str
    revision: str

    def __str__(self) -> str:
        return f"{self.service}/{self.revision}"


@dataclass(frozen=True, slots=True)
class Risk:
    """What the linter says of a migration."""

    migration: str
    rule: str
    said: str


def service_names(root: Path = ROOT) -> list[str]:
    """The services that have migrations."""
    return sorted(path.parents[1].name for path in root.glob("services/*/migrations/versions"))


def executed(server: PostgresServer, service: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Bring an empty database up step by step; each revision with the SQL that changed the structure."""
    passwords = ServicePasswords("owner", "runtime", "system")
    provision_service_database(server.admin_dsn(), service, passwords)
    owner = server.dsn(service, f"{service}_owner", "owner")
    for path in sorted((folder / "versions").glob("[0-9]*.py")):
        revision = path.name.partition("_")[0]
        with _written_down() as statements:
            migrate(owner, folder, revision)
        yield revision, "".join(f"{one};\n" for one in statements)


@contextmanager
def _written_down() -> Iterator[list[str]]:
    """Whatever any engine executes meanwhile, if it changes the structure of a database."""
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if _CHANGES.match(statement):
            found.append(statement.strip().rstrip(";"))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def lint(statements: Sequence[tuple[str, str]], folder: Path) -> list[Risk]:
    """What the linter finds in the SQL of some migrations, by their names."""
    if not statements:
        return []
    for name, text in statements:
        (folder / f"{name.replace('/', '-')}.sql").write_text(text, encoding="utf-8")
    files = {str(folder / f"{name.replace('/', '-')}.sql"): name for name, _ in statements}
    program = Path(sysconfig.get_path("scripts")) / "squawk"
    command = [str(program), *_WORDS, *files]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if not answer.stdout.startswith("["):
        raise RuntimeError(f"the linter did not answer: {answer.stderr}")
    return [
        Risk(files[one["file"]], one["rule_name"], f"line {one['line'] + 1}: {one['message']}")
        for one in json.loads(answer.stdout)
        if one["rule_name"] in LOCK_RULES
    ]
