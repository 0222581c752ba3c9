"""From a token to a caller: claims, roles, teams and revocations put together."""

from __future__ import annotations

from collections import OrderedDict

from chassis.access.directory import AccessDirectory, AccessSnapshot
from chassis.access.tokens import Claims, InvalidToken, TokenVerifier
from chassis.context import EVERY_GRANT, Caller, Grants

_CACHED = 10_000


class Authenticator:
    """Makes callers of tokens; used by the HTTP and the gRPC face alike."""

    def __init__(self, verifier: TokenVerifier, directory: AccessDirectory) -> None:
        self._verifier = verifier
        self._directory = directory
        self._callers: OrderedDict[str, tuple[int, Caller]] = OrderedDict()

    def expires_at(self, token: str) -> float:
        """Until when the token is good, as seconds of the epoch. Raises as `caller` does."""
        return self._verifier.verify(token).expires_at

    def caller(self, token: str) -> Caller:
        """The caller. Raises `InvalidToken`; `Unavailable` when nothing can be checked now."""
        claims = self._verifier.verify(token)
        if claims.tenant_id is None:
            return _operator(claims, token)
        snapshot = self._directory.with_roles(claims.tenant_id, claims.roles or ())
        _refuse_revoked(claims, snapshot)
        known = self._callers.get(token)
        if known is not None and known[0] == snapshot.revision:
            return known[1]
        caller = _caller(claims, snapshot, token)
        self._callers[token] = (snapshot.revision, caller)
        if len(self._callers) > _CACHED:
            self._callers.popitem(last=False)
        return caller


def _refuse_revoked(claims: Claims, snapshot: AccessSnapshot) -> None:
    if snapshot.suspended and not claims.is_service:
        raise InvalidToken("The organisation is suspended.")
    if claims.session_id is not None and claims.session_id in snapshot.ended_sessions:
        raise InvalidToken("The session has ended.")
    for subject in (claims.subject, claims.client_id):
        not_before = snapshot.revoked.get(subject) if subject is not None else None
        if not_before is not None and claims.issued_at <= not_before:
            raise InvalidToken("The access was revoked.")


def _operator(claims: Claims, token: str) -> Caller:
    """A caller without a tenant reaches what needs none: tenant administration."""
    return Caller(
        tenant_id=None,
        subject=claims.subject,
        client_id=claims.client_id,
        grants=Grants(None, claims.scopes),
        token=token,
    )


def _caller(claims: Claims, snapshot: AccessSnapshot, token: str) -> Caller:
    if claims.is_service:
        grants = EVERY_GRANT
    else:
        roles = None if claims.roles is None else snapshot.grants_of(claims.roles)
        grants = Grants(roles, claims.scopes)
    return Caller(
        tenant_id=claims.tenant_id,
        subject=claims.subject,
        user_id=claims.user_id,
        client_id=claims.client_id,
        session_id=claims.session_id,
        grants=grants,
        team_ids=claims.team_ids,
        members=snapshot.below(claims.team_ids),
        token=token,
        is_service=claims.is_service,
        role_ids=claims.roles,
    )
