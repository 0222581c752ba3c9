"""Whoever names a version that is not the one any more overwrites nothing, also where no id says of what."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing.client import ApiClient
from services.sales.tests.builders import good, refused
from services.sales.tests.catalogue import price_book, product

Body = dict[str, Any]

STALE = (412, "version_mismatch")

SETTINGS: list[tuple[str, Body, Body]] = [
    ("/v1/sales/currency-settings", {"base_currency": "TWD"}, {"base_currency": "EUR"}),
    (
        "/v1/sales/forecast-settings",
        {"cadence": "daily", "lengths": ["month"]},
        {"cadence": "weekly", "lengths": ["year"]},
    ),
    ("/v1/sales/lead-freshness", {"warm_after_hours": 2}, {"warm_after_hours": 3}),
    ("/v1/sales/subscription-settings", {"reminder_days": [30]}, {"reminder_days": [7]}),
]


@pytest.mark.parametrize(("path", "first", "second"), SETTINGS)
def test_settings_that_somebody_else_has_changed_are_not_overwritten(
    app: ApiClient, path: str, first: Body, second: Body
) -> None:
    seen = {"If-Match": app.get(path).headers["ETag"]}
    changed = app.put(path, first, headers=seen)
    now = good(changed)
    assert refused(app.put(path, second, headers=seen)) == STALE
    assert good(app.get(path)) == now
    good(app.put(path, second, headers={"If-Match": changed.headers["ETag"]}))


def test_a_price_that_somebody_else_has_changed_is_neither_overwritten_nor_removed(
    app: ApiClient,
) -> None:
    book, sold = price_book(app), product(app)
    path = f"/v1/sales/price-books/{book['id']}/prices/{sold['id']}"
    cheap, dear = ({"tiers": [{"from_quantity": "1", "unit_price": one}]} for one in ("1", "2"))
    assert refused(app.put(path, cheap, headers={"If-Match": '"1"'})) == STALE
    seen = {"If-Match": app.put(path, cheap).headers["ETag"]}
    good(app.put(path, dear, headers=seen))
    assert refused(app.put(path, cheap, headers=seen)) == STALE
    assert refused(app.delete(path, headers=seen)) == STALE
    now = app.get(path)
    assert good(now)["tiers"][0]["unit_price"] == "2"
    assert app.delete(path, headers={"If-Match": now.headers["ETag"]}).status_code == 204


def test_a_lead_known_by_an_external_id_is_not_overwritten_by_who_saw_it_earlier(
    app: ApiClient,
) -> None:
    path = "/v1/sales/leads/by-external-id/erp/4711"
    first, second = {"given_name": "Ann", "email": "ann@a.example"}, {"given_name": "Bea"}
    assert refused(app.put(path, first, headers={"If-Match": '"1"'})) == STALE
    assert app.get(path).status_code == 404
    seen = {"If-Match": app.put(path, first).headers["ETag"]}
    good(app.put(path, second, headers=seen))
    assert refused(app.put(path, {"given_name": "Cai"}, headers=seen)) == STALE
    assert good(app.get(path))["given_name"] == "Bea"
