"""What becomes of messages changes what is allowed, and what is known of an address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.events.reactions import Envelope
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.contact_points.domain import ContactPointStatus
from contacts.contact_points.reaching import points_on
from contacts.people.point_status import note_point_status
from contacts.reactions import FROM_NOTIFICATIONS
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1.person_events_pb2 import PersonChanged
from rapport.notifications.events.v1.message_events_pb2 import (
    AddressRestored,
    MessageBounced,
    MessageComplained,
    Unsubscribed,
)
from services.contacts.tests.builders import PEOPLE, person

from .conftest import Say

Contacts = ServiceHarness[ContactsTx]
Happens = Callable[..., None]
MAIL = [{"address": "ming@rapport.dev"}, {"address": "other@rapport.dev"}]


@pytest.fixture
def happens(timed: Contacts, app: ApiClient, clock: MovableClock) -> Happens:
    """Has notifications tell something, as its consumer would; without inbox, so twice is twice."""

    def happens(fact: Message, at: datetime | None = None) -> None:
        assert app.tenant_id is not None
        kind = fact.DESCRIPTOR.full_name
        envelope = Envelope(
            id=uuid4(),
            type=kind,
            tenant_id=app.tenant_id,
            aggregate_id=uuid4(),
            aggregate_version=1,
            actor="service:notifications",
            occurred_at=at or clock.now(),
            traceparent=None,
        )
        reaction = FROM_NOTIFICATIONS.reactions.of(kind)
        assert reaction is not None

        def react(tx: ContactsTx) -> None:
            for _, handler in reaction.handlers:
                handler(tx, fact, envelope)

        timed.service.operations.run(service_caller("contacts", app.tenant_id), react)

    return happens


def states(app: ApiClient, ada: str) -> dict[tuple[str, str], str]:
    items = app.get(f"{PEOPLE}/{ada}/consents").json["items"]
    return {(i["purpose"], i["channel"]): i["state"] for i in items if i["id"]}


def statuses(app: ApiClient, ada: str) -> list[str]:
    return [email["status"] for email in app.get(f"{PEOPLE}/{ada}").json["emails"]]


def bounced(timed: Contacts, app: ApiClient, ada: str, *, permanent: bool = True) -> MessageBounced:
    """What is told when the mail that the person's confirmation was asked with comes back."""
    assert app.tenant_id is not None
    point = point_id(timed, app, ada)
    return MessageBounced(
        message_id=str(uuid4()),
        person_id=ada,
        channel="email",
        permanent=permanent,
        contact_point_id=point,
    )


def point_id(timed: Contacts, app: ApiClient, ada: str) -> str:
    """The preferred e-mail address by its id."""

    def find(tx: ContactsTx) -> str:
        details = tx.people.get(UUID(ada)).details
        return str(points_on(details, "email")[0].id_of(UUID(ada)))

    assert app.tenant_id is not None
    return timed.service.operations.run(service_caller("contacts", app.tenant_id), find)


def test_an_address_that_bounces_for_good_is_noted_once(
    timed: Contacts, app: ApiClient, happens: Happens
) -> None:
    ada = person(app, emails=MAIL)
    fact = bounced(timed, app, ada)
    happens(bounced(timed, app, ada, permanent=False))
    assert statuses(app, ada) == ["unverified", "unverified"]
    happens(fact)
    happens(fact)
    assert statuses(app, ada) == ["bounced", "unverified"]
    assert app.tenant_id is not None
    told = [
        PersonChanged.FromString(payload)
        for kind, payload in timed.facts(app.tenant_id)
        if kind.endswith("PersonChanged")
    ]
    assert [list(fact.changed_fields) for fact in told] == [["emails"]]


def test_an_address_that_was_changed_since_has_not_bounced(
    timed: Contacts, app: ApiClient, happens: Happens
) -> None:
    ada = person(app, emails=MAIL)
    fact = bounced(timed, app, ada)
    app.patch(f"{PEOPLE}/{ada}", {"emails": [{"address": "new@rapport.dev"}]})
    happens(fact)
    assert statuses(app, ada) == ["unverified"]


def test_a_bounce_reaches_an_archived_person_and_ignores_one_who_is_gone(
    timed: Contacts, app: ApiClient, happens: Happens
) -> None:
    ada = person(app, emails=MAIL)
    fact = bounced(timed, app, ada)
    app.delete(f"{PEOPLE}/{ada}")
    happens(fact)
    assert statuses(app, ada) == ["bounced", "unverified"]
    fact.person_id = str(uuid4())
    happens(fact)


def restored(fact: MessageBounced) -> AddressRestored:
    """What is told when somebody is there again."""
    return AddressRestored(
        message_id=fact.message_id,
        person_id=fact.person_id,
        channel=fact.channel,
        contact_point_id=fact.contact_point_id,
    )


def test_an_address_that_is_reached_again_is_bounced_no_more_and_not_proven(
    timed: Contacts, app: ApiClient, happens: Happens, clock: MovableClock
) -> None:
    ada = person(app, emails=MAIL)
    fact = bounced(timed, app, ada)
    happens(fact)
    clock.move(timedelta(hours=1))
    for _ in range(2):
        happens(restored(fact))
        assert statuses(app, ada) == ["unverified", "unverified"]
    clock.move(timedelta(hours=1))
    happens(fact)
    assert statuses(app, ada) == ["bounced", "unverified"]


