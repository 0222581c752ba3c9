"""Answers go where the customer last wrote from, and where a Reply-To may send them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from services.desk.tests.builders import TICKETS, Desk, at_once, good, lasting_app, open_ticket
from services.desk.tests.conversing import act
from services.desk.tests.mail_reading.mails import mail
from services.desk.tests.mailing import INBOUND, hand_over, landed, new_mailbox, wanted
from services.desk.tests.outbound_mail.test_mailing_replies import answer, hear_replies


def name_person(client: ApiClient, ticket_id: str) -> str:
    """Have a ticket name a person, as contacts' answer does."""
    person_id = str(uuid4())
    good(client.patch(f"{TICKETS}/{ticket_id}", {"person_id": person_id}))
    return person_id


def last_asked(desk: Desk, client: ApiClient, ticket_id: str) -> Any:
    """What is asked of notifications for an answer that is given now; the first one of several."""
    before = len(wanted(desk, client))
    message = answer(client, ticket_id)
    hear_replies(desk, client)
    asked = wanted(desk, client)[before:]
    assert asked, message
    return asked[0]


@pytest.fixture
def app(timed: Desk, clock: MovableClock) -> ApiClient:
    """An app of a tenant for a test with a clock of its own."""
    return lasting_app(timed, clock)


def test_a_person_is_answered_where_they_last_wrote_from(
    timed: Desk, clock: MovableClock, app: ApiClient
) -> None:
    mailbox = new_mailbox(app, acknowledges=False)
    work = landed(timed, app, mailbox, mail())["ticket_id"]
    person_id = name_person(app, work)
    first = last_asked(timed, app, work)
    assert (first.person_id, first.mail.written_from) == (person_id, "ming@example.com")
    clock.move(timedelta(hours=2))
    home = landed(timed, app, mailbox, mail(sender="ming@home.example", message_id="<2@home>"))[
        "ticket_id"
    ]
    good(app.patch(f"{TICKETS}/{home}", {"person_id": person_id}))
    good(act(app, {"id": home}, "merge", into_id=work))
    assert last_asked(timed, app, work).mail.written_from == "ming@home.example"
    clock.move(timedelta(hours=2))
    later = mail(message_id="<3@example.com>", References="<1@example.com>")
    assert landed(timed, app, mailbox, later)["ticket_id"] == work
    assert last_asked(timed, app, work).mail.written_from == "ming@example.com"


def test_answers_do_not_follow_whoever_else_has_the_tickets_address(
    timed: Desk, clock: MovableClock, app: ApiClient
) -> None:
    mailbox = new_mailbox(app, acknowledges=False)
    ticket_id = landed(timed, app, mailbox, mail())["ticket_id"]
    unnamed = last_asked(timed, app, ticket_id)
    assert (unnamed.address, unnamed.mail.written_from) == ("ming@example.com", "")
    clock.move(timedelta(minutes=5))
    forwarded = mail(
        "Is it me?", sender="lin@else.example", message_id="<9@l>", to=unnamed.mail.reply_to
    )
    assert landed(timed, app, mailbox, forwarded)["ticket_id"] == ticket_id
    assert last_asked(timed, app, ticket_id).address == "ming@example.com"
    name_person(app, ticket_id)
    assert last_asked(timed, app, ticket_id).mail.written_from == "ming@example.com"


def test_who_has_never_written_is_answered_where_they_prefer(timed: Desk, app: ApiClient) -> None:
    ticket = open_ticket(
        app, channel="email", requester_address="ming@example.com", person_id=str(uuid4())
    )
    assert last_asked(timed, app, ticket["id"]).mail.written_from == ""


@pytest.mark.parametrize(
    ("reply_to", "answered_at"),
    [
        ("Office <Office@Example.com>", "office@example.com"),
        ("thief@elsewhere.example", "ming@example.com"),
        ("ming@sub.example.com", "ming@example.com"),
        ("no address at all", "ming@example.com"),
        ('"office@example.com" <thief@elsewhere.example>', "ming@example.com"),
    ],
)
def test_a_reply_to_counts_at_the_senders_own_domain_alone(
    timed: Desk, app: ApiClient, reply_to: str, answered_at: str
) -> None:
    mailbox = new_mailbox(app, acknowledges=False)
    shown = landed(timed, app, mailbox, mail(Reply_To=reply_to))
    assert shown["sender"] == "ming@example.com"
    assert shown["reply_to"] == ("" if answered_at == shown["sender"] else answered_at)
    assert last_asked(timed, app, shown["ticket_id"]).address == answered_at
    name_person(app, shown["ticket_id"])
    named = last_asked(timed, app, shown["ticket_id"])
    assert named.mail.written_from == answered_at


def test_a_websites_form_names_who_has_written_where_the_mailbox_says_so(
    timed: Desk, app: ApiClient
) -> None:
    mailbox = new_mailbox(
        app,
        acknowledges=False,
        trusts_reply_to=True,
        allowed_senders=["form@shop.example"],
    )
    filled_in = mail(
        sender="Contact form <form@shop.example>",
        Reply_To="王小明 <ming@example.com>",
        X_Spam_Flag="YES",
    )
    shown = landed(timed, app, mailbox, filled_in)
    assert (shown["outcome"], shown["sender"], shown["sender_name"]) == (
        "opened",
        "ming@example.com",
        "王小明",
    )
    ticket = good(app.get(f"{TICKETS}/{shown['ticket_id']}"))
    assert ticket["requester_address"] == "ming@example.com"
    assert last_asked(timed, app, ticket["id"]).address == "ming@example.com"
    back = mail("Thank you", message_id="<2@example.com>", References="<1@example.com>")
    assert landed(timed, app, mailbox, back)["ticket_id"] == ticket["id"]
    good(app.patch(f"/v1/desk/mailboxes/{mailbox['id']}", {"trusts_reply_to": False}))
    again = mail(
        sender="form@shop.example", message_id="<3@shop.example>", Reply_To="ming@example.com"
    )
    assert landed(timed, app, mailbox, again)["sender"] == "form@shop.example"


def test_a_mailbox_never_answers_itself(timed: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app, acknowledges=False, trusts_reply_to=True)
    local, _, domain = mailbox["address"].partition("@")
    shown = landed(timed, app, mailbox, mail(Reply_To=f"{local}+t.1.x@{domain}"))
    assert (shown["outcome"], shown["sender"], shown["reply_to"]) == (
        "opened",
        "ming@example.com",
        "",
    )


def test_a_form_that_is_handed_over_twice_at_once_opens_one_ticket(
    timed: Desk, app: ApiClient
) -> None:
    mailbox = new_mailbox(app, acknowledges=False, trusts_reply_to=True)
    filled_in = mail(sender="form@shop.example", Reply_To="ming@example.com")

    def hand() -> Any:
        return hand_over(timed, mailbox, filled_in)

    assert at_once(hand, hand) == [200, 200]
    (shown,) = app.get(INBOUND).json["items"]
    assert shown["sender"] == "ming@example.com"
