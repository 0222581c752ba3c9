"""Invitations: a link by mail that works once, for a while, and only the newest."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.domain import Conflict, NotFound
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.tokens import TestTokens
from identity.app import build
from identity.settings import IdentitySettings
from identity.tickets import Ticket
from identity.transaction import IdentityTx
from identity.users.domain import INVITATION_LASTS, User
from identity.users.operations import ProfileChanges, accept_invitation, invite_user

from ..builders import Organisation, organisation
from ..fakes import FakeMailer

USERS = "/v1/identity/users"


def address() -> str:
    """An address that nobody has."""
    return f"{uuid4().hex}@example.com"


def ticket_of(url: str) -> Ticket:
    """The ticket in a link."""
    ticket = Ticket.read(url.partition("?ticket=")[2])
    assert ticket is not None
    return ticket


def accept(acme: Organisation, url: str) -> User:
    """Follow a link."""
    return acme.identity.service.operations.run(acme.caller, accept_invitation, ticket_of(url))


@pytest.fixture
def boss(acme: Organisation) -> ApiClient:
    """The tenant's administrator."""
    return acme.administrator()


def test_an_invited_person_gets_a_link_and_becomes_active_with_it(
    acme: Organisation, boss: ApiClient, mailer: FakeMailer
) -> None:
    email = address()
    analyst = str(acme.roles["analyst"])
    invited = boss.post(USERS, {"email": email, "name": "王小明", "role_ids": [analyst]})
    assert invited.status_code == 201, invited.text
    user = invited.json
    assert invited.headers["Location"] == f"{USERS}/{user['id']}"
    assert (user["status"], user["locale"]) == ("invited", "zh-Hant")
    assert (user["time_zone"], user["role_ids"]) == ("Asia/Taipei", [analyst])
    (mail,) = mailer.to(email)
    assert user["invitation_url"] in mail.text
    assert "邀請" in mail.subject
    accept(acme, user["invitation_url"])
    after = boss.get(f"{USERS}/{user['id']}").json
    assert (after["status"], after["email_verified"]) == ("active", True)
    assert after["invitation_expires_at"] is None
    assert acme.facts()[-2:] == ["UserInvited", "UserActivated"]


def test_a_link_works_once(acme: Organisation, boss: ApiClient) -> None:
    url = boss.post(USERS, {"email": address()}).json["invitation_url"]
    accept(acme, url)
    with pytest.raises(Conflict) as refused:
        accept(acme, url)
    assert refused.value.code == "invitation_used"


def test_a_renewed_invitation_replaces_the_link(
    acme: Organisation, boss: ApiClient, mailer: FakeMailer
) -> None:
    email = address()
    first = boss.post(USERS, {"email": email}).json
    again = boss.post(f"{USERS}/{first['id']}/resend-invitation").json
    assert again["invitation_url"] != first["invitation_url"]
    assert len(mailer.to(email)) == 2
    with pytest.raises(Conflict):
        accept(acme, first["invitation_url"])
    accept(acme, again["invitation_url"])
    late = boss.post(f"{USERS}/{first['id']}/resend-invitation")
    assert (late.status_code, late.json["code"]) == (409, "user_not_invited")


def test_nobodys_mailbox_is_flooded_with_invitations(boss: ApiClient, mailer: FakeMailer) -> None:
    email = address()
    invited = boss.post(USERS, {"email": email}).json
    path = f"{USERS}/{invited['id']}/resend-invitation"
    answers = [boss.post(path) for _ in range(20)]
    sent = [answer for answer in answers if answer.status_code == 200]
    assert len(sent) < 5
    assert len(mailer.to(email)) == 1 + len(sent)
    refused = answers[-1]
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_attempts")
    assert int(refused.headers["Retry-After"]) > 300
    other = boss.post(USERS, {"email": address()}).json
    assert boss.post(f"{USERS}/{other['id']}/resend-invitation").status_code == 200


def test_an_invitation_expires(
    settings: IdentitySettings, tokens: TestTokens, identity: ServiceHarness[IdentityTx]
) -> None:
    clock = MovableClock(datetime(2026, 3, 1, 8, 0, tzinfo=UTC))
    later = build(settings, clock=clock, keys=tokens.key_source())
    acme = organisation(identity)
    invited = later.operations.run(acme.caller, invite_user, address(), ProfileChanges(), [])
    clock.move(INVITATION_LASTS)
    with pytest.raises(Conflict) as refused:
        later.operations.run(acme.caller, accept_invitation, invited.ticket)
    assert refused.value.code == "invitation_expired"
    later.stop()


def test_a_withdrawn_invitation_works_no_more(acme: Organisation, boss: ApiClient) -> None:
    invited = boss.post(USERS, {"email": address()}).json
    boss.post(f"{USERS}/{invited['id']}/deactivate")
    with pytest.raises(Conflict):
        accept(acme, invited["invitation_url"])
    back = boss.post(f"{USERS}/{invited['id']}/reactivate").json
    assert (back["status"], back["invitation_expires_at"]) == ("invited", None)
    again = boss.post(f"{USERS}/{invited['id']}/resend-invitation").json
    accept(acme, again["invitation_url"])


def test_a_corrected_address_withdraws_the_link_that_went_to_the_wrong_one(
    acme: Organisation, boss: ApiClient
) -> None:
    invited = boss.post(USERS, {"email": address()}).json
    boss.patch(f"{USERS}/{invited['id']}", {"email": address()})
    with pytest.raises(Conflict):
        accept(acme, invited["invitation_url"])


def test_nobody_is_invited_to_roles_beyond_the_inviters_own(acme: Organisation) -> None:
    helper = acme.identity.user_client(acme.tenant_id, {"identity.users.*": "all"})
    body = {"email": address(), "role_ids": [str(acme.roles["administrator"])]}
    refused = helper.post(USERS, body)
    assert (refused.status_code, refused.json["code"]) == (403, "beyond_own_permissions")
    assert helper.post(USERS, {"email": address()}).status_code == 201


def test_inviting_takes_reach_over_all(acme: Organisation) -> None:
    lead = acme.identity.user_client(acme.tenant_id, {"identity.users.*": "team"})
    refused = lead.post(USERS, {"email": address()})
    assert (refused.status_code, refused.json["code"]) == (403, "reach_too_short")


def test_an_address_is_a_users_once_in_a_tenant_and_free_in_another(
    identity: ServiceHarness[IdentityTx], boss: ApiClient
) -> None:
    email = address()
    assert boss.post(USERS, {"email": email}).status_code == 201
    again = boss.post(USERS, {"email": f" {email.upper()} "})
    assert (again.status_code, again.json["code"]) == (409, "email_taken")
    elsewhere = organisation(identity).administrator()
    assert elsewhere.post(USERS, {"email": email}).status_code == 201


def test_a_repeated_request_is_answered_again_without_link_and_mail(
    boss: ApiClient, mailer: FakeMailer
) -> None:
    email, key = address(), {"Idempotency-Key": uuid4().hex}
    first = boss.post(USERS, {"email": email}, headers=key)
    second = boss.post(USERS, {"email": email}, headers=key)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json == {**first.json, "invitation_url": "********"}
    assert len(mailer.to(email)) == 1


def test_accepting_needs_the_tickets_own_tenant(
    identity: ServiceHarness[IdentityTx], boss: ApiClient
) -> None:
    url = boss.post(USERS, {"email": address()}).json["invitation_url"]
    other = organisation(identity)
    with pytest.raises(NotFound):
        accept(other, url)
