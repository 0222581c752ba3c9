"""Facts about referral terms to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.referral_terms.domain import ReferralTermsSet
from rapport.loyalty.events.v1 import referral_events_pb2 as events


def _set(fact: ReferralTermsSet) -> events.ReferralTermsSet:
    return events.ReferralTermsSet(
        program_id=str(fact.terms.program_id), enabled=fact.terms.policy.enabled
    )


REFERRAL_TERMS_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {ReferralTermsSet: _set}
