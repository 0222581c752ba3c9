"""The endpoints that programs call: tokens, keys, discovery, who the user is."""

from __future__ import annotations

from uuid import UUID

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from flask import Response, request

from chassis.access.tokens import InvalidToken
from chassis.domain import Unavailable
from chassis.http.pages import Pages
from chassis.http.problem import Problem
from chassis.http.reply import dump, response_of
from chassis.storage.scope import EVERYTHING
from identity.callers import identity_itself
from identity.oauth.grantee import Grantee, grantee_of_session
from identity.oauth.issuing import about_user
from identity.oauth.metadata import metadata
from identity.oauth.scopes import split
from identity.oauth.server import PlatformServer

_ERRORS = {400: "invalid_request", 413: "invalid_request", 414: "invalid_request"}
_ALWAYS_FRESH = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Protocol:
    """What the standards ask for, in their own words."""

    def __init__(self, server: PlatformServer) -> None:
        self._server = server
        self._metadata = dump(metadata(server.parts.public_url))

    def declare(self, pages: Pages) -> None:
        """Declare the endpoints."""
        published = "it is published for everybody"
        pages.page("/.well-known/openid-configuration", public_because=published)(
            self.openid_configuration
        )
        pages.page("/.well-known/oauth-authorization-server", public_because=published)(
            self.authorization_server
        )
        pages.page("/.well-known/jwks.json", public_because=published)(self.key_set)
        own = "clients show their own credentials"
        pages.page("/oauth/token", "POST", public_because=own)(self.token)
        pages.page("/oauth/revoke", "POST", public_because=own)(self.revoke)
        pages.page("/oauth/introspect", "POST", public_because=own)(self.introspect)
        pages.page("/oauth/device", "POST", public_because=own)(self.device)
        bearer = "it checks the bearer token itself, and answers as RFC 6750 has it"
        pages.page("/oauth/userinfo", "GET", "POST", public_because=bearer)(self.userinfo)

    def openid_configuration(self) -> Response:
        """Discovery (OpenID Connect Discovery 1.0)."""
        return self._published(self._metadata, 3600)

    def authorization_server(self) -> Response:
        """Discovery (RFC 8414)."""
        return self._published(self._metadata, 3600)

    def key_set(self) -> Response:
        """The public keys; kept no longer than half the time that a key is out before it signs."""
        return self._published(dump(self._server.parts.ring.document()), 300)

    def token(self) -> Response:
        """The token endpoint (RFC 6749, 3.2)."""
        return self._form_error() or self._server.create_token_response()

    def revoke(self) -> Response:
        """Revocation (RFC 7009)."""
        return self._endpoint("revocation")

    def introspect(self) -> Response:
        """Introspection (RFC 7662)."""
        return self._endpoint("introspection")

    def device(self) -> Response:
        """Device authorization (RFC 8628, 3.1)."""
        return self._endpoint("device_authorization")

    def userinfo(self) -> Response:
        """Who the user of a token is (OpenID Connect Core, 5.3)."""
        parts, text = self._server.parts, _bearer()
        if not text:
            return _challenge(401, "")
        try:
            caller = parts.authenticator.caller(text)
        except InvalidToken as error:
            return _challenge(401, f'error="invalid_token", error_description="{error}"')
        scope = str(parts.ring.claims(text).get("scope", ""))
        if "openid" not in split(scope):
            return _challenge(403, 'error="insufficient_scope", scope="openid"')
        grantee = self._grantee(caller.tenant_id, caller.session_id)
        if grantee is None:
            return _challenge(401, 'error="invalid_token"')
        return response_of(200, dump(about_user(grantee, scope)), _ALWAYS_FRESH)

    def refuse(self, problem: Problem) -> Response:
        """A refusal as RFC 6749, 5.2 has it."""
        if problem.status in (429, 503):
            error = "temporarily_unavailable"
        else:
            error = _ERRORS.get(problem.status, "server_error")
        body = {"error": error, "error_description": problem.detail}
        return response_of(problem.status, dump(body), dict(_ALWAYS_FRESH))

    def _endpoint(self, name: str) -> Response:
        answer = self._form_error() or self._server.create_endpoint_response(name)
        if not isinstance(answer, Response):
            raise Unavailable("The endpoint gave no answer.")
        return answer

    def _form_error(self) -> Response | None:
        """Parameters come once each, in the body: addresses are kept in logs (RFC 6749, 3.2)."""
        if request.content_length and request.mimetype != "application/x-www-form-urlencoded":
            what = "The body has to be application/x-www-form-urlencoded."
        elif request.args:
            what = "Parameters belong into the body."
        elif any(len(values) > 1 for _, values in request.form.lists()):
            what = "A parameter is there twice."
        elif request.path == "/oauth/token" and not request.form.get("grant_type"):
            what = "Missing 'grant_type' in request."
        else:
            return None
        return self._server.refusal(InvalidRequestError(what))

    def _grantee(self, tenant_id: UUID | None, session_id: UUID | None) -> Grantee | None:
        if tenant_id is None or session_id is None:
            return None
        caller = identity_itself(tenant_id)
        return self._server.parts.run.read(caller, EVERYTHING, grantee_of_session, session_id)

    def _published(self, body: bytes, seconds: int) -> Response:
        headers = {
            "Cache-Control": f"public, max-age={seconds}",
            "Access-Control-Allow-Origin": "*",
        }
        return response_of(200, body, headers)


def _bearer() -> str:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""


def _challenge(status: int, hint: str) -> Response:
    headers = {**_ALWAYS_FRESH, "WWW-Authenticate": f"Bearer {hint}".strip()}
    return response_of(status, b"", headers)
