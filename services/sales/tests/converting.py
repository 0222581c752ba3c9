"""Converts leads over REST, as an app does."""

from __future__ import annotations

from typing import Any

from chassis.testing.client import ApiAnswer, ApiClient
from services.sales.tests.builders import LEADS, good

CONVERSIONS = "/v1/sales/lead-conversions"
CONSENT = {"purpose": "news", "channel": "email", "granted": True, "wording": "Write to me."}
EVERYTHING = {"sales.*": "all", "contacts.*": "all"}


def convert(client: ApiClient, lead: dict[str, Any], **how: Any) -> ApiAnswer:
    """Try to convert a lead."""
    return client.post(f"{LEADS}/{lead['id']}/convert", how)


def state(client: ApiClient, lead: dict[str, Any]) -> str:
    return str(good(client.get(f"{LEADS}/{lead['id']}"))["state"])
