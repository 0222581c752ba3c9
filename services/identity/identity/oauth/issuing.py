"""Makes access and ID tokens: the claims that every service reads, signed with the key of now."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from authlib.oidc.core.util import create_half_hash

from chassis.access.tokens import ALGORITHM, AUDIENCE
from chassis.context import Caller
from chassis.domain import Clock
from identity.keys.ring import KeyRing
from identity.oauth.clients import OAuthClient
from identity.oauth.grantee import Grantee
from identity.oauth.scopes import permissions, split

ACCESS_LASTS = timedelta(minutes=5)
ID_LASTS = timedelta(minutes=5)


class TokenIssuer:
    """Makes tokens; of access tokens nothing is stored."""

    def __init__(
        self,
        ring: KeyRing,
        issuer: str,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ring = ring
        self._issuer = issuer
        self._clock = clock
        self._monotonic = monotonic

    def for_user(self, client: OAuthClient, grantee: Grantee, scope: str) -> dict[str, Any]:
        """What a client gets that acts for a user."""
        claims = {
            "sub": str(grantee.user_id),
            "uid": str(grantee.user_id),
            "tid": str(grantee.tenant_id),
            "sid": str(grantee.session_id),
            "roles": [str(role_id) for role_id in grantee.role_ids],
            "teams": [str(team_id) for team_id in grantee.team_ids],
        }
        answer = self._answer(client, scope, claims)
        if grantee.refresh is not None:
            answer["refresh_token"] = str(grantee.refresh)
        return answer

    def for_client(self, client: OAuthClient, scope: str) -> dict[str, Any]:
        """What an app gets that acts for itself."""
        claims = {"sub": client.client_id, "tid": str(client.tenant_id)}
        return self._answer(client, " ".join(permissions(scope)), claims)

    def for_service(self, client: OAuthClient, tenant_id: UUID) -> dict[str, Any]:
        """What a service of the platform gets, for its work on a tenant's behalf."""
        claims = {"sub": client.client_id, "tid": str(tenant_id), "svc": True}
        return self._answer(client, "*", claims)

    def for_operator(self, operator: Caller, lasts: timedelta, token_id: UUID) -> str:
        """A token without a tenant, for whoever runs the platform."""
        claims = {
            "sub": operator.subject,
            "client_id": operator.client_id,
            "scope": "*",
            "jti": str(token_id),
        }
        return self._access(claims, lasts)

    def id_token(self, client: OAuthClient, grantee: Grantee, token: dict[str, Any]) -> str:
        """Who the user is, for the client alone (OpenID Connect Core, 2)."""
        now = int(self._clock.now().timestamp())
        half = create_half_hash(token["access_token"], ALGORITHM)
        claims = {
            "iss": self._issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + int(ID_LASTS.total_seconds()),
            "auth_time": int(grantee.authenticated_at.timestamp()),
            "sid": str(grantee.session_id),
            "tid": str(grantee.tenant_id),
            "amr": list(grantee.methods),
            "at_hash": half.decode() if isinstance(half, bytes) else half,
            **about_user(grantee, token.get("scope", "")),
        }
        if grantee.nonce is not None:
            claims["nonce"] = grantee.nonce
        return self._ring.sign("JWT", claims)

    def _answer(self, client: OAuthClient, scope: str, claims: dict[str, Any]) -> dict[str, Any]:
        full = {**claims, "client_id": client.client_id, "scope": scope}
        return {
            "access_token": self._access(full, ACCESS_LASTS, self._age(client)),
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LASTS.total_seconds()),
            "scope": scope,
        }

    def _age(self, client: OAuthClient) -> float:
        """How long ago it was looked that the client may have a token."""
        return max(0.0, self._monotonic() - client.looked_up_at)

    def _access(self, claims: dict[str, Any], lasts: timedelta, age: float = 0.0) -> str:
        """A token that counts as issued when it was last looked that it may be.

        To the microsecond: what is revoked is everything from before one moment, neither the token
        that somebody gets right after it, nor, since clients are kept for a second, is one spared
        that was got with a secret just withdrawn.
        """
        now = self._clock.now().timestamp()
        full = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "iat": round(now - age, 6),
            "exp": int(now + lasts.total_seconds()),
            "jti": secrets.token_urlsafe(12),
            **claims,
        }
        return self._ring.sign("at+jwt", full)


def about_user(grantee: Grantee, scope: str) -> dict[str, Any]:
    """The claims about a user that a scope allows (OpenID Connect Core, 5.4)."""
    asked = split(scope)
    claims: dict[str, Any] = {"sub": str(grantee.user_id)}
    if "profile" in asked:
        claims |= {
            "name": grantee.name,
            "locale": grantee.locale,
            "zoneinfo": grantee.time_zone,
            "updated_at": int(grantee.updated_at.timestamp()),
        }
    if "email" in asked:
        claims |= {"email": grantee.email, "email_verified": grantee.email_verified}
    return claims
