"""Recorded facts about second factors to protobuf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from identity.factors.domain import (
    FactorAdded,
    FactorKind,
    FactorRemoved,
    FactorRenamed,
    FactorsRevoked,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    SecondFactorRefused,
)
from identity.tenants.domain import SecondFactorRequirementChanged
from rapport.identity.events.v1 import factor_events_pb2


def _kind(kind: FactorKind) -> factor_events_pb2.FactorKind.ValueType:
    return factor_events_pb2.FactorKind.Value(f"FACTOR_KIND_{kind.upper()}")


def _added(fact: FactorAdded) -> factor_events_pb2.FactorAdded:
    return factor_events_pb2.FactorAdded(
        user_id=str(fact.user_id), factor_id=str(fact.factor_id), kind=_kind(fact.kind)
    )


def _renamed(fact: FactorRenamed) -> factor_events_pb2.FactorRenamed:
    return factor_events_pb2.FactorRenamed(user_id=str(fact.user_id), factor_id=str(fact.factor_id))


def _removed(fact: FactorRemoved) -> factor_events_pb2.FactorRemoved:
    return factor_events_pb2.FactorRemoved(
        user_id=str(fact.user_id), factor_id=str(fact.factor_id), kind=_kind(fact.kind)
    )


def _reset(fact: FactorsRevoked) -> factor_events_pb2.FactorsRevoked:
    return factor_events_pb2.FactorsRevoked(
        user_id=str(fact.user_id), factor_count=fact.factor_count
    )


def _code_used(fact: RecoveryCodeUsed) -> factor_events_pb2.RecoveryCodeUsed:
    return factor_events_pb2.RecoveryCodeUsed(user_id=str(fact.user_id), codes_left=fact.codes_left)


def _requirement(
    fact: SecondFactorRequirementChanged,
) -> factor_events_pb2.SecondFactorRequirementChanged:
    return factor_events_pb2.SecondFactorRequirementChanged(
        tenant_id=str(fact.tenant_id), required=fact.required
    )


FACTOR_FACTS: Mapping[type[Any], Any] = {
    FactorAdded: _added,
    FactorRenamed: _renamed,
    FactorRemoved: _removed,
    FactorsRevoked: _reset,
    RecoveryCodesMade: lambda f: factor_events_pb2.RecoveryCodesMade(user_id=str(f.user_id)),
    RecoveryCodeUsed: _code_used,
    SecondFactorRefused: lambda f: factor_events_pb2.SecondFactorRefused(user_id=str(f.user_id)),
    SecondFactorRequirementChanged: _requirement,
}
