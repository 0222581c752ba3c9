"""Access tokens: verified here, in every service, with the keys that identity publishes."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from chassis.domain import Clock, Unavailable

ALGORITHM = "ES256"
AUDIENCE = "rapport"
_LEEWAY = 5  # seconds between two machines' clocks
_CACHED = 10_000


class InvalidToken(Exception):
    """The token is not one of ours, or no longer; the message may be told to the caller."""


class KeySource(Protocol):
    """Where public keys come from."""

    def keys(self, kid: str) -> KeySet:
        """A set that holds the key `kid` if there is such a key at all.

        Raises `Unavailable` when keys cannot be had.
        """
        ...


class StaticKeys:
    """Keys that are known from the start."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    def keys(self, kid: str) -> KeySet:
        """The keys."""
        del kid
        return self._keys


class HttpKeys:
    """Keys from a JWKS address, kept and refreshed every few minutes.

    They are asked for anew when an unknown key turns up, at most once in two seconds whatever
    callers send. One asks, and nobody waits for it whose key is known: whoever publishes the keys
    may be silent.
    """

    def __init__(self, url: str, *, refresh_seconds: float = 300, timeout: float = 2) -> None:
        self._url = url
        self._refresh = refresh_seconds
        self._client = httpx.Client(timeout=timeout, trust_env=False)
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._kids: frozenset[str] = frozenset()
        self._fetched = self._tried = float("-inf")

    def keys(self, kid: str) -> KeySet:
        """The keys, asked for again when they are old or lack `kid`."""
        known = kid in self._kids
        is_old = time.monotonic() - self._fetched > self._refresh
        if (not known or is_old) and self._lock.acquire(blocking=not known):
            try:
                self._fetch(kid)
            finally:
                self._lock.release()
        if self._keys is None:
            raise Unavailable("The keys that tokens are checked with cannot be had now.")
        return self._keys

    def _fetch(self, kid: str) -> None:
        now = time.monotonic()
        fresh = kid in self._kids and now - self._fetched <= self._refresh
        if fresh or now - self._tried < (2 if self._keys is not None else 0.2):
            return
        self._tried = now
        try:
            document = self._client.get(self._url).raise_for_status().json()
            keys = KeySet.import_key_set(document)
        except (httpx.HTTPError, ValueError, JoseError):
            # What is known goes on; without any, the caller is told. Those who waited do not ask in turn.
            self._tried = time.monotonic()
            return
        self._keys = keys
        self._kids = frozenset(str(key["kid"]) for key in document["keys"])
        self._fetched = now


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says."""

    subject: str
    tenant_id: UUID | None
    user_id: UUID | None
    client_id: str | None
    session_id: UUID | None
    scopes: frozenset[str]
    roles: tuple[UUID, ...] | None
    team_ids: frozenset[UUID]
    issued_at: float
    expires_at: float
    is_service: bool


class TokenVerifier:
    """Checks signature, issuer, audience and times; remembers tokens it has seen."""

    def __init__(self, keys: KeySource, issuer: str, clock: Clock) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock
        self._seen: OrderedDict[str, Claims] = OrderedDict()
        self._lock = threading.Lock()

    def verify(self, token: str) -> Claims:
        """The claims. Raises `InvalidToken`, or `Unavailable` when there are no keys."""
        claims = self._seen.get(token)
        if claims is None:
            claims = self._checked(token)
            with self._lock:
                self._seen[token] = claims
                if len(self._seen) > _CACHED:
                    self._seen.popitem(last=False)
        if claims.expires_at <= self._clock.now().timestamp():
            raise InvalidToken("The token has expired.")
        return claims

    def _checked(self, token: str) -> Claims:
        if len(token) > 8_192:
            raise InvalidToken("The token is too long.")
        try:
            kid = _kid(token)
            decoded = jwt.decode(token, self._keys.keys(kid), algorithms=[ALGORITHM])
        except (JoseError, ValueError, KeyError, TypeError):
            raise InvalidToken("The token is not one that this platform has signed.") from None
        if decoded.header.get("typ") != "at+jwt":
            raise InvalidToken("The token is no access token.")
        return self._claims(decoded.claims)

    def _claims(self, claims: dict[str, Any]) -> Claims:
        now = self._clock.now().timestamp()
        try:
            if claims["iss"] != self._issuer or claims["aud"] != AUDIENCE:
                raise InvalidToken("The token is meant for another platform.")
            if claims["iat"] > now + _LEEWAY:
                raise InvalidToken("The token is not valid yet.")
            roles = claims.get("roles")
            return Claims(
                subject=claims["sub"],
                tenant_id=_uuid(claims.get("tid")),
                user_id=_uuid(claims.get("uid")),
                client_id=claims.get("client_id"),
                session_id=_uuid(claims.get("sid")),
                scopes=frozenset(claims.get("scope", "").split()),
                roles=None if roles is None else tuple(UUID(role) for role in roles),
                team_ids=frozenset(UUID(team) for team in claims.get("teams", ())),
                issued_at=float(claims["iat"]),
                expires_at=float(claims["exp"]),
                is_service=claims.get("svc") is True,
            )
        except (KeyError, ValueError, TypeError, AttributeError):
            raise InvalidToken("The token lacks what an access token has.") from None


def _kid(token: str) -> str:
    return str(extract_compact(token.encode()).headers()["kid"])


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
