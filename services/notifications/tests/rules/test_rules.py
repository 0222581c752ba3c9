"""Rules over REST and from facts on the bus to messages."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from google.protobuf.message import Message

from chassis.testing.bus import Bus
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.waiting import eventually
from notifications.messages.storage import messages as stored_messages
from notifications.transaction import NotificationsTx
from rapport.contacts.events.v1.interaction_events_pb2 import InteractionRecorded
from rapport.contacts.events.v1.person_events_pb2 import PersonChanged, PersonMerged
from rapport.contacts.v1.lifecycle_stage_pb2 import LifecycleStage
from rapport.notifications.events.v1.message_events_pb2 import MessageSent

RULES = "/v1/notifications/rules"
RECORDED = "rapport.contacts.events.v1.InteractionRecorded"
CHANGED = "rapport.contacts.events.v1.PersonChanged"

Notifications = ServiceHarness[NotificationsTx]


@pytest.fixture
def admin(notifications: Notifications) -> ApiClient:
    """An app that may do everything, of a tenant of its own."""
    return notifications.app_client(notifications.new_tenant())


def body(**changes: Any) -> dict[str, Any]:
    """A rule that thanks for purchases."""
    return {
        "name": "Thanks",
        "fact_type": RECORDED,
        "template": "message",
        "channel": "email",
        "condition": {"field": "kind", "operator": "is", "value": "purchase"},
        "variables": {"subject": {"value": "Thank you"}, "text": {"field": "channel"}},
        **changes,
    }


def defined(admin: ApiClient, **changes: Any) -> str:
    """The address of a new rule."""
    answer = admin.post(RULES, body(**changes))
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def pointers(answer: ApiAnswer) -> list[str]:
    """What a refusal points at."""
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json["errors"]]


def messages(admin: ApiClient) -> list[dict[str, Any]]:
    """The tenant's messages."""
    found: list[dict[str, Any]] = admin.get("/v1/notifications/messages").json["items"]
    return found


def variables(notifications: Notifications, admin: ApiClient) -> list[dict[str, Any]]:
    """What the tenant's messages are made with."""
    tenant_id = tenant_of(admin)
    with notifications.service.database.tenant_transaction(tenant_id) as connection:
        rows = connection.execute(
            sa.select(stored_messages.c.variables).where(stored_messages.c.tenant_id == tenant_id)
        )
        return [row.variables for row in rows]


def tenant_of(client: ApiClient) -> UUID:
    """Whose rules they are."""
    assert client.tenant_id is not None
    return client.tenant_id


def say(bus: Bus, admin: ApiClient, fact: Message, about: UUID | None = None) -> None:
    """Have contacts tell of something."""
    bus.say(fact, tenant_of(admin), about or uuid4())


def arrived(notifications: Notifications, admin: ApiClient, count: int) -> None:
    """Wait until so many facts were taken in: rules have fired by then."""
    feed = notifications.app_client(tenant_of(admin))
    eventually(
        lambda: (
            len(
                feed.get("/v1/notifications/facts?types=rapport.contacts.events.v1.*").json["items"]
            )
            >= count
        )
    )


def bought(person_id: UUID, kind: str = "purchase") -> InteractionRecorded:
    """A person did something in the shop."""
    fact = InteractionRecorded(interaction_id=str(uuid4()), person_id=str(person_id), kind=kind)
    fact.channel = "shop"
    return fact


def test_nobody_gets_in_without_a_token_or_the_permission(
    notifications: Notifications, admin: ApiClient
) -> None:
    path = defined(admin)
    assert notifications.anonymous().get(RULES).status_code == 401
    stranger = notifications.app_client(notifications.new_tenant())
    assert stranger.get(path).status_code == 404
    assert stranger.delete(path).status_code == 404
    assert stranger.get(RULES).json["items"] == []
    reader = notifications.app_client(tenant_of(admin), "notifications.rules.read")
    assert reader.delete(path).status_code == 403
    # Whoever may not read such facts learns nothing of them by a rule either.
    writer = notifications.app_client(tenant_of(admin), "notifications.rules.*")
    refused = writer.post(RULES, body())
    assert (refused.status_code, refused.json["code"]) == (403, "permission_missing")
    assert writer.post(f"{path}/test", {"fact": {}}).status_code == 403
    assert writer.post(f"{path}/simulate", {"facts": 1}).status_code == 403
    offered = [one["type"] for one in writer.get(f"{RULES}/fact-fields").json["items"]]
    assert RECORDED not in offered


