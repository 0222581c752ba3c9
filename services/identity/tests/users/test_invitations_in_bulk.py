"""Many invitations in one call: each answered in its place, and mailed after the answer (ID-2)."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.domain import Conflict
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from identity.sign_in.throttle import Throttle
from identity.tickets import Ticket
from identity.transaction import IdentityTx
from identity.users.domain import INVITATION_LASTS, User
from identity.users.invitation_mail import InvitationMail
from identity.users.invitations import Invitations
from identity.users.operations import accept_invitation

from ..builders import Organisation, organisation
from ..fakes import FakeMailer

USERS = "/v1/identity/users"
BATCH = f"{USERS}/batch"
RESEND = f"{USERS}/batch-resend-invitations"
Identity = ServiceHarness[IdentityTx]


@dataclass
class PostOffice:
    """The worker that sends the mails, where they end, and its clock."""

    work: InvitationMail
    mailer: FakeMailer
    clock: MovableClock

    def links(self, email: str) -> list[str]:
        """The links that were mailed to somebody, oldest first."""
        texts = [mail.text for mail in self.mailer.to(email)]
        return [ticket for text in texts for ticket in re.findall(r"\?ticket=(\S+)", text)]


@pytest.fixture
def post(identity: Identity) -> PostOffice:
    """A worker of the test's own."""
    mailer, clock = FakeMailer(), MovableClock(datetime.now(UTC) + timedelta(minutes=1))
    return PostOffice(worker(identity, mailer, clock), mailer, clock)


def worker(identity: Identity, mailer: FakeMailer, clock: MovableClock) -> InvitationMail:
    """One replica of what sends the mails."""
    service = identity.service
    throttle = Throttle(service.database, clock, "a secret of the tests that is long enough")
    invitations = Invitations("http://gateway.test", mailer, throttle)
    return InvitationMail(service.database, service.operations, invitations, mailer, clock)


@pytest.fixture
def boss(acme: Organisation) -> ApiClient:
    """The tenant's administrator."""
    return acme.administrator()


def address() -> str:
    """An address that nobody has."""
    return f"{uuid4().hex}@example.com"


def send(boss: ApiClient, *items: Any, path: str = BATCH, **body: Any) -> ApiAnswer:
    """A bulk call."""
    return boss.post(path, {"items": list(items), **body})


def invited(boss: ApiClient, *emails: str) -> list[str]:
    """Invite people, and give their ids."""
    answer = send(boss, *({"email": email} for email in emails))
    assert (answer.status_code, answer.json["failed"]) == (200, 0), answer.text
    return [item["id"] for item in answer.json["items"]]


def accept(acme: Organisation, ticket: str) -> User:
    """Follow a link."""
    read = Ticket.read(ticket)
    assert read is not None
    return acme.identity.service.operations.run(acme.caller, accept_invitation, read)


def codes(answer: ApiAnswer) -> list[Any]:
    """What became of each item."""
    return [
        item["problem"]["code"] if item["problem"] else item["status"] for item in _items(answer)
    ]


def _items(answer: ApiAnswer) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [{"problem": None, **item} for item in answer.json["items"]]


def test_no_token_and_no_permission_invite_nobody(acme: Organisation) -> None:
    anonymous = ApiClient(acme.identity.app, None)
    reader = acme.identity.user_client(acme.tenant_id, {"identity.users.read": "all"})
    lead = acme.identity.user_client(acme.tenant_id, {"identity.users.*": "team"})
    for path in (BATCH, RESEND):
        item = {"email": address()} if path == BATCH else {"id": str(uuid4())}
        assert send(anonymous, item, path=path).status_code == 401
        assert send(reader, item, path=path).status_code == 403
    refused = send(lead, {"email": address()})
    assert (refused.status_code, refused.json["code"]) == (403, "reach_too_short")


def test_people_are_invited_in_their_places_and_mailed_after_the_answer(
    acme: Organisation, boss: ApiClient, post: PostOffice
) -> None:
    emails, analyst = [address(), address()], str(acme.roles["analyst"])
    answer = send(
        boss,
        {"email": emails[0], "name": "王小明", "role_ids": [analyst]},
        {"email": emails[1], "locale": "en"},
    )
    assert (answer.json["succeeded"], answer.json["failed"]) == (2, 0)
    for index, item in enumerate(answer.json["items"]):
        assert (item["index"], item["status"], item["version"]) == (index, 201, 1)
        assert "invitation_url" not in item
        user = boss.get(f"{USERS}/{item['id']}").json
        assert (user["email"], user["status"]) == (emails[index], "invited")
        assert user["invitation_expires_at"] is None
    assert acme.facts()[-2:] == ["UserInvited", "UserInvited"]
    assert post.mailer.sent == []

    assert post.work.deliver() >= 2

    assert "邀請" in post.mailer.to(emails[0])[0].subject
    assert "invited" in post.mailer.to(emails[1])[0].subject
    shown = boss.get(f"{USERS}/{answer.json['items'][0]['id']}").json
    assert (shown["name"], shown["role_ids"]) == ("王小明", [analyst])
    assert shown["invitation_expires_at"] is not None
    (link,) = post.links(emails[0])
    assert accept(acme, link).may_sign_in
    assert post.work.deliver() == 0


