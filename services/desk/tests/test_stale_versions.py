"""Whoever names a version that is not the one any more overwrites nothing, also where no id says of what."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing.client import ApiClient
from services.desk.tests.builders import good, refused

Body = dict[str, Any]

STALE = (412, "version_mismatch")

SETTINGS: list[tuple[str, Body, Body]] = [
    ("/v1/desk/settings", {"close_after_days": 3}, {"close_after_days": 4}),
    ("/v1/desk/complaint-settings", {"threshold": 5, "days": 9}, {"threshold": 6, "days": 9}),
    ("/v1/desk/routing-settings", {"away_minutes": 5}, {"away_minutes": 6}),
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


def test_a_ticket_known_by_an_external_id_is_not_overwritten_by_who_saw_it_earlier(
    app: ApiClient,
) -> None:
    path = "/v1/desk/tickets/by-external-id/erp/4711"
    assert refused(app.put(path, {"subject": "No"}, headers={"If-Match": '"1"'})) == STALE
    assert app.get(path).status_code == 404
    seen = {"If-Match": app.put(path, {"subject": "It leaks"}).headers["ETag"]}
    good(app.put(path, {"subject": "It leaks oil"}, headers=seen))
    assert refused(app.put(path, {"subject": "Gone"}, headers=seen)) == STALE
    assert good(app.get(path))["subject"] == "It leaks oil"
