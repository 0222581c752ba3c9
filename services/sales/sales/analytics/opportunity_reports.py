"""Reports over opportunities: outcomes, stages, reasons of losses, and what was done for results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.unit_of_work import Reading
from sales.analytics.domain import (
    ACTIVITY_DEFINITIONS,
    CAMPAIGN_DEFINITION,
    LOSS_DEFINITIONS,
    OUTCOME_DEFINITIONS,
    STAGE_DEFINITIONS,
    Definition,
    average,
    days,
    ratio,
    velocity,
)
from sales.analytics.reports import (
    Figures,
    Rows,
    money,
    percentiles,
    report,
    shown,
    shown_spread,
    spread,
)
from sales.analytics.selection import Counting, Selection, of_opportunities
from sales.analytics.storage import counted_activities, counted_entries
from sales.exchange_rates.storage import base_currency_of
from sales.opportunities.domain import OpportunityState
from sales.pipelines.domain import StageKind
from sales.pipelines.storage import newest_definition

_WON, _LOST = OpportunityState.WON, OpportunityState.LOST


def get_outcomes(reading: Reading, selection: Selection) -> dict[str, Any]:
    """Win rate, average deal, sales cycle and velocity."""
    base, _ = base_currency_of(reading)

    def present(rows: Rows) -> dict[str, Any]:
        return _outcome(rows[0] if rows else {}, base)

    figures = Figures(_meant(OUTCOME_DEFINITIONS, selection), _outcomes, "worked", present)
    return report(reading, of_opportunities(reading, selection), figures)


def get_stage_conversions(
    reading: Reading, pipeline_id: UUID, selection: Selection
) -> dict[str, Any]:
    """How far opportunities of a pipeline have come. Raises `NotFound`."""
    found = newest_definition(reading, pipeline_id)
    if found is None:
        raise NotFound.of("pipeline", pipeline_id)
    stages = found[1].stages
    ways = [one.key for one in stages if one.kind is StageKind.OPEN]
    ends = [one.key for one in stages if one.kind is StageKind.WON]
    places = {**{key: n for n, key in enumerate(ways, 1)}, **dict.fromkeys(ends, len(ways) + 1)}

    def select(counting: Counting) -> sa.Select[Any]:
        return _furthest(counting, places)

    def present(rows: Rows) -> dict[str, Any]:
        return _reached(rows, [*ways, *ends[:1]])

    figures = Figures(_meant(STAGE_DEFINITIONS, selection), select, "opportunities", present)
    told = report(reading, of_opportunities(reading, selection), figures)
    return {**told, "pipeline_id": pipeline_id}


def get_loss_reasons(reading: Reading, selection: Selection) -> dict[str, Any]:
    """Why opportunities were lost."""
    base, _ = base_currency_of(reading)

    def present(rows: Rows) -> dict[str, Any]:
        lost = sum(row["lost"] for row in rows)
        reasons = [
            {
                "reason": row["loss_reason"],
                "lost": row["lost"],
                "share": shown(ratio(row["lost"], lost)),
                "lost_amount": money(row["amount"] or Decimal(0), base),
            }
            for row in sorted(rows, key=lambda one: (-one["lost"], one["loss_reason"]))
        ]
        return {"lost": lost, "reasons": reasons}

    figures = Figures(_meant(LOSS_DEFINITIONS, selection), _losses, "lost", present)
    return report(reading, of_opportunities(reading, selection), figures)


def get_efforts(reading: Reading, selection: Selection) -> dict[str, Any]:
    """What was done for each opportunity that was won, and each that was lost."""
    figures = Figures(_meant(ACTIVITY_DEFINITIONS, selection), _efforts, "closed", _effort)
    return report(reading, of_opportunities(reading, selection), figures)


def _meant(definitions: Sequence[Definition], selection: Selection) -> Sequence[Definition]:
    """What the figures mean, and what a campaign is where they are asked for by it."""
    by_campaign = selection.by == "campaign" or "campaign" in selection.only
    return (*definitions, CAMPAIGN_DEFINITION) if by_campaign else definitions


def _outcomes(counting: Counting) -> sa.Select[Any]:
    rows = counting.rows
    closed = counting.within(rows.closed_at)
    won, lost = (sa.and_(rows.state == state, closed) for state in (_WON, _LOST))
    worked = sa.and_(
        rows.opened_at < counting.ends_at,
        sa.or_(rows.closed_at.is_(None), rows.closed_at >= counting.begins_at),
    )
    seconds = sa.extract("epoch", rows.closed_at - rows.opened_at)
    chosen = counting.select(
        worked,
        sa.func.count().label("worked"),
        sa.func.count().filter(won).label("won"),
        sa.func.count().filter(lost).label("lost"),
        sa.func.sum(rows.base_amount).filter(won).label("amount"),
        sa.func.count(rows.base_amount).filter(won).label("valued"),
        *percentiles(seconds, won),
    )
    return chosen.group_by("key")


def _furthest(counting: Counting, places: Mapping[str, int]) -> sa.Select[Any]:
    """How many have come to which place at the furthest; 0 is none that the definition has."""
    rows, entries = counting.rows, counted_entries.c
    known = sa.values(
        sa.column("stage", sa.Text), sa.column("place", sa.Integer), name="places"
    ).data(list(places.items()))
    of_it = sa.and_(
        entries.tenant_id == rows.tenant_id, entries.opportunity_id == rows.opportunity_id
    )
    # Whoever was won and then reopened has not come that far after all.
    end = max(places.values())
    counts = sa.and_(
        known.c.stage == entries.stage, sa.or_(known.c.place < end, rows.state == _WON)
    )
    each = counting.select(
        counting.within(rows.opened_at),
        rows.opportunity_id,
        sa.func.max(sa.func.coalesce(known.c.place, 0)).label("furthest"),
        also=[(counted_entries, of_it), (known, counts)],
    )
    far = each.group_by("key", rows.opportunity_id).subquery("far")
    counted = sa.select(far.c.key, far.c.furthest, sa.func.count().label("opportunities"))
    return counted.group_by(far.c.key, far.c.furthest)


def _losses(counting: Counting) -> sa.Select[Any]:
    rows = counting.rows
    chosen = counting.select(
        sa.and_(rows.state == _LOST, counting.within(rows.closed_at)),
        rows.loss_reason,
        sa.func.count().label("lost"),
        sa.func.sum(rows.base_amount).label("amount"),
    )
    return chosen.group_by("key", rows.loss_reason)


def _efforts(counting: Counting) -> sa.Select[Any]:
    """Results by group and kind of activity: all of them where the kind is null, else what was done."""
    rows, done = counting.rows, counted_activities.c
    closed = sa.and_(rows.state.in_([_WON, _LOST]), counting.within(rows.closed_at))
    of_it = sa.and_(done.tenant_id == rows.tenant_id, done.opportunity_id == rows.opportunity_id)
    won, lost = (
        sa.func.count().filter(rows.state == state).label(state) for state in (_WON, _LOST)
    )
    kind = sa.cast(done.kind, sa.Text).label("kind")
    size = sa.func.count().label("closed")
    results = counting.select(closed, sa.null().label("kind"), won, lost, size).group_by("key")
    # No opportunity counts twice for the size of its group.
    nothing: sa.Label[Any] = sa.literal_column("0").label("closed")
    done_for = counting.select(
        closed, kind, won, lost, nothing, also=[(counted_activities, of_it)]
    ).where(done.kind.isnot(None))
    both = sa.union_all(results, done_for.group_by("key", done.kind)).subquery("both")
    return sa.select(both)


def _outcome(row: Mapping[str, Any], base: str | None) -> dict[str, Any]:
    worked, won, lost, valued = (row.get(name) or 0 for name in ("worked", "won", "lost", "valued"))
    amount = row.get("amount") or Decimal(0)
    cycle = spread(row, won, days)
    speed = velocity(worked, won, lost, (amount, valued), cycle)
    return {
        "worked": worked,
        "won": won,
        "lost": lost,
        "win_rate": shown(ratio(won, won + lost)),
        "won_amount": money(amount, base),
        "valued": valued,
        "average_deal": None if base is None else money(average(amount, valued, base), base),
        "sales_cycle_days": shown_spread(cycle),
        "velocity": money(speed, base),
    }


def _reached(rows: Rows, stages: Sequence[str]) -> dict[str, Any]:
    at = {row["furthest"]: row["opportunities"] for row in rows}
    everything = before = sum(at.values())
    reached = []
    for place, stage in enumerate(stages, 1):
        here = sum(count for furthest, count in at.items() if furthest >= place)
        rates = {"rate": ratio(here, before), "rate_of_all": ratio(here, everything)}
        told = {name: shown(value) for name, value in rates.items()}
        reached.append({"stage": stage, "reached": here, **told})
        before = here
    return {"opportunities": everything, "stages": reached}


def _effort(rows: Rows) -> dict[str, Any]:
    results = [row for row in rows if row["kind"] is None]
    won, lost = (sum(row[state] for row in results) for state in (_WON, _LOST))
    kinds = [
        {
            "kind": row["kind"],
            "on_won": row[_WON],
            "on_lost": row[_LOST],
            "per_won": shown(ratio(row[_WON], won)),
            "per_lost": shown(ratio(row[_LOST], lost)),
        }
        for row in sorted(rows, key=lambda one: one["kind"] or "")
        if row["kind"] is not None
    ]
    return {"won": won, "lost": lost, "kinds": kinds}
