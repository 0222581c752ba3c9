"""Endpoints: who may make them, where they may lead, their secrets, and whose rights count."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message

from chassis.access.directory import SUBJECT, TENANT, AccessEntry, remember
from chassis.context import service_caller
from chassis.events.reactions import Envelope
from notifications.reactions import SUBSCRIPTIONS
from notifications.transaction import NotificationsTx
from rapport.identity.events.v1 import client_events_pb2 as clients
from rapport.identity.events.v1 import user_events_pb2 as users
from rapport.notifications.events.v1 import webhook_events_pb2

from .conftest import PERSON_CREATED, WEBHOOKS, World, log_of, register
from .receiver import Answer

PEOPLE = "contacts.people.read"
WRITE = "notifications.webhooks.write"
READ = "notifications.webhooks.read"


def tell(world: World, tenant_id: UUID, fact: Message, about: str, version: int = 1) -> None:
    """Have identity's fact take its effect."""
    kind = fact.DESCRIPTOR.full_name
    envelope = Envelope(
        id=uuid4(),
        type=kind,
        tenant_id=tenant_id,
        aggregate_id=UUID(about) if len(about) == 36 else uuid4(),
        aggregate_version=version,
        actor="service:identity",
        occurred_at=world.clock.now(),
        traceparent=None,
    )
    reaction = SUBSCRIPTIONS[0].reactions.of(kind)
    assert reaction is not None

    def react(tx: NotificationsTx) -> None:
        for _, handler in reaction.handlers:
            handler(tx, fact, envelope)

    world.service.operations.run(service_caller("notifications", tenant_id), react)
    world.service.directory.forget(tenant_id)


def know(world: World, tenant_id: UUID, entry: AccessEntry) -> None:
    """Have the access directory know something."""
    with world.service.database.tenant_transaction(tenant_id) as connection:
        remember(connection, tenant_id, entry, world.clock.now())
    world.service.directory.forget(tenant_id)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://example.com/hook", "not_a_url"),
        ("https://10.0.0.1/hook", "host_not_allowed"),
        ("https://169.254.169.254/latest/meta-data", "host_not_allowed"),
        ("https://[::ffff:10.0.0.1]/", "host_not_allowed"),
        ("https://[fe80::1]/", "host_not_allowed"),
        ("http://192.0.2.1/", "host_not_allowed"),
        ("https://no-such-host.invalid/", "host_unknown"),
    ],
)
def test_addresses_that_lead_inside_or_nowhere_are_refused_with_the_reason(
    world: World, url: str, code: str
) -> None:
    client = world.client(uuid4())
    answer = client.post(WEBHOOKS, {"url": url, "types": [PERSON_CREATED]})
    assert answer.status_code == 422, answer.text
    assert answer.json["errors"][0] | {"message": ""} == {
        "pointer": "/url", "code": code, "message": "",
    }  # fmt: skip
    assert client.get(WEBHOOKS).json["items"] == []


