"""Whoever can mend it hears that an app's endpoint was disabled: its tenant's administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from chassis.context import service_caller
from chassis.storage.statements import Statement

from .conftest import World, register
from .receiver import Answer

_MESSAGES = Statement(
    "SELECT user_id, channel, template, variables->>'url' AS url FROM messages"
    " WHERE tenant_id = %(tenant_id)s"
)

_NOTICES = Statement(
    "INSERT INTO webhook_notices (tenant_id, endpoint_id, version, url, reason, noted_at)"
    " SELECT %(tenant_id)s, gen_random_uuid(), 1, 'https://a.example', 'gone', now() - interval '1 day'"
    " FROM generate_series(1, 250)"
)


def told(world: World, tenant_id: UUID) -> list[dict[str, Any]]:
    """The messages that are queued in a tenant."""
    caller = service_caller("notifications", tenant_id)
    found: list[dict[str, Any]] = world.service.operations.run(
        caller, lambda tx: tx.fetch_all(_MESSAGES, {"tenant_id": tenant_id})
    )
    return found


def lose_endpoint(world: World, tenant_id: UUID) -> str:
    """An app's endpoint says that it is gone; gives its address."""
    url: str = world.receiver.path(Answer(410))
    register(world.client(tenant_id), url)
    for _ in range(2):
        world.say_person(tenant_id)
    world.deliver()
    return url


def test_the_administrators_are_told_by_mail_and_in_their_inboxes_once(world: World) -> None:
    tenant_id, one, two = uuid4(), uuid4(), uuid4()
    world.administrators.known[tenant_id] = [one, two]
    url = lose_endpoint(world, tenant_id)
    assert told(world, tenant_id) == []
    for _ in range(2):
        world.telling.run()
    messages = told(world, tenant_id)
    assert sorted((each["user_id"], each["channel"]) for each in messages) == sorted(
        (user, channel) for user in (one, two) for channel in ("email", "inbox")
    )
    assert {(each["template"], each["url"]) for each in messages} == {("webhook_disabled", url)}


def test_while_identity_is_away_the_notice_waits(world: World) -> None:
    tenant_id, administrator = uuid4(), uuid4()
    lose_endpoint(world, tenant_id)
    world.telling.run()
    assert told(world, tenant_id) == []
    world.administrators.known[tenant_id] = [administrator]
    world.telling.run()
    assert {each["user_id"] for each in told(world, tenant_id)} == {administrator}


def test_a_tenant_without_administrators_holds_nobody_back(world: World) -> None:
    nobody, other, administrator = uuid4(), uuid4(), uuid4()
    world.administrators.known |= {nobody: [], other: [administrator]}
    lose_endpoint(world, nobody)
    lose_endpoint(world, other)
    world.telling.run()
    assert told(world, nobody) == []
    assert len(told(world, other)) == 2


def test_a_tenant_for_whom_nobody_answers_holds_nobody_back_however_many_notices_it_has(
    world: World,
) -> None:
    unknown, other, administrator = uuid4(), uuid4(), uuid4()
    world.administrators.known[other] = [administrator]
    caller = service_caller("notifications", unknown)
    world.service.operations.run(caller, lambda tx: tx.write(_NOTICES, {"tenant_id": unknown}))
    lose_endpoint(world, other)
    world.telling.run()
    assert len(told(world, other)) == 2
