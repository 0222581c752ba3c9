"""What members of loyalty programs are told: from loyalty's request or fact to the mail server (LO-4, LO-7, LO-9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
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
from notifications.settings import NotificationsSettings
from notifications.transaction import NotificationsTx
from rapport.identity.events.v1.tenant_events_pb2 import TenantCreated
from rapport.loyalty.events.v1.occasion_events_pb2 import OccasionReached
from rapport.loyalty.events.v1.tier_standing_events_pb2 import TierReached
from rapport.loyalty.requests.v1.send_message_pb2 import SendMessage
from services.notifications.tests.conftest import OWN_SETTINGS
from services.notifications.tests.fakes import FakeRecipients
from services.notifications.tests.mail_sink import MailSink

RULES = "/v1/notifications/rules"
MESSAGES = "/v1/notifications/messages"
NOON = Timestamp()
NOON.FromDatetime(datetime(2027, 1, 15, 4, tzinfo=UTC))


@dataclass
class Club:
    """A tenant whose members get mail."""

    harness: ServiceHarness[NotificationsTx]
    bus: Bus
    recipients: FakeRecipients
    sink: MailSink
    tenant_id: UUID = field(default_factory=uuid4)

    @property
    def admin(self) -> ApiClient:
        """An app that may do everything."""
        return self.harness.app_client(self.tenant_id)

    def member(self, language: str) -> UUID:
        """A person in Taipei who reads a language, and wants offers."""
        person = uuid4()
        about: dict[str, Any] = {"name": "王小明", "language": language, "time_zone": "Asia/Taipei"}
        self.recipients.know(Addressee(person, f"{person.hex}@example.com", "point-1", **about))
        self.recipients.grant(person, "offers")
        return person

    def tell(self, fact: Message) -> None:
        """Have loyalty say something."""
        self.bus.say(fact, self.tenant_id, uuid4())
        eventually(self.bus.is_settled)

    def ask(self, person: UUID, template: str, purpose: str = "", **variables: Any) -> SendMessage:
        """Have loyalty ask for a message, as it does."""
        wanted = SendMessage()
        request = wanted.request
        request.request_id, request.person_id = str(uuid4()), str(person)
        request.template, request.purpose = template, purpose
        request.variables.update(variables)
        request.expires_at.FromDatetime(datetime.now(UTC) + timedelta(days=30))
        self.tell(wanted)
        return wanted

    def mail_to(self, person: UUID, count: int = 1) -> list[EmailMessage]:
        """What a person got, once there is so much."""
        address = f"{person.hex}@example.com"
        eventually(lambda: len(self.sink.mail_to(address)) >= count)
        return self.sink.mail_to(address)


@pytest.fixture(scope="module")
def running(
    postgres: PostgresServer,
    tokens: TestTokens,
    access: FakeAccessSource,
    sink: MailSink,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Club]:
    """Notifications with a broker of its own, and the platform's mail server."""
    recipients = FakeRecipients()
    database = migrated_database(
        postgres, "notifications", DESCRIPTION.migrations, "notifications_members"
    )
    more = {**OWN_SETTINGS, "mail_smtp_url": sink.url, "mail_sender": "Club <club@example.com>"}
    with running_bus(tmp_path_factory.mktemp("nats"), DESCRIPTION) as bus:
        service = build(
            NotificationsSettings(**settings_for(database, **bus.settings, **more)),
            keys=tokens.key_source(),
            access=access,
            recipients=recipients,
        )
        service.start(["worker"])
        yield Club(ServiceHarness(service, tokens, access), bus, recipients, sink)
        service.stop()


@pytest.fixture
def club(running: Club) -> Club:
    """A tenant that has just begun."""
    begun = Club(running.harness, running.bus, running.recipients, running.sink)
    begun.sink.on_recipient = begun.sink.on_content = "250 OK"
    begun.tell(TenantCreated(tenant_id=str(begun.tenant_id), name="Club"))
    return begun


def said(mail: EmailMessage) -> tuple[str, str]:
    """Subject and text."""
    plain = mail.get_body(("plain",))
    assert plain is not None
    return str(mail["subject"]), str(plain.get_content()).strip()


ASKED: list[tuple[str, dict[str, Any], tuple[str, str], tuple[str, str]]] = [
    (
        "points_expiring",
        {"points": 60, "last_on": "2027-01-15"},
        ("60 of your points expire soon", "You can use them until Jan 15, 2027."),
        ("您有 60 點即將到期", "請於 2027年1月15日 前使用。"),
    ),
    (
        "coupon_issued",
        {
            "coupon_id": "c",
            "code": "23456-789AB-CDEFG",
            "name": "200 off",
            "names": {"en": "200 off", "zh-Hant": "折抵二百元"},
        },
        ("A coupon for you: 200 off", "Your code is 23456-789AB-CDEFG."),
        ("送您一張優惠券：折抵二百元", "優惠碼：23456-789AB-CDEFG。"),
    ),
    (
        "contact_details_refresh",
        {"titles": {"en": "the tasting", "zh-Hant": "品嚐會"}},
        (
            "Are your contact details still right?",
            (
                "Thank you for coming to the tasting. If your address, telephone number or e-mail has"
                " changed, please tell us."
            ),
        ),
        (
            "您的聯絡資料是否仍正確？",
            "感謝您參加品嚐會。若您的地址、電話或電子郵件有所變更，請告訴我們。",
        ),
    ),
]


