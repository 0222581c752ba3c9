"""Tokens from the platform's OAuth endpoints: for an app itself, and for a user of one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from deploy.demo.external_app import Answer, Refused

_RENEWED_AFTER = 0.5
"""Which part of its life a token is used before the next is asked for: so there is time to ask again."""
_ASKED_AGAIN_AFTER = 1.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client's id, and its secret unless it is public."""

    client_id: str
    secret: str | None = field(default=None, repr=False)


class TokenEndpoint:
    """The protocol's endpoints, with the credentials of one client."""

    def __init__(self, gateway: str, credentials: Credentials) -> None:
        self.gateway = gateway.rstrip("/")
        self.credentials = credentials

    def ask(self, path: str, **fields: str) -> Answer:
        """Send a form to an endpoint."""
        own = self.credentials
        auth = None if own.secret is None else (own.client_id, own.secret)
        data = fields if own.secret is not None else {**fields, "client_id": own.client_id}
        with httpx.Client(base_url=self.gateway, timeout=30) as client:
            return Answer(client.post(path, data=data, auth=auth or httpx.USE_CLIENT_DEFAULT))

    def tokens(self, grant_type: str, **fields: str) -> dict[str, Any]:
        """The token endpoint's answer. Raises `Refused`."""
        answer = self.ask("/oauth/token", grant_type=grant_type, **fields)
        if answer.status != 200:
            raise Refused("POST", "/oauth/token", answer)
        tokens: dict[str, Any] = answer.json
        return tokens


class _Renewing:
    """Keeps a token and gets the next before it runs out; safe for threads."""

    def __init__(self, fetch: Callable[[], dict[str, Any]], monotonic: Callable[[], float]) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._held = ""
        self._renewed_from = 0.0
        self._until = 0.0

    def token(self) -> str:
        """A token that holds; while no other is to be had, the one there is until it ends.

        Raises `Refused`, and `httpx.HTTPError` when nobody answers.
        """
        with self._lock:
            now = self._monotonic()
            if now >= self._until:
                self._renew()
            elif now >= self._renewed_from:
                self._renewed_from = now + _ASKED_AGAIN_AFTER
                with suppress(Refused, httpx.HTTPError):
                    self._renew()
            return self._held

    def renewed(self, refused: str) -> str | None:
        """A token that was not refused yet. Raises `Refused`."""
        with self._lock:
            if self._held == refused:
                self._renew()
            return self._held

    def _renew(self) -> None:
        asked, tokens = self._monotonic(), self._fetch()
        self._held = str(tokens["access_token"])
        life = float(tokens["expires_in"])
        self._renewed_from = asked + life * _RENEWED_AFTER
        self._until = asked + life


class ClientCredentials(_Renewing):
    """The tokens of an app that acts for itself."""

    def __init__(
        self,
        gateway: str,
        credentials: Credentials,
        scope: str | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        endpoint = TokenEndpoint(gateway, credentials)
        asked = {} if scope is None else {"scope": scope}
        super().__init__(lambda: endpoint.tokens("client_credentials", **asked), monotonic)


class UserTokens(_Renewing):
    """The tokens of a client that acts for a user, kept fresh with its refresh token."""

    def __init__(
        self,
        endpoint: TokenEndpoint,
        first: dict[str, Any],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoint = endpoint
        self._refresh: str | None = first.get("refresh_token")
        self._first: dict[str, Any] | None = first
        super().__init__(self._next, monotonic)

    def renewed(self, refused: str) -> str | None:
        """The next token; None when there is no refresh token, or it is worth nothing any more."""
        try:
            return super().renewed(refused)
        except Refused:
            return None

    def _next(self) -> dict[str, Any]:
        first, self._first = self._first, None
        if first is not None:
            return first
        tokens = self._endpoint.tokens("refresh_token", refresh_token=self._refresh or "")
        self._refresh = tokens.get("refresh_token", self._refresh)
        return tokens
