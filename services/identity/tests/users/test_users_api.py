"""Users over REST: found, changed, kept out and let back in, by whoever may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from chassis.access.tokens import InvalidToken
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from identity.sessions.domain import Device, Lifetime
from identity.sessions.operations import begin_browser_session
from identity.transaction import IdentityTx

from ..builders import DAY, Organisation, organisation

Identity = ServiceHarness[IdentityTx]
USERS = "/v1/identity/users"
ME = "/v1/identity/me"


@pytest.fixture
def boss(acme: Organisation) -> ApiClient:
    """The tenant's administrator."""
    return acme.administrator()


def test_listing_users_needs_a_token(identity: Identity) -> None:
    assert identity.anonymous().get(USERS).status_code == 401


def test_another_tenants_users_are_invisible(
    identity: Identity, acme: Organisation, boss: ApiClient
) -> None:
    user_id = acme.member()
    stranger = identity.app_client(identity.new_tenant())
    assert stranger.get(USERS).json["items"] == []
    for response in (
        stranger.get(f"{USERS}/{user_id}"),
        stranger.patch(f"{USERS}/{user_id}", {"name": "x"}),
        stranger.post(f"{USERS}/{user_id}/suspend"),
        stranger.post(f"{USERS}/{user_id}/deactivate"),
    ):
        assert response.status_code == 404
    assert boss.get(f"{USERS}/{user_id}").json["status"] == "active"


def test_users_are_found_by_name_address_status_role_and_team(
    acme: Organisation, boss: ApiClient
) -> None:
    ming = acme.member("analyst", name="王小明")
    boss.post(f"{USERS}/{acme.member(name='Zoe Lin')}/suspend")
    team = boss.post("/v1/identity/teams", {"name": "North", "member_ids": [str(ming)]}).json

    def ids(query: str) -> list[str]:
        return [each["id"] for each in boss.get(f"{USERS}?{query}").json["items"]]

    assert ids("q=小明") == [str(ming)]
    email = boss.get(f"{USERS}/{ming}").json["email"]
    assert ids(f"email={email.upper()}") == [str(ming)]
    assert ids(f"q={email[:20].upper()}") == [str(ming)]
    assert ids("q=100%25") == []
    assert ids(f"role_id={acme.roles['analyst']}") == [str(ming)]
    assert ids(f"team_id={team['id']}") == [str(ming)]
    assert len(ids("status=suspended")) == 1
    assert boss.get(f"{USERS}?count=true").json["total_count"] == 3
    assert boss.get(f"{USERS}?colour=red").json["code"] == "unknown_parameter"


def test_pages_of_users_hold_everybody_once(acme: Organisation, boss: ApiClient) -> None:
    expected = {str(acme.member(name="Same Name")) for _ in range(5)}
    expected.add(str(acme.administrator_id))
    seen: list[str] = []
    query = "sort=email&page_size=2"
    while True:
        page = boss.get(f"{USERS}?{query}").json
        seen += [each["id"] for each in page["items"]]
        if page["next_page_token"] is None:
            break
        query = f"sort=email&page_size=2&page_token={page['next_page_token']}"
    assert len(seen) == len(set(seen))
    assert set(seen) == expected


def test_reach_over_a_team_shows_its_members_only(acme: Organisation, boss: ApiClient) -> None:
    inside, outside = acme.member(), acme.member()
    team = boss.post("/v1/identity/teams", {"name": "North", "member_ids": [str(inside)]}).json
    lead = acme.identity.user_client(
        acme.tenant_id, {"identity.users.read": "team"}, teams=(UUID(team["id"]),)
    )
    assert lead.get(f"{USERS}/{inside}").status_code == 200
    assert lead.get(f"{USERS}/{outside}").status_code == 404
    assert [each["id"] for each in lead.get(USERS).json["items"]] == [str(inside)]


def test_users_change_their_own_profile_but_not_their_roles(acme: Organisation) -> None:
    user_id = acme.member("analyst")
    own = acme.user(user_id, "analyst")
    shown = own.get(ME)
    assert shown.json["id"] == str(user_id)
    changed = own.patch(
        ME, {"locale": "en", "name": "  Ann  "}, headers={"If-Match": shown.headers["ETag"]}
    )
    assert (changed.json["name"], changed.json["locale"]) == ("Ann", "en")
    stale = own.patch(ME, {"name": "x"}, headers={"If-Match": shown.headers["ETag"]})
    assert stale.status_code == 412
    assert own.patch(ME, {"role_ids": []}).status_code == 422
    assert own.patch(f"{USERS}/{user_id}", {"name": "x"}).json["code"] == "permission_missing"


