"""The rules that a tenant starts with, each from its fact to the entry in an inbox (NO-3, NO-10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.embedded.postgres import PostgresServer
from chassis.testing.access import FakeAccessSource
from chassis.testing.bus import Bus, running_bus
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from chassis.testing.waiting import eventually
from notifications.app import build
from notifications.delivery.recipients import Addressee
from notifications.description import DESCRIPTION
from notifications.rules.first_rules import FIRST_RULES, MEMBER_RULES
from notifications.rules.giving import SERIES
from notifications.settings import NotificationsSettings
from notifications.transaction import NotificationsTx
from rapport.common.v1.money_pb2 import Money
from rapport.desk.events.v1.automation_events_pb2 import TicketAlertRaised
from rapport.desk.events.v1.clock_events_pb2 import ServiceLevelBreached, ServiceLevelWarned
from rapport.desk.events.v1.promise_events_pb2 import PromiseBroken, PromiseReminded
from rapport.desk.events.v1.ticket_events_pb2 import TicketAssigned
from rapport.desk.v1.promise_pb2 import Promise
from rapport.desk.v1.ticket_pb2 import TicketHeader
from rapport.identity.events.v1.tenant_events_pb2 import TenantCreated
from rapport.sales.events.v1.activity_events_pb2 import ActivityReminderReached
from rapport.sales.events.v1.approval_events_pb2 import (
    ApprovalRequestStepApproved,
    ApprovalRequestSubmitted,
)
from rapport.sales.events.v1.assignment_events_pb2 import LeadAssigned, LeadFirstContactMissed
from rapport.sales.events.v1.collaboration_events_pb2 import ColleagueMentioned
from rapport.sales.events.v1.quote_events_pb2 import QuoteAccepted, QuoteRejected
from rapport.sales.v1.activity_pb2 import ActivityHeader
from rapport.sales.v1.approval_pb2 import ApprovalRequestReference
from rapport.sales.v1.lead_pb2 import LeadHeader
from rapport.sales.v1.quote_pb2 import QuoteReference
from services.notifications.tests.conftest import OWN_SETTINGS
from services.notifications.tests.fakes import FakeRecipients

INBOX = "/v1/notifications/inbox"
RULES = "/v1/notifications/rules"
THING = str(uuid4())
"""What every fact here is about."""
_NOON = Timestamp()
_NOON.FromDatetime(datetime(2027, 1, 15, 4, 0, tzinfo=UTC))
_PRICE = Money(amount="1250.00", currency="TWD")


@dataclass
class Office:
    """A tenant from its first moment on, with the service at work."""

    harness: ServiceHarness[NotificationsTx]
    bus: Bus
    recipients: FakeRecipients
    tenant_id: UUID = field(default_factory=uuid4)

    @property
    def admin(self) -> ApiClient:
        """An app that may do everything."""
        return self.harness.app_client(self.tenant_id)

    def begin(self) -> None:
        """Have identity tell that the tenant is there."""
        fact = TenantCreated(tenant_id=str(self.tenant_id), name="New")
        self.bus.say(fact, self.tenant_id, self.tenant_id)
        eventually(self.bus.is_settled)

    def colleague(self, language: str = "en") -> UUID:
        """A user in Taipei."""
        user = uuid4()
        self.recipients.users[user] = Addressee(
            None, str(user), name="Clerk", language=language, time_zone="Asia/Taipei"
        )
        return user

    def tell(self, fact: Message) -> None:
        """Have sales or desk tell of something."""
        self.bus.say(fact, self.tenant_id, uuid4())
        eventually(self.bus.is_settled)

    def inbox(self, user: UUID, count: int) -> list[Any]:
        """What a user has to read, once there is so much, the oldest first."""
        client = self.harness.user_client(self.tenant_id, {}, user_id=user)
        eventually(lambda: len(client.get(INBOX).json["items"]) >= count)
        found: list[Any] = client.get(INBOX).json["items"]
        return found[::-1]


@pytest.fixture(scope="module")
def running(
    postgres: PostgresServer,
    tokens: TestTokens,
    access: FakeAccessSource,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:
    """Notifications with a broker of its own, and users whom the test makes known."""
    recipients = FakeRecipients()
    database = migrated_database(
        postgres, "notifications", DESCRIPTION.migrations, "notifications_first_rules"
    )
    with running_bus(tmp_path_factory.mktemp("nats"), DESCRIPTION) as bus:
        given = settings_for(database, **bus.settings, **OWN_SETTINGS)
        service = build(
            NotificationsSettings(**given),
            keys=tokens.key_source(),
            access=access,
            recipients=recipients,
        )
        service.start(["worker"])
        yield Office(ServiceHarness(service, tokens, access), bus, recipients)
        service.stop()


@pytest.fixture
def office(running: Office) -> Office:
    """A tenant that has just begun."""
    begun = Office(running.harness, running.bus, running.recipients)
    begun.begin()
    return begun


def lead(owner: UUID) -> LeadHeader:
    """A lead of somebody's."""
    return LeadHeader(lead_id=THING, owner_id=str(owner))


