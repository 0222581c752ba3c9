"""An administrator's first day: colleagues, teams, roles, and what each of them sees."""

from __future__ import annotations

from threading import Event
from uuid import uuid4

from deploy.demo.browser import Browser
from deploy.demo.colleagues import Invited
from deploy.demo.external_app import ExternalApp
from deploy.demo.oauth import TokenEndpoint
from deploy.demo.sign_in import COMMAND_LINE, DEVICE_CODE, accept_invitation, device_tokens

from .world import IMPATIENT, Organisation, World, soon

PEOPLE = "/v1/contacts/people"
EVERYWHERE = (PEOPLE, "/v1/identity/users", "/v1/probe/facts")


def people_seen_by(app: ExternalApp) -> set[str]:
    return {person["id"] for person in app.items(PEOPLE)}


def statuses(world: World, app: ExternalApp) -> list[int]:
    """What a caller is answered by each service: two through the gateway, the probe directly."""
    probe = world.at("probe", app)
    return [(probe if "probe" in path else app).ask("GET", path).status for path in EVERYWHERE]


def test_a_salesperson_sees_their_own_people_and_a_manager_those_of_the_team(
    acme: Organisation,
) -> None:
    own = acme.role("Sales", contacts_people_read="own", contacts_people_write="own")
    team = acme.role("Lead", contacts_people_read="team", contacts_people_write="team")
    ann, other = acme.colleague(own), acme.colleague(own)
    lead = acme.invited(team)
    north = acme.admin.post(
        "/v1/identity/teams",
        {"name": "North", "manager_id": lead.id, "member_ids": [ann.id, lead.id]},
    )
    anns = ann.app.post(PEOPLE, {"given_name": "Customer of Ann"})
    others = other.app.post(PEOPLE, {"given_name": "Customer of another"})
    assert (anns["owner_id"], others["owner_id"]) == (ann.id, other.id)
    assert people_seen_by(ann.app) == {anns["id"]}
    assert ann.app.ask("GET", f"{PEOPLE}/{others['id']}").status == 404
    boss = lead.joined()
    soon(lambda: people_seen_by(boss.app) == {anns["id"]}, 2, "the lead sees the team's people")
    assert people_seen_by(acme.admin) == {anns["id"], others["id"]}
    # A new member of the team: the lead's token is the same.
    acme.admin.put(f"/v1/identity/teams/{north['id']}/members/{other.id}")
    both = {anns["id"], others["id"]}
    soon(lambda: people_seen_by(boss.app) == both, 2, "the lead sees the new member's people")


def test_a_changed_role_works_everywhere_within_two_seconds_with_the_same_token(
    world: World, acme: Organisation
) -> None:
    role = acme.role("Clerk", contacts_people_read="all")
    ann = acme.colleague(role)
    assert statuses(world, ann.app) == [200, 403, 403]
    wider = {"contacts.people.read": "all", "identity.users.read": "all", "probe.facts.read": "all"}
    grants = [{"permission": p, "reach": r} for p, r in wider.items()]
    acme.admin.patch(f"/v1/identity/roles/{role}", {"grants": grants})
    soon(lambda: statuses(world, ann.app) == [200, 200, 200], 2, "the wider role works")
    acme.admin.patch(f"/v1/identity/roles/{role}", {"grants": grants[1:2]})
    soon(lambda: statuses(world, ann.app) == [403, 200, 403], 2, "the narrower role works")


def test_whoever_is_deactivated_is_shut_out_everywhere_within_two_seconds(
    world: World, acme: Organisation
) -> None:
    role = acme.role(
        "Clerk", contacts_people_read="all", identity_users_read="all", probe_facts_read="all"
    )
    ann, ben = acme.colleague(role), acme.colleague(role)
    soon(lambda: statuses(world, ann.app) == [200, 200, 200], 2, "the role is known everywhere")
    acme.admin.post(f"/v1/identity/users/{ann.id}/deactivate")
    soon(lambda: statuses(world, ann.app) == [401, 401, 401], 2, "the user is shut out")
    assert statuses(world, ben.app) == [200, 200, 200]


