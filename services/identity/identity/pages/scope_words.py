"""Says in words what a scope allows."""

from __future__ import annotations

from identity.clients.domain import OPENID_SCOPES
from identity.oauth.scopes import split
from identity.pages.words import Words

_VERBS = ("read", "write", "delete")


def scope_in_words(scope: str, words: Words) -> list[str]:
    """One line for each scope, in the order asked for."""
    return list(dict.fromkeys(_line(each, words) for each in split(scope)))


def _line(scope: str, words: Words) -> str:
    if scope in OPENID_SCOPES:
        return words(f"scope.{scope}")
    if scope == "*":
        return words("scope.everything")
    service, *rest = scope.split(".")
    named = _named("service", service, words)
    if rest in (["*"], []):
        return words("scope.all_of", service=named)
    resource = _named("resource", rest[0], words)
    verb = rest[-1] if len(rest) > 1 else "*"
    if verb == "*":
        return words("scope.all_on", resource=resource, service=named)
    if verb in _VERBS:
        return words(f"scope.{verb}", resource=resource, service=named)
    return words("scope.other", verb=_plain(verb), resource=resource, service=named)


def _named(kind: str, name: str, words: Words) -> str:
    key = f"{kind}.{name}"
    return words(key) if key in words else _plain(name)


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")
