"""The ways to a token, each Authlib's grant with our own storage behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID

from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
)
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceCodeGrant as AuthlibDeviceCodeGrant
from authlib.oauth2.rfc8628.errors import (
    AuthorizationPendingError,
    ExpiredTokenError,
    SlowDownError,
)
from authlib.oidc.core.grants import OpenIDCode, OpenIDToken

from chassis.storage.scope import EVERYTHING
from identity.callers import identity_itself
from identity.oauth import codes, devices, refreshing
from identity.oauth.clients import OAuthClient
from identity.oauth.codes import CodeRequest, IssuedCode
from identity.oauth.grantee import Grantee
from identity.oauth.refreshing import IssuedRefreshToken
from identity.oauth.server import ProtocolParts
from identity.tickets import Ticket

METHODS = ["client_secret_basic", "client_secret_post", "none"]
_LONGEST_NONCE = 500


class CodeGrant(grants.AuthorizationCodeGrant):
    """Authorization code (RFC 6749, 4.1): stored as a digest, exchanged once."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = METHODS

    def save_authorization_code(self, code: str, request: Any) -> None:
        """The code is stored when it is made."""

    def generate_authorization_code(self) -> str:
        """A code for the client, the user and the challenge of this request."""
        request, signed_in = self.request, self.request.user
        data = request.payload.data
        wanted = CodeRequest(
            client_id=request.client.client_id,
            session_id=signed_in.session.id,
            redirect_uri=request.payload.redirect_uri or "",
            scope=request.scope,
            nonce=data.get("nonce"),
            code_challenge=data["code_challenge"],
        )
        caller = identity_itself(signed_in.account.tenant_id)
        return str(self._parts.run.run(caller, codes.issue_code, wanted))

    def query_authorization_code(self, code: str, client: OAuthClient) -> IssuedCode | None:
        """The code, if it is this client's and has not been used."""
        ticket = Ticket.read(code)
        if ticket is None or not client.acts_for_users_of(ticket.tenant_id):
            return None
        caller = identity_itself(ticket.tenant_id)
        issued = self._parts.run.read(caller, EVERYTHING, codes.read_code, ticket)
        if issued is None or issued.request.client_id != client.client_id:
            return None
        if issued.is_used:
            self._parts.run.run(caller, codes.end_what_came_of, ticket)
            return None
        return issued

    def authenticate_user(self, authorization_code: IssuedCode) -> Grantee:
        """Use the code up. Raises `InvalidGrantError` when it is none any more."""
        ticket = authorization_code.ticket
        grantee = self._parts.run.run(
            identity_itself(ticket.tenant_id),
            codes.exchange_code,
            ticket,
            refreshable=self.client.check_grant_type("refresh_token"),
        )
        if grantee is None:
            raise InvalidGrantError("Invalid 'code' in request.")
        return grantee

    def delete_authorization_code(self, authorization_code: IssuedCode) -> None:
        """It stays, marked as used, so that it is noticed when it is shown again."""

    @property
    def _parts(self) -> ProtocolParts:
        parts: ProtocolParts = self.server.parts
        return parts


class S256Challenge(CodeChallenge):
    """PKCE (RFC 7636), required of every client, and only with S256."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar[list[str]] = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Raises `InvalidRequestError` without a challenge."""
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("A 'code_challenge' with the method S256 is required.")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDToken):
    """Adds an ID token to the answer when the scope has `openid`."""

    def encode_id_token(self, token: dict[str, Any], request: Any) -> str:
        """The signed token."""
        return _issued_id_token(token, request)


class IdTokenForCode(OpenIDCode):
    """The same for the code flow, where prompt and nonce are looked at besides."""

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        """A nonce is the client's to check; ours is that a code works once, for one challenge."""
        del request
        if len(nonce) > _LONGEST_NONCE:
            raise InvalidRequestError(f"A 'nonce' has at most {_LONGEST_NONCE} characters.")
        return False

    def encode_id_token(self, token: dict[str, Any], request: Any) -> str:
        """The signed token."""
        return _issued_id_token(token, request)


def _issued_id_token(token: dict[str, Any], request: Any) -> str:
    parts: ProtocolParts = request.parts
    return parts.issuer.id_token(request.client, request.user, token)


