"""Recorded facts about signing keys and operators' tokens to protobuf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from identity.keys.domain import (
    OperatorTokenIssued,
    SigningKeyCreated,
    SigningKeyRetired,
    SigningKeyWithdrawn,
)
from rapport.identity.events.v1 import platform_events_pb2


def _signing_key_created(fact: SigningKeyCreated) -> platform_events_pb2.SigningKeyCreated:
    signs_from = Timestamp()
    signs_from.FromDatetime(fact.signs_from)
    reason = f"SIGNING_KEY_REASON_{fact.reason.upper()}"
    return platform_events_pb2.SigningKeyCreated(
        kid=fact.kid,
        signs_from=signs_from,
        reason=platform_events_pb2.SigningKeyReason.Value(reason),
    )


def _operator_token_issued(fact: OperatorTokenIssued) -> platform_events_pb2.OperatorTokenIssued:
    expires_at = Timestamp()
    expires_at.FromDatetime(fact.expires_at)
    return platform_events_pb2.OperatorTokenIssued(
        token_id=str(fact.token_id), expires_at=expires_at
    )


PLATFORM_FACTS: Mapping[type[Any], Any] = {
    SigningKeyCreated: _signing_key_created,
    SigningKeyWithdrawn: lambda f: platform_events_pb2.SigningKeyWithdrawn(
        kid=f.kid, has_signed=f.has_signed
    ),
    SigningKeyRetired: lambda f: platform_events_pb2.SigningKeyRetired(kid=f.kid),
    OperatorTokenIssued: _operator_token_issued,
}
