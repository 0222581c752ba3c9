"""The audit log over REST: what is found, by whom, and what leaves in an export."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from identity.audit.queries import ENTRIES as LIST
from identity.audit.storage import audit_entries
from identity.transaction import IdentityTx
from rapport.identity.events.v1.security_events_pb2 import AuditLogExported

from ..builders import Organisation
from .conftest import CHANGED, ENTRIES, Log


@pytest.fixture
def filled(log: Log) -> Log:
    """A log with entries that differ in everything one can search by."""
    user = uuid4()
    log.keep(
        log.fact(actor=f"user:{user}", client_id="rapport-console", address="203.0.113.9"),
        log.fact(type="rapport.identity.events.v1.SessionEnded", payload=b""),
        log.fact(session_id=uuid4(), address="2001:db8::1"),
        log.fact(type="rapport.loyalty.events.v7.PointsMelted", payload=b"\xff\xff"),
        log.fact(payload=b"\xff\xff"),
    )
    return log


def numbers(log: Log, query: str) -> list[int]:
    return [entry["number"] for entry in log.entries(query)]


def test_an_entry_says_who_did_what_when_and_from_where(log: Log) -> None:
    user, session, person, cause = uuid4(), uuid4(), uuid4(), uuid4()
    fact = log.fact(
        actor=f"user:{user}",
        client_id="rapport-console",
        session_id=session,
        address="203.0.113.9",
        aggregate_id=person,
        aggregate_version=7,
        cause=cause,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    log.keep(fact)
    entry = log.client("identity.audit.read").get(f"{ENTRIES}/{fact.envelope.id}").json

    assert entry.pop("recorded_at").endswith("Z")
    assert len(entry.pop("hash")) == len(entry.pop("previous_hash")) == 64
    assert entry == {
        "number": 1,
        "id": str(fact.envelope.id),
        "occurred_at": "2026-03-01T08:00:01Z",
        "actor": f"user:{user}",
        "client_id": "rapport-console",
        "session_id": str(session),
        "address": "203.0.113.9",
        "service": "contacts",
        "action": CHANGED,
        "record_kind": "person",
        "record_id": str(person),
        "record_version": 7,
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "cause": str(cause),
        "details": {
            "person_id": str(person),
            "changed_fields": ["emails"],
            "lifecycle_stage": "lifecycle_stage_unspecified",
        },
    }


def test_entries_are_found_by_everything_that_names_them(filled: Log) -> None:
    first, third = filled.entries("number=1")[0], filled.entries("number=3")[0]
    for query, found in {
        "": [5, 4, 3, 2, 1],
        "sort=number": [1, 2, 3, 4, 5],
        f"actor={first['actor']}": [1],
        "client_id=rapport-console": [1],
        "address=2001:db8::1": [3],
        f"session_id={third['session_id']}": [3],
        "service=identity": [2],
        "service[in]=identity,loyalty": [4, 2],
        f"action={CHANGED}": [5, 3, 1],
        f"record_id={third['record_id']}": [3],
        "occurred_at[gte]=2026-03-01T08:00:02Z&occurred_at[lt]=2026-03-01T08:00:04Z": [3, 2],
        "number[gt]=3": [5, 4],
        f"action={CHANGED}&occurred_at[lt]=2026-03-01T08:00:03Z": [1],
    }.items():
        assert numbers(filled, query) == found, query
    page = filled.client().get(f"{ENTRIES}?page_size=2&service=contacts").json
    token = page["next_page_token"]
    rest = filled.client().get(f"{ENTRIES}?page_size=2&service=contacts&page_token={token}").json
    assert [e["number"] for e in page["items"] + rest["items"]] == [5, 3, 1]


def test_what_cannot_be_read_is_kept_all_the_same(filled: Log) -> None:
    of_later, broken = filled.entries("number[in]=4,5&sort=number")
    assert of_later["details"] == {"unread": "unknown_type"}
    assert of_later["record_kind"] is None
    assert broken["details"] == {"unread": "broken_payload"}
    assert broken["action"] == CHANGED


def test_another_tenant_sees_nothing(filled: Log) -> None:
    stranger = Log(filled.identity, filled.database)
    entry = filled.entries("number=1")[0]

    assert stranger.entries("") == []
    assert stranger.client().get(f"{ENTRIES}/{entry['id']}").status_code == 404
    assert stranger.client().get(f"{ENTRIES}/verification").json["head"]["number"] == 0
    assert stranger.client().get(f"{ENTRIES}/export").data == b""
    assert filled.keep() == 0
    stranger.fill(1)
    assert stranger.entries("")[0]["number"] == 1


@pytest.mark.parametrize("path", ["", f"/{UUID(int=1)}", "/verification"])
def test_the_log_is_for_those_who_may_read_it(log: Log, path: str) -> None:
    refused = log.client("identity.users.read", "identity.audit.export").get(ENTRIES + path)
    assert refused.json["code"] == "permission_missing"


def test_an_export_has_a_permission_of_its_own(log: Log) -> None:
    refused = log.client("identity.audit.read").get(f"{ENTRIES}/export")
    assert refused.json["code"] == "permission_missing"


def test_with_a_shorter_reach_one_sees_what_one_did_oneself(
    identity: ServiceHarness[IdentityTx], acme: Organisation, log: Log
) -> None:
    mine = Log(identity, log.database, tenant_id=acme.tenant_id)
    user, colleague, team = uuid4(), uuid4(), uuid4()
    mine.keep(*(mine.fact(actor=f"user:{who}") for who in (user, colleague, uuid4())))
    mine.keep(mine.fact())

    own = identity.user_client(acme.tenant_id, {"identity.audit.read": "own"}, user_id=user)
    assert [e["number"] for e in own.get(ENTRIES).json["items"]] == [1]
    team = identity.access.team(acme.tenant_id, [user, colleague])
    lead = identity.user_client(
        acme.tenant_id, {"identity.audit.read": "team"}, user_id=user, teams=(team,)
    )
    assert [e["number"] for e in lead.get(ENTRIES).json["items"]] == [2, 1]
    hidden = mine.entries("number=3")[0]
    assert lead.get(f"{ENTRIES}/{hidden['id']}").status_code == 404
    assert lead.get(f"{ENTRIES}/verification").json["code"] == "reach_too_short"


def test_a_verification_tells_the_head_and_the_first_broken_entry(filled: Log) -> None:
    whole = filled.client().get(f"{ENTRIES}/verification").json
    last = filled.entries("number=5")[0]
    head = {"number": 5, "hash": last["hash"]}
    assert whole == {
        "intact": True, "complete": True, "first": 1,
        "checked": head, "head": head, "broken": None,
    }  # fmt: skip

    filled.as_owner(
        "UPDATE audit_entries SET actor = 'user:x' WHERE tenant_id = %(t)s AND number = 4"
    )
    spoilt = filled.client().get(f"{ENTRIES}/verification?first=2").json
    assert (spoilt["intact"], spoilt["first"], spoilt["checked"]["number"]) == (False, 2, 3)
    assert spoilt["broken"] == {
        "number": 4,
        "damage": "altered",
        "message": "The content of entry 4 is not what was hashed.",
    }
    assert filled.client().get(f"{ENTRIES}/verification?first=0").status_code == 400


def test_an_export_has_what_the_list_has_and_can_be_checked_by_others(filled: Log) -> None:
    """The hashes follow from nothing but the exported lines."""
    answer = filled.client().get(f"{ENTRIES}/export")
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    lines = answer.data.splitlines()
    assert [orjson.loads(line) for line in lines] == filled.entries("sort=number")

    previous = bytes(32)
    for line in lines:
        entry = orjson.loads(line)
        details = line[line.index(b'"details":') + 10 : line.index(b',"previous_hash"')]
        previous = hashlib.sha256(previous + written(entry, filled.tenant_id, details)).digest()
        assert entry["hash"] == previous.hex()


def written(entry: dict[str, Any], tenant_id: UUID, details: bytes) -> bytes:
    """An exported entry as docs/audit-log.md says that it is hashed."""
    names = (
        "id occurred_at recorded_at actor client_id session_id address service action record_kind"
        " record_id record_version trace_id cause"
    ).split()
    values: list[bytes | None] = [b"1", str(tenant_id).encode(), str(entry["number"]).encode()]
    for name in names:
        value = entry[name]
        if name.endswith("_at") and "." not in value:
            value = value.replace("Z", ".000000Z")
        values.append(None if value is None else str(value).encode())
    parts = [b"-" if v is None else b"%d:%b," % (len(v), v) for v in (*values, details)]
    return b"".join(parts)


def test_an_export_as_csv_has_a_row_for_each_entry_of_the_filter(filled: Log) -> None:
    answer = filled.client().get(f"{ENTRIES}/export?format=csv&service=contacts")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert [row["number"] for row in rows] == ["1", "3", "5"]
    assert rows[0]["address"] == "203.0.113.9"
    assert rows[0]["occurred_at"] == "2026-03-01T08:00:01Z"
    assert orjson.loads(rows[0]["details"])["changed_fields"] == ["emails"]
    assert rows[1]["client_id"] == ""


def test_an_export_of_the_log_is_told_itself(filled: Log) -> None:
    filled.client().get(f"{ENTRIES}/export?service=contacts&occurred_at[gte]=2026-01-01T00:00:00Z")
    ((kind, payload),) = filled.identity.facts(filled.tenant_id)
    fact = AuditLogExported.FromString(payload)
    assert kind == AuditLogExported.DESCRIPTOR.full_name
    assert (fact.format, list(fact.filters)) == ("ndjson", ["occurred_at", "service"])


def test_an_export_of_many_pages_is_whole(log: Log) -> None:
    for _ in range(5):
        log.fill(500)
    lines = log.client().get(f"{ENTRIES}/export").data.splitlines()
    assert [orjson.loads(line)["number"] for line in lines] == list(range(1, 2_501))


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "audit_entries_by_time"),
        ("actor", "audit_entries_by_actor"),
        ("action", "audit_entries_by_action"),
        ("service", "audit_entries_by_service"),
        ("record_id", "audit_entries_by_record"),
        ("client_id", "audit_entries_by_client"),
        ("session_id", "audit_entries_by_session"),
        ("address", "audit_entries_by_address"),
    ],
)
def test_every_search_goes_by_an_index_that_gives_the_order_too(
    log: Log, query: str, index: str
) -> None:
    """As the runtime login, which row-level security keeps from indexes that it does not trust."""
    columns = audit_entries.c
    statement = (
        sa.select(columns.number)
        .where(columns.tenant_id == log.tenant_id)
        .order_by(columns.occurred_at.desc(), columns.number.desc())
        .limit(51)
    )
    if query:
        example = UUID(int=7) if query in ("record_id", "session_id") else "text"
        statement = statement.where(LIST.filters[query].condition("eq", example))
    with log.identity.service.database.tenant_transaction(log.tenant_id) as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        explained = sa.text(
            f"EXPLAIN {statement.compile(connection, compile_kwargs={'literal_binds': True})}"
        )
        plan = "\n".join(connection.scalars(explained))
    assert index in plan
    assert "Sort" not in plan


def test_the_administrator_reads_the_log(acme: Organisation) -> None:
    client: ApiClient = acme.administrator()
    assert client.get(ENTRIES).status_code == 200