class RefreshGrant(grants.RefreshTokenGrant):
    """Refresh token (RFC 6749, 6), with rotation: each works once."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> IssuedRefreshToken | None:
        """The token, used or not: what that means is decided where it is used up.

        Raises `InvalidScopeError` when the app may ask for nothing any more that was granted.
        """
        ticket = Ticket.read(refresh_token)
        if ticket is None:
            return None
        caller = identity_itself(ticket.tenant_id)
        run = self.server.parts.run
        issued: IssuedRefreshToken | None = run.read(
            caller, EVERYTHING, refreshing.read_refresh_token, ticket
        )
        client: OAuthClient = self.request.client
        if issued is None or not issued.check_client(client):
            return None
        bounded = replace(issued, bounds=client.scopes)
        if issued.get_scope() and not bounded.get_scope():
            raise InvalidScopeError("The app may not ask for this any more.")
        return bounded

    def authenticate_user(self, refresh_token: IssuedRefreshToken) -> Grantee:
        """Use the token up. Raises `InvalidGrantError` when it is none any more."""
        parts: ProtocolParts = self.server.parts
        grantee = parts.run.run(
            identity_itself(refresh_token.ticket.tenant_id),
            refreshing.rotate_refresh_token,
            refresh_token,
            parts.addresses.of(self.request._request),  # noqa: SLF001 - as Authlib's own
        )
        if grantee is None:
            raise InvalidGrantError("The refresh token is not valid any more.")
        return grantee

    def issue_token(self, user: Grantee, refresh_token: IssuedRefreshToken) -> dict[str, Any]:
        """The tokens; the ID token that goes with them is the user's as well."""
        self.request.user = user
        token: dict[str, Any] = super().issue_token(user, refresh_token)
        return token

    def revoke_old_credential(self, refresh_token: IssuedRefreshToken) -> None:
        """It is used up already."""


class ClientGrant(grants.ClientCredentialsGrant):
    """Client credentials (RFC 6749, 4.4): for apps, and for services with the field `tenant`."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = METHODS[:2]

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The access token; there is no refresh token, the credentials are at hand."""
        client: OAuthClient = self.request.client
        if client.is_service:
            return 200, self._for_service(client), self.TOKEN_RESPONSE_HEADER
        scope = client.get_allowed_scope(self.request.payload.scope)
        if scope is None:
            raise InvalidScopeError("The scope is not registered for this client.")
        token = self.server.parts.issuer.for_client(client, scope)
        return 200, token, self.TOKEN_RESPONSE_HEADER

    def _for_service(self, client: OAuthClient) -> dict[str, Any]:
        parts: ProtocolParts = self.server.parts
        try:
            tenant_id = UUID(self.request.form.get("tenant", ""))
        except ValueError:
            raise InvalidRequestError("A service names the 'tenant' that it works for.") from None
        if not parts.clients.serves(tenant_id):
            raise InvalidRequestError("There is no such 'tenant', or it is suspended.")
        return parts.issuer.for_service(client, tenant_id)


class DeviceGrant(AuthlibDeviceCodeGrant):
    """Device code (RFC 8628): one poll is one transaction, and letting the device in another."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = METHODS

    def query_device_credential(self, device_code: str) -> DeviceCredential:
        """The request of the device. Raises `InvalidGrantError` for a code that is not one."""
        ticket = Ticket.read(device_code)
        parts: ProtocolParts = self.server.parts
        request = None
        if ticket is not None:
            caller = identity_itself(ticket.tenant_id)
            request = parts.run.run(caller, devices.read_request, ticket)
        if ticket is None or request is None:
            raise InvalidGrantError("Invalid 'device_code' in payload.")
        return DeviceCredential(ticket, request.client_id, request.scope)

    def validate_device_credential(self, credential: DeviceCredential) -> Grantee:
        """The user, who has let the device in. Raises what RFC 8628, 3.5 names otherwise."""
        parts, ticket = self.server.parts, credential.ticket
        client: OAuthClient | None = self.server.query_client(credential.client_id)
        result = parts.run.run(identity_itself(ticket.tenant_id), devices.poll, ticket)
        if not isinstance(result, devices.Approval):
            raise _POLLED[result]
        grantee: Grantee | None = None
        if client is not None and client.acts_for_users_of(result.tenant_id):
            grantee = parts.run.run(
                identity_itself(result.tenant_id),
                devices.let_in,
                result,
                refreshable=client.check_grant_type("refresh_token"),
            )
        if grantee is None:
            raise AccessDeniedError
        return grantee


class DeviceCredential:
    """A device code as the protocol looks at it."""

    def __init__(self, ticket: Ticket, client_id: str, scope: str) -> None:
        self.ticket = ticket
        self.client_id = client_id
        self._scope = scope

    def get_client_id(self) -> str:
        """Whose it is."""
        return self.client_id

    def get_scope(self) -> str:
        """What it asks for."""
        return self._scope


_POLLED = {
    devices.Poll.PENDING: AuthorizationPendingError,
    devices.Poll.SLOW_DOWN: SlowDownError,
    devices.Poll.DENIED: AccessDeniedError,
    devices.Poll.EXPIRED: ExpiredTokenError,
    devices.Poll.UNKNOWN: InvalidGrantError,
}