def test_a_bad_item_is_refused_alone_with_what_is_wrong_and_where(
    acme: Organisation, boss: ApiClient
) -> None:
    known = acme.member()
    taken = boss.get(f"{USERS}/{known}").json["email"]
    twice = address()
    answer = send(
        boss,
        {"email": twice},
        {"email": "not an address"},
        {"email": f" {taken.upper()} "},
        {"email": f" {twice.title()}"},
        {"email": address(), "role_ids": [str(uuid4())]},
        {"email": address(), "time_zone": "Asia/Taibei"},
        {"email": address(), "colour": "red"},
        "nobody",
        {"email": address()},
    )
    assert codes(answer) == [
        201,
        "invalid_value",
        "email_taken",
        "email_taken",
        "invalid_value",
        "invalid_value",
        "validation_failed",
        "not_an_object",
        201,
    ]
    problems = [item["problem"] for item in _items(answer)]
    assert problems[1]["errors"][0] == {
        "pointer": "/email",
        "code": "email_invalid",
        "message": "This is no e-mail address.",
    }
    assert problems[1]["instance"] == f"{BATCH}#/items/1"
    assert problems[4]["errors"][0]["code"] == "role_unknown"
    assert problems[4]["errors"][0]["pointer"] == "/role_ids"
    assert (answer.json["succeeded"], answer.json["failed"]) == (2, 7)
    assert len(boss.get(f"{USERS}?status=invited").json["items"]) == 2


def test_an_atomic_call_with_a_bad_item_invites_nobody(
    acme: Organisation, boss: ApiClient, post: PostOffice
) -> None:
    emails = [address(), address()]
    items = ({"email": emails[0]}, {"email": emails[0]}, {"email": emails[1]})
    before = acme.facts()
    refused = send(boss, *items, atomic=True)
    assert (refused.status_code, refused.json["code"]) == (422, "batch_refused")
    assert [error["pointer"] for error in refused.json["errors"]] == ["/items/1"]
    assert boss.get(f"{USERS}?status=invited").json["items"] == []
    assert acme.facts() == before
    post.work.deliver()
    assert not any(post.mailer.to(email) for email in emails)


def test_nobody_is_invited_to_roles_beyond_the_inviters_own(acme: Organisation) -> None:
    helper = acme.identity.user_client(acme.tenant_id, {"identity.users.*": "all"})
    administrator = str(acme.roles["administrator"])
    answer = send(helper, {"email": address(), "role_ids": [administrator]}, {"email": address()})
    assert codes(answer) == ["beyond_own_permissions", 201]


def test_another_tenants_roles_and_addresses_are_not_there(
    identity: Identity, boss: ApiClient
) -> None:
    other, email = organisation(identity), address()
    invited(other.administrator(), email)
    role = str(other.roles["analyst"])
    answer = send(boss, {"email": email}, {"email": address(), "role_ids": [role]})
    assert codes(answer) == [201, "invalid_value"]
    theirs = invited(other.administrator(), address())
    assert codes(send(boss, {"id": theirs[0]}, path=RESEND)) == ["not_found"]


def test_a_repeated_call_is_answered_again_and_mails_nobody_twice(
    acme: Organisation, boss: ApiClient, post: PostOffice
) -> None:
    email, key = address(), {"Idempotency-Key": uuid4().hex}
    body = {"items": [{"email": email}, {"email": "no"}]}
    first = boss.post(BATCH, body, headers=key)
    post.work.deliver()
    again = boss.post(BATCH, body, headers=key)
    post.work.deliver()
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(post.mailer.to(email)) == 1
    assert codes(boss.post(BATCH, body))[0] == "email_taken"
    assert acme.facts().count("UserInvited") == 1


def test_a_thousand_are_invited_in_one_call_and_one_more_is_too_many(boss: ApiClient) -> None:
    items = [{"email": address()} for _ in range(1001)]
    assert send(boss, *items).status_code == 422
    answer = send(boss, *items[:1000])
    assert (answer.json["succeeded"], answer.json["failed"]) == (1000, 0)
    listed = boss.get(f"{USERS}?status=invited&count=true&page_size=1").json
    assert listed["total_count"] == 1000


def test_two_calls_for_the_same_people_at_once_invite_each_once(
    acme: Organisation, boss: ApiClient, post: PostOffice
) -> None:
    emails = [address() for _ in range(60)]

    def run(turn: int) -> list[Any]:
        turned = emails if turn % 2 else emails[::-1]
        return codes(send(boss, *({"email": email} for email in turned)))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(run, range(4)))
    counted = [code for answer in answers for code in answer]
    assert counted.count(201) == 60
    assert counted.count("email_taken") == 180
    assert acme.facts().count("UserInvited") == 60
    post.work.deliver()
    assert [len(post.mailer.to(email)) for email in emails] == [1] * 60


