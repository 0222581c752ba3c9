"""Converts leads over REST, as an app does."""

from __future__ import annotations

from typing import Any

from chassis.testing.client import ApiAnswer, ApiClient
from sales.app import job_runner
from services.sales.tests.builders import LEADS, Sales, good
from services.sales.tests.fakes import FakeCustomers, FakeErasedPeople

CONVERSIONS = "/v1/sales/lead-conversions"
CONSENT = {"purpose": "news", "channel": "email", "granted": True, "wording": "Write to me."}
EVERYTHING = {"sales.*": "all", "contacts.*": "all"}


def convert(client: ApiClient, lead: dict[str, Any], **how: Any) -> ApiAnswer:
    """Try to convert a lead."""
    return client.post(f"{LEADS}/{lead['id']}/convert", how)


def pass_consents_on(sales: Sales, customers: FakeCustomers) -> None:
    """Have the worker do what is to be passed on by now; what has to wait stays."""
    runner = job_runner(sales.service, customers, FakeErasedPeople())
    while runner.run_next() == 0:
        pass


def state(client: ApiClient, lead: dict[str, Any]) -> str:
    return str(good(client.get(f"{LEADS}/{lead['id']}"))["state"])
