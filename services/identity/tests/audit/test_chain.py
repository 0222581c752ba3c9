"""The chain of the audit log: how it grows, and that nobody spoils it without being noticed."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString
from uuid import uuid4

import psycopg
import pytest

from chassis.context import service_caller
from identity.audit.domain import GENESIS, Damage
from identity.audit.operations import keep_facts
from identity.transaction import IdentityTx

from .conftest import Log

_REHASHED = """
UPDATE audit_entries SET actor = 'client:nobody', hash = sha256('forged')
WHERE tenant_id = %(t)s AND number = 3
"""


def netstrings(*values: str | None) -> bytes:
    """What docs/audit-log.md says of how an entry is written down, by another hand."""
    parts = []
    for value in values:
        text = b"" if value is None else value.encode()
        parts.append(b"-" if value is None else str(len(text)).encode() + b":" + text + b",")
    return b"".join(parts)


def test_an_entry_is_hashed_as_the_documentation_says(log: Log) -> None:
    session, cause = uuid4(), uuid4()
    log.keep(
        log.fact(
            actor=f"user:{uuid4()}",
            client_id="rapport-console",
            session_id=session,
            address="2001:db8::7",
            cause=cause,
            traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
    )
    log.fill(1)
    first, second = log.entries()
    details = f'{{"changed_fields":["emails"],"lifecycle_stage":"lifecycle_stage_unspecified","person_id":"{first["record_id"]}"}}'

    written = netstrings(
        "1", str(log.tenant_id), "1", first["id"],
        "2026-03-01T08:00:01.000000Z", first["recorded_at"],
        first["actor"], "rapport-console", str(session), "2001:db8::7",
        "contacts", "rapport.contacts.events.v1.PersonChanged",
        "person", first["record_id"], "2",
        "0af7651916cd43dd8448eb211c80319c", str(cause), details,
    )  # fmt: skip
    assert len(first["recorded_at"]) == len("2026-03-01T08:00:01.000000Z")
    assert first["previous_hash"] == "00" * 32
    assert first["hash"] == hashlib.sha256(GENESIS + written).hexdigest()
    assert second["previous_hash"] == first["hash"]


def test_a_chain_grows_without_gaps_and_is_intact(log: Log) -> None:
    for count in (1, 7, 30):
        log.fill(count)
    entries = log.entries("sort=number&page_size=100")

    assert [entry["number"] for entry in entries] == list(range(1, 39))
    found = log.verify()
    assert (found.broken, found.head.number, found.is_complete) == (None, 38, True)
    assert found.head.hash.hex() == entries[-1]["hash"]


def test_those_who_add_at_the_same_time_leave_no_gap_and_no_fork(log: Log) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(log.fill, [5] * 24))

    assert log.verify().broken is None
    assert log.verify().head.number == 120


def test_a_fact_has_one_entry_however_often_it_comes(log: Log) -> None:
    facts = [log.fact() for _ in range(3)]
    assert log.keep(*facts) == 3
    assert log.keep(facts[1], log.fact(), facts[2]) == 1
    assert log.keep(*facts) == 0

    assert len(log.entries()) == 4
    assert log.verify().broken is None


def test_work_that_fails_leaves_no_number_behind(log: Log) -> None:
    log.fill(1)

    def add_and_fail(tx: IdentityTx) -> None:
        keep_facts(tx, [log.fact(), log.fact()])
        tx.finish()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        log.identity.service.operations.run(service_caller("identity", log.tenant_id), add_and_fail)
    log.fill(1)
    assert [entry["number"] for entry in log.entries()] == [1, 2]
    assert log.verify().broken is None


@pytest.mark.parametrize(
    ("spoilt", "number", "damage"),
    [
        ("UPDATE audit_entries SET address = '10.0.0.1' WHERE tenant_id = %(t)s AND number = 4", 4, Damage.ALTERED),
        ("UPDATE audit_entries SET details = '{}' WHERE tenant_id = %(t)s AND number = 1", 1, Damage.ALTERED),
        ("UPDATE audit_entries SET occurred_at = occurred_at - interval '1 us' WHERE tenant_id = %(t)s AND number = 6", 6, Damage.ALTERED),
        (_REHASHED, 3, Damage.ALTERED),
        ("DELETE FROM audit_entries WHERE tenant_id = %(t)s AND number IN (2, 3)", 2, Damage.MISSING),
        ("DELETE FROM audit_entries WHERE tenant_id = %(t)s AND number = 1", 1, Damage.MISSING),
        ("DELETE FROM audit_entries WHERE tenant_id = %(t)s AND number > 4", 5, Damage.MISSING),
        ("DELETE FROM audit_entries WHERE tenant_id = %(t)s", 1, Damage.MISSING),
        ("DELETE FROM audit_heads WHERE tenant_id = %(t)s", 1, Damage.REPLACED),
        ("UPDATE audit_heads SET number = 5 WHERE tenant_id = %(t)s", 5, Damage.REPLACED),
    ],
)  # fmt: skip
def test_what_the_owner_of_the_tables_spoils_is_found(
    log: Log, spoilt: LiteralString, number: int, damage: Damage
) -> None:
    log.fill(6)
    log.as_owner(spoilt)
    for stretch in (2, 2_000):
        broken = log.verify(stretch=stretch).broken
        assert broken is not None
        assert (broken.number, broken.damage) == (number, damage)


def test_entries_that_changed_places_are_found(log: Log) -> None:
    log.fill(6)
    move = "UPDATE audit_entries SET number = {} WHERE tenant_id = %(t)s AND number = {}"
    log.as_owner(move.format(99, 3), move.format(3, 5), move.format(5, 99))

    broken = log.verify().broken
    assert broken is not None
    assert (broken.number, broken.damage) == (3, Damage.MOVED)
    assert broken.message == "Entry 3 is out of its place: it was entry 5."


def test_an_entry_that_was_hashed_anew_does_not_fit_the_next(log: Log) -> None:
    log.fill(4)
    other = Log(log.identity, log.database, tenant_id=log.tenant_id)
    kept = log.entries()
    log.as_owner(
        "DELETE FROM audit_entries WHERE tenant_id = %(t)s AND number = 2",
        "UPDATE audit_heads SET number = 1, hash = %(first)s WHERE tenant_id = %(t)s",
        "CREATE TABLE kept AS SELECT * FROM audit_entries WHERE tenant_id = %(t)s AND number > 2",
        "DELETE FROM audit_entries WHERE tenant_id = %(t)s AND number > 2",
        first=bytes.fromhex(kept[0]["hash"]),
    )
    other.fill(1)
    log.as_owner(
        "INSERT INTO audit_entries SELECT * FROM kept",
        "DROP TABLE kept",
        "UPDATE audit_heads SET number = 4, hash = %(fourth)s WHERE tenant_id = %(t)s",
        fourth=bytes.fromhex(kept[3]["hash"]),
    )

    broken = log.verify().broken
    assert broken is not None
    assert (broken.number, broken.damage) == (3, Damage.UNLINKED)


def test_a_head_that_was_noted_elsewhere_tells_a_chain_that_was_cut_short_or_written_anew(
    log: Log,
) -> None:
    log.fill(5)
    noted = log.verify().head
    fourth = bytes.fromhex(log.entries()[3]["hash"])
    log.as_owner(
        "DELETE FROM audit_entries WHERE tenant_id = %(t)s AND number = 5",
        "UPDATE audit_heads SET number = 4, hash = %(fourth)s WHERE tenant_id = %(t)s",
        fourth=fourth,
    )
    assert log.verify().broken is None
    short = log.verify(noted={5: noted.hash}).broken
    assert short is not None
    assert (short.number, short.damage) == (5, Damage.MISSING)

    log.fill(1)
    rewritten = log.verify(noted={5: noted.hash}).broken
    assert rewritten is not None
    assert (rewritten.number, rewritten.damage) == (5, Damage.REPLACED)
    assert log.verify(noted={4: fourth}).broken is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'x' WHERE tenant_id = %(t)s",
        "DELETE FROM audit_entries WHERE tenant_id = %(t)s",
        "TRUNCATE audit_entries",
        "DELETE FROM audit_heads WHERE tenant_id = %(t)s",
        "UPDATE audit_heads SET number = 1 WHERE tenant_id = %(t)s",
    ],
)
def test_the_log_is_only_ever_added_to(log: Log, statement: LiteralString) -> None:
    """The service's login lacks the right, and the owner is stopped unless it takes the guard away."""
    log.fill(2)
    with psycopg.connect(log.database.runtime_url) as connection:
        connection.execute(
            "SELECT set_config('app.tenant', %(t)s, false)", {"t": str(log.tenant_id)}
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement, {"t": log.tenant_id})
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        log.as_owner(statement, guarded=True)
    assert log.verify().broken is None


def test_a_part_of_a_chain_is_verified_from_where_the_last_part_ended(log: Log) -> None:
    log.fill(10)
    first = log.verify(most=4)
    assert (first.checked.number, first.is_complete) == (4, False)
    second = log.verify(first=5, most=4)
    assert (second.first, second.checked.number, second.is_complete) == (5, 8, False)
    rest = log.verify(first=9, most=4)
    assert (rest.checked.number, rest.is_complete, rest.broken) == (10, True, None)
    beyond = log.verify(first=500, most=4)
    assert (beyond.first, beyond.is_complete, beyond.broken) == (11, True, None)


def test_an_empty_log_is_intact(log: Log) -> None:
    found = log.verify()
    assert (found.broken, found.head.number, found.is_complete) == (None, 0, True)
