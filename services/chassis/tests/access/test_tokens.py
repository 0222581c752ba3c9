"""Access tokens are believed for what they prove and for nothing else."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from chassis.access.tokens import InvalidToken, StaticKeys, TokenVerifier
from chassis.clock import MovableClock, SystemClock
from chassis.testing.tokens import ISSUER, TestTokens

signer = TestTokens()
TENANT = uuid4()


def verifier(clock: MovableClock | SystemClock | None = None) -> TokenVerifier:
    return TokenVerifier(signer.key_source(), ISSUER, clock or SystemClock())


def test_a_good_token_tells_who_it_is() -> None:
    user, role, team = uuid4(), uuid4(), uuid4()
    claims = verifier().verify(signer.user(TENANT, user, roles=[role], teams=[team]))
    assert (claims.tenant_id, claims.user_id, claims.roles) == (TENANT, user, (role,))
    assert claims.team_ids == {team}


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "http://elsewhere.test"},
        {"aud": "another-platform"},
        {"iat": int(time.time()) + 3600},
        {"exp": int(time.time()) - 1},
        {"sub": None},
        {"exp": None},
        {"tid": "not-a-uuid"},
        {"roles": "not-a-list-of-ids"},
        {"typ": "JWT"},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(change: dict[str, object]) -> None:
    claims = {"sub": "app", "tid": str(TENANT), "scope": "*", **change}
    with pytest.raises(InvalidToken):
        verifier().verify(signer.sign(**claims))  # type: ignore[arg-type]


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "a" * 9000, "é.é.é", "..", "null.null.null"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        verifier().verify(token)


def test_a_changed_token_is_refused() -> None:
    header, body, signature = signer.client(TENANT, "*").split(".")
    for broken in (f"{header}.{body}x.{signature}", f"{header}.{body}.{signature[:-4]}AAAA"):
        with pytest.raises(InvalidToken):
            verifier().verify(broken)


def test_another_key_of_the_same_name_is_refused() -> None:
    with pytest.raises(InvalidToken):
        verifier().verify(TestTokens().client(TENANT, "*"))


def test_neither_no_algorithm_nor_a_shared_secret_is_accepted() -> None:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "rapport", "sub": "x", "iat": now, "exp": now + 60}
    key = ECKey.generate_key("P-256", parameters={"kid": "test"})
    shared = OctKey.import_key("a secret that both sides know, long enough", {"kid": "test"})
    forged = jwt.encode({"alg": "HS256", "kid": "test", "typ": "at+jwt"}, claims, shared)
    unsigned = (
        "eyJhbGciOiJub25lIiwia2lkIjoidGVzdCIsInR5cCI6ImF0K2p3dCJ9." + forged.split(".")[1] + "."
    )
    checker = TokenVerifier(StaticKeys(KeySet([key])), ISSUER, SystemClock())
    for token in (forged, unsigned):
        with pytest.raises(InvalidToken):
            checker.verify(token)


def test_a_token_that_was_seen_before_still_expires() -> None:
    clock = MovableClock(datetime.now(UTC))
    checker = verifier(clock)
    token = signer.client(TENANT, "*")
    checker.verify(token)
    clock.move(timedelta(minutes=6))
    with pytest.raises(InvalidToken, match="expired"):
        checker.verify(token)
