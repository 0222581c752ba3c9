"""How users let an app in: they sign in and agree in a browser, the app gets their tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from deploy.demo.browser import Browser, Page, UnexpectedPage
from deploy.demo.external_app import Refused
from deploy.demo.oauth import Credentials, TokenEndpoint, UserTokens

COMMAND_LINE = Credentials("rapport-cli")
"""The platform's own command line, which every tenant knows."""
CALLBACK = "http://127.0.0.1:49152/callback"
"""Where a command line would listen for its user to come back; here the browser just stops there."""
EVERYTHING = "openid offline_access *"

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True, slots=True)
class Challenge:
    """A PKCE verifier (RFC 7636) and the state that ties the answer to the request."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    @property
    def value(self) -> str:
        """What the verifier hashes to."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a user types into the sign-in page, and which organisation they choose if asked."""

    email: str
    password: str = field(repr=False)
    organisation: str | None = None


def user_tokens(
    browser: Browser,
    who: SignIn,
    *,
    client: Credentials = COMMAND_LINE,
    redirect_uri: str = CALLBACK,
    scope: str = EVERYTHING,
) -> UserTokens:
    """Authorization code with PKCE: the user signs in and agrees, the app exchanges the code."""
    challenge = Challenge()
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": scope,
        "state": challenge.state,
        "code_challenge": challenge.value,
        "code_challenge_method": "S256",
    }
    page = browser.open(f"/oauth/authorize?{urlencode(query)}")
    page = signed_in(browser, page, who)
    if page.forms:
        page = browser.submit(page, page.form_with("decision"), decision="allow")
    if not page.url.startswith(f"{redirect_uri}?") or page.query.get("state") != challenge.state:
        raise UnexpectedPage(page, "the way back to the app")
    endpoint = TokenEndpoint(browser.gateway, client)
    first = endpoint.tokens(
        "authorization_code",
        code=page.query.get("code", ""),
        redirect_uri=redirect_uri,
        code_verifier=challenge.verifier,
    )
    return UserTokens(endpoint, first)


def device_tokens(
    browser: Browser, who: SignIn, *, scope: str = EVERYTHING, pause: Callable[[float], object]
) -> UserTokens:
    """The device flow (RFC 8628): the device shows a code, the user types it into a browser."""
    endpoint = TokenEndpoint(browser.gateway, COMMAND_LINE)
    answer = endpoint.ask("/oauth/device", scope=scope)
    if answer.status != 200:
        raise Refused("POST", "/oauth/device", answer)
    begun = answer.json
    page = browser.open(begun["verification_uri"])
    page = browser.submit(page, page.form_with("user_code"), user_code=begun["user_code"])
    page = signed_in(browser, page, who)
    browser.submit(page, page.form_with("decision"), decision="allow")
    while True:
        try:
            first = endpoint.tokens(DEVICE_CODE, device_code=begun["device_code"])
        except Refused as refused:
            if refused.code not in ("authorization_pending", "slow_down"):
                raise
            pause(begun["interval"])
        else:
            return UserTokens(endpoint, first)


def signed_in(browser: Browser, page: Page, who: SignIn) -> Page:
    """The page that follows once the user has signed in, if that is asked for."""
    if page.path == "/p/identity/sign-in":
        form = page.form_with("email", "password")
        page = browser.submit(page, form, email=who.email, password=who.password)
    if page.forms and any(name == "organisation" for name, _, _ in page.forms[0].choices):
        wanted = who.organisation or ""
        chosen = [v for _, v, said in page.forms[0].choices if wanted == v or wanted in said]
        if not chosen:
            raise UnexpectedPage(page, f"the organisation {who.organisation}")
        page = browser.submit(page, page.forms[0], organisation=chosen[0])
    if page.path == "/p/identity/sign-in":
        raise UnexpectedPage(page, "the page after signing in")
    return page


def accept_invitation(browser: Browser, invitation_url: str, name: str, password: str) -> Page:
    """Choose a name and a first password, as the invited user does. Raises `UnexpectedPage`."""
    page = browser.open(invitation_url)
    page = browser.submit(page, page.form_with("name", "password"), name=name, password=password)
    if page.path != "/p/identity/account":
        raise UnexpectedPage(page, "the account's page")
    return page
