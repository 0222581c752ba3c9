"""What belongs to no tenant has a chain of its own, which the platform's operators read and verify."""

from __future__ import annotations

from uuid import UUID, uuid4

import orjson

from chassis.context import PLATFORM, service_caller
from chassis.events.reactions import Envelope, RawFact
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from identity.audit.operations import keep_facts
from identity.transaction import IdentityTx
from rapport.identity.events.v1.security_events_pb2 import SignInRefused

from .conftest import ENTRIES, Log

OPERATORS = "/v1/identity/operators/audit-entries"
Identity = ServiceHarness[IdentityTx]


def operator(identity: Identity, *scopes: str) -> ApiClient:
    """Whoever runs the platform."""
    return ApiClient(identity.app, identity.tokens.operator(*scopes))


def refuse_unknown_account(identity: Identity, address: str) -> UUID:
    """Somebody has tried an account that there is not; gives the fact's id."""
    fact_id = uuid4()
    envelope = Envelope(
        fact_id,
        SignInRefused.DESCRIPTOR.full_name,
        PLATFORM,
        uuid4(),
        0,
        "service:identity",
        identity.service.clock.now(),
        None,
        address=address,
    )
    caller = service_caller("identity", PLATFORM)
    identity.service.operations.run(caller, keep_facts, [RawFact(b"", envelope)])
    return fact_id


def test_operators_find_read_and_export_what_belongs_to_no_tenant(
    identity: Identity, log: Log
) -> None:
    address = "203.0.113.77"
    fact_id = refuse_unknown_account(identity, address)
    client = operator(identity, "identity.operators_audit.*")
    (found,) = client.get(f"{OPERATORS}?address={address}").json["items"]
    assert (found["id"], found["action"]) == (
        str(fact_id),
        SignInRefused.DESCRIPTOR.full_name,
    )
    assert client.get(f"{OPERATORS}/{fact_id}").json == found
    exported = client.get(f"{OPERATORS}/export?format=ndjson&address={address}")
    assert [orjson.loads(line)["id"] for line in exported.text.splitlines()] == [str(fact_id)]
    verified = client.get(f"{OPERATORS}/verification").json
    assert (verified["intact"], verified["complete"]) == (True, True)
    assert verified["head"]["number"] >= found["number"]
    # A tenant's log has none of it.
    assert log.client("identity.audit.read").get(f"{ENTRIES}?address={address}").json["items"] == []


def test_an_operator_does_not_find_a_tenants_entries(identity: Identity, log: Log) -> None:
    fact = log.fact()
    log.keep(fact)
    client = operator(identity, "identity.operators_audit.*")
    assert client.get(f"{OPERATORS}/{fact.envelope.id}").status_code == 404


def test_tenants_and_operators_without_the_permission_are_refused(
    identity: Identity, log: Log
) -> None:
    for path in ("", "/verification", "/export?format=csv", f"/{uuid4()}"):
        tenants = log.client("*").get(f"{OPERATORS}{path}")
        assert (tenants.status_code, tenants.json["code"]) == (403, "operator_needed")
        stranger = operator(identity, "identity.tenants.read").get(f"{OPERATORS}{path}")
        assert (stranger.status_code, stranger.json["code"]) == (403, "permission_missing")
