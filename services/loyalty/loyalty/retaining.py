"""Wires what keeps customers: engagement, retention and win-backs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from chassis.http.routes import Routes
from chassis.work.timers import Timer
from loyalty.engagement.api import engagement_scheme, engagement_scores
from loyalty.engagement.operations import (
    ENGAGEMENT_LOOK,
    ENGAGEMENT_RECOUNT,
    look_is_due,
    recount_is_due,
    recount_person,
)
from loyalty.retention.api import customers, retention_definition, retention_figures
from loyalty.retention.evaluation import retention_day_has_come
from loyalty.retention.operations import RETENTION_DAY, judge_people
from loyalty.transaction import LoyaltyTx
from loyalty.win_backs.api import win_backs
from loyalty.win_backs.operations import WIN_BACK_ROUND, offers_follow_people
from loyalty.win_backs.rounds import round_is_due

RETAINING_ROUTES: Sequence[Routes] = (
    engagement_scheme,
    engagement_scores,
    retention_definition,
    customers,
    retention_figures,
    win_backs,
)
RETAINING_TIMERS: Mapping[str, Callable[[LoyaltyTx, Timer], object]] = {
    ENGAGEMENT_RECOUNT: recount_is_due,
    ENGAGEMENT_LOOK: look_is_due,
    RETENTION_DAY: retention_day_has_come,
    WIN_BACK_ROUND: round_is_due,
}


def look_at_people_anew(tx: LoyaltyTx, *person_ids: UUID) -> None:
    """Count and judge people anew after what befell them has come to be another's: a merge, say."""
    for person_id in sorted(person_ids):
        recount_person(tx, person_id)
    judge_people(tx, *person_ids)
    offers_follow_people(tx, person_ids)
