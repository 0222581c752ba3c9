"""Wires what keeps points right: the ledger, expiry, adjustments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chassis.http.routes import Routes
from chassis.work.timers import Timer
from loyalty.adjustments.api import adjustments
from loyalty.adjustments.operations import ADJUSTMENT_LAPSE, adjustment_time_is_up
from loyalty.expiry.notices import points_are_due
from loyalty.ledger.api import liabilities, member_ledgers, recounts
from loyalty.ledger.storage import POINTS_DUE
from loyalty.transaction import LoyaltyTx

POINTS_ROUTES: Sequence[Routes] = (member_ledgers, liabilities, recounts, adjustments)
POINTS_TIMERS: Mapping[str, Callable[[LoyaltyTx, Timer], object]] = {
    POINTS_DUE: points_are_due,
    ADJUSTMENT_LAPSE: adjustment_time_is_up,
}
