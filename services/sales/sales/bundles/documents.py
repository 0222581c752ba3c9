"""Bundles as JSON has them, in the database and over REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sales.bundles.domain import Bundle, Option, Rule, RuleKind


def document_of(bundle: Bundle | None) -> dict[str, Any] | None:
    """A bundle as JSON has it."""
    if bundle is None:
        return None
    return {
        "options": [
            {"key": one.key, "product_id": str(one.product_id), "most": one.most}
            for one in bundle.options
        ],
        "rules": [
            {
                "key": one.key,
                "kind": one.kind,
                "options": list(one.options),
                "when": one.when,
                "count": one.count,
                "message": dict(one.message),
            }
            for one in bundle.rules
        ],
    }


def bundle_of(document: Mapping[str, Any] | None) -> Bundle | None:
    """The bundle that a document gives."""
    if document is None:
        return None
    return Bundle(
        options=tuple(
            Option(one["key"], UUID(one["product_id"]), one["most"]) for one in document["options"]
        ),
        rules=tuple(
            Rule(
                key=one["key"],
                kind=RuleKind(one["kind"]),
                options=tuple(one["options"]),
                message=one["message"],
                when=one["when"],
                count=one["count"],
            )
            for one in document["rules"]
        ),
    )
