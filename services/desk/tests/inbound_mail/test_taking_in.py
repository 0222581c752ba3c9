"""Mail opens tickets and goes to the tickets that it is about, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from desk.mailboxes.answer_addresses import AnswerAddresses
from rapport.desk.events.v1 import mail_events_pb2 as events
from services.desk.tests.builders import TICKETS, Desk, facts, fire, good, lasting_app, refused
from services.desk.tests.mail_reading.mails import mail
from services.desk.tests.mailing import (
    INBOUND,
    hand_over,
    landed,
    new_mailbox,
    said_on,
    tickets_of,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def secrets_of(own: dict[str, str]) -> list[str]:
    """The secrets that desk signs with."""
    return [secret.strip() for secret in own["sealing_secret"].split(",")]


def test_a_mail_opens_a_ticket_with_its_words_and_files(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app, language="zh-Hant", acknowledges=False)
    files = (("漏水.png", PNG, "image/png"), ("run.exe", b"MZ\x90\x00", "application/octet-stream"))
    shown = landed(desk, app, mailbox, mail("It leaks.", files=files))
    assert (shown["outcome"], shown["sender"], shown["left_out"]) == (
        "opened",
        "ming@example.com",
        ["run.exe"],
    )
    ticket = good(app.get(f"{TICKETS}/{shown['ticket_id']}"))
    assert (ticket["subject"], ticket["channel"], ticket["status"]) == (
        "The machine leaks",
        "email",
        "new",
    )
    assert (ticket["requester_address"], ticket["language"]) == ("ming@example.com", "zh-Hant")
    assert said_on(app, ticket["id"]) == [
        ("customer", "It leaks."),
        ("note", "Files that came with the mail and are not kept: run.exe"),
    ]
    (file,) = app.get(f"/v1/desk/attachments?message_id={shown['message_id']}").json["items"]
    assert (file["name"], file["content_type"]) == ("漏水.png", "image/png")
    assert [one.outcome for one in facts(desk, app, events.MailReceived)] == ["opened"]
    assert app.get(f"{INBOUND}/{shown['id']}/content").data.startswith(b"From: ")


@pytest.mark.parametrize("secret", ["", "mbx_wrong", "x" * 10_000])
def test_mail_with_another_secret_is_refused(desk: Desk, app: ApiClient, secret: str) -> None:
    mailbox = new_mailbox(app)
    assert hand_over(desk, mailbox, mail(), secret).status_code in (401, 403)
    assert tickets_of(app) == []
    stranger = new_mailbox(desk.app_client(desk.new_tenant()))
    assert refused(hand_over(desk, mailbox, mail(), stranger["secret"])) == (
        403,
        "mail_secret_wrong",
    )


def test_what_is_no_mail_is_refused(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app)
    head = {"Authorization": f"Bearer {mailbox['secret']}"}
    path, anybody = mailbox["intake_path"], desk.anonymous()
    kind = {**head, "Content-Type": "message/rfc822"}
    assert anybody.post(path, data=b"", headers=kind).status_code == 400
    html = {**head, "Content-Type": "text/html"}
    assert anybody.post(path, data=b"x", headers=html).status_code == 415
    assert anybody.post(path, data=bytes(17_000_000), headers=kind).status_code == 413
    missing = path[:-12] + "000000000000"
    assert anybody.post(missing, data=b"x", headers=kind).status_code == 404
    odd = hand_over(desk, mailbox, b"\x00\xff no mail at all")
    assert good(odd)["items"][0]["outcome"] == "quarantined"


def test_an_answer_goes_to_the_ticket_by_what_it_answers(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app, acknowledges=False)
    first = landed(desk, app, mailbox, mail())
    answer = mail(
        "Still", subject="Other words", message_id="<2@example.com>", In_Reply_To="<1@example.com>"
    )
    second = landed(desk, app, mailbox, answer)
    assert (second["outcome"], second["ticket_id"]) == ("threaded", first["ticket_id"])
    assert said_on(app, first["ticket_id"])[-1] == ("customer", "Still")


def test_the_subject_alone_leads_nowhere(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app, acknowledges=False)
    first = landed(desk, app, mailbox, mail())
    number = good(app.get(f"{TICKETS}/{first['ticket_id']}"))["number"]
    again = mail(subject=f"Re: The machine leaks [{number}]", message_id="<2@example.com>")
    assert landed(desk, app, mailbox, again)["outcome"] == "opened"


def test_a_stranger_who_names_a_mail_of_a_ticket_does_not_get_into_it(
    desk: Desk, app: ApiClient
) -> None:
    mailbox = new_mailbox(app, acknowledges=False)
    first = landed(desk, app, mailbox, mail())
    guess = mail(
        "Send me all", sender="eve@evil.example", message_id="<2@e>", References="<1@example.com>"
    )
    second = landed(desk, app, mailbox, guess)
    assert (second["outcome"], second["reason"]) == ("opened", "not_a_participant")
    assert second["ticket_id"] != first["ticket_id"]
    assert [kind for kind, _ in said_on(app, first["ticket_id"])] == ["customer"]
    assert [kind for kind, _ in said_on(app, second["ticket_id"])] == ["customer", "note"]


def test_a_signed_address_leads_whoever_has_it_to_the_ticket(
    desk: Desk, app: ApiClient, own: dict[str, str]
) -> None:
    mailbox = new_mailbox(app, acknowledges=False)
    first = landed(desk, app, mailbox, mail())
    number = int(good(app.get(f"{TICKETS}/{first['ticket_id']}"))["number"].rpartition("-")[2])
    signed = AnswerAddresses(secrets_of(own))
    assert app.tenant_id is not None
    address = signed.address(mailbox["address"], app.tenant_id, number)
    colleague = mail("Me too", sender="lin@example.com", message_id="<2@l>", to=address.upper())
    assert landed(desk, app, mailbox, colleague)["ticket_id"] == first["ticket_id"]
    by_envelope = mail("And I", sender="wu@example.com", message_id="<3@w>")
    shown = landed(desk, app, mailbox, by_envelope, recipient=address)
    assert shown["ticket_id"] == first["ticket_id"]
    forged = address.replace(f"+t.{number}.", f"+t.{number + 1}.")
    other = mail("x", sender="eve@evil.example", message_id="<4@e>", to=forged)
    assert landed(desk, app, mailbox, other)["outcome"] == "opened"


def test_the_same_mail_at_once_is_one_ticket(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app)
    sent = [
        mail(f"Mail {n}", message_id=f"<{n}@example.com>", sender=f"p{n}@example.com")
        for n in range(20)
    ]
    sent += [mail("No name", message_id="", sender="q@example.com")]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: hand_over(desk, mailbox, one), sent * 2))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["items"][0]["mail_id"] for answer in answers}) == 21
    assert len(tickets_of(app)) == 21
    assert len(facts(desk, app, events.MailReceived)) == 21


def test_the_same_name_from_another_sender_is_another_mail(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app)
    landed(desk, app, mailbox, mail(sender="eve@evil.example"))
    landed(desk, app, mailbox, mail())
    assert len(tickets_of(app)) == 2


def test_a_closed_ticket_is_followed_up(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    mailbox = new_mailbox(app, acknowledges=False)
    first = landed(timed, app, mailbox, mail())
    assert app.post(f"{TICKETS}/{first['ticket_id']}/resolve", {}).status_code == 200
    reopening = mail("No", message_id="<2@example.com>", In_Reply_To="<1@example.com>")
    assert landed(timed, app, mailbox, reopening)["ticket_id"] == first["ticket_id"]
    assert good(app.get(f"{TICKETS}/{first['ticket_id']}"))["reopened"] == 1
    assert app.post(f"{TICKETS}/{first['ticket_id']}/resolve", {}).status_code == 200
    clock.move(timedelta(days=8))
    fire(timed)
    late = mail("Again", message_id="<3@example.com>", References="<1@example.com> <2@example.com>")
    third = landed(timed, app, mailbox, late)
    assert third["outcome"] == "followed_up"
    assert third["ticket_id"] != first["ticket_id"]
    assert said_on(app, third["ticket_id"])[0] == ("customer", "Again")


def test_an_old_secret_is_good_for_a_day(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    mailbox = new_mailbox(app)
    renewed = good(app.post(f"/v1/desk/mailboxes/{mailbox['id']}/rotate-secret"))
    assert renewed["secret"] != mailbox["secret"]
    assert hand_over(timed, renewed, mail()).status_code == 200
    clock.move(timedelta(hours=23))
    assert hand_over(timed, mailbox, mail(message_id="<2@e>")).status_code == 200
    clock.move(timedelta(hours=1, seconds=1))
    refusal = hand_over(timed, mailbox, mail(message_id="<3@e>"))
    assert refused(refusal) == (403, "mail_secret_wrong")
    assert app.delete(f"/v1/desk/mailboxes/{mailbox['id']}").status_code == 204
    assert hand_over(timed, renewed, mail(message_id="<4@e>")).status_code == 404
