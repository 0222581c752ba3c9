"""Reads how content customers are, straight to the response: every figure is of those asked on some days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from chassis.domain import Invalid
from chassis.storage.unit_of_work import Reading
from desk.satisfaction.models import SatisfactionDimension, SatisfactionQuery
from desk.survey_requests.queries import of_reach
from desk.survey_requests.storage import survey_requests
from desk.surveys.domain import CONTENT_FROM, DETRACTORS_UP_TO, PROMOTERS_FROM, SurveyKind
from desk.tenant_days.zones import zone_of

_columns = survey_requests.c
_ROWS_AT_MOST = 1_000
_KEYS: Mapping[SatisfactionDimension, sa.ColumnElement[Any]] = {
    SatisfactionDimension.SURVEY: _columns.survey_id,
    SatisfactionDimension.AGENT: _columns.assignee_id,
    SatisfactionDimension.QUEUE: _columns.queue_id,
    SatisfactionDimension.TEAM: _columns.team_id,
    SatisfactionDimension.PRODUCT: sa.func.nullif(_columns.product_sku, ""),
    SatisfactionDimension.CHANNEL: sa.func.nullif(_columns.channel, ""),
}


def satisfaction(reading: Reading, query: SatisfactionQuery) -> dict[str, Any]:
    """What those said who were asked on these days. Raises `Invalid` for days not in order."""
    if query.last_on < query.first_on:
        raise Invalid.at("last_on", "days_not_in_order", "The last day is not before the first.")
    zone = zone_of(reading)
    since = datetime.combine(query.first_on, time(), zone)
    until = datetime.combine(query.last_on + timedelta(days=1), time(), zone)
    score = _columns.score
    answered = sa.func.count(score)
    statement = (
        sa.select(
            _key(query.by, str(zone)).label("key"),
            sa.func.count().label("sent"),
            answered.label("answered"),
            # Who has answered was reached, whatever was told of the message.
            sa.func.count(_columns.undelivered).filter(score.is_(None)).label("undelivered"),
            answered.filter(score >= CONTENT_FROM).label("content"),
            answered.filter(score >= PROMOTERS_FROM).label("promoters"),
            answered.filter(score <= DETRACTORS_UP_TO).label("detractors"),
            sa.func.avg(score).label("mean"),
        )
        .where(
            _columns.tenant_id == reading.caller.tenant_id,
            _columns.kind == query.kind,
            _columns.sent_at >= since,
            _columns.sent_at < until,
        )
        .group_by(sa.text("1"))
        .order_by(sa.text("sent DESC"), sa.text("1"))
        .limit(_ROWS_AT_MOST)
    )
    chosen = {
        _columns.survey_id: query.survey_id,
        _columns.queue_id: query.queue_id,
        _columns.assignee_id: query.agent_id,
        _columns.product_sku: query.product_sku,
    }
    for column, value in chosen.items():
        if value is not None:
            statement = statement.where(column == value)
    rows = reading.connection.execute(of_reach(reading, statement)).mappings()
    figures = _csat if query.kind is SurveyKind.CSAT else _nps
    return {
        "kind": query.kind,
        "items": [{**_common(row), **figures(row)} for row in map(dict, rows)],
    }


def _key(by: SatisfactionDimension | None, zone: str) -> sa.ColumnElement[Any]:
    if by is None:
        return sa.null()
    if by in _KEYS:
        return sa.cast(_KEYS[by], sa.Text)
    day = sa.func.date_trunc(by.value, sa.func.timezone(zone, _columns.sent_at))
    return sa.cast(sa.cast(day, sa.Date), sa.Text)


def _common(row: Mapping[str, Any]) -> dict[str, Any]:
    sent, undelivered, answered = row["sent"], row["undelivered"], row["answered"]
    mean = row["mean"]
    return {
        "key": row["key"],
        "sent": sent,
        "undelivered": undelivered,
        "answered": answered,
        "response_percent": _percent(answered, sent - undelivered),
        "mean": None if mean is None else _two_places(Decimal(mean)),
    }


def _csat(row: Mapping[str, Any]) -> dict[str, Any]:
    content = row["content"]
    percent = _percent(content, row["answered"])
    return {"content": content, "csat_percent": percent, **dict.fromkeys(_OF_NPS)}


def _nps(row: Mapping[str, Any]) -> dict[str, Any]:
    """The net promoter score: the share of promoters less that of detractors, from -100 to 100."""
    promoters, detractors, answered = row["promoters"], row["detractors"], row["answered"]
    return {
        "content": None,
        "csat_percent": None,
        "promoters": promoters,
        "passives": answered - promoters - detractors,
        "detractors": detractors,
        "nps": _percent(promoters - detractors, answered),
    }


def _percent(part: int, whole: int) -> str | None:
    return None if whole == 0 else _two_places(Decimal(100) * part / whole)


def _two_places(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01')):f}"


_OF_NPS = ("promoters", "passives", "detractors", "nps")
