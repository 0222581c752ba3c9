"""A tenant requires a second factor: from the colleague who sets one up to the administrator who resets it (ID-7)."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyotp

from deploy.demo.browser import Browser, Page
from deploy.demo.colleagues import Invited
from deploy.demo.external_app import ExternalApp, FixedToken
from deploy.demo.sign_in import SignIn, user_tokens
from services.identity.tests.factors.authenticator import SoftwareAuthenticator

from .world import IMPATIENT, Organisation, World, soon

ACCOUNT = "/p/identity/account"
FACTORS = "/v1/identity/me/factors"
PASSWORD = "a long garden path of 1888"
_SECRET = re.compile(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}")
_CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}\b")


@dataclass
class Colleague:
    """Somebody who was invited, with what they have in their pockets."""

    world: World
    invited: Invited
    secret: str = ""
    codes: list[str] = field(default_factory=list)

    @property
    def who(self) -> SignIn:
        """What they type."""
        return SignIn(self.invited.email, PASSWORD)

    def shown(self, ahead: timedelta = timedelta()) -> str:
        """What the authenticator app shows, or shows in a while."""
        return pyotp.TOTP(self.secret).at(datetime.now(UTC) + ahead)

    def accept(self, browser: Browser) -> Page:
        """Accept the invitation and set up the app, which comes first."""
        page = browser.open(self.invited.url)
        page = browser.submit(
            page, page.form_with("name", "password"), name="王小明", password=PASSWORD
        )
        found = _SECRET.search(page.text)
        assert found is not None, page.text
        self.secret = found[0].replace(" ", "")
        assert browser.open(ACCOUNT).path == "/p/identity/sign-in", "there is no session yet"
        page = browser.submit(page, page.form_with("code"), code=self.shown())
        self.codes = _CODE.findall(page.text)
        return page

    def at_second_step(self, browser: Browser) -> Page:
        """Give the password: what comes then."""
        page = browser.open("/p/identity/sign-in")
        return browser.submit(
            page, page.form_with("email", "password"), email=self.who.email, password=PASSWORD
        )

    def with_recovery_code(self, browser: Browser, code: str) -> Page:
        """Sign in without the telephone."""
        page = self.at_second_step(browser)
        page = browser.submit(page, page.form_with("other"), other="recovery_code")
        return browser.submit(page, page.form_with("code"), code=code)

    def with_passkey(self, browser: Browser, key: SoftwareAuthenticator) -> Page:
        """Sign in with a passkey, which the page asks for first."""
        page = self.at_second_step(browser)
        form = page.form_with("credential")
        credential = key.get(json.loads(form.data["options"]))
        return browser.submit(page, form, credential=json.dumps(credential))

    def app(self, browser: Browser) -> ExternalApp:
        """The command line, let in from a browser that is signed in."""
        token = FixedToken(user_tokens(browser, self.who, scope="openid *").token())
        return ExternalApp(self.world.gateway, token, patience=IMPATIENT)

    def was_mailed(self, subject: str) -> bool:
        """Whether a mail about this has come."""
        return any(subject in str(mail["Subject"]) for mail in self.world.mails_to(self.who.email))


def requiring(world: World, acme: Organisation) -> Colleague:
    """A colleague to be, of an organisation that requires a second factor."""
    acme.admin.patch("/v1/identity/tenant", {"policy": {"require_second_factor": True}})
    return Colleague(world, acme.invited())


def test_from_setting_one_up_to_losing_all(world: World, acme: Organisation) -> None:
    ming = requiring(world, acme)
    with Browser(world.gateway) as browser:
        ming.accept(browser)
        assert len(ming.codes) == 10
        assert browser.open(ACCOUNT).path == ACCOUNT
    soon(lambda: ming.was_mailed("已新增第二道驗證"), 10, "a mail tells of the new factor")

    with Browser(world.gateway) as browser:
        page = ming.at_second_step(browser)
        refused = browser.submit(page, page.form_with("code"), code="000000")
        assert refused.status == 401
        in_a_step = ming.shown(timedelta(seconds=30))
        page = browser.submit(refused, refused.form_with("code"), code=in_a_step)
        assert page.path == ACCOUNT

    key = SoftwareAuthenticator(world.gateway)
    app = passkey_in_place_of_the_telephone(world, ming, key)
    with Browser(world.gateway) as browser:
        assert ming.with_recovery_code(browser, ming.codes[0]).status == 401
    with Browser(world.gateway) as browser:
        assert ming.with_passkey(browser, key).path == ACCOUNT

    # Everything is lost: an administrator takes it all away.
    reset = acme.admin.post(f"/v1/identity/users/{ming.invited.id}/reset-factors")
    assert reset == {"removed": 2}
    soon(
        lambda: app.ask("GET", "/v1/contacts/people").status == 401,
        2,
        "the sessions have ended everywhere",
    )
    with Browser(world.gateway) as browser:
        page = ming.at_second_step(browser)
        assert _SECRET.search(page.text), "one is set up anew"
    told = {"FactorAdded", "RecoveryCodeUsed", "SecondFactorRefused", "FactorsRevoked"}
    soon(lambda: told <= actions(acme), 10, "the audit log has all of it")


def passkey_in_place_of_the_telephone(
    world: World, ming: Colleague, key: SoftwareAuthenticator
) -> ExternalApp:
    """The telephone is lost: a recovery code lets in, once, and another pays for a passkey."""
    with Browser(world.gateway) as browser:
        assert ming.with_recovery_code(browser, ming.codes[0]).path == ACCOUNT
        app = ming.app(browser)
    soon(lambda: ming.was_mailed("已使用一組復原碼"), 10, "a mail tells of the recovery code")
    begun = app.post(f"{FACTORS}/begin-passkey", {"proof": {"code": ming.codes[1]}})
    made = app.post(
        FACTORS,
        {
            "enrolment_id": begun["enrolment_id"],
            "name": "安全金鑰",
            "credential": key.create(begun["options"]),
        },
    )
    assert made["kind"] == "passkey"
    assert app.get("/v1/identity/me/recovery-codes")["left"] == 8
    return app


def actions(acme: Organisation) -> set[str]:
    """What the audit log of the tenant knows of."""
    entries = acme.admin.get("/v1/identity/audit-entries?page_size=200")["items"]
    return {entry["action"].rpartition(".")[2] for entry in entries}


def test_a_stolen_token_does_not_strip_the_second_factor(world: World, acme: Organisation) -> None:
    ming = requiring(world, acme)
    with Browser(world.gateway) as browser:
        ming.accept(browser)
        thief = ming.app(browser)
    (factor,) = thief.get(FACTORS)["items"]
    removal = f"{FACTORS}/{factor['id']}/remove"
    for proof in ({"password": PASSWORD}, {"code": "000000"}):
        assert thief.ask("POST", removal, json={"proof": proof}).status == 403
    last = thief.ask("POST", removal, json={"proof": {"code": ming.codes[0]}})
    assert (last.status, last.json["code"]) == (409, "last_factor")


def test_of_the_same_recovery_code_at_once_one_lets_in(world: World, acme: Organisation) -> None:
    ming = requiring(world, acme)
    with Browser(world.gateway) as browser:
        ming.accept(browser)

    def enter(_: int) -> int:
        with Browser(world.gateway) as browser:
            return ming.with_recovery_code(browser, ming.codes[0]).status

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(enter, range(2))) == [200, 401]