def test_a_rule_that_cannot_be_is_refused_at_each_place(admin: ApiClient) -> None:
    wrong = body(
        channel="post",
        condition={"all": [{"field": "knd", "operator": "is", "value": "x"}]},
        recipient={"kind": "person", "field": "value"},
        variables={"text": {"field": "value"}, "nobody": {"value": 1}, "link": {}},
    )
    assert pointers(admin.post(RULES, wrong)) == [
        "/condition/all/0/field",
        "/recipient/field",
        "/variables/link",
        "/channel",
        "/variables/subject",
        "/variables/text/field",
        "/variables/nobody",
    ]
    assert pointers(admin.post(RULES, body(template="none"))) == ["/template"]
    assert pointers(admin.post(RULES, body(fact_type="rapport.contacts.events.v1.No"))) == [
        "/fact_type"
    ]
    loop = body(fact_type=str(MessageSent.DESCRIPTOR.full_name), condition={})
    assert pointers(admin.post(RULES, loop)) == ["/fact_type"]


def test_a_rule_is_changed_listed_and_removed(
    notifications: Notifications, admin: ApiClient
) -> None:
    path = defined(admin)
    merge = {"Content-Type": "application/merge-patch+json"}
    answer = admin.patch(path, json={"enabled": False, "delay_seconds": 60}, headers=merge)
    assert (answer.json["enabled"], answer.json["delay_seconds"]) == (False, 60)
    assert answer.json["variables"]["text"] == {"field": "channel", "value": None}
    assert pointers(admin.patch(path, json={"fact_type": CHANGED}, headers=merge)) == [
        "/condition/field",
        "/variables/text/field",
    ]
    assert [one["name"] for one in admin.get(f"{RULES}?enabled=false").json["items"]] == ["Thanks"]
    assert admin.get(f"{RULES}?enabled=true").json["items"] == []
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404
    types = [kind.rpartition(".")[2] for kind, _ in notifications.facts(tenant_of(admin))]
    assert types == ["RuleDefined", "RuleDefined", "RuleRemoved"]


def test_a_fact_leads_to_one_message_with_what_the_rule_takes_from_it(
    notifications: Notifications, bus: Bus, admin: ApiClient
) -> None:
    defined(admin)
    defined(admin, name="Off", enabled=False)
    person = uuid4()
    say(bus, admin, bought(person, "visit"))
    say(bus, admin, bought(person))
    arrived(notifications, admin, 2)
    (message,) = messages(admin)
    assert message["person_id"] == str(person)
    assert (message["template"], message["channel"]) == ("message", "email")
    assert variables(notifications, admin) == [{"subject": "Thank you", "text": "shop"}]


def test_a_rule_fires_once_for_what_the_fact_is_about_however_often_it_comes(
    notifications: Notifications, bus: Bus, admin: ApiClient
) -> None:
    becomes_customer = {"field": "lifecycle_stage", "operator": "is", "value": "customer"}
    once = {
        "fact_type": CHANGED,
        "condition": becomes_customer,
        "variables": {"subject": {"value": "Hello"}, "text": {"field": "lifecycle_stage"}},
    }
    defined(admin, **once)
    defined(admin, name="Each", once_per="fact", **once)
    person = uuid4()
    fact = PersonChanged(person_id=str(person), changed_fields=["lifecycle_stage"])
    fact.lifecycle_stage = LifecycleStage.LIFECYCLE_STAGE_CUSTOMER
    for _ in range(3):
        say(bus, admin, fact, person)
    arrived(notifications, admin, 3)
    assert len(messages(admin)) == 1 + 3
    assert {one["text"] for one in variables(notifications, admin)} == {"customer"}


