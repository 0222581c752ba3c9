"""Revocation, introspection, device authorization and logout, on Authlib's endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from authlib.oauth2.rfc6749.errors import (
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE, DeviceAuthorizationEndpoint
from authlib.oidc.rpinitiated import EndSessionEndpoint

from chassis.access.tokens import AUDIENCE, InvalidToken
from chassis.context import PLATFORM, Caller
from chassis.domain import NotFound
from chassis.storage.scope import EVERYTHING
from identity.callers import identity_itself
from identity.keys.ring import KeyRing
from identity.oauth import devices, refreshing
from identity.oauth.clients import OAuthClient
from identity.oauth.grants import METHODS
from identity.oauth.refreshing import IssuedRefreshToken
from identity.oauth.server import ProtocolParts
from identity.sessions.domain import EndReason
from identity.sessions.operations import end_session
from identity.tickets import Ticket

DEVICE_PAGE = "/p/identity/device"


@dataclass(frozen=True, slots=True)
class VerifiedAccessToken:
    """An access token that holds at this moment."""

    caller: Caller
    claims: dict[str, Any]

    def check_client(self, client: OAuthClient) -> bool:
        """Whether it was issued to this client."""
        return self.caller.client_id == client.client_id

    def is_expired(self) -> bool:
        """It was verified just now."""
        return False

    def is_revoked(self) -> bool:
        """It was verified just now."""
        return False


Token = VerifiedAccessToken | IssuedRefreshToken


def find_token(parts: ProtocolParts, text: str) -> Token | None:
    """The token that a text is, if it is one of ours."""
    ticket = Ticket.read(text)
    if ticket is not None:
        caller = identity_itself(ticket.tenant_id)
        return parts.run.read(caller, EVERYTHING, refreshing.read_refresh_token, ticket)
    try:
        caller = parts.authenticator.caller(text)
    except InvalidToken:
        return None
    return VerifiedAccessToken(caller, parts.ring.claims(text))


class CannotRevoke(OAuth2Error):
    """RFC 7009, 2.2.1."""

    error = "unsupported_token_type"


class Revocation(RevocationEndpoint):
    """Revocation (RFC 7009) of a refresh token, or of an access token that has a session.

    The session ends, and with it all of its tokens.
    """

    CLIENT_AUTH_METHODS: ClassVar[list[str]] = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        """The token; the hint is not needed, they look different."""
        del token_type_hint
        return find_token(self.server.parts, token_string)

    def revoke_token(self, token: Token, request: object) -> None:
        """End the session. Raises `CannotRevoke` for a token that has none."""
        del request
        parts: ProtocolParts = self.server.parts
        if isinstance(token, IssuedRefreshToken):
            tenant_id, session_id = token.ticket.tenant_id, token.session.id
        elif token.caller.tenant_id is not None and token.caller.session_id is not None:
            tenant_id, session_id = token.caller.tenant_id, token.caller.session_id
        else:
            raise CannotRevoke("A client's own access tokens end by themselves in 5 minutes.")
        caller = identity_itself(tenant_id)
        parts.run.run(caller, end_session, session_id, EndReason.REVOKED_BY_APP)
        parts.directory.forget(tenant_id)


class Introspection(IntrospectionEndpoint):
    """Introspection (RFC 7662), of a client's own tokens, and for services of all."""

    CLIENT_AUTH_METHODS: ClassVar[list[str]] = METHODS[:2]

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        """The token."""
        del token_type_hint
        return find_token(self.server.parts, token_string)

    def check_permission(self, token: Token, client: OAuthClient, request: object) -> bool:
        """Others learn nothing, not even that there is such a token."""
        del request
        return client.is_service or token.check_client(client)

    def introspect_token(self, token: Token) -> dict[str, Any]:
        """What the token says."""
        if isinstance(token, VerifiedAccessToken):
            return {"active": True, "token_type": "Bearer", **token.claims}
        session = token.session
        ends = min(session.expires_at, session.last_seen_at + session.idle)
        return {
            "active": True,
            "token_type": "refresh_token",
            "client_id": session.client_id,
            "scope": session.scope,
            "sub": str(session.user_id),
            "sid": str(session.id),
            "tid": str(token.ticket.tenant_id),
            "iss": self.server.parts.public_url,
            "exp": int(ends.timestamp()),
        }


class DeviceAuthorization(DeviceAuthorizationEndpoint):
    """Where a device begins (RFC 8628, 3.1)."""

    CLIENT_AUTH_METHODS: ClassVar[list[str]] = METHODS

    def create_endpoint_response(self, request: Any) -> tuple[int, dict[str, Any], Any]:
        """The codes for device and user."""
        parts: ProtocolParts = self.server.parts
        self.authenticate_client(request)
        client: OAuthClient = request.client
        if not client.check_grant_type(DEVICE_CODE_GRANT_TYPE):
            raise UnauthorizedClientError("The client may not use device codes.")
        scope = client.get_allowed_scope(request.payload.scope)
        if scope is None:
            raise InvalidScopeError("The scope is not registered for this client.")
        ticket, user_code = parts.run.run(
            identity_itself(client.tenant_id or PLATFORM),
            devices.begin_device_request,
            client.client_id,
            scope,
            parts.addresses.of(request._request),  # noqa: SLF001 - as Authlib's own
        )
        shown = f"{user_code[:4]}-{user_code[4:]}"
        page = f"{parts.public_url}{DEVICE_PAGE}"
        body = {
            "device_code": str(ticket),
            "user_code": shown,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={shown}",
            "expires_in": _seconds(devices.LASTS),
            "interval": _seconds(devices.INTERVAL),
        }
        return 200, body, [("Content-Type", "application/json"), ("Cache-Control", "no-store")]


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


class Logout(EndSessionEndpoint):
    """Logout that an app begins (OpenID Connect RP-Initiated Logout 1.0)."""

    def validate_request(self, request: Any) -> Any:
        """The request. Raises `InvalidRequestError` for a hint that is no ID token of ours."""
        wanted = super().validate_request(request)
        claims = wanted.id_token_claims
        if claims is not None and (claims["aud"] == AUDIENCE or "tid" not in claims):
            raise InvalidRequestError("The 'id_token_hint' is no ID token.")
        return wanted

    def get_server_jwks(self) -> Any:
        """The keys that ID tokens are signed with."""
        ring: KeyRing = self.server.parts.ring
        return ring.verifying()

    def get_algorithms(self) -> list[str]:
        """The one that is used."""
        return ["ES256"]

    def end_session(self, end_session_request: Any) -> None:
        """The pages end the browser's session; they know its cookie."""


def end_quietly(parts: ProtocolParts, tenant_id: Any, session_id: Any, reason: EndReason) -> None:
    """End a session that may be gone already."""
    try:
        parts.run.run(identity_itself(tenant_id), end_session, session_id, reason)
    except NotFound:
        return
