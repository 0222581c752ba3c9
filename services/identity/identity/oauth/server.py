"""The authorization server: Authlib's, told where our clients, codes and keys are."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError, OAuth2Error
from flask import Request, Response
from flask import request as flask_request

from chassis.access.authenticator import Authenticator
from chassis.access.directory import AccessDirectory
from chassis.domain import Clock
from chassis.http.address import Addresses
from chassis.storage.database import Database
from chassis.storage.unit_of_work import Operations
from identity.keys.ring import KeyRing
from identity.oauth.clients import ClientDirectory, OAuthClient
from identity.oauth.issuing import TokenIssuer
from identity.transaction import IdentityTx

_UNSPEAKABLE = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


@dataclass(frozen=True, slots=True)
class ProtocolParts:
    """What the protocol is made of."""

    public_url: str
    clock: Clock
    database: Database
    run: Operations[IdentityTx]
    clients: ClientDirectory
    ring: KeyRing
    issuer: TokenIssuer
    authenticator: Authenticator
    directory: AccessDirectory
    addresses: Addresses


class PlatformRequest(OAuth2Request):
    """A request as Authlib reads it, addressed to the platform and not to this process.

    Authlib refuses addresses that are not https; behind the gateway every inner one is http, and
    whether the outer one is https is decided by who runs the platform. So the check is left out.
    """

    def __init__(self, request: Request, parts: ProtocolParts) -> None:
        super().__init__(request.method, "https://checked-by-the-gateway", None, request.headers)
        self.uri = f"{parts.public_url}{request.full_path}"
        self.parts = parts
        self._request = request
        self.payload = FlaskOAuth2Payload(request)

    @property
    def args(self) -> Any:
        """The query."""
        return self._request.args

    @property
    def form(self) -> Any:
        """The form."""
        return self._request.form


class PlatformServer(AuthorizationServer):
    """Authlib's server over our own parts; what tokens need is stored before they are made."""

    def __init__(self, parts: ProtocolParts) -> None:
        super().__init__()
        self.parts = parts
        self.register_token_generator("default", self._tokens)

    def query_client(self, client_id: str) -> OAuthClient | None:
        """The client, if it gets tokens."""
        return self.parts.clients.find(client_id)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Nothing is left to do: access tokens are not stored, and refresh tokens are already."""
        del token, request

    def create_oauth2_request(self, request: object) -> PlatformRequest:
        """The request of this moment."""
        del request
        return PlatformRequest(flask_request, self.parts)

    def authenticate_client(
        self, request: OAuth2Request, methods: list[str], endpoint: str = "token"
    ) -> Any:
        """The client that has proven to be itself. Raises `InvalidClientError`."""
        try:
            return super().authenticate_client(request, methods, endpoint)
        except (InvalidClientError, UnicodeDecodeError):
            # In the same words whether the client is unknown or its secret wrong.
            raise InvalidClientError(
                description="The client has not authenticated itself.", status_code=401
            ) from None

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        """The response; dictionaries as JSON."""
        payload = json.dumps(body) if isinstance(body, dict) else body
        return Response(payload, status=status, headers=headers)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""
        del name, args, kwargs

    def refusal(self, error: OAuth2Error) -> Response:
        """An error as RFC 6749 has it."""
        response: Response = self.handle_error_response(None, error)
        return response

    def _tokens(self, client: OAuthClient, user: Any, scope: str, **_others: Any) -> dict[str, Any]:
        return self.parts.issuer.for_user(client, user, scope)


def speakable(text: str | None) -> bool:
    """Whether a parameter may be repeated in an error's description (RFC 6749, 5.2)."""
    return text is None or (len(text) <= 2_000 and not _UNSPEAKABLE.search(text))
