"""Mailboxes over REST: one owner on the whole platform, and a secret that is shown once."""

from __future__ import annotations

from uuid import UUID

import pytest

from chassis.testing.client import ApiClient
from desk.mailboxes.answer_addresses import AnswerAddresses, plain_address
from rapport.desk.events.v1 import mailbox_events_pb2 as events
from services.desk.tests.builders import Desk, at_once, facts, good, refused
from services.desk.tests.mailing import MAILBOXES, hand_over, new_mailbox


def test_listing_needs_a_token_and_a_permission(desk: Desk, app: ApiClient) -> None:
    assert refused(desk.anonymous().get(MAILBOXES)) == (401, "token_missing")
    assert app.tenant_id is not None
    reader = desk.app_client(app.tenant_id, "desk.mailboxes.read")
    assert reader.get(MAILBOXES).json["items"] == []
    assert reader.post(MAILBOXES, {"address": "a@acme.example"}).status_code == 403


def test_the_secret_is_shown_once(desk: Desk, app: ApiClient) -> None:
    body = {"address": f"Once.{app.tenant_id}@acme.example"}
    made = [app.post(MAILBOXES, body, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert made[0].json["secret"].startswith("mbx_")
    assert made[1].json["secret"] == "********"
    assert made[0].json["address"] == body["address"].lower()
    shown = good(app.get(f"{MAILBOXES}/{made[0].json['id']}"))
    assert "secret" not in shown
    assert len(facts(desk, app, events.MailboxCreated)) == 1


def test_an_address_is_one_tenants_alone(desk: Desk, app: ApiClient) -> None:
    other = desk.app_client(desk.new_tenant())
    body = {"address": f"taken.{app.tenant_id}@acme.example"}
    codes = at_once(lambda: app.post(MAILBOXES, body), lambda: other.post(MAILBOXES, body))
    assert codes == [201, 409]
    owner = app if app.get(MAILBOXES).json["items"] else other
    third = desk.app_client(desk.new_tenant())
    assert refused(third.post(MAILBOXES, body)) == (409, "mailbox_address_taken")
    (mailbox,) = owner.get(MAILBOXES).json["items"]
    assert third.get(f"{MAILBOXES}/{mailbox['id']}").status_code == 404
    assert owner.delete(f"{MAILBOXES}/{mailbox['id']}").status_code == 204
    assert third.post(MAILBOXES, body).status_code == 201
    changed = owner.patch(f"{MAILBOXES}/{mailbox['id']}", {"signature": "x"})
    assert refused(changed) == (409, "mailbox_archived")


def test_a_restored_mailbox_takes_mail_again_by_its_secret_unless_its_address_is_taken(
    desk: Desk, app: ApiClient
) -> None:
    mailbox = new_mailbox(app)
    path = f"{MAILBOXES}/{mailbox['id']}"
    mail = b"From: ada@example.com\r\nSubject: It leaks\r\n\r\nMy machine leaks."
    assert app.delete(path).status_code == 204
    assert hand_over(desk, mailbox, mail).status_code == 404
    other = desk.app_client(desk.new_tenant())
    assert other.post(f"{path}/restore").status_code == 404
    taken = good(other.post(MAILBOXES, {"address": mailbox["address"]}))
    assert refused(app.post(f"{path}/restore")) == (409, "mailbox_address_taken")
    assert good(app.get(path))["archived_at"] is not None
    assert other.delete(f"{MAILBOXES}/{taken['id']}").status_code == 204
    theirs = f"{MAILBOXES}/{taken['id']}/restore"
    mine = f"{path}/restore"
    assert at_once(lambda: app.post(mine), lambda: other.post(theirs)) == [200, 409]
    owner, again = (app, mailbox) if good(app.get(path))["archived_at"] is None else (other, taken)
    assert good(hand_over(desk, again, mail))["items"]
    assert len(facts(desk, owner, events.MailboxRestored)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"address": "no address"},
        {"address": "a@b@c.example"},
        {"address": "support+t.1.x@acme.example"},
        {"address": "a@acme.example", "queue_id": "00000000-0000-7000-8000-000000000000"},
        {"address": "a@acme.example", "denied_senders": ["not one"]},
        {"address": "a@acme.example", "acknowledgement": {"en": " "}},
        {"address": "a@acme.example", "language": "not a language"},
    ],
)
def test_what_is_no_mailbox_is_refused(app: ApiClient, body: dict[str, object]) -> None:
    assert app.post(MAILBOXES, body).status_code == 422
    assert app.get(MAILBOXES).json["items"] == []


def test_a_change_is_told_and_a_stale_one_refused(desk: Desk, app: ApiClient) -> None:
    mailbox = new_mailbox(app)
    path = f"{MAILBOXES}/{mailbox['id']}"
    stale = {"If-Match": f'"{mailbox["version"]}"'}
    changed = app.patch(path, {"signature": "Acme", "acknowledges": False}, headers=stale)
    assert good(changed)["signature"] == "Acme"
    assert app.patch(path, {"signature": "Other"}, headers=stale).status_code == 412
    (fact,) = facts(desk, app, events.MailboxChanged)
    assert list(fact.changed_fields) == ["acknowledges", "signature"]


def test_an_answer_address_is_good_for_its_tenant_and_ticket_alone() -> None:
    old, new = AnswerAddresses(["before" * 6]), AnswerAddresses(["after" * 7, "before" * 6])
    tenant, other = UUID(int=1), UUID(int=2)
    address = old.address("support@acme.example", tenant, 1042)
    assert address.startswith("support+t.1042.")
    assert len(address.partition("@")[0]) <= 64
    assert new.number_in(address.upper(), tenant) == 1042
    assert new.number_in(address, other) is None
    assert new.number_in(address.replace("1042", "1043"), tenant) is None
    assert AnswerAddresses(["after" * 7]).number_in(address, tenant) is None
    assert new.number_in("support+t.1042.@acme.example", tenant) is None
    long = "x" * 60 + "@acme.example"
    assert old.address(long, tenant, 1) == long
    assert plain_address(address.upper()) == "support@acme.example"
