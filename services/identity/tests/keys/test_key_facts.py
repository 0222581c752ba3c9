"""What is done to signing keys and by whom is told, in the transaction that does it (ID-11)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from chassis.clock import MovableClock, TimeOrderedIds
from chassis.context import PLATFORM, service_caller
from chassis.domain import Conflict, NotFound
from chassis.events.outbox import FactEncoder
from chassis.events.reactions import Envelope, RawFact
from chassis.sealing import Sealer
from chassis.storage.database import Database
from chassis.storage.tables import outbox
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from identity.audit.operations import keep_facts
from identity.keys.domain import LEAD, LEAD_AT_ONCE, OVERLAP, SigningKeyCreated
from identity.keys.operations import KeyCare
from identity.platform_facts import PlatformFacts
from identity.transaction import IdentityTx
from rapport.identity.events.v1 import platform_events_pb2 as facts

from ..provider import Provider
from .conftest import OPERATOR, PERIOD, SECRET, World

BY_ADA, BY_ITSELF = "client:operator:ada", "service:identity"


@pytest.fixture(autouse=True)
def _nothing_was_told(key_database: Database) -> None:
    with key_database.system_transaction() as connection:
        connection.execute(sa.delete(outbox))


def told(database: Database) -> list[tuple[str, Any]]:
    """Who did it, and what was told of it; oldest first."""
    with database.system_transaction() as connection:
        rows = connection.execute(sa.select(outbox).order_by(outbox.c.seq)).all()
    found = []
    for row in rows:
        assert row.tenant_id == PLATFORM
        kind = getattr(facts, row.type.rpartition(".")[2])
        found.append((row.actor, kind.FromString(bytes(row.payload))))
    return found


def words(database: Database) -> list[str]:
    """The same as one line each: who, what, and why if there is a reason."""
    lines = []
    for actor, fact in told(database):
        line = f"{actor} {type(fact).__name__}"
        if isinstance(fact, facts.SigningKeyCreated):
            line += " " + facts.SigningKeyReason.Name(fact.reason).rpartition("_")[2].lower()
        lines.append(line)
    return lines


def test_a_keys_whole_life_is_told_in_order_and_with_who_did_it(
    world: World, key_database: Database
) -> None:
    world.signed()
    (first,) = world.kids()
    world.clock.move(PERIOD)
    world.care.keep()
    world.clock.move(LEAD + OVERLAP)
    world.care.keep()

    assert words(key_database) == [
        f"{BY_ITSELF} SigningKeyCreated first",
        f"{BY_ITSELF} SigningKeyCreated due",
        f"{BY_ITSELF} SigningKeyRetired",
    ]
    (_, created), (_, following), (_, retired) = told(key_database)
    assert created.kid == retired.kid == first != following.kid
    due_at = created.signs_from.ToDatetime() + PERIOD + LEAD
    assert following.signs_from.ToDatetime() == due_at


def test_what_an_operator_does_is_told_under_the_operators_name(
    world: World, key_database: Database
) -> None:
    world.signed()
    (leaked,) = world.kids()
    waiting = world.care.rotate(OPERATOR)
    urgent = world.care.rotate(OPERATOR, at_once=True)
    world.clock.move(LEAD_AT_ONCE)
    world.care.withdraw(OPERATOR, leaked)

    assert words(key_database)[1:] == [
        f"{BY_ADA} SigningKeyCreated asked",
        f"{BY_ADA} SigningKeyWithdrawn",
        f"{BY_ADA} SigningKeyCreated urgent",
        f"{BY_ADA} SigningKeyWithdrawn",
    ]
    withdrawn = [
        fact for _, fact in told(key_database) if isinstance(fact, facts.SigningKeyWithdrawn)
    ]
    assert [(fact.kid, fact.has_signed) for fact in withdrawn] == [
        (waiting.kid, False),
        (leaked, True),
    ]
    assert [fact.kid for _, fact in told(key_database)].count(urgent.kid) == 1


def test_what_is_refused_and_what_changes_nothing_is_not_told(
    world: World, key_database: Database
) -> None:
    world.signed()
    world.care.rotate(OPERATOR)
    before = words(key_database)
    with pytest.raises(NotFound):
        world.care.withdraw(OPERATOR, "nobody")
    with pytest.raises(Conflict):
        world.care.withdraw(OPERATOR, world.kids()[0])
    world.care.rotate(OPERATOR)
    world.care.keep()
    world.care.first()
    assert words(key_database) == before


class Mute(FactEncoder):
    """Cannot say anything."""

    def __init__(self) -> None:
        super().__init__({})


def test_a_change_that_cannot_be_told_is_not_made(
    world: World, key_database: Database, moved: MovableClock
) -> None:
    world.signed()
    before = world.states()
    silent = PlatformFacts(Mute(), moved, TimeOrderedIds())
    care = KeyCare(key_database, Sealer((SECRET,)), moved, PERIOD, silent)
    with pytest.raises(RuntimeError, match="no mapping"):
        care.rotate(OPERATOR)
    assert world.states() == before


def test_operators_who_rotate_at_the_same_time_make_one_key_which_is_told_once(
    world: World, key_database: Database, moved: MovableClock
) -> None:
    world.signed()
    worlds = [World(key_database, moved) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = {key.kid for key in pool.map(lambda each: each.care.rotate(OPERATOR), worlds)}
    assert len(made) == 1
    assert words(key_database)[1:] == [f"{BY_ADA} SigningKeyCreated asked"]


def test_the_system_login_adds_facts_of_no_tenant_and_of_no_other(
    world: World, key_database: Database
) -> None:
    row = {
        "id": uuid4(),
        "lane": 0,
        "type": SigningKeyCreated.__name__,
        "aggregate_id": uuid4(),
        "aggregate_version": 0,
        "payload": b"",
        "actor": "somebody",
        "occurred_at": world.clock.now(),
    }
    with key_database.system_transaction() as connection:
        connection.execute(sa.insert(outbox), [{**row, "tenant_id": PLATFORM}])
    with (
        pytest.raises(Exception, match="outbox_of_no_tenant"),
        key_database.system_transaction() as connection,
    ):
        connection.execute(sa.insert(outbox), [{**row, "tenant_id": uuid4()}])


def test_the_operators_audit_log_names_the_key_and_who_rotated_it(
    world: World, key_database: Database, identity: ServiceHarness[IdentityTx]
) -> None:
    world.signed()
    key = world.care.rotate(OPERATOR)
    with key_database.system_transaction() as connection:
        rows = connection.execute(sa.select(outbox).order_by(outbox.c.seq)).all()
    identity.service.operations.run(
        service_caller("identity", PLATFORM), keep_facts, [as_delivered(row) for row in rows]
    )
    client = ApiClient(identity.app, identity.tokens.operator("identity.operators_audit.read"))
    (entry,) = client.get(
        f"/v1/identity/operators/audit-entries?actor={BY_ADA}&record_id={key.id}"
    ).json["items"]
    assert entry["action"] == facts.SigningKeyCreated.DESCRIPTOR.full_name
    assert entry["details"]["kid"] == key.kid
    assert entry["details"]["reason"] == "signing_key_reason_asked"


def as_delivered(row: Any) -> RawFact:
    """A fact of the outbox as its consumer gets it."""
    envelope = Envelope(
        row.id,
        row.type,
        row.tenant_id,
        row.aggregate_id,
        row.aggregate_version,
        row.actor,
        row.occurred_at,
        row.traceparent,
    )
    return RawFact(bytes(row.payload), envelope)


def test_over_rest_the_fact_names_the_operator_of_the_token(provider: Provider) -> None:
    def rotated() -> list[str]:
        with provider.service.database.system_transaction() as connection:
            rows = connection.execute(
                sa.select(outbox.c.actor).where(
                    outbox.c.type == facts.SigningKeyCreated.DESCRIPTOR.full_name,
                    outbox.c.actor == "client:operator:grace",
                )
            )
            return list(rows.scalars())

    assert rotated() == []
    address = "/v1/identity/signing-keys/rotate"
    answer = provider.api("POST", address, provider.operator("grace"), json={"at_once": True})
    assert answer.status_code == 200, answer.text
    assert rotated() == ["client:operator:grace"]
