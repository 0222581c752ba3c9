"""Signs access tokens in tests as identity does, with a key of the test's own."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from chassis.access.tokens import ALGORITHM, AUDIENCE, StaticKeys

ISSUER = "http://gateway.test"
_AGE = 60
"""Seconds. A clock that a test moves stands still while a slow machine sets the test up; a token of now would be of its
future."""


class TestTokens:
    """A signing key and the tokens made with it."""

    __test__ = False

    def __init__(self, issuer: str = ISSUER) -> None:
        self._issuer = issuer
        self._key = ECKey.generate_key("P-256", parameters={"kid": "test", "use": "sig"})

    def key_source(self) -> StaticKeys:
        """What a service verifies these tokens with."""
        return StaticKeys(KeySet([self._key]))

    def jwks(self) -> dict[str, Any]:
        """The same as a document, for a process that fetches its keys."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def sign(self, *, typ: str = "at+jwt", **claims: Any) -> str:
        """A token with these claims over the usual ones; a claim of None is left out."""
        now = int(time.time())
        own = {"iat": now - _AGE, "exp": now + 300}
        full = {"iss": self._issuer, "aud": AUDIENCE, **own, **claims}
        present = {name: value for name, value in full.items() if value is not None}
        header = {"alg": ALGORITHM, "kid": "test", "typ": typ}
        return str(jwt.encode(header, present, self._key, algorithms=[ALGORITHM]))

    def client(self, tenant_id: UUID, *scopes: str, client_id: str = "test-app") -> str:
        """The token of an external app that acts for itself, with reach over all."""
        return self.sign(
            sub=client_id, client_id=client_id, tid=str(tenant_id), scope=" ".join(scopes)
        )

    def user(
        self,
        tenant_id: UUID,
        user_id: UUID,
        *,
        roles: Iterable[UUID] = (),
        teams: Iterable[UUID] = (),
        scopes: str = "*",
        session_id: UUID | None = None,
    ) -> str:
        """The token of a user, whose roles say what they may do."""
        return self.sign(
            sub=str(user_id),
            uid=str(user_id),
            client_id="test-console",
            sid=str(session_id or uuid4()),
            tid=str(tenant_id),
            scope=scopes,
            roles=[str(role) for role in roles],
            teams=[str(team) for team in teams],
        )

    def service(self, tenant_id: UUID, service: str) -> str:
        """The token that names a service and the tenant that it works for."""
        return self.sign(sub=service, client_id=service, tid=str(tenant_id), scope="*", svc=True)

    def operator(self, *scopes: str) -> str:
        """An operator's token: no tenant."""
        return self.sign(sub="operator", client_id="operator", scope=" ".join(scopes))
