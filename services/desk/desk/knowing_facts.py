"""Facts of what the desk knows to protobuf: articles, what customers own and are entitled to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.article_feedback.facts import FEEDBACK_FACTS
from desk.article_sections.facts import SECTION_FACTS
from desk.articles.facts import ARTICLE_FACTS
from desk.asset_models.facts import ASSET_MODEL_FACTS
from desk.asset_registrations.facts import ASSET_REGISTRATION_FACTS
from desk.assets.facts import ASSET_FACTS
from desk.entitlements.facts import ENTITLEMENT_FACTS
from desk.service_products.facts import SERVICE_PRODUCT_FACTS

KNOWING_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    **SECTION_FACTS,
    **ARTICLE_FACTS,
    **FEEDBACK_FACTS,
    **ASSET_MODEL_FACTS,
    **ASSET_FACTS,
    **ASSET_REGISTRATION_FACTS,
    **SERVICE_PRODUCT_FACTS,
    **ENTITLEMENT_FACTS,
}
