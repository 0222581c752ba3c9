"""Somebody who is erased is named no more in what others were told: the feed, webhooks, inboxes, the outbox."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from chassis.events.reactions import Envelope, RawFact
from notifications.delivery.recipients import Addressee
from notifications.feed.operations import store_facts
from notifications.inbox.domain import Notice
from notifications.inbox.operations import put_into_inbox
from notifications.messages import following
from notifications.messages.domain import Order, Recipient
from notifications.reactions import SUBSCRIPTIONS
from rapport.common.v1.external_id_pb2 import ExternalId
from rapport.contacts.events.v1.person_events_pb2 import PersonCreated, PersonErased
from services.notifications.tests.delivery.sending import HELLO, SendingNotifications

MARK = "Amphitrite"


def envelope_of(sending: SendingNotifications, kind: str, about: UUID) -> Envelope:
    now = sending.clock.now()
    return Envelope(uuid4(), kind, sending.tenant_id, about, 1, "user:ada", now, None)


def become_known(sending: SendingNotifications, person: UUID, key: str) -> UUID:
    """A fact about a person comes into the feed; gives its id."""
    fact = PersonCreated(person_id=str(person), source=f"{key}'s party")
    fact.external_ids.append(ExternalId(system="erp", id=key))
    envelope = envelope_of(sending, PersonCreated.DESCRIPTOR.full_name, person)
    sending.run(store_facts, [RawFact(fact.SerializeToString(), envelope)])
    return envelope.id


def erase(sending: SendingNotifications, person: UUID) -> None:
    envelope = envelope_of(sending, PersonErased.DESCRIPTOR.full_name, person)
    fact = PersonErased(person_id=str(person))
    sending.run(following.on_person_erased, fact, envelope)


def in_feed(sending: SendingNotifications) -> list[dict[str, object]]:
    answer = sending.client.get("/v1/notifications/facts")
    assert answer.status_code == 200, answer.text
    return [item["data"] for item in answer.json["items"] if "source" in item["data"]]


def test_the_feed_keeps_the_fact_and_not_what_names_the_person(
    sending: SendingNotifications,
) -> None:
    her, other = sending.person(), sending.person()
    become_known(sending, her, MARK)
    become_known(sending, other, "Poseidon")
    for _ in range(2):
        erase(sending, her)
    mine, others = in_feed(sending)
    assert (mine["person_id"], mine["source"], mine["external_ids"]) == (str(her), "", [])
    assert others["external_ids"] == [{"system": "erp", "id": "Poseidon"}]
    assert sending.rows_with(MARK) == []


def test_what_a_rule_told_a_user_about_the_person_goes(sending: SendingNotifications) -> None:
    her, user = sending.person(), uuid4()
    sending.recipients.users[user] = Addressee(None, str(user), name="Clerk")
    cause = become_known(sending, her, MARK)
    told = replace(HELLO, subject=f"New: {MARK}", text=MARK, html="")
    order = Order(
        Recipient(user_id=user), channel="inbox", content=told, cause=str(cause), variables={}
    )
    message = sending.order(order)
    sending.work()
    unrelated = sending.run(put_into_inbox, user, Notice("Lunch"))
    if not any("inbox_entries" in row for row in sending.rows_with(MARK)):
        raise AssertionError("the user was told nothing, so nothing is proven")
    erase(sending, her)
    assert sending.rows_with(MARK) == []
    assert sending.shown(message)["state"] == "delivered"
    mine = sending.harness.user_client(sending.tenant_id, {"*": "all"}, user_id=user)
    left = [one["id"] for one in mine.get("/v1/notifications/inbox").json["items"]]
    assert left == [str(unrelated)]


def test_other_tenants_feeds_stay_as_they_are(sending: SendingNotifications) -> None:
    her = sending.person()
    become_known(sending, her, MARK)
    erase(replace(sending, tenant_id=uuid4()), her)
    assert in_feed(sending)[0]["source"] == f"{MARK}'s party"


def test_a_replay_reaches_erasures() -> None:
    """So whoever came back with an older state of this database goes again."""
    (contacts,) = [one for one in SUBSCRIPTIONS if one.producer == "contacts"]
    reaction = contacts.reactions.of(PersonErased.DESCRIPTOR.full_name)
    assert reaction is not None
    assert ("projection", following.on_person_erased) in reaction.handlers