def test_two_workers_send_each_mail_once(
    identity: Identity, boss: ApiClient, post: PostOffice
) -> None:
    emails = [address() for _ in range(20)]
    invited(boss, *emails)
    other = worker(identity, post.mailer, post.clock)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda work: work.deliver(), (post.work, other)))
    assert [len(post.mailer.to(email)) for email in emails] == [1] * 20


def test_a_mail_that_cannot_leave_is_tried_again_later_and_not_for_ever(
    acme: Organisation, boss: ApiClient, post: PostOffice
) -> None:
    email, given_up = address(), address()
    invited(boss, email)
    post.mailer.is_away = True
    assert post.work.deliver() == 0
    post.mailer.is_away = False
    assert post.work.deliver() == 0, "it waits a while"
    post.clock.move(timedelta(minutes=2))
    assert post.work.deliver() >= 1
    (link,) = post.links(email)
    assert accept(acme, link).may_sign_in

    invited(boss, given_up)
    post.mailer.is_away = True
    for _ in range(5):
        post.work.deliver()
        post.clock.move(timedelta(hours=6))
    post.mailer.is_away = False
    post.work.deliver()
    assert post.mailer.to(given_up) == []


def test_a_mail_whose_worker_has_died_over_it_is_sent_by_another(
    acme: Organisation, boss: ApiClient, post: PostOffice, identity: Identity
) -> None:
    email = address()
    invited(boss, email)

    class Died(Exception):
        """The process is gone."""

    class Dying(FakeMailer):
        def deliver(self, mail: Any) -> bool:
            raise Died(mail.to)

    work = worker(identity, Dying(), post.clock)
    with pytest.raises(Died):
        work.deliver()
    post.work.deliver()
    assert post.mailer.to(email) == []
    post.clock.move(timedelta(minutes=2))
    post.work.deliver()
    (link,) = post.links(email)
    assert accept(acme, link).may_sign_in


def test_who_was_withdrawn_before_the_mail_left_gets_none(
    boss: ApiClient, post: PostOffice
) -> None:
    email, kept = address(), address()
    withdrawn, _ = invited(boss, email, kept)
    assert boss.post(f"{USERS}/{withdrawn}/deactivate").json["status"] == "deactivated"
    post.work.deliver()
    assert (len(post.mailer.to(email)), len(post.mailer.to(kept))) == (0, 1)


def test_who_was_sent_another_link_in_the_meantime_keeps_that_one(
    acme: Organisation, boss: ApiClient, post: PostOffice
) -> None:
    email = address()
    (user_id,) = invited(boss, email)
    url = boss.post(f"{USERS}/{user_id}/resend-invitation").json["invitation_url"]
    post.work.deliver()
    assert post.mailer.to(email) == []
    assert accept(acme, url.partition("?ticket=")[2]).may_sign_in


def test_invitations_that_have_expired_are_found_and_sent_again_in_bulk(
    acme: Organisation, boss: ApiClient, post: PostOffice
) -> None:
    emails = [address(), address()]
    ids = invited(boss, *emails)
    post.work.deliver()
    (old,) = post.links(emails[0])
    later = (datetime.now(UTC) + INVITATION_LASTS + timedelta(minutes=5)).isoformat()
    expired = f"{USERS}?status=invited&invitation_expires_at[lt]={later.replace('+00:00', 'Z')}"
    assert {user["id"] for user in boss.get(expired).json["items"]} == set(ids)
    before = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    assert boss.get(f"{USERS}?invitation_expires_at[lt]={before}").json["items"] == []

    active = str(acme.member())
    answer = send(boss, *({"id": one} for one in (*ids, active, str(uuid4()), ids[0])), path=RESEND)
    assert codes(answer) == [200, 200, "user_not_invited", "not_found", 200]
    post.work.deliver()

    _, new = post.links(emails[0])
    assert len(post.links(emails[1])) == 2
    with pytest.raises(Conflict):
        accept(acme, old)
    assert accept(acme, new).may_sign_in


def test_nobodys_mailbox_is_flooded_by_bulk_calls_either(boss: ApiClient, post: PostOffice) -> None:
    email, other = address(), address()
    ids = invited(boss, email, other)
    post.work.deliver()
    for _ in range(20):
        assert codes(send(boss, {"id": ids[0]}, path=RESEND)) == [200]
        post.work.deliver()
    assert len(post.mailer.to(email)) < 6
    send(boss, {"id": ids[1]}, path=RESEND)
    post.work.deliver()
    assert len(post.mailer.to(other)) == 2


def test_nobody_sends_invitations_again_to_those_who_may_do_more_than_they(
    acme: Organisation, boss: ApiClient
) -> None:
    chief, plain = address(), address()
    items = [{"email": chief, "role_ids": [str(acme.roles["administrator"])]}, {"email": plain}]
    ids = [item["id"] for item in send(boss, *items).json["items"]]
    helper = acme.identity.user_client(acme.tenant_id, {"identity.users.*": "all"})
    answer = send(helper, *({"id": one} for one in ids), path=RESEND)
    assert codes(answer) == ["beyond_own_permissions", 200]
