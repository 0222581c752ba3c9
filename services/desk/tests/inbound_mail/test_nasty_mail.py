"""Machines, loops, spam and what nobody can read: recognised, kept, and never answered."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from desk.attachments.files import FolderFileStore
from desk.inbound_mail.pruning import RawMailPruning
from desk.people.reactions import on_person_erased
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
from rapport.desk.events.v1 import mail_events_pb2 as events
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    at_once,
    facts,
    good,
    lasting_app,
    refused,
)
from services.desk.tests.knowing import hear
from services.desk.tests.mail_reading.mails import mail
from services.desk.tests.mailing import INBOUND, hand_over, landed, new_mailbox, said_on, tickets_of

MAILS = "RAPPORT_TEST_MAILS"
"""How many mails the long run hands over twice; 100000 take some time."""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def test_an_out_of_office_note_is_noted_and_changes_nothing(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app, acknowledges=False)
    first = landed(desk, app, mailbox, mail())
    away = mail(
        "I am away",
        message_id="<2@example.com>",
        In_Reply_To="<1@example.com>",
        Auto_Submitted="auto-replied",
    )
    shown = landed(desk, app, mailbox, away)
    assert (shown["outcome"], shown["reason"]) == ("noted", "auto_reply")
    assert said_on(app, first["ticket_id"])[-1] == ("note", "I am away")
    lost = mail("I am away", message_id="<3@example.com>", Auto_Submitted="auto-replied")
    shown = landed(desk, app, mailbox, lost)
    assert (shown["outcome"], shown["reason"], shown["ticket_id"]) == (
        "dropped",
        "auto_reply",
        None,
    )


@pytest.mark.parametrize("plus", ["", "+t.1.abcdefghijklmnop"])
def test_mail_from_our_own_mailbox_is_a_loop(desk: Desk, app: ApiClient, plus: str) -> None:
    mailbox, other = new_mailbox(app), new_mailbox(app)
    sender = other["address"].replace("@", f"{plus}@")
    shown = landed(desk, app, mailbox, mail(sender=sender))
    assert (shown["outcome"], shown["reason"]) == ("dropped", "loop")
    assert tickets_of(app) == []


def test_denied_senders_are_dropped_and_allowed_ones_never_held_back(
    desk: Desk, app: ApiClient
) -> None:
    lists = {"denied_senders": ["@Evil.example"], "allowed_senders": ["ming@example.com"]}
    mailbox = new_mailbox(app, **lists)
    shown = landed(desk, app, mailbox, mail(sender="eve@evil.example"))
    assert (shown["outcome"], shown["reason"]) == ("dropped", "denied")
    spam: dict[str, Any] = {"X_Spam_Flag": "YES"}
    assert landed(desk, app, mailbox, mail(**spam))["outcome"] == "opened"
    other = mail(sender="wu@example.com", message_id="<2@e>", **spam)
    shown = landed(desk, app, mailbox, other)
    assert (shown["outcome"], shown["reason"]) == ("quarantined", "spam")


def test_what_is_held_back_is_let_through_once(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app)
    held = mail("Really", files=(("a.png", PNG, "image/png"),), X_Spam_Flag="YES")
    shown = landed(desk, app, mailbox, held)
    assert tickets_of(app) == []
    where = f"{INBOUND}/{shown['id']}"
    release = {"Idempotency-Key": f"once-{shown['id']}"}
    codes = at_once(lambda: app.post(f"{where}/release"), lambda: app.post(f"{where}/release"))
    assert codes == [200, 409]
    (ticket,) = tickets_of(app)
    assert said_on(app, ticket["id"])[0] == ("customer", "Really")
    assert len(app.get("/v1/desk/attachments").json["items"]) == 1
    assert refused(app.post(f"{where}/discard")) == (409, "mail_not_quarantined")
    assert app.post(f"{where}/release", headers=release).status_code == 409
    assert [one.outcome for one in facts(desk, app, events.MailReleased)] == ["opened"]


def test_what_is_discarded_stays_so(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app)
    spam = mail(X_Spam_Flag="YES")
    shown = landed(desk, app, mailbox, spam)
    assert good(app.post(f"{INBOUND}/{shown['id']}/discard"))["outcome"] == "discarded"
    assert landed(desk, app, mailbox, spam)["outcome"] == "discarded"
    assert tickets_of(app) == []
    assert app.tenant_id is not None
    reader = desk.app_client(app.tenant_id, "desk.tickets.read")
    assert reader.post(f"{INBOUND}/{shown['id']}/release").status_code == 403


def test_mail_without_a_ticket_is_seen_by_who_sees_all(desk: Desk, app: ApiClient) -> None:
    assert app.tenant_id is not None
    mailbox = new_mailbox(app)
    shown = landed(desk, app, mailbox, mail(X_Spam_Flag="YES"))
    one = desk.user_client(app.tenant_id, {"desk.tickets.read": "own"})
    assert one.get(INBOUND).json["items"] == []
    for path in ("", "/content"):
        assert one.get(f"{INBOUND}/{shown['id']}{path}").status_code == 404
        stranger = desk.app_client(desk.new_tenant())
        assert stranger.get(f"{INBOUND}/{shown['id']}{path}").status_code == 404


def test_a_sender_who_writes_without_end_is_looked_at_first(
    timed: Desk, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    mailbox = new_mailbox(app)
    robot: dict[str, Any] = {"Auto_Submitted": "auto-generated"}
    outcomes = [
        landed(timed, app, mailbox, mail(message_id=f"<{n}@e>", **robot))["outcome"]
        for n in range(12)
    ]
    assert outcomes == ["opened"] * 10 + ["quarantined"] * 2
    clock.move(timedelta(hours=1, seconds=1))
    late = mail(message_id="<99@e>", **robot)
    assert landed(timed, app, mailbox, late)["outcome"] == "opened"


def test_a_mail_without_words_is_a_ticket_all_the_same(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app, acknowledges=False, language="zh-Hant")
    shown = landed(desk, app, mailbox, mail("", subject=""))
    ticket = good(app.get(f"{TICKETS}/{shown['ticket_id']}"))
    assert ticket["subject"] == "（無主旨）"
    assert said_on(app, ticket["id"]) == [("customer", "-")]


def test_html_is_shown_safely(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app, acknowledges=False)
    html = "<p>It <b>leaks</b></p><script>alert(1)</script><img src='https://t.example/1.gif'>"
    shown = landed(desk, app, mailbox, mail("It leaks", html=html))
    items = app.get(f"{TICKETS}/{shown['ticket_id']}/messages").json["items"]
    assert "<b>leaks</b>" in items[0]["html"]
    assert "script" not in items[0]["html"]
    assert "img" not in items[0]["html"]


def test_of_an_erased_person_no_mail_is_kept(
    timed: Desk, clock: MovableClock, own: dict[str, str]
) -> None:
    app = lasting_app(timed, clock)
    mailbox = new_mailbox(app)
    shown = landed(timed, app, mailbox, mail(files=(("a.png", PNG, "image/png"),)))
    person = "01a227d0-6883-7376-aa09-ed56254d4cd7"
    good(app.patch(f"{TICKETS}/{shown['ticket_id']}", {"person_id": person}))
    hear(timed, app, on_person_erased, PersonErased(person_id=person))
    raw = FolderFileStore(Path(own["attachments"]) / "mails")
    RawMailPruning(timed.service.database, raw, clock).forget()
    left = good(app.get(f"{INBOUND}/{shown['id']}"))
    assert (left["sender"], left["sender_name"], left["subject"], left["header_id"]) == ("",) * 4
    assert app.get(f"{INBOUND}/{shown['id']}/content").status_code == 404
    assert app.get("/v1/desk/attachments").json["items"] == []
    assert (
        landed(timed, app, mailbox, mail(References="<1@example.com>", message_id="<2@e>"))[
            "outcome"
        ]
        == "opened"
    )


def test_a_mail_is_kept_as_it_came_for_thirty_days(
    timed: Desk, clock: MovableClock, own: dict[str, str]
) -> None:
    app = lasting_app(timed, clock)
    mailbox = new_mailbox(app)
    shown = landed(timed, app, mailbox, mail(X_Spam_Flag="YES"))
    raw = FolderFileStore(Path(own["attachments"]) / "mails")
    pruning = RawMailPruning(timed.service.database, raw, clock)
    clock.move(timedelta(days=29))
    pruning.prune()
    assert app.get(f"{INBOUND}/{shown['id']}/content").status_code == 200
    clock.move(timedelta(days=1, minutes=1))
    pruning.prune()
    assert app.get(f"{INBOUND}/{shown['id']}/content").status_code == 404
    assert refused(app.post(f"{INBOUND}/{shown['id']}/release")) == (409, "mail_gone")


def by_platform(desk: Desk, secret: str, content: bytes, *recipients: str) -> Any:
    """Hand a mail over as a mail server of the platform does."""
    head = {"Authorization": f"Bearer {secret}", "Content-Type": "message/rfc822"}
    query = {"recipient": list(recipients), "sender": "ming@example.com"}
    return desk.anonymous().post("/p/desk/mail", data=content, headers=head, query_string=query)


def test_the_platform_hands_mail_over_for_whatever_mailbox(
    desk: Desk, app: ApiClient, own: dict[str, str]
) -> None:
    other = desk.app_client(desk.new_tenant())
    mine, theirs = new_mailbox(app), new_mailbox(other)
    to = (mine["address"].upper(), theirs["address"].replace("@", "+x@"), "nobody@acme.example")
    answer = by_platform(desk, own["intake_secret"], mail(), *to)
    assert {one["mailbox_id"] for one in good(answer)["items"]} == {mine["id"], theirs["id"]}
    assert (len(tickets_of(app)), len(tickets_of(other))) == (1, 1)
    nobody = by_platform(desk, own["intake_secret"], mail(), "nobody@acme.example")
    assert refused(nobody) == (404, "mailbox_unknown")
    wrong = by_platform(desk, mine["secret"], mail(), mine["address"])
    assert refused(wrong) == (403, "mail_secret_wrong")
    odd = by_platform(desk, own["intake_secret"], mail(), "a" * 400)
    assert odd.status_code == 422


@pytest.mark.slow
def test_thousands_of_mails_twice_are_as_many_tickets(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    mailbox = new_mailbox(app, allowed_senders=["@example.com"], acknowledges=False)
    half_of_them = int(os.environ.get(MAILS, "1000")) // 2

    def half(start: int) -> Any:
        for number in range(start, half_of_them + start):
            content = mail(f"Mail {number}", message_id=f"<{number}@example.com>")
            assert hand_over(timed, mailbox, content).status_code == 200
        return app.get(TICKETS)

    calls = [lambda start=start: half(start) for start in (0, 0, half_of_them, half_of_them)]
    assert at_once(*calls) == [200] * 4
    counted = app.get(f"{TICKETS}?count=true&page_size=1").json
    assert counted["total_count"] == 2 * half_of_them
