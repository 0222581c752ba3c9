"""The logout endpoint: an app signs its user out of the platform (OpenID Connect RP-Initiated Logout)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from authlib.oauth2 import OAuth2Error
from flask import Response, request

from chassis.http.pages import Pages
from identity.oauth.endpoints import end_quietly
from identity.oauth.server import PlatformServer
from identity.pages.browser import SignedIn
from identity.pages.signing_in import SIGNED_OUT, SigningIn
from identity.pages.site import Site, targets_of
from identity.sessions.domain import EndReason

LOGOUT = "/oauth/logout"


class LoggingOut:
    """Ends the browser's session when an app says so.

    At once if the app shows that it knows the user, and otherwise when the user agrees.
    """

    def __init__(self, site: Site, server: PlatformServer, signing_in: SigningIn) -> None:
        self._site = site
        self._server = server
        self._signing_in = signing_in

    def declare(self, pages: Pages) -> None:
        """Declare the endpoint."""
        why = "it acts on the session of the browser's own cookie"
        pages.page(LOGOUT, "GET", "POST", public_because=why)(self.logout)

    def logout(self) -> Response:
        """Sign out, or ask first."""
        try:
            wanted = self._server.validate_endpoint_request("end_session")
        except (OAuth2Error, ValueError):
            return self._site.error("error.logout_hint")
        found = self._site.browser().signed_in(_tenant_of(wanted))
        if "confirmed" in request.form:
            self._site.require_own_form()
        elif found is not None and not _knows(wanted, found):
            return self._confirmation(wanted, found)
        self._end_app(wanted)
        if found is not None:
            self._signing_in.leave(found)
        return self._site.redirect(wanted.redirect_uri or SIGNED_OUT)

    def _end_app(self, wanted: Any) -> None:
        """The app's own session ends, too, even one that was to outlive the browser's."""
        claims, client = wanted.id_token_claims or {}, wanted.client
        if client is not None and "sid" in claims and claims.get("aud") == client.client_id:
            session_id, tenant_id = UUID(claims["sid"]), UUID(claims["tid"])
            end_quietly(self._server.parts, tenant_id, session_id, EndReason.SIGNED_OUT)

    def _confirmation(self, wanted: Any, found: SignedIn) -> Response:
        words = self._site.browser().words(found.account, wanted.ui_locales)
        lead = words("sign_out.lead", organisation=found.account.tenant_name)
        if wanted.client is not None:
            lead = f"{words('sign_out.for_app', app=wanted.client.name)} {lead}"
        return self._site.render(
            "sign_out.html",
            words,
            lead=lead,
            action=f"{LOGOUT}?{urlencode(request.values.to_dict())}",
            form_targets=targets_of(wanted.client),
        )


def _tenant_of(wanted: Any) -> UUID | None:
    """The organisation to sign out of, if it can be told from the token or the app."""
    if wanted.id_token_claims:
        return UUID(wanted.id_token_claims["tid"])
    return None if wanted.client is None else wanted.client.tenant_id


def _knows(wanted: Any, found: SignedIn) -> bool:
    claims = wanted.id_token_claims
    return claims is not None and claims.get("sub") == str(found.account.user_id)