def test_an_app_has_no_profile(acme: Organisation) -> None:
    for response in (acme.app("*").get(ME), acme.app("*").patch(ME, {"name": "x"})):
        assert (response.status_code, response.json["code"]) == (403, "user_needed")


def test_a_suspended_user_is_out_at_once_and_can_come_back(
    identity: Identity, acme: Organisation, boss: ApiClient
) -> None:
    user_id = acme.member("analyst")
    session, _ = identity.service.operations.run(
        acme.caller,
        begin_browser_session,
        user_id,
        Device("Firefox on Linux", "192.0.2.1"),
        Lifetime(DAY, DAY),
    )
    own = acme.user(user_id, "analyst")
    assert own.get(ME).status_code == 200
    suspended = boss.post(f"{USERS}/{user_id}/suspend")
    assert suspended.json["status"] == "suspended"
    facts = acme.facts()
    assert facts[-3:] == ["UserSuspended", "AccessRevoked", "SessionEnded"]
    identity.service.directory.forget(acme.tenant_id)
    assert own.get(ME).json["code"] == "token_invalid"
    with pytest.raises(InvalidToken):
        identity.service.authenticator.caller(
            identity.tokens.user(acme.tenant_id, user_id, session_id=session.id)
        )
    assert boss.post(f"{USERS}/{user_id}/reactivate").json["status"] == "active"
    assert acme.facts()[-1] == "UserActivated"


def test_whoever_has_left_can_be_let_back_in(acme: Organisation, boss: ApiClient) -> None:
    user_id = acme.member("analyst")
    assert boss.post(f"{USERS}/{user_id}/deactivate").json["status"] == "deactivated"
    assert boss.post(f"{USERS}/{user_id}/deactivate").json["status"] == "deactivated"
    assert acme.facts().count("UserDeactivated") == 1
    refused = boss.post(f"{USERS}/{user_id}/suspend")
    assert (refused.status_code, refused.json["code"]) == (409, "user_not_active")
    assert boss.post(f"{USERS}/{user_id}/reactivate").json["status"] == "active"


def test_the_last_administrator_cannot_be_lost(acme: Organisation, boss: ApiClient) -> None:
    own, role = f"{USERS}/{acme.administrator_id}", acme.roles["administrator"]
    for response in (
        boss.post(f"{own}/suspend"),
        boss.post(f"{own}/deactivate"),
        boss.patch(own, {"role_ids": []}),
        boss.delete(f"{own}/roles/{role}"),
    ):
        assert (response.status_code, response.json["code"]) == (409, "last_administrator")
    second = acme.member("administrator")
    assert boss.post(f"{own}/suspend").status_code == 200
    other = acme.user(second, "administrator")
    refused = other.post(f"{USERS}/{second}/deactivate")
    assert refused.json["code"] == "last_administrator"


def suspend_each_other(acme: Organisation) -> list[int]:
    """Two administrators suspend each other at the same time: the answers."""
    pair = [acme.administrator_id, acme.member("administrator")]
    clients = [acme.user(user_id, "administrator") for user_id in pair]

    def suspend(at: int) -> int:
        return clients[at].post(f"{USERS}/{pair[1 - at]}/suspend").status_code

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(suspend, (0, 1)))


def test_two_administrators_cannot_remove_each_other(identity: Identity) -> None:
    for _ in range(5):
        acme = organisation(identity)
        assert suspend_each_other(acme).count(200) == 1
        role = acme.roles["administrator"]
        left = acme.app("*").get(f"{USERS}?status=active&role_id={role}").json["items"]
        assert len(left) == 1


def test_two_changes_at_once_both_hold(acme: Organisation, boss: ApiClient) -> None:
    user_id = acme.member()
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda body: boss.patch(f"{USERS}/{user_id}", body).status_code,
                ({"name": "New Name"}, {"time_zone": "Europe/Zurich"}),
            )
        )
    assert answers == [200, 200]
    user = boss.get(f"{USERS}/{user_id}").json
    assert (user["name"], user["time_zone"]) == ("New Name", "Europe/Zurich")


