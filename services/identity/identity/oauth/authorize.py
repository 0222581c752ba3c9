"""The authorization endpoint: sign in, consent, and back to the app with a code (RFC 6749, 4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidClientError, UnsupportedResponseTypeError
from authlib.oidc.core.errors import ConsentRequiredError, LoginRequiredError
from flask import Response, request

from chassis.http.pages import Pages
from chassis.storage.scope import EVERYTHING
from identity.callers import acting_user
from identity.oauth.clients import OAuthClient
from identity.oauth.consents import consent, has_consented
from identity.oauth.server import PlatformServer, speakable
from identity.pages.browser import SignedIn
from identity.pages.destination import AUTHORIZE, origin
from identity.pages.scope_words import scope_in_words
from identity.pages.signing_in import SIGN_IN, sign_in_address
from identity.pages.site import Site

_LONGEST_AGE = 9  # digits; more seconds than anybody stays signed in
_ASKED = ("response_type", "client_id", "redirect_uri", "scope", "nonce", "prompt", "login_hint")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A valid authorization request."""

    grant: Any
    client: OAuthClient
    redirect_uri: str
    scope: str
    prompts: tuple[str, ...]


class Authorization:
    """Takes a user from an app's request to the app's redirect address."""

    def __init__(self, site: Site, server: PlatformServer) -> None:
        self._site = site
        self._server = server

    def declare(self, pages: Pages) -> None:
        """Declare the endpoint."""
        why = "apps send users here before there is any token"
        pages.page(AUTHORIZE, "GET", public_because=why)(self.authorize)
        pages.page(AUTHORIZE, "POST", public_because=why)(self.decide)

    def authorize(self) -> Response:
        """Check the request; have the user sign in and agree, as far as that is still needed."""
        asked = self._asked()
        if isinstance(asked, Response):
            return asked
        found = self._site.browser().signed_in(asked.client.tenant_id)
        if found is None or self._must_sign_in(asked, found):
            if "none" in asked.prompts:
                return self._back(LoginRequiredError(redirect_uri=asked.redirect_uri))
            return sign_in_address(self._site, _without_login())
        if "consent" not in asked.prompts and self._has_consented(asked, found):
            return self._grant(asked, found)
        if "none" in asked.prompts:
            return self._back(ConsentRequiredError(redirect_uri=asked.redirect_uri))
        return self._ask_consent(asked, found)

    def decide(self) -> Response:
        """Take the user's decision; a request that an app sends by POST is asked for anew."""
        if "decision" not in request.form:
            return self._site.redirect(AUTHORIZE, **request.values.to_dict())
        self._site.require_own_form()
        asked = self._asked()
        if isinstance(asked, Response):
            return asked
        found = self._site.chosen_account()
        if found is None or not asked.client.acts_for_users_of(found.account.tenant_id):
            return sign_in_address(self._site, _own_path())
        if request.form["decision"] != "allow":
            return self._grant(asked, None)
        if not asked.client.can_be_imitated:
            self._remember_consent(asked, found)
        return self._grant(asked, found)

    def _asked(self) -> _Asked | Response:
        """The request, or where a wrong one leads: back to the app, if it is safe to go there."""
        if not all(speakable(request.values.get(name)) for name in _ASKED):
            return self._site.error("error.bad_request")
        try:
            grant = self._server.get_consent_grant(end_user=None if _may_ask() else object())
        except OAuth2Error as error:
            return self._back(error) if error.redirect_uri else self._stay(error)
        return _Asked(
            grant=grant,
            client=grant.request.client,
            redirect_uri=grant.redirect_uri,
            scope=grant.request.scope,
            prompts=tuple(request.values.get("prompt", "").split()),
        )

    def _must_sign_in(self, asked: _Asked, found: SignedIn) -> bool:
        if "login" in asked.prompts:
            return True
        max_age = request.values.get("max_age", "")
        if not max_age.isascii() or not max_age.isdigit() or len(max_age) > _LONGEST_AGE:
            return False
        age = (self._site.clock.now() - found.session.authenticated_at).total_seconds()
        return age > int(max_age) or int(max_age) == 0

    def _remember_consent(self, asked: _Asked, found: SignedIn) -> None:
        account = found.account
        self._site.run.run(
            acting_user(account.tenant_id, account.user_id, found.session.id),
            consent,
            account.user_id,
            asked.client.client_id,
            asked.scope,
        )

    def _has_consented(self, asked: _Asked, found: SignedIn) -> bool:
        if asked.client.can_be_imitated:
            return False
        account = found.account
        caller = acting_user(account.tenant_id, account.user_id, found.session.id)
        return self._site.run.read(
            caller,
            EVERYTHING,
            has_consented,
            account.user_id,
            asked.client.client_id,
            asked.scope,
        )

    def _grant(self, asked: _Asked, found: SignedIn | None) -> Response:
        """Back to the app: with a code, or with the word that the user has refused."""
        response = self._server.create_authorization_response(grant_user=found, grant=asked.grant)
        return self._named(response)

    def _ask_consent(self, asked: _Asked, found: SignedIn) -> Response:
        account = found.account
        words = self._site.browser().words(account, request.values.get("ui_locales"))
        return self._site.render(
            "consent.html",
            words,
            app=asked.client.name,
            account=account,
            permissions=scope_in_words(asked.scope, words),
            host=urlsplit(asked.redirect_uri).netloc,
            action=_own_path(),
            other=f"{SIGN_IN}?{urlencode({'continue': _own_path()})}",
            form_targets=[origin(asked.redirect_uri)],
        )

    def _back(self, error: OAuth2Error) -> Response:
        if error.state is None:
            error.state = request.values.get("state")
        return self._named(self._server.refusal(error))

    def _named(self, response: Response) -> Response:
        """Say who answers (RFC 9207), and have the browser GET the app's address."""
        location = response.headers.get("Location")
        if location is not None:
            issuer = [("iss", self._site.public_url)]
            response.headers["Location"] = add_params_to_uri(location, issuer)
            response.status_code = 303
        return self._site.browser().tell(response)

    def _stay(self, error: OAuth2Error) -> Response:
        if isinstance(error, InvalidClientError):
            return self._site.error("error.client")
        if isinstance(error, UnsupportedResponseTypeError):
            return self._site.error("error.response_type")
        return self._site.error("error.redirect")


def _may_ask() -> bool:
    """Whether the user may be asked; if not, Authlib is left to look for contradictions only."""
    return "none" not in request.values.get("prompt", "").split()


def _own_path() -> str:
    return f"{AUTHORIZE}?{urlencode(request.args.to_dict())}"


def _without_login() -> str:
    """The same request once more, without what asks for a sign-in that will be done by then."""
    query = request.args.to_dict()
    prompts = [each for each in query.pop("prompt", "").split() if each != "login"]
    if prompts:
        query["prompt"] = " ".join(prompts)
    if query.get("max_age") == "0":
        del query["max_age"]
    return f"{AUTHORIZE}?{urlencode(query)}"
