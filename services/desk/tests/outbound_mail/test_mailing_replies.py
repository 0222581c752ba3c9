"""What agents answer goes by mail, and what became of it is known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from desk.outbound_mail.reactions import on_public_reply
from rapport.desk.events.v1 import mail_events_pb2 as events
from rapport.desk.events.v1.message_events_pb2 import PublicReplySent
from rapport.notifications.events.v1 import message_events_pb2 as notified
from services.desk.tests.attachments.test_attachments_api import upload
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    at_once,
    facts,
    good,
    lasting_app,
    open_ticket,
)
from services.desk.tests.knowing import hear
from services.desk.tests.mail_reading.mails import bounce, mail
from services.desk.tests.mailing import OUTBOUND, landed, new_mailbox, said_on, wanted


def answer(client: ApiClient, ticket_id: str, **more: Any) -> dict[str, Any]:
    """A reply of an agent."""
    body = {"text": "Please close the valve.", **more}
    return good(client.post(f"{TICKETS}/{ticket_id}/messages", body))


def hear_replies(desk: Desk, client: ApiClient, after: int = 0) -> None:
    """Have the desk hear all that was answered, but for the first few answers."""
    for fact in facts(desk, client, PublicReplySent)[after:]:
        hear(desk, client, on_public_reply, fact)


def test_a_mail_is_acknowledged_once_and_that_is_no_first_response(
    desk: Desk, app: ApiClient
) -> None:
    mailbox = new_mailbox(app, language="zh-Hant", signature="Acme")
    shown = landed(desk, app, mailbox, mail())
    landed(desk, app, mailbox, mail())
    (request,) = eventually(lambda: wanted(desk, app))
    ticket = good(app.get(f"{TICKETS}/{shown['ticket_id']}"))
    assert request.address == "ming@example.com"
    assert request.content.subject == f"Re: The machine leaks [{ticket['number']}]"
    assert ticket["number"] in request.content.text
    assert request.mail.auto_submitted == "auto-replied"
    assert request.mail.in_reply_to == "<1@example.com>"
    assert request.mail.reply_to.startswith(f"{mailbox['address'].partition('@')[0]}+t.")
    assert (ticket["first_responded_at"], ticket["status"]) == (None, "new")


def test_an_answer_comes_back_to_its_ticket(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app, acknowledges=False, signature="Acme Support")
    shown = landed(desk, app, mailbox, mail())
    kept = good(upload(app, name="手冊.png"))
    answer(app, shown["ticket_id"], attachment_ids=[kept["id"]])
    (request,) = eventually(lambda: wanted(desk, app))
    assert request.content.text.startswith("Please close the valve.")
    assert "手冊.png: " in request.content.text
    assert "/p/desk/attachments?token=" in request.content.text
    assert request.content.text.endswith("-- \nAcme Support")
    assert list(request.mail.references) == ["<1@example.com>"]
    assert request.mail.auto_submitted == "no"
    back = mail("Done", sender="lin@example.com", message_id="<9@l>", to=request.mail.reply_to)
    assert landed(desk, app, mailbox, back)["ticket_id"] == shown["ticket_id"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"X_Auto_Response_Suppress": "All"},
        {"Return_Path": "<>"},
        {"List_Id": "<a.example>"},
    ],
)
def test_a_machine_is_never_acknowledged(
    timed: Desk, clock: MovableClock, headers: dict[str, Any]
) -> None:
    app = lasting_app(timed, clock)
    mailbox = new_mailbox(app)
    shown = landed(timed, app, mailbox, mail(**headers))
    assert (shown["outcome"], shown["automatic"]) == ("opened", True)
    assert said_on(app, shown["ticket_id"]) == [("customer", "It leaks.")]
    answer(app, shown["ticket_id"], automatic=True)
    hear_replies(timed, app)
    assert wanted(timed, app) == []
    answer(app, shown["ticket_id"], text="A person wrote this.")
    hear_replies(timed, app)
    assert [one.content.text for one in wanted(timed, app)] == ["A person wrote this."]


def test_two_machines_that_write_to_each_other_end(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    mailbox = new_mailbox(app)
    for number in range(9):
        landed(timed, app, mailbox, mail(message_id=f"<{number}@example.com>"))
    hear_replies(timed, app)
    assert len(wanted(timed, app)) == 5
    clock.move(timedelta(hours=1, seconds=1))
    landed(timed, app, mailbox, mail(message_id="<9@example.com>"))
    hear_replies(timed, app, after=9)
    assert len(wanted(timed, app)) == 6


def test_a_reply_that_is_heard_twice_at_once_is_mailed_once(
    timed: Desk, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    ticket = open_ticket(app, channel="email", requester_address="ming@example.com")
    answer(app, ticket["id"])

    def heard() -> Any:
        hear_replies(timed, app)
        return app.get(OUTBOUND)

    assert at_once(heard, heard) == [200, 200]
    assert len(wanted(timed, app)) == 1


def test_what_is_not_answered_by_mail_is_not_mailed(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    answer(app, open_ticket(app, channel="chat", requester_address="ming@example.com")["id"])
    answer(app, open_ticket(app, channel="email")["id"])
    hear_replies(timed, app)
    assert wanted(timed, app) == []


def states(client: ApiClient, ticket_id: str) -> list[str]:
    """How the mails of a ticket stand."""
    items = client.get(f"{OUTBOUND}?ticket_id={ticket_id}").json["items"]
    return [one["state"] for one in items]


def test_what_becomes_of_a_mail_is_shown_and_told(desk: Desk, app: ApiClient, bus: Bus) -> None:
    mailbox = new_mailbox(app, acknowledges=False)
    ticket_id = landed(desk, app, mailbox, mail())["ticket_id"]
    answer(app, ticket_id)
    (request,) = eventually(lambda: wanted(desk, app))
    assert app.tenant_id is not None
    message_id, tenant_id = uuid4(), app.tenant_id

    def say(kind: type[Message], version: int, **more: Any) -> None:
        about = {"message_id": str(message_id), "request_id": request.request_id}
        bus.say(kind(**about, **more), tenant_id, message_id, version)

    say(notified.MessageSent, 3)
    eventually(lambda: states(app, ticket_id) == ["sent"])
    say(notified.MessageDelivered, 4)
    eventually(lambda: states(app, ticket_id) == ["delivered"])
    say(notified.MessageQueued, 1)
    say(notified.MessageBounced, 5, permanent=True)
    eventually(lambda: states(app, ticket_id) == ["bounced"])
    assert said_on(app, ticket_id)[-1] == ("note", "The mail came back.")
    (undelivered,) = facts(desk, app, events.TicketMailUndelivered)
    assert (undelivered.mail_id, undelivered.reason) == (request.request_id, "bounced")
    back = mail(
        "To you", message_id="<5@example.com>", References=f"<{message_id.hex}@rapport.example>"
    )
    assert landed(desk, app, mailbox, back)["ticket_id"] == ticket_id


def test_a_delivery_report_to_the_mailbox_is_noted_once(
    desk: Desk, app: ApiClient, bus: Bus
) -> None:
    mailbox = new_mailbox(app, acknowledges=False)
    ticket_id = landed(desk, app, mailbox, mail())["ticket_id"]
    answer(app, ticket_id)
    (request,) = eventually(lambda: wanted(desk, app))
    assert app.tenant_id is not None
    message_id = uuid4()
    sent = notified.MessageSent(message_id=str(message_id), request_id=request.request_id)
    bus.say(sent, app.tenant_id, message_id, 3)
    eventually(lambda: states(app, ticket_id) == ["sent"])
    report = bounce(f"<{message_id.hex}@rapport.example>")
    for _ in range(2):
        shown = landed(desk, app, mailbox, report)
        assert (shown["outcome"], shown["ticket_id"]) == ("bounce", ticket_id)
    notes = [text for kind, text in said_on(app, ticket_id) if kind == "note"]
    assert notes == ["The mail came back: smtp; 550 No such mailbox"]
    unknown = bounce(f"<{UUID(int=9).hex}@rapport.example>")
    shown = landed(desk, app, mailbox, unknown)
    assert (shown["outcome"], shown["reason"]) == ("dropped", "bounce_of_nothing")


def test_another_tenants_mails_are_invisible(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    answer(app, open_ticket(app, channel="email", requester_address="ming@example.com")["id"])
    hear_replies(timed, app)
    assert len(app.get(OUTBOUND).json["items"]) == 1
    stranger = lasting_app(timed, clock)
    assert stranger.get(OUTBOUND).json["items"] == []
    assert timed.anonymous().get(OUTBOUND).status_code == 401