@pytest.mark.parametrize(("template", "variables", "english", "chinese"), ASKED)
def test_what_loyalty_asks_for_by_its_name_reaches_members_in_their_language(
    club: Club,
    template: str,
    variables: dict[str, Any],
    english: tuple[str, str],
    chinese: tuple[str, str],
) -> None:
    for language, expected in (("en", english), ("zh-Hant", chinese)):
        person = club.member(language)
        asked = club.ask(person, template, **variables)
        (mail,) = club.mail_to(person)
        assert said(mail) == expected
        club.tell(asked)  # told a second time
    assert len(club.admin.get(MESSAGES).json["items"]) == 2


def test_a_coupon_that_ends_says_when_on_the_members_clock(club: Club) -> None:
    person = club.member("zh-Hant")
    names = {"en": "200 off", "zh-Hant": "折抵二百元"}
    ends_at = "2027-01-31T16:00:00+00:00"
    club.ask(person, "coupon_issued", code="23456", name="200 off", names=names, ends_at=ends_at)
    (mail,) = club.mail_to(person)
    assert "2027/2/1" in said(mail)[1]


def test_an_offer_to_come_back_goes_to_those_alone_who_want_offers(club: Club) -> None:
    willing, silent = club.member("en"), club.member("en")
    club.recipients.granted.discard((silent, "offers", "email"))
    until = {"counts_until": "2027-01-15T04:00:00+00:00"}
    for person in (silent, willing):
        club.ask(person, "win_back_offer", "offers", points=50, **until)
    (mail,) = club.mail_to(willing)
    assert said(mail)[0] == "We would be glad to see you again"
    assert said(mail)[1].startswith("50 points are yours already. Come and see us by Jan 15, 2027.")
    assert mail["list-unsubscribe"] is not None
    (held,) = club.admin.get(f"{MESSAGES}?person_id={silent}").json["items"]
    assert held["reason"] == "no_consent"


def switched_on(club: Club, fact: type[Message]) -> None:
    """Have the tenant write to members about a fact."""
    name = fact.DESCRIPTOR.full_name
    (rule,) = [one for one in club.admin.get(RULES).json["items"] if one["fact_type"] == name]
    assert rule["enabled"] is False
    answer = club.admin.patch(f"{RULES}/{rule['id']}", {"enabled": True})
    assert answer.status_code == 200, answer.text


def reached(person: UUID, **more: Any) -> OccasionReached:
    """A day of somebody's has come."""
    ids = ("celebration_id", "occasion_id", "program_id")
    about: dict[str, Any] = {name: str(uuid4()) for name in ids}
    told: dict[str, Any] = {"key": "birthday", "date_kind": "birthday", "points": 88, **more}
    fact = OccasionReached(**about, member_id=str(uuid4()), person_id=str(person), **told)
    fact.reached_at.CopyFrom(NOON)
    return fact


def test_nobody_is_written_to_before_the_tenant_switches_it_on(club: Club) -> None:
    person = club.member("en")
    club.tell(reached(person))
    club.tell(TierReached(member_id=str(uuid4()), person_id=str(person), tier="gold"))
    assert club.admin.get(MESSAGES).json["items"] == []


def test_a_birthday_brings_a_mail_and_no_other_day_does(club: Club) -> None:
    switched_on(club, OccasionReached)
    person, other = club.member("zh-Hant"), club.member("en")
    club.tell(reached(other, date_kind="wedding"))
    club.tell(reached(other, points=0))
    club.tell(reached(person))
    assert said(club.mail_to(person)[0]) == ("生日快樂", "送您 88 點生日禮。")
    assert [said(mail) for mail in club.mail_to(other)] == [
        ("Happy birthday", "We wish you a wonderful year.")
    ]


def test_a_tier_that_is_reached_brings_a_mail(club: Club) -> None:
    switched_on(club, TierReached)
    person = club.member("en")
    fact = TierReached(member_id=str(uuid4()), person_id=str(person), tier="gold")
    club.tell(fact)
    (mail,) = club.mail_to(person)
    assert said(mail) == (
        "You have reached a new tier",
        "Thank you for your loyalty. Your tier is now: gold.",
    )
