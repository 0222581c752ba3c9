"""Scopes: what a client may ask for, and what of it a token gets."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.context import covers
from identity.clients.domain import OPENID_SCOPES
from identity.roles.domain import is_permission

OFFLINE = "offline_access"
_LONGEST = 4_000


def split(scope: str | None) -> list[str]:
    """The scopes of a parameter, each once, in the order given."""
    return list(dict.fromkeys((scope or "").split()))


def joined(scopes: Iterable[str]) -> str:
    """The scopes as one parameter."""
    return " ".join(scopes)


def permissions(scope: str) -> list[str]:
    """The scopes that allow something, without those about who the user is."""
    return [each for each in split(scope) if each not in OPENID_SCOPES]


def allowed(asked: str | None, registered: frozenset[str]) -> str | None:
    """What was asked for; all that is registered when nothing was; None when it is too much.

    A registered pattern covers what is narrower. Nothing is silently left out: an app that gets
    less than it asked for fails later, where nobody knows why.
    """
    if asked is None or not asked.strip():
        return joined(sorted(registered))
    if len(asked) > _LONGEST:
        return None
    given = split(asked)
    return joined(given) if all(_is_allowed(each, registered) for each in given) else None


def within(granted: str, registered: frozenset[str]) -> str:
    """What of a granted scope an app may still ask for: of two patterns the narrower one counts."""
    left: list[str] = []
    for each in split(granted):
        if _is_allowed(each, registered):
            left.append(each)
        elif each not in OPENID_SCOPES:
            left += sorted(one for one in registered - OPENID_SCOPES if covers(each, one))
    return joined(dict.fromkeys(left))


def includes(granted: str, asked: str) -> bool:
    """Whether someone who granted this has granted that."""
    known = split(granted)
    return all(
        each in known or (each not in OPENID_SCOPES and any(covers(k, each) for k in known))
        for each in split(asked)
    )


def _is_allowed(scope: str, registered: frozenset[str]) -> bool:
    if scope in OPENID_SCOPES:
        return scope in registered
    return is_permission(scope) and any(covers(pattern, scope) for pattern in registered)
