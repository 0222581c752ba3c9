"""Gifts as JSON documents, as they are kept within other records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from loyalty.gifts.domain import Gift
from loyalty.recognitions.domain import RecognitionKind, RecognitionTerms


def document_of(gift: Gift) -> dict[str, Any]:
    """What is kept of a gift."""
    recognition = gift.recognition
    return {
        "points": gift.points,
        "pending_days": gift.pending_days,
        "coupon_pool_id": None if gift.coupon_pool_id is None else str(gift.coupon_pool_id),
        "recognition": None
        if recognition is None
        else {
            "kind": recognition.kind.value,
            "key": recognition.key,
            "name": dict(recognition.name),
            "days": recognition.days,
        },
    }


def gift_of(document: Mapping[str, Any]) -> Gift:
    """The gift that was kept."""
    pool, recognition = document["coupon_pool_id"], document["recognition"]
    return Gift(
        points=document["points"],
        pending_days=document["pending_days"],
        coupon_pool_id=None if pool is None else UUID(pool),
        recognition=None
        if recognition is None
        else RecognitionTerms(
            kind=RecognitionKind(recognition["kind"]),
            key=recognition["key"],
            name=recognition["name"],
            days=recognition["days"],
        ),
    )
