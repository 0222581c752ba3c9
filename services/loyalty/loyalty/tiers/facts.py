"""Facts about tiers to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.tiers.domain import TierScheme, TierSchemeChanged, TierSchemeDefined
from rapport.loyalty.events.v1 import tier_events_pb2 as events
from rapport.loyalty.v1 import tier_pb2


def _defined(fact: TierSchemeDefined) -> events.TierSchemeDefined:
    scheme = fact.scheme
    return events.TierSchemeDefined(program_id=str(scheme.program_id), scheme=_scheme(scheme))


def _changed(fact: TierSchemeChanged) -> events.TierSchemeChanged:
    scheme = fact.scheme
    return events.TierSchemeChanged(program_id=str(scheme.program_id), scheme=_scheme(scheme))


def _scheme(scheme: TierScheme) -> tier_pb2.TierScheme:
    terms = scheme.terms
    return tier_pb2.TierScheme(
        revision=scheme.revision,
        by=terms.by,
        window=terms.window,
        months=terms.months,
        tiers=[
            tier_pb2.Tier(
                key=tier.key,
                threshold=f"{tier.threshold:f}",
                multiplier_percent=tier.multiplier_percent,
            )
            for tier in terms.tiers
        ],
    )


TIER_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    TierSchemeDefined: _defined,
    TierSchemeChanged: _changed,
}
