"""Works out the figures of reports, by SQL when somebody asks; nothing is summed up ahead (DE-13)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from chassis.storage.unit_of_work import Reading
from desk.reports.counting import by_period, by_tag
from desk.reports.models import Dimension, ReportQuery
from desk.reports.selection import MOST_GROUPS, Selection, selection_of
from desk.reports.storage import counted_spells, counted_tickets

Row = dict[str, Any]
_tickets, _spells = counted_tickets.c, counted_spells.c
_reopened = counted_spells.join(
    counted_tickets,
    sa.and_(
        _tickets.tenant_id == _spells.tenant_id,
        _tickets.ticket_id == _spells.ticket_id,
    ),
)
_QUANTILE = (
    "the nearest rank: the smallest of the values that at least this share of them does not exceed"
)
VOLUME = {
    "opened": "tickets that were opened in the days",
    "resolved": "tickets whose last resolution was in the days, unless they were reopened since",
    "closed": "tickets that were closed in the days, those that went into another one included",
    "reopened": "how often resolved tickets were reopened in the days",
}
RESPONSE = {
    "answered": "tickets whose first public reply of a person was in the days",
    "seconds": "whole seconds from the opening to that reply, by the clock on the wall",
    "median_seconds": f"the 50th percentile, by {_QUANTILE}",
    "p90_seconds": f"the 90th percentile, by {_QUANTILE}",
}
RESOLUTION = {
    "resolved": VOLUME["resolved"],
    "seconds": "whole seconds from the opening to that resolution, by the clock on the wall",
    "median_seconds": RESPONSE["median_seconds"],
    "p90_seconds": RESPONSE["p90_seconds"],
    "reopened": "those of them that had been reopened before; the percentage is of resolved",
    "one_touch": "those of them with exactly one public reply of a person that were never reopened;"
    " the percentage is of resolved",
}
_MOMENTS: Mapping[str, sa.ColumnElement[Any]] = {
    "opened": _tickets.opened_at,
    "resolved": _tickets.solved_at,
    "closed": _tickets.closed_at,
}
_NOTHING = dict.fromkeys((*_MOMENTS, "reopened"), 0)
_COUNT = {"count": sa.func.count()}


def volume(reading: Reading, query: ReportQuery) -> Row:
    """How many tickets came and went. Raises `Invalid`."""
    chosen = selection_of(reading, query)
    counted = _by_period(reading, chosen) if chosen.by_period else _by_key(reading, chosen)
    groups: dict[str | None, Row] = {day.isoformat(): dict(_NOTHING) for day in chosen.starts}
    for key, name, count in counted:
        groups.setdefault(key, dict(_NOTHING))[name] = count
    listed = [{"key": key, **group} for key, group in groups.items()]
    if not chosen.by_period:
        listed.sort(key=lambda one: (-one["opened"], -one["resolved"], str(one["key"])))
    truncated = len(listed) > MOST_GROUPS
    if query.by is Dimension.TAG or truncated:
        # A ticket is in several groups, or in one that is left out.
        alone = chosen.undivided()
        again = _rows(reading, alone, _reopened, _spells.began_at, _COUNT)
        whole = {name: count for _, name, count in _moments(reading, alone)}
        total = {**_NOTHING, **whole, "reopened": again[0]["count"] if again else 0}
    else:
        total = {name: sum(group[name] for group in groups.values()) for name in _NOTHING}
    shown = [] if query.by is None else listed[:MOST_GROUPS]
    return {**chosen.about(VOLUME, truncated=truncated), "total": total, "groups": shown}


def _by_key(reading: Reading, chosen: Selection) -> list[tuple[str | None, str, int]]:
    """How many came and went in each group."""
    reopened = _rows(reading, chosen, _reopened, _spells.began_at, _COUNT)
    again = [(row["key"], "reopened", row["count"]) for row in reopened]
    return [*_moments(reading, chosen), *again]


def _moments(reading: Reading, chosen: Selection) -> list[tuple[str | None, str, int]]:
    """How many came and went in each group: all moments in one go through the tickets."""
    within = {name: sa.and_(at >= chosen.since, at < chosen.until) for name, at in _MOMENTS.items()}
    if chosen.query.by is Dimension.TAG:
        rows = by_tag(reading, chosen, within)
        return [(row["key"], name, row[name]) for row in rows for name in _MOMENTS]
    count, key = sa.func.count(), chosen.key(None, total=False).label("key")
    statement = (
        sa.select(key, *(count.filter(one).label(name) for name, one in within.items()))
        .where(*chosen.conditions(reading), sa.or_(*within.values()))
        .group_by(sa.text("1"))
        .order_by(sa.text("opened DESC, key"))
        .limit(MOST_GROUPS + 1)
    )
    found = reading.connection.execute(statement).mappings()
    return [(chosen.named(row["key"]), name, row[name]) for row in found for name in _MOMENTS]


def _by_period(reading: Reading, chosen: Selection) -> list[tuple[str | None, str, int]]:
    """How many came and went in each period: each moment has one of its own."""
    moments = [(name, counted_tickets, at) for name, at in _MOMENTS.items()]
    return [
        (chosen.named(place), name, count)
        for name, base, at in (*moments, ("reopened", _reopened, _spells.began_at))
        for place, count in by_period(reading, chosen, base, at)
    ]


def response(reading: Reading, query: ReportQuery) -> Row:
    """How long customers waited for a first answer. Raises `Invalid`."""
    at, figures = _tickets.first_reply_at, _spread(_tickets.response_seconds, "answered")
    return _report(reading, query, RESPONSE, at, figures)


def resolution(reading: Reading, query: ReportQuery) -> Row:
    """How long it took to resolve tickets. Raises `Invalid`."""
    count = sa.func.count()
    again = _tickets.reopened > 0
    figures = {
        **_spread(_tickets.resolution_seconds, "resolved"),
        "reopened": count.filter(again),
        "one_touch": count.filter(sa.not_(again), _tickets.replies == 1),
    }
    return _report(reading, query, RESOLUTION, _tickets.solved_at, figures)


def _report(
    reading: Reading,
    query: ReportQuery,
    definitions: Mapping[str, str],
    at: sa.ColumnElement[Any],
    figures: Mapping[str, sa.ColumnElement[Any]],
) -> Row:
    chosen = selection_of(reading, query)
    base = counted_tickets
    whole = _rows(reading, chosen, base, at, figures, total=True)
    rows = [] if query.by is None else _rows(reading, chosen, base, at, figures)
    about = chosen.about(definitions, truncated=len(rows) > MOST_GROUPS)
    none = {**dict.fromkeys(figures, 0), **{n: None for n in figures if n.endswith("_seconds")}}
    total = _shares({**none, **(whole[0] if whole else {})})
    total.pop("key", None)
    return {**about, "total": total, "groups": [_shares(row) for row in rows[:MOST_GROUPS]]}


def _rows(
    reading: Reading,
    chosen: Selection,
    base: sa.FromClause,
    at: sa.ColumnElement[Any],
    figures: Mapping[str, sa.ColumnElement[Any]],
    *,
    total: bool = False,
) -> list[Row]:
    """The figures of what was in the days, by group: the largest first, or in the order of time."""
    key = chosen.key(at, total=total).label("key")
    first = next(iter(figures))
    order = "key" if chosen.by_period and not total else f"{first} DESC, key"
    statement = (
        sa.select(key, *(figure.label(name) for name, figure in figures.items()))
        .select_from(chosen.source(base, total=total))
        .where(*chosen.conditions(reading), at >= chosen.since, at < chosen.until)
        .group_by(sa.text("1"))
        .order_by(sa.text(order))
        .limit(MOST_GROUPS + 1)
    )
    rows = reading.connection.execute(statement).mappings()
    named = (lambda _key: None) if total else chosen.named
    return [{**row, "key": named(row["key"])} for row in rows]


def _spread(seconds: sa.ColumnElement[Any], count: str) -> dict[str, sa.ColumnElement[Any]]:
    """How a length of time is spread: `percentile_disc` takes the nearest rank."""
    return {
        count: sa.func.count(),
        "mean_seconds": sa.cast(sa.func.floor(sa.func.avg(seconds)), sa.BigInteger),
        "median_seconds": sa.func.percentile_disc(0.5).within_group(seconds),
        "p90_seconds": sa.func.percentile_disc(0.9).within_group(seconds),
    }


def _shares(row: Row) -> Row:
    """The row with the shares of those that were resolved."""
    shares = {
        f"{name}_percent": _percent(row[name], row["resolved"])
        for name in ("reopened", "one_touch")
        if name in row
    }
    return {**row, **shares}


def _percent(part: int, whole: int) -> str | None:
    """A share in per cent to two places; None of nothing."""
    return f"{(Decimal(100) * part / whole).quantize(Decimal('0.01')):f}" if whole else None
