"""When a signing key is published, signs, retires and goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.domain import NotFound
from identity.keys.domain import LEAD, OVERLAP, Keys, KeyState, SigningKey

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


def key(kid: str, signs_from: datetime) -> SigningKey:
    """A key without substance."""
    return SigningKey(kid, signs_from - LEAD, signs_from, {"kid": kid}, b"")


def test_a_key_waits_signs_retires_and_goes() -> None:
    first, second = key("1", NOON), key("2", NOON + MONTH)
    keys = Keys([second, first])
    change = NOON + MONTH
    moments = {
        NOON - timedelta(seconds=1): KeyState.PENDING,
        NOON: KeyState.SIGNING,
        change - timedelta(seconds=1): KeyState.SIGNING,
        change: KeyState.RETIRED,
        change + OVERLAP - timedelta(seconds=1): KeyState.RETIRED,
        change + OVERLAP: KeyState.OUTDATED,
    }
    assert {moment: keys.state(first, moment) for moment in moments} == moments


def test_the_one_that_signs_is_the_latest_that_has_begun() -> None:
    keys = Keys([key("1", NOON), key("2", NOON + MONTH)])
    assert keys.signing(NOON + MONTH - timedelta(seconds=1)).kid == "1"
    assert keys.signing(NOON + MONTH).kid == "2"


def test_without_a_key_nothing_is_signed() -> None:
    with pytest.raises(NotFound):
        Keys([key("1", NOON)]).signing(NOON - timedelta(seconds=1))


def test_waiting_and_retired_keys_are_published_and_outdated_ones_are_not() -> None:
    keys = Keys([key("1", NOON), key("2", NOON + MONTH), key("3", NOON + 2 * MONTH)])
    now = NOON + MONTH + OVERLAP
    assert [each.kid for each in keys.published(now)] == ["2", "3"]
    assert [each.kid for each in keys.outdated(now)] == ["1"]


def test_the_next_key_is_due_a_lead_before_the_period_ends() -> None:
    keys = Keys([key("1", NOON)])
    assert not keys.is_due(NOON + MONTH - LEAD - timedelta(seconds=1), MONTH)
    assert keys.is_due(NOON + MONTH - LEAD, MONTH)
    assert Keys([]).is_due(NOON, MONTH)


def test_a_key_that_waits_is_the_next_one() -> None:
    keys = Keys([key("1", NOON), key("2", NOON + timedelta(hours=1))])
    assert not keys.is_due(NOON + MONTH - LEAD, MONTH)
