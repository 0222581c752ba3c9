"""Judges all customers once a day, at the tenant's local hour: cycles first, then people, bit by bit."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from chassis.storage.statements import Statement
from chassis.work.timers import Timer, set_timer
from loyalty.retention.domain import RetentionDefinition, Rules
from loyalty.retention.judging import judge
from loyalty.retention.operations import RETENTION_DAY
from loyalty.retention.purchases import COUNTS
from loyalty.retention.rhythm import Estimate, whole_days
from loyalty.retention.storage import definition_of, estimates_of
from loyalty.transaction import LoyaltyTx
from loyalty.win_backs.rounds import begin_rounds

_BATCH = 100


def retention_day_has_come(tx: LoyaltyTx, timer: Timer) -> None:
    """Judge the next hundred of those whom time or new rules make others, and go on after them.

    Afterwards win-backs look at who is drifting or lost by now, and it comes again tomorrow.
    """
    tx.bulk = True
    if timer.data["after"] is None:
        _estimate(tx)
    definition = definition_of(tx)
    now = tx.clock.now()
    about = {
        "tenant_id": tx.tenant_id,
        "after": timer.data["after"],
        "rules_version": definition.rules_version,
        "now": now,
        "limit": _BATCH,
    }
    people = [row["person_id"] for row in tx.fetch_all(_TO_JUDGE, about)]
    estimates = estimates_of(tx)
    for person_id in people:
        judge(tx, definition, estimates, person_id)
    if len(people) == _BATCH:
        set_timer(tx, RETENTION_DAY, "all", now, {"after": str(people[-1])})
        return
    tx.retention_definitions.of_tenant().evaluated(now)
    begin_rounds(tx)
    following = next_evaluation(now, definition.rules, definition.zone)
    set_timer(tx, RETENTION_DAY, "all", following, {"after": None})


def next_evaluation(now: datetime, rules: Rules, zone: ZoneInfo) -> datetime:
    """The next time that it is the tenant's hour; on a day that skips the hour, right after the gap."""
    day = now.astimezone(zone).date()
    at = datetime.combine(day, time(rules.evaluate_hour), zone)
    if at <= now:
        at = datetime.combine(day + timedelta(days=1), time(rules.evaluate_hour), zone)
    return at.astimezone(now.tzinfo)


def _estimate(tx: LoyaltyTx) -> None:
    """Find the cycles of categories anew; when one is another, everybody is judged anew."""
    definition = tx.retention_definitions.of_tenant()
    found = estimated(tx, definition)
    if found == estimates_of(tx):
        return
    tx.write(_NO_CYCLES, {"tenant_id": tx.tenant_id})
    for category, estimate in found.items():
        known = {"category": category, "days": estimate.days, "buyers": estimate.buyers}
        tx.write(_CYCLE, {"tenant_id": tx.tenant_id, **known})
    definition.cycles_found()
    tx.flush()


def estimated(tx: LoyaltyTx, definition: RetentionDefinition) -> dict[str, Estimate]:
    """The median of days between purchases, by category and overall, where enough people bought again."""
    least = definition.rules.least_buyers
    if least is None:
        return {}
    about = {"tenant_id": tx.tenant_id, "zone": definition.zone.key, "least": least}
    return {
        row["category"]: Estimate(whole_days(row["days"]), row["buyers"])
        for row in tx.fetch_all(_ESTIMATE, about)
    }


_TO_JUDGE = Statement(
    "SELECT DISTINCT p.person_id FROM retention_purchases p LEFT JOIN retention_customers c"  # noqa: S608 - our own words
    " ON c.tenant_id = p.tenant_id AND c.person_id = p.person_id"
    " WHERE p.tenant_id = %(tenant_id)s"
    " AND p.person_id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')"
    f" AND {COUNTS}"
    " AND (c.id IS NULL OR c.rules_version <> %(rules_version)s"
    " OR (c.state = 'active' AND c.drifts_at <= %(now)s)"
    " OR (c.state <> 'lapsed' AND c.lapses_at <= %(now)s))"
    " ORDER BY p.person_id LIMIT %(limit)s"
)
_ESTIMATE = Statement(
    "WITH bought AS ("  # noqa: S608 - our own words
    " SELECT DISTINCT person_id, category, (bought_at AT TIME ZONE %(zone)s)::date AS day"
    " FROM retention_purchases, unnest(categories || '{\"\"}'::text[]) AS category"
    f" WHERE tenant_id = %(tenant_id)s AND person_id IS NOT NULL AND {COUNTS}"
    "), gaps AS ("
    " SELECT person_id, category,"
    " day - lag(day) OVER (PARTITION BY person_id, category ORDER BY day) AS days FROM bought"
    ") SELECT category, count(DISTINCT person_id)::integer AS buyers,"
    " percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS days"
    " FROM gaps WHERE days IS NOT NULL GROUP BY category"
    " HAVING count(DISTINCT person_id) >= %(least)s"
)
_NO_CYCLES = Statement("DELETE FROM retention_cycles WHERE tenant_id = %(tenant_id)s")
_CYCLE = Statement(
    "INSERT INTO retention_cycles (tenant_id, category, days, buyers)"
    " VALUES (%(tenant_id)s, %(category)s, %(days)s, %(buyers)s)"
)