def test_of_two_facts_about_an_address_the_later_counts_in_whatever_order_they_come(
    timed: Contacts, app: ApiClient, happens: Happens, clock: MovableClock
) -> None:
    left_at, back_at, gone_at = (clock.now() + timedelta(days=day) for day in (0, 1, 2))
    ada, grace = person(app, emails=MAIL), person(app, emails=MAIL)
    fact, other = bounced(timed, app, ada), bounced(timed, app, grace)
    happens(restored(fact), back_at)
    happens(fact, left_at)
    assert statuses(app, ada) == ["unverified", "unverified"]
    passing = bounced(timed, app, ada, permanent=False)
    happens(passing, gone_at)
    happens(fact, left_at)
    assert statuses(app, ada) == ["unverified", "unverified"]
    happens(other, gone_at)
    happens(restored(other), back_at)
    assert statuses(app, grace) == ["bounced", "unverified"]


def test_what_was_verified_or_belongs_to_nobody_stays_as_it_is(
    timed: Contacts, app: ApiClient, happens: Happens
) -> None:
    ada = person(app, emails=MAIL[:1])

    def prove(tx: ContactsTx) -> None:
        her = tx.people.get(UUID(ada))
        (point,) = points_on(her.details, "email")
        note_point_status(tx, her, point, ContactPointStatus.VERIFIED)

    assert app.tenant_id is not None
    timed.service.operations.run(service_caller("contacts", app.tenant_id), prove)
    fact = restored(bounced(timed, app, ada))
    happens(fact)
    assert statuses(app, ada) == ["verified"]
    fact.person_id = str(uuid4())
    happens(fact)
    fact.contact_point_id = ""
    happens(fact)
    assert statuses(app, ada) == ["verified"]


def test_what_bounced_is_not_asked_to_confirm(
    timed: Contacts, app: ApiClient, say: Say, happens: Happens
) -> None:
    ada = person(app, emails=MAIL[:1])
    happens(bounced(timed, app, ada))
    assert say(ada, "granted").json["code"] == "unreachable"


def test_a_complaint_withdraws_the_purpose_of_the_message(
    app: ApiClient, say: Say, happens: Happens
) -> None:
    ada = person(app)
    say(ada, "granted", confirmed=True, proof="x")
    say(ada, "granted", "offers", confirmed=True, proof="x")
    message_id = str(uuid4())
    happens(
        MessageComplained(
            message_id=message_id, person_id=ada, channel="email", purpose="newsletter"
        )
    )
    assert states(app, ada) == {
        ("newsletter", "email"): "withdrawn",
        ("offers", "email"): "granted",
    }
    consent = app.get(f"{PEOPLE}/{ada}/consents/newsletter/email").json
    assert (consent["source"], consent["proof"]) == ("complaint", f"message {message_id}")


def test_unsubscribing_from_everything_withdraws_all_that_is_promotional_on_the_channel(
    app: ApiClient, say: Say, happens: Happens, clock: MovableClock
) -> None:
    ada = person(app)
    say(ada, "granted", "offers", channel="sms", confirmed=True, proof="x")
    say(ada, "granted", "service")
    at = clock.now() + timedelta(seconds=5)
    clock.move(timedelta(seconds=10))
    for _ in range(2):
        happens(Unsubscribed(person_id=ada, channel="email", message_id="m-1"), at)
    assert states(app, ada) == {
        ("newsletter", "email"): "withdrawn",
        ("offers", "email"): "withdrawn",
        ("offers", "sms"): "granted",
        ("service", "email"): "granted",
    }
    history = app.get(f"{PEOPLE}/{ada}/consents/newsletter/email/history").json["items"]
    assert [(said["word"], said["said_at"]) for said in history] == [
        ("withdrawn", at.isoformat().replace("+00:00", "Z"))
    ]
    assert say(ada, "granted", confirmed=True, proof="x").json["state"] == "granted"


def test_a_late_unsubscription_does_not_undo_a_yes_that_came_after_it(
    app: ApiClient, say: Say, happens: Happens, clock: MovableClock
) -> None:
    ada = person(app)
    before = clock.now() - timedelta(minutes=1)
    say(ada, "granted", confirmed=True, proof="x")
    happens(Unsubscribed(person_id=ada, channel="email", purpose="newsletter"), before)
    assert states(app, ada) == {("newsletter", "email"): "granted"}


@pytest.mark.parametrize(
    "about",
    [{"purpose": "nothing", "channel": "email"}, {"purpose": "newsletter", "channel": "pigeon"}],
)
def test_what_there_is_not_is_passed_over(
    app: ApiClient, happens: Happens, about: dict[str, str]
) -> None:
    ada = person(app)
    happens(Unsubscribed(person_id=ada, **about))
    happens(Unsubscribed(person_id=str(uuid4()), purpose="newsletter", channel="email"))
    assert states(app, ada) == {}
