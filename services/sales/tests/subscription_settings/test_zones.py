"""The tenant's time zone is looked up as often as days are reckoned, and costs no look at the disk each time (SA-12)."""

from __future__ import annotations

from time import process_time
from uuid import uuid4

import pytest

from sales.subscription_settings.domain import SubscriptionSettings

TIMES = 5_000


@pytest.mark.parametrize(
    ("told", "zone"), [("Asia/Taipei", "Asia/Taipei"), ("Asia/Atlantis", "UTC"), ("../etc", "UTC")]
)
def test_the_zone_is_that_of_the_tenant_and_utc_where_it_is_not_known(told: str, zone: str) -> None:
    assert SubscriptionSettings(id=uuid4(), time_zone=told).zone.key == zone


def test_to_reckon_thousands_of_days_takes_no_second() -> None:
    settings = SubscriptionSettings(id=uuid4(), time_zone="Europe/Berlin")
    assert settings.zone.key == "Europe/Berlin"  # the first look finds out what there is
    began = process_time()
    for _ in range(TIMES):
        assert settings.zone.key == "Europe/Berlin"
    assert process_time() - began < 5  # some minutes, with a look at the disk each time