def test_who_was_told_before_a_merge_is_not_told_again_under_either_name(
    notifications: Notifications, bus: Bus, admin: ApiClient
) -> None:
    defined(admin)
    gone, left, about = uuid4(), uuid4(), uuid4()
    say(bus, admin, bought(gone), about)
    arrived(notifications, admin, 1)
    merged = PersonMerged(merge_id=str(uuid4()), person_id=str(left), merged_person_id=str(gone))
    say(bus, admin, merged, left)
    arrived(notifications, admin, 2)
    for person in (left, gone):
        say(bus, admin, bought(person), about)
    arrived(notifications, admin, 4)
    assert [one["person_id"] for one in messages(admin)] == [str(left)]
    say(bus, admin, bought(left), uuid4())
    arrived(notifications, admin, 5)
    assert len(messages(admin)) == 2, "of something else they are told"


def test_a_message_goes_to_a_user_and_waits_as_long_as_the_rule_says(
    notifications: Notifications, bus: Bus, admin: ApiClient
) -> None:
    user = uuid4()
    recipient = {"kind": "user", "field": "", "user_id": str(user)}
    defined(admin, recipient=recipient, delay_seconds=3 * 24 * 3600, channel="inbox")
    owner = {"kind": "user", "field": "owner_id"}
    variables = {"subject": {"value": "Yours"}, "text": {"field": "fact.occurred_at"}}
    defined(
        admin, name="Owner", fact_type=CHANGED, recipient=owner, condition={}, variables=variables
    )
    say(bus, admin, bought(uuid4()))
    say(bus, admin, PersonChanged(person_id=str(uuid4()), changed_fields=["emails"]))
    arrived(notifications, admin, 2)
    (message,) = messages(admin)
    assert (message["user_id"], message["person_id"]) == (str(user), None)
    assert message["reason"] == "scheduled"


def test_a_rule_can_be_tried_on_a_made_up_fact(admin: ApiClient) -> None:
    path = defined(admin)
    person = uuid4()
    fact = {"person_id": str(person), "kind": "purchase", "channel": "shop"}
    tried = admin.post(f"{path}/test", {"fact": fact}).json
    assert (tried["fires"], tried["person_id"]) == (True, str(person))
    assert tried["message"]["subject"] == "Thank you"
    assert tried["message"]["text"].startswith("shop")
    other = admin.post(f"{path}/test", {"fact": {**fact, "kind": "visit"}}).json
    assert (other["fires"], other["reason"]) == (False, "condition")
    nobody = admin.post(f"{path}/test", {"fact": {**fact, "person_id": "?"}}).json
    assert (nobody["fires"], nobody["reason"]) == (False, "recipient")
    assert pointers(admin.post(f"{path}/test", {"fact": {"kindd": "x"}})) == ["/fact"]
    assert messages(admin) == []


def test_a_made_up_fact_happens_within_the_calendar(admin: ApiClient) -> None:
    path = defined(admin, delay_seconds=24 * 3600)
    fact = {"person_id": str(uuid4()), "kind": "purchase", "channel": "shop"}
    last = {"fact": fact, "occurred_at": "9999-12-31T23:59:59Z"}
    assert pointers(admin.post(f"{path}/test", last)) == ["/occurred_at"]


def test_a_rule_can_be_tried_on_the_facts_that_were(
    notifications: Notifications, bus: Bus, admin: ApiClient
) -> None:
    path = defined(admin, enabled=False)
    for kind in ("visit", "purchase", "purchase"):
        say(bus, admin, bought(uuid4(), kind))
    arrived(notifications, admin, 3)
    told = admin.post(f"{path}/simulate", {"facts": 10}).json
    assert (told["facts"], told["messages"], len(told["examples"])) == (3, 2, 2)
    assert messages(admin) == []


def test_the_fields_that_rules_can_speak_of_are_listed_with_their_words(admin: ApiClient) -> None:
    kinds = {one["type"]: one["fields"] for one in admin.get(f"{RULES}/fact-fields").json["items"]}
    fields = {field["path"]: field for field in kinds[CHANGED]}
    assert "customer" in fields["lifecycle_stage"]["words"]
    assert fields["changed_fields"]["list"] is True
    assert fields["fact.occurred_at"]["type"] == "time"
    assert not any(name.endswith(".MessageSent") for name in kinds)
