"""What identity's facts tell of access is what its tables say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.access.directory import AccessEntry
from chassis.access.reactions import access_reactions, entries_of_fact
from chassis.storage.tables import access_entries, outbox
from chassis.testing.harness import ServiceHarness
from identity.access import OwnAccessSource
from identity.sessions.domain import Device, Lifetime
from identity.sessions.operations import begin_browser_session
from identity.transaction import IdentityTx
from rapport.identity.events.v1 import access_events_pb2, tenant_events_pb2

from .builders import DAY, Organisation

Known = dict[tuple[str, str], Any]


def told_by_facts(acme: Organisation) -> list[AccessEntry]:
    """What a service that follows all facts has been told."""
    reactions = access_reactions(access_events_pb2, tenant_events_pb2)
    with acme.identity.service.database.tenant_transaction(acme.tenant_id) as connection:
        rows = connection.execute(
            sa.select(outbox.c.type, outbox.c.payload, outbox.c.aggregate_version)
            .where(outbox.c.tenant_id == acme.tenant_id)
            .order_by(outbox.c.seq)
        ).all()
    entries: list[AccessEntry] = []
    for row in rows:
        reaction = reactions.of(row.type)
        if reaction is not None:
            message = reaction.decode(bytes(row.payload))
            entries += entries_of_fact(message, row.aggregate_version)
    return entries


def newest(entries: list[AccessEntry]) -> Known:
    """Of each thing what the highest version says; what is removed is left out."""
    known: dict[tuple[str, str], AccessEntry] = {}
    for entry in entries:
        key = (entry.kind, entry.key)
        if key not in known or known[key].version < entry.version:
            known[key] = entry
    return {key: entry.data for key, entry in known.items() if not entry.removed}


def much_happens(acme: Organisation) -> None:
    """Roles, teams, members, a suspension, an app, a session: made, changed and removed."""
    boss = acme.administrator()
    role = boss.post("/v1/identity/roles", {"name": "A", "grants": []}).json
    boss.patch(
        f"/v1/identity/roles/{role['id']}",
        {"grants": [{"permission": "sales.*", "reach": "team"}]},
    )
    gone = boss.post("/v1/identity/roles", {"name": "B", "grants": []}).json
    boss.delete(f"/v1/identity/roles/{gone['id']}")
    user_id = acme.member("analyst")
    top = boss.post("/v1/identity/teams", {"name": "Top", "member_ids": [str(user_id)]}).json
    low = boss.post("/v1/identity/teams", {"name": "Low"}).json
    boss.patch(f"/v1/identity/teams/{low['id']}", {"parent_team_id": top["id"]})
    old = boss.post("/v1/identity/teams", {"name": "Old"}).json
    boss.delete(f"/v1/identity/teams/{old['id']}")
    acme.identity.service.operations.run(
        acme.caller, begin_browser_session, user_id, Device("Safari", "::1"), Lifetime(DAY, DAY)
    )
    boss.post(f"/v1/identity/users/{user_id}/suspend")
    app = {"name": "ERP", "grant_types": ["client_credentials"], "scopes": []}
    client = boss.post("/v1/identity/clients", app).json
    boss.post(f"/v1/identity/clients/{client['id']}/deactivate")


def test_facts_and_snapshot_tell_the_same(
    acme: Organisation, identity: ServiceHarness[IdentityTx]
) -> None:
    much_happens(acme)
    source = OwnAccessSource(identity.service.database, identity.service.clock)
    snapshot = newest(source.fetch(acme.tenant_id))
    facts = newest(told_by_facts(acme))
    never_suspended = snapshot.pop(("tenant", "tenant"))
    assert never_suspended == {"suspended": False}
    without_members = {k: v for k, v in snapshot.items() if v != {"users": []}}
    assert without_members == facts
    kinds = {kind for kind, _ in facts}
    assert kinds == {"role", "team", "members", "subject", "session"}


def test_versions_let_facts_be_applied_over_a_snapshot_in_any_order(acme: Organisation) -> None:
    much_happens(acme)
    entries = told_by_facts(acme)
    assert newest(entries) == newest(entries[::-1]) == newest(entries * 2)


def test_identity_knows_of_a_change_with_its_commit(
    acme: Organisation, identity: ServiceHarness[IdentityTx]
) -> None:
    much_happens(acme)
    with identity.service.database.tenant_transaction(acme.tenant_id) as connection:
        rows = connection.execute(
            sa.select(access_entries.c.kind, access_entries.c.key, access_entries.c.data).where(
                access_entries.c.tenant_id == acme.tenant_id, ~access_entries.c.removed
            )
        ).all()
    assert {(row.kind, row.key): row.data for row in rows} == newest(told_by_facts(acme))


def test_a_later_revocation_holds_whichever_comes_first(acme: Organisation) -> None:
    user_id = acme.member()
    boss = acme.administrator()
    for word in ("suspend", "reactivate", "suspend"):
        boss.post(f"/v1/identity/users/{user_id}/{word}")
    told = [e for e in told_by_facts(acme) if e.kind == "subject" and UUID(e.key) == user_id]
    first, second = told
    assert second.version > first.version
    assert second.data["not_before"] > first.data["not_before"]
