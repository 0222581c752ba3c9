"""Terms of subscriptions as JSON has them in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sales.subscription_terms.domain import SubscriptionTerms


def terms_document(terms: SubscriptionTerms | None) -> dict[str, Any] | None:
    """Terms as JSON has them."""
    return None if terms is None else asdict(terms)


def terms_of(document: Mapping[str, Any] | None) -> SubscriptionTerms | None:
    """The terms that a document gives, if any."""
    return None if document is None else SubscriptionTerms(**document)
