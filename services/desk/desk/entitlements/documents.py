"""What contracts cover, as it is kept and shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from desk.entitlements.domain import Coverage


def coverage_out(coverage: Coverage) -> dict[str, Any]:
    """Coverage as a document."""
    return {
        "product_skus": list(coverage.product_skus),
        "asset_ids": [str(each) for each in coverage.asset_ids],
    }


def coverage_in(document: Mapping[str, Any]) -> Coverage:
    """The coverage that a document stands for."""
    return Coverage(
        tuple(document["product_skus"]), tuple(UUID(each) for each in document["asset_ids"])
    )