def quote(owner: UUID) -> QuoteReference:
    """A quote that somebody answers for."""
    return QuoteReference(quote_id=THING, number="Q1", owner_id=str(owner), total=_PRICE)


def request(approver: UUID) -> ApprovalRequestReference:
    """A request that waits for somebody."""
    return ApprovalRequestReference(
        approval_request_id=THING, key="expense", awaited_user_id=str(approver), amount=_PRICE
    )


def told_of(user: UUID) -> list[tuple[Message, str, str, str]]:
    """Each fact about a user, with title, text and path of what they find."""
    mine = str(user)
    overdue = "It was promised by 1/15/27, 12:00\u202fPM. The lead may go to a colleague."
    asked = ("Your approval is asked for", "expense: NT$1,250.00", "sales/approval-requests")
    reminded = ActivityHeader(activity_id=THING, owner_id=mine, due_at=_NOON)
    return [
        (
            LeadAssigned(lead=lead(user), contact_due_at=_NOON),
            "A lead is yours now",
            "First contact is promised by 1/15/27, 12:00\u202fPM.",
            "sales/leads",
        ),
        (
            LeadFirstContactMissed(
                lead=lead(uuid4()), promised_by_user_id=mine, contact_due_at=_NOON
            ),
            "First contact is overdue",
            overdue,
            "sales/leads",
        ),
        (
            QuoteAccepted(quote=quote(user)),
            "Quote Q1 was accepted",
            "It comes to NT$1,250.00, and is ordered.",
            "sales/quotes",
        ),
        (
            QuoteRejected(quote=quote(user)),
            "Quote Q1 was rejected",
            "The customer has said no to NT$1,250.00.",
            "sales/quotes",
        ),
        (ApprovalRequestSubmitted(request=request(user)), *asked),
        (ApprovalRequestStepApproved(request=request(user)), *asked),
        (
            ColleagueMentioned(opportunity_id=THING, user_id=mine),
            "You were mentioned",
            "A colleague has mentioned you in a comment on an opportunity.",
            "sales/opportunities",
        ),
        (
            ActivityReminderReached(activity_id=THING, activity=reminded),
            "Reminder of an activity",
            "It is due 1/15/27, 12:00\u202fPM.",
            "sales/activities",
        ),
        *told_at_the_desk(user),
    ]


def told_at_the_desk(user: UUID) -> list[tuple[Message, str, str, str]]:
    """The same for who helps customers: deadlines of tickets, and what was promised."""
    ticket = TicketHeader(ticket_id=THING, number="T-7", assignee_id=str(user))
    deadline: dict[str, Any] = {"ticket_id": THING, "ticket": ticket, "due_at": _NOON}
    promise = Promise(user_id=str(user), due_at=_NOON)
    promised: dict[str, Any] = {
        "ticket_id": THING,
        "ticket": TicketHeader(ticket_id=THING, number="T-7"),
        "promise": promise,
    }
    noon, path = "1/15/27, 12:00\u202fPM.", "desk/tickets"
    heard = f"The customer was to hear from you by {noon} Please get in touch."
    return [
        (ServiceLevelWarned(**deadline), "Ticket T-7 is due soon", f"It is due {noon}", path),
        (ServiceLevelBreached(**deadline), "Ticket T-7 is overdue", f"It was due {noon}", path),
        (
            PromiseReminded(**promised),
            "A promise about ticket T-7 is due soon",
            f"The customer is to hear from you by {noon}",
            path,
        ),
        (PromiseBroken(**promised), "A promise about ticket T-7 is broken", heard, path),
    ]


@pytest.mark.parametrize("place", range(len(FIRST_RULES)))
def test_each_first_rule_tells_whom_it_concerns_and_nobody_else(office: Office, place: int) -> None:
    user, other = office.colleague(), office.colleague()
    told = told_of(user)
    assert [fact.DESCRIPTOR.full_name for fact, *_ in told] == [
        rule.fact_type for rule in FIRST_RULES
    ]
    fact, title, text, path = told[place]
    office.tell(fact)
    (entry,) = office.inbox(user, 1)
    assert (entry["title"], entry["text"]) == (title, text)
    assert entry["link"] == f"/{path}/{THING}"
    assert office.inbox(other, 0) == []


def test_who_is_given_a_ticket_is_told_and_nobody_when_nobody_is(office: Office) -> None:
    user = office.colleague()
    ticket = TicketHeader(ticket_id=THING, number="T-7", assignee_id=str(user))
    office.tell(TicketAssigned(ticket_id=THING, ticket=ticket))
    (entry,) = office.inbox(user, 1)
    assert (entry["title"], entry["link"]) == (
        "Ticket T-7 is yours now",
        f"/desk/tickets/{THING}",
    )
    nobodys = TicketHeader(ticket_id=THING, number="T-8")
    office.tell(TicketAssigned(ticket_id=THING, ticket=nobodys))
    assert len(office.admin.get("/v1/notifications/messages").json["items"]) == 1


