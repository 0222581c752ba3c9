"""Finds the kinds of providers: whatever file in `adapters` has a `KIND`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from chassis.domain import Invalid
from notifications.providers import adapters
from notifications.providers.port import ProviderKind


@cache
def provider_kinds() -> Mapping[str, ProviderKind]:
    """All kinds by their keys."""
    found: dict[str, ProviderKind] = {}
    for module in iter_modules(adapters.__path__):
        kind = getattr(import_module(f"{adapters.__name__}.{module.name}"), "KIND", None)
        if kind is not None:
            found[kind.key] = kind
    return dict(sorted(found.items()))


def provider_kind(key: str) -> ProviderKind:
    """The kind with this key. Raises `Invalid`."""
    kind = provider_kinds().get(key)
    if kind is None:
        known = ", ".join(provider_kinds())
        raise Invalid.at("/kind", "provider_kind_unknown", f"{key!r} is not one of {known}.")
    return kind