def test_a_session_that_is_ended_takes_its_refresh_token_and_its_access_with_it(
    world: World, acme: Organisation
) -> None:
    with Browser(world.gateway) as browser:
        tokens = device_tokens(browser, acme.tenant.administrator, pause=Event().wait)
    laptop = ExternalApp(world.gateway, tokens, patience=IMPATIENT)
    sessions = acme.admin.get("/v1/identity/me/sessions")["items"]
    apps = [each for each in sessions if each["client_name"] == "Rapport CLI"]
    assert len(apps) == 2
    own = laptop.get("/v1/identity/me/sessions")["items"]
    ended = next(each["id"] for each in own if each["is_current"])
    assert laptop.ask("GET", PEOPLE).status == 200
    acme.admin.delete(f"/v1/identity/me/sessions/{ended}")
    soon(lambda: laptop.ask("GET", PEOPLE).status == 401, 2, "the laptop is shut out")
    assert acme.admin.get(PEOPLE)["items"] == []


def test_an_invitation_works_once_and_a_wrong_password_lets_nobody_in(
    world: World, acme: Organisation
) -> None:
    invited = acme.invited()
    invited.joined()
    with Browser(world.gateway) as browser:
        again = browser.open(invited.url)
        assert again.status == 410
        page = browser.open("/p/identity/sign-in")
        form = page.form_with("email", "password")
        page = browser.submit(page, form, email=invited.email, password="not this one")
        assert (page.status, page.path) == (401, "/p/identity/sign-in")


def test_colleagues_who_are_invited_all_at_once_join_by_their_mails(
    world: World, acme: Organisation
) -> None:
    role = acme.role("Clerk", contacts_people_read="own")
    emails = [f"{uuid4().hex}@colleagues.example" for _ in range(3)]
    items = [{"email": each, "role_ids": [role], "locale": "en"} for each in emails]
    answer = acme.admin.post("/v1/identity/users/batch", {"items": [*items, items[0]]})
    assert [item["status"] for item in answer["items"]] == [201, 201, 201, 409]
    soon(lambda: all(world.mails_to(each) for each in emails), 20, "the invitations arrive")
    for email, item in zip(emails, answer["items"], strict=False):
        (mail,) = world.mails_to(email)
        link = next(word for word in mail.get_content().split() if "?ticket=" in word)
        assert link.startswith(world.gateway)
        colleague = Invited(world.gateway, item["id"], "Bo Lin", email, link).joined()
        own = colleague.app.items("/v1/identity/me/permissions")
        assert [(each["permission"], each["reach"]) for each in own] == [
            ("contacts.people.read", "own")
        ]


def test_whoever_fails_too_often_is_let_try_again_by_an_administrator(
    world: World, acme: Organisation
) -> None:
    invited = acme.invited()
    colleague = invited.joined()
    path = "/v1/identity/lockouts"
    assert colleague.app.ask("GET", path).status == 403
    with Browser(world.gateway) as browser:

        def fails_and_is_lifted() -> bool:
            # A slow machine may look when the wait is over already; each further one is longer.
            page = browser.open("/p/identity/sign-in")
            form = page.form_with("email", "password")
            browser.submit(page, form, email=invited.email, password="not this one")
            waiting = [(each["user_id"], each["email"]) for each in acme.admin.items(path)]
            assert waiting in ([], [(colleague.id, invited.email)])
            return bool(waiting) and acme.admin.post(f"{path}/{colleague.id}/lift")["lifted"]

        soon(fails_and_is_lifted, 60, "somebody who has failed too often is let try again")
    assert list(acme.admin.items(path)) == []


def test_nobody_signs_in_to_the_platforms_own_app_without_saying_yes(
    world: World, acme: Organisation
) -> None:
    endpoint = TokenEndpoint(world.gateway, COMMAND_LINE)
    begun = endpoint.ask("/oauth/device", scope="openid *").json
    assert _polled(endpoint, begun["device_code"]) == "authorization_pending"
    with Browser(world.gateway) as browser:
        accept = acme.invited()
        accept_invitation(browser, accept.url, "Bo Lin", "a long garden path")
        page = browser.open(begun["verification_uri_complete"])
        page = browser.submit(page, page.form_with("user_code"))
        browser.submit(page, page.form_with("decision"), decision="deny")
    assert _polled(endpoint, begun["device_code"]) == "access_denied"


def _polled(endpoint: TokenEndpoint, device_code: str) -> str:
    answer = endpoint.ask("/oauth/token", grant_type=DEVICE_CODE, device_code=device_code)
    return str(answer.json["error"])