def test_of_two_with_the_same_version_one_is_refused(acme: Organisation, boss: ApiClient) -> None:
    path = f"{USERS}/{acme.member()}"
    etag = boss.get(path).headers["ETag"]
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(
            lambda name: boss.patch(path, {"name": name}, headers={"If-Match": etag}).status_code,
            ("One", "Two"),
        )
    assert sorted(answers) == [200, 412]


def test_roles_are_given_and_taken(acme: Organisation, boss: ApiClient) -> None:
    user_id = acme.member()
    analyst, marketer = acme.roles["analyst"], acme.roles["marketer"]
    given = boss.put(f"{USERS}/{user_id}/roles/{analyst}")
    assert given.json["role_ids"] == [str(analyst)]
    boss.put(f"{USERS}/{user_id}/roles/{marketer}")
    assert boss.delete(f"{USERS}/{user_id}/roles/{analyst}").status_code == 204
    assert boss.get(f"{USERS}/{user_id}").json["role_ids"] == [str(marketer)]
    unknown = boss.put(f"{USERS}/{user_id}/roles/{uuid4()}")
    assert unknown.json["errors"][0]["code"] == "role_unknown"


def test_nobody_gives_or_takes_roles_beyond_their_own_permissions(acme: Organisation) -> None:
    helper = acme.identity.user_client(
        acme.tenant_id, {"identity.users.*": "all", "contacts.*": "all"}
    )
    user_id, chief = acme.member(), acme.member("administrator")
    for role in ("administrator", "sales_manager"):
        refused = helper.put(f"{USERS}/{user_id}/roles/{acme.roles[role]}")
        assert (refused.status_code, refused.json["code"]) == (403, "beyond_own_permissions")
    for response in (
        helper.delete(f"{USERS}/{chief}/roles/{acme.roles['administrator']}"),
        helper.post(f"{USERS}/{chief}/suspend"),
        helper.post(f"{USERS}/{chief}/deactivate"),
        helper.patch(f"{USERS}/{chief}", {"email": "mine@example.com"}),
        helper.patch(f"{USERS}/{chief}", {"role_ids": []}),
    ):
        assert (response.status_code, response.json["code"]) == (403, "beyond_own_permissions")
    assert helper.patch(f"{USERS}/{chief}", {"name": "Chief"}).status_code == 200
    assert helper.post(f"{USERS}/{user_id}/suspend").status_code == 200


def test_a_users_scopes_bound_what_they_can_give(acme: Organisation) -> None:
    token = acme.identity.tokens.user(
        acme.tenant_id,
        acme.administrator_id,
        roles=[acme.roles["administrator"]],
        scopes="identity.users.write",
    )
    app = ApiClient(acme.identity.app, token, acme.tenant_id)
    refused = app.put(f"{USERS}/{acme.member()}/roles/{acme.roles['analyst']}")
    assert refused.json["code"] == "beyond_own_permissions"


def test_a_changed_address_is_unproven_and_ends_sessions(
    acme: Organisation, boss: ApiClient
) -> None:
    user_id = acme.member()
    address = f"New.{uuid4().hex}@Example.com"
    changed = boss.patch(f"{USERS}/{user_id}", {"email": address})
    assert changed.json["email"] == address
    assert changed.json["email_verified"] is False
    other = acme.member()
    taken = boss.patch(f"{USERS}/{other}", {"email": address.lower()})
    assert (taken.status_code, taken.json["code"]) == (409, "email_taken")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "not an address", "email_invalid"),
        ("email", "a@b", "email_invalid"),
        ("email", "=?utf-8?q?=0d=0aBcc=3Ax?=@example.com", "email_invalid"),
        ("name", " ", "name_length"),
        ("name", "a\nb", "name_unprintable"),
        ("locale", "zh_TW", "locale_invalid"),
        ("time_zone", "Taipei", "time_zone_unknown"),
        ("role_ids", [str(uuid4())], "role_unknown"),
    ],
)
def test_a_wrong_value_of_a_user_is_pointed_at(
    acme: Organisation, boss: ApiClient, field: str, value: object, code: str
) -> None:
    refused = boss.patch(f"{USERS}/{acme.member()}", {field: value})
    assert refused.status_code == 422
    assert refused.json["errors"][0] == {
        "pointer": f"/{field}",
        "code": code,
        "message": refused.json["errors"][0]["message"],
    }