def test_each_type_needs_its_permission_over_all_records(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path()
    app = world.client(tenant_id, WRITE, PEOPLE)
    assert register(app, url)["types"] == [PERSON_CREATED]
    refused = app.post(WEBHOOKS, {"url": url, "types": ["rapport.contacts.*"]})
    assert (refused.status_code, refused.json["code"]) == (403, "permission_missing")
    role = world.access.role(tenant_id, {PEOPLE: "team", WRITE: "all"})
    user = world.user(tenant_id, uuid4(), role)
    refused = user.post(WEBHOOKS, {"url": url, "types": [PERSON_CREATED]})
    assert refused.status_code == 403
    assert PEOPLE in refused.json["detail"]
    unknown = app.post(WEBHOOKS, {"url": url, "types": [PERSON_CREATED, "rapport.x.*"]})
    assert (unknown.status_code, unknown.json["errors"][0]["pointer"]) == (422, "/types/1")


def test_the_secret_is_shown_once_and_is_kept_sealed(world: World) -> None:
    tenant_id = uuid4()
    client = world.client(tenant_id)
    body = {"url": world.receiver.path(), "types": [PERSON_CREATED]}
    made = client.post(WEBHOOKS, body, headers={"Idempotency-Key": "k"}).json
    again = client.post(WEBHOOKS, body, headers={"Idempotency-Key": "k"}).json
    assert made["secret"].startswith("whsec_")
    assert again["id"] == made["id"]
    assert again["secret"] == "********"
    assert "secret" not in client.get(f"{WEBHOOKS}/{made['id']}").json
    with world.service.database.tenant_transaction(tenant_id) as connection:
        rows = connection.exec_driver_sql("SELECT secrets::text FROM webhook_endpoints").scalars()
        assert made["secret"].removeprefix("whsec_") not in "".join(rows)


def test_after_a_rotation_both_secrets_verify_until_the_old_one_ends(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path()
    client = world.client(tenant_id)
    endpoint = register(client, url)
    path = f"{WEBHOOKS}/{endpoint['id']}/rotate-secret"
    new = client.post(path, {"keep_old_hours": 24}).json["secret"]
    world.say_person(tenant_id)
    world.deliver()
    for secret in (endpoint["secret"], new):
        assert world.receiver.at(url)[0].verified(secret)
    full = client.post(path, {"keep_old_hours": 1})
    assert (full.status_code, full.json["code"]) == (409, "secret_rotation_under_way")
    newest = client.post(path, {"keep_old_hours": 0}).json
    assert len(newest["secrets"]) == 1
    world.say_person(tenant_id)
    world.deliver()
    last = world.receiver.at(url)[-1]
    assert last.headers["webhook-signature"].count("v1,") == 1
    assert last.verified(newest["secret"])


def test_another_tenant_neither_sees_nor_changes_an_endpoint(world: World) -> None:
    endpoint = register(world.client(uuid4()), world.receiver.path())
    stranger = world.client(uuid4())
    path = f"{WEBHOOKS}/{endpoint['id']}"
    assert stranger.get(WEBHOOKS).json["items"] == []
    for answer in (
        stranger.get(path),
        stranger.patch(path, {"description": "mine"}),
        stranger.delete(path),
        stranger.get(f"{path}/deliveries"),
        stranger.post(f"{path}/test"),
        stranger.post(f"{path}/replay", {"failed": True}),
    ):
        assert answer.status_code == 404


def test_an_app_that_loses_a_scope_gets_such_facts_no_more_and_misses_none_for_ever(
    world: World,
) -> None:
    tenant_id, url, app_id = uuid4(), world.receiver.path(), str(uuid4())
    client = world.client(tenant_id, WRITE, READ, PEOPLE, client_id=app_id)
    endpoint = register(client, url)
    tell(world, tenant_id, clients.ClientChanged(client_id=app_id, scopes=[WRITE]), app_id, 2)
    world.say_person(tenant_id)
    world.deliver()
    assert world.receiver.at(url) == []
    (refused,) = log_of(client, endpoint)
    assert (refused["state"], refused["reason"]) == ("failed", "permission_lost")
    late = clients.ClientChanged(client_id=app_id, scopes=[])
    tell(world, tenant_id, clients.ClientChanged(client_id=app_id, scopes=[PEOPLE]), app_id, 4)
    tell(world, tenant_id, late, app_id, 3)
    assert client.post(f"{WEBHOOKS}/{endpoint['id']}/replay", {"failed": True}).json == {
        "queued": 1
    }
    world.deliver()
    assert len(world.receiver.at(url)) == 1


def test_a_users_roles_are_looked_at_again_with_every_delivery(world: World) -> None:
    tenant_id, user_id, url = uuid4(), uuid4(), world.receiver.path()
    role = world.access.role(tenant_id, {PEOPLE: "all", WRITE: "all", READ: "all"})
    endpoint = register(world.user(tenant_id, user_id, role), url)
    world.say_person(tenant_id)
    world.deliver()
    assert len(world.receiver.at(url)) == 1
    changed = users.UserChanged(user_id=str(user_id), changed_fields=["role_ids"])
    tell(world, tenant_id, changed, str(user_id), 7)
    world.say_person(tenant_id)
    world.deliver()
    owner = world.client(tenant_id)
    assert log_of(owner, endpoint)[0]["state"] == "waiting", "nobody can say while identity is away"
    world.users.roles[user_id] = ([], 7)
    world.move(minutes=1)
    assert log_of(owner, endpoint)[0]["reason"] == "permission_lost"
    other = world.access.role(tenant_id, {PEOPLE: "all"})
    know(world, tenant_id, AccessEntry("role", str(other), 1, {"grants": {PEOPLE: "all"}}))
    world.users.roles[user_id] = ([other], 8)
    tell(world, tenant_id, changed, str(user_id), 8)
    world.say_person(tenant_id)
    world.deliver()
    assert len(world.receiver.at(url)) == 2


def test_a_role_that_loses_the_permission_stops_deliveries(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path()
    role = world.access.role(tenant_id, {PEOPLE: "all", WRITE: "all"})
    endpoint = register(world.user(tenant_id, uuid4(), role), url)
    know(world, tenant_id, AccessEntry("role", str(role), 2, {"grants": {PEOPLE: "own"}}))
    world.say_person(tenant_id)
    world.deliver()
    assert world.receiver.at(url) == []
    assert log_of(world.client(tenant_id), endpoint)[0]["reason"] == "permission_lost"


@pytest.mark.parametrize("who", ["client", "user", "app of a user"])
def test_endpoints_of_whoever_is_deactivated_stop(world: World, who: str) -> None:
    tenant_id, owner_id, url = uuid4(), uuid4(), world.receiver.path()
    if who == "client":
        client = world.client(tenant_id, client_id=str(owner_id))
        fact: Message = clients.ClientDeactivated(client_id=str(owner_id))
    else:
        role = world.access.role(tenant_id, {"*": "all"})
        client = world.user(tenant_id, owner_id, role)
        fact = users.UserDeactivated(user_id=str(owner_id))
    if who == "app of a user":
        fact = clients.ClientDeactivated(client_id="test-console")
    endpoint = register(client, url)
    tell(world, tenant_id, fact, str(owner_id))
    world.say_person(tenant_id)
    world.deliver()
    assert world.receiver.at(url) == []
    admin = world.client(tenant_id, client_id="another")
    shown = admin.get(f"{WEBHOOKS}/{endpoint['id']}").json
    assert (shown["state"], shown["disabled_reason"]) == ("disabled", "owner_deactivated")
    said = [payload for kind, payload in facts(world, tenant_id) if kind.endswith("Disabled")]
    told = webhook_events_pb2.WebhookEndpointDisabled.FromString(said[0])
    assert told.reason == webhook_events_pb2.WEBHOOK_DISABLED_REASON_OWNER_DEACTIVATED
    admin.post(f"{WEBHOOKS}/{endpoint['id']}/enable")
    world.say_person(tenant_id)
    world.deliver()
    assert len(world.receiver.at(url)) == 1


def facts(world: World, tenant_id: UUID) -> list[tuple[str, bytes]]:
    """What is in the outbox about a tenant."""
    with world.service.database.tenant_transaction(tenant_id) as connection:
        rows = connection.exec_driver_sql("SELECT type, payload FROM outbox ORDER BY seq")
        return [(row.type, bytes(row.payload)) for row in rows]


def test_a_new_password_or_secret_stops_nothing(world: World) -> None:
    tenant_id, user_id, url = uuid4(), uuid4(), world.receiver.path()
    role = world.access.role(tenant_id, {PEOPLE: "all", WRITE: "all"})
    register(world.user(tenant_id, user_id, role), url)
    moment = world.clock.now().timestamp()
    know(world, tenant_id, AccessEntry(SUBJECT, str(user_id), 1, {"not_before": moment}))
    world.say_person(tenant_id)
    world.deliver()
    assert len(world.receiver.at(url)) == 1


def test_while_an_organisation_is_suspended_deliveries_wait(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path()
    register(world.client(tenant_id), url)
    know(world, tenant_id, AccessEntry(TENANT, TENANT, 1, {"suspended": True}))
    world.say_person(tenant_id)
    world.move(minutes=20)
    assert world.receiver.at(url) == []
    know(world, tenant_id, AccessEntry(TENANT, TENANT, 2, {"suspended": False}))
    world.move(minutes=6)
    assert len(world.receiver.at(url)) == 1


def test_there_are_at_most_so_many_endpoints(world: World) -> None:
    client, url = world.client(uuid4()), world.receiver.path()
    for _ in range(50):
        register(client, url)
    refused = client.post(WEBHOOKS, {"url": url, "types": [PERSON_CREATED]})
    assert (refused.status_code, refused.json["code"]) == (409, "too_many_webhooks")


def test_an_endpoint_is_changed_and_removed(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path()
    client = world.client(tenant_id)
    endpoint = register(client, url)
    path = f"{WEBHOOKS}/{endpoint['id']}"
    changed = client.patch(path, {"description": "ERP", "types": ["rapport.identity.*"]})
    assert changed.json["types"] == ["rapport.identity.*"]
    assert client.patch(path, {}, headers={"If-Match": '"1"'}).status_code == 412
    inside = client.patch(path, {"url": "https://10.1.2.3/"})
    assert inside.json["errors"][0]["code"] == "host_not_allowed"
    world.say_person(tenant_id)
    client.patch(path, {"types": [PERSON_CREATED]})
    world.say_person(tenant_id)
    assert client.delete(path).status_code == 204
    world.deliver()
    assert world.receiver.at(url) == []
    assert client.get(path).status_code == 404
    kinds = [kind.rpartition(".")[2] for kind, _ in facts(world, tenant_id)]
    assert kinds == [
        "WebhookEndpointRegistered", "WebhookEndpointChanged", "WebhookEndpointChanged",
        "WebhookEndpointRemoved",
    ]  # fmt: skip


def test_a_test_event_and_replays_show_what_comes_of_them(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path(Answer(204))
    client = world.client(tenant_id)
    endpoint = register(client, url)
    path = f"{WEBHOOKS}/{endpoint['id']}"
    queued = client.post(f"{path}/test")
    assert queued.status_code == 202
    world.deliver()
    shown = client.get(queued.headers["Location"]).json
    assert (shown["state"], shown["attempt_log"][0]["status"]) == ("delivered", 204)
    assert world.receiver.at(url)[0].verified(endpoint["secret"])["type"].endswith("WebhookTest")
    client.post(f"{path}/disable")
    missed = [world.say_person(tenant_id) for _ in range(3)]
    assert client.post(f"{path}/test").json["code"] == "webhook_disabled"
    client.post(f"{path}/enable")
    part = client.post(f"{path}/replay", {"after_position": 0, "until_position": 2})
    assert part.json == {"queued": 2}
    world.deliver()
    assert {one.id for one in world.receiver.at(url)[1:]} == {str(one) for one in missed[:2]}
    since = (world.clock.now() - timedelta(seconds=1)).isoformat()
    assert client.post(f"{path}/replay", {"since": since}).json == {"queued": 3}
    world.deliver()
    assert client.post(f"{path}/deliveries/{missed[0]}/replay").status_code == 202
    world.deliver()
    ids = [one.id for one in world.receiver.at(url)[1:]]
    assert [ids.count(str(one)) for one in missed] == [3, 2, 1]
    for wrong in ({}, {"failed": True, "after_position": 1}):
        assert client.post(f"{path}/replay", wrong).json["code"] == "replay_of_nothing"


def test_a_user_whose_endpoint_is_gone_is_written_to_once(world: World) -> None:
    tenant_id, user_id, url = uuid4(), uuid4(), world.receiver.path(Answer(410))
    role = world.access.role(tenant_id, {PEOPLE: "all", WRITE: "all"})
    register(world.user(tenant_id, user_id, role), url)
    for _ in range(3):
        world.say_person(tenant_id)
    world.deliver()
    kinds = [kind.rpartition(".")[2] for kind, _ in facts(world, tenant_id)]
    assert (kinds.count("WebhookEndpointDisabled"), kinds.count("MessageQueued")) == (1, 1)
