"""Rule 4: commit, rollback, publishing and connections happen in the chassis only."""

import ast
from collections.abc import Iterator

from .sources import Source, findings, is_service_code, sample

FORBIDDEN_CALLS = frozenset(
    {"begin_nested", "commit", "create_engine", "publish", "publish_msg", "rollback"}
)
FORBIDDEN_MODULES = ("nats", "psycopg", "psycopg_pool")
FORBIDDEN_FACTORIES = frozenset({"create_engine", "sessionmaker", "Session"})


def own_transactions(source: Source) -> Iterator[str]:
    """Calls by which a service would end a transaction, publish, or connect by itself."""
    if not is_service_code(source.path):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name in FORBIDDEN_CALLS and not _notes_a_fact(node.func):
                yield f"{source.path}:{node.lineno}: only the chassis may call {name}()"
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            for alias in node.names:
                if alias.name in FORBIDDEN_FACTORIES:
                    yield f"{source.path}:{node.lineno}: only the chassis may make a {alias.name}"


def _notes_a_fact(func: ast.expr) -> bool:
    """Whether this is `tx.publish(fact)`, by which the unit of work writes to the outbox."""
    if not isinstance(func, ast.Attribute) or func.attr != "publish":
        return False
    return ast.unparse(func.value) in {"self", "super()", "tx"}


def own_drivers(source: Source) -> Iterator[str]:
    """Imports of the drivers of database and broker, which only the chassis speaks to."""
    if not is_service_code(source.path):
        return
    for module, line in source.imports():
        if module.partition(".")[0] in FORBIDDEN_MODULES:
            yield f"{source.path}:{line}: only the chassis may import {module}"


def test_services_neither_commit_nor_publish(sources: list[Source]) -> None:
    assert findings(own_transactions, sources) == []


def test_services_import_no_driver_of_database_or_broker(sources: list[Source]) -> None:
    assert findings(own_drivers, sources) == []


def test_a_commit_in_a_service_is_found() -> None:
    text = "from sqlalchemy.orm import Session, registry\ntx.session.commit()\nSession(tx)\n"
    found = findings(own_transactions, [sample("services/sales/sales/quotes/operations.py", text)])
    assert [line.rpartition(": ")[2] for line in found] == [
        "only the chassis may make a Session",
        "only the chassis may call commit()",
    ]


def test_a_message_published_past_the_outbox_is_found() -> None:
    text = "tx.publish(fact, fact.id)\njetstream.publish(subject, payload)\n"
    found = findings(own_transactions, [sample("services/sales/sales/reactions.py", text)])
    assert found == ["services/sales/sales/reactions.py:2: only the chassis may call publish()"]


def test_a_driver_imported_by_a_service_is_found() -> None:
    text = "import nats.js\nimport natsort\n"
    found = findings(own_drivers, [sample("services/sales/sales/reactions.py", text)])
    assert found == ["services/sales/sales/reactions.py:1: only the chassis may import nats.js"]


def test_the_chassis_and_the_tests_may_commit() -> None:
    text = "connection.commit()\n"
    allowed = ["services/chassis/chassis/storage/unit_of_work.py", "services/sales/tests/test_x.py"]
    assert findings(own_transactions, [sample(path, text) for path in allowed]) == []