def test_who_is_to_look_at_a_ticket_is_told_once_for_each_alert(office: Office) -> None:
    user, other = office.colleague(), office.colleague()
    header = TicketHeader(ticket_id=THING, number="T-7", assignee_id=str(other))
    alert = TicketAlertRaised(ticket_id=THING, ticket=header, user_id=str(user), source="trigger")
    office.tell(alert)
    (entry,) = office.inbox(user, 1)
    assert (entry["title"], entry["link"]) == (
        "Please look at ticket T-7",
        f"/desk/tickets/{THING}",
    )
    assert office.inbox(other, 0) == []


@pytest.mark.parametrize(
    ("language", "source", "text"),
    [
        ("en", "trigger", "A rule of your desk asks you to look at it."),
        ("en", "survey", "A customer was not content, and nobody takes care of it yet."),
        ("en", "service_level", "Nobody takes care of it, and it is due soon or overdue."),
        ("en", "mention", "A colleague has mentioned you in a note."),
        ("zh-Hant", "survey", "顧客評分不佳，尚無人處理此工單。"),
        ("zh-Hant", "service_level", "尚無人處理此工單，且即將到期或已逾期。"),
        ("zh-Hant", "mention", "同事在備註中提到您。"),
    ],
)
def test_who_is_to_look_at_a_ticket_is_told_why(
    office: Office, language: str, source: str, text: str
) -> None:
    user = office.colleague(language)
    header = TicketHeader(ticket_id=THING, number="T-7")
    told = TicketAlertRaised(ticket_id=THING, ticket=header, user_id=str(user), source=source)
    office.tell(told)
    (entry,) = office.inbox(user, 1)
    assert entry["text"] == text


def test_what_nobody_is_named_for_tells_nobody(office: Office) -> None:
    waits_for_role = ApprovalRequestReference(approval_request_id=THING, key="expense")
    office.tell(ApprovalRequestSubmitted(request=waits_for_role))
    office.tell(LeadAssigned(lead=LeadHeader(lead_id=THING)))
    assert office.admin.get("/v1/notifications/messages").json["items"] == []


def test_a_reader_of_chinese_is_told_in_chinese_also_where_no_time_is_promised(
    office: Office,
) -> None:
    user = office.colleague("zh-Hant")
    office.tell(LeadAssigned(lead=lead(user)))
    office.tell(ColleagueMentioned(opportunity_id=THING, user_id=str(user)))
    told = {entry["title"]: entry["text"] for entry in office.inbox(user, 2)}
    assert told["您有一筆新的潛在客戶"] == "請與對方聯繫。"
    assert told["有人提到您"] == "同事在商機的留言中提到您。"


def admin_rules(office: Office) -> list[dict[str, Any]]:
    """All the rules of a tenant."""
    found: list[dict[str, Any]] = office.admin.get(f"{RULES}?page_size=200").json["items"]
    return found


def test_the_rules_are_the_tenants_own_to_change_and_would_pass_as_its_own(office: Office) -> None:
    everything = admin_rules(office)
    rules = {one["fact_type"]: one for one in everything}
    assert sorted(rule["fact_type"] for rule in everything) == sorted(
        rule.fact_type for series in SERIES for rule in series
    )
    to_members = {rule.fact_type for rule in MEMBER_RULES}
    for rule in everything:
        assert rule["enabled"] is (rule["fact_type"] not in to_members)
        renamed = office.admin.patch(f"{RULES}/{rule['id']}", {"name": f"Our own: {rule['name']}"})
        assert renamed.status_code == 200, renamed.text
    mentioned = rules[ColleagueMentioned.DESCRIPTOR.full_name]
    missed = rules[LeadFirstContactMissed.DESCRIPTOR.full_name]
    office.admin.patch(f"{RULES}/{mentioned['id']}", {"enabled": False})
    assert office.admin.delete(f"{RULES}/{missed['id']}").status_code == 204
    user = office.colleague()
    for fact, *_ in told_of(user):
        office.tell(fact)
    titles = [entry["title"] for entry in office.inbox(user, len(FIRST_RULES) - 2)]
    assert len(titles) == len(FIRST_RULES) - 2
    assert not {"You were mentioned", "First contact is overdue"} & set(titles)


def test_hearing_of_a_tenant_a_second_time_changes_nothing(office: Office) -> None:
    rule = office.admin.get(RULES).json["items"][0]
    office.admin.patch(f"{RULES}/{rule['id']}", {"name": "Ours", "enabled": False})
    before = office.admin.get(RULES).json["items"]
    office.begin()
    assert office.admin.get(RULES).json["items"] == before


def test_no_tenant_sees_anothers_first_rules(office: Office) -> None:
    stranger = office.harness.app_client(uuid4())
    assert stranger.get(RULES).json["items"] == []
    path = f"{RULES}/{office.admin.get(RULES).json['items'][0]['id']}"
    assert stranger.get(path).status_code == 404
    assert office.harness.anonymous().get(RULES).status_code == 401
