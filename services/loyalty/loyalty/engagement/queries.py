"""Reads scores as of now, and what they are made of, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.money import decimal_out
from chassis.storage.listing import Listing, ListSpec, Sort, text_filter, time_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from loyalty.engagement import scores
from loyalty.engagement.decay import Tally
from loyalty.engagement.domain import Scheme, Weight
from loyalty.engagement.models import DEFINITIONS, act_out, shown
from loyalty.engagement.storage import engagement_scores, scheme_of
from loyalty.happenings.memberships import member_filter

_columns = engagement_scores.c

SCORES = ListSpec(
    key=_columns.person_id,
    sorts={"score": _columns.falling, "last_act_at": _columns.last_act_at},
    default_sort="-score",
    filters={
        "person_id": uuid_filter(_columns.person_id),
        "program_id": member_filter(_columns.tenant_id, _columns.person_id),
        "band": text_filter(_columns.band),
        "last_act_at": time_filter(_columns.last_act_at),
        "last_sign_at": time_filter(_columns.last_sign_at),
    },
)
"""The column of `score` stands for what it is as of the time of the first page."""

_READ = Statement(
    "SELECT * FROM engagement_scores WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
    " AND band <> ''"
)


def get_scheme(reading: Reading) -> dict[str, Any]:
    """The scheme as the API shows it."""
    return shown(scheme_of(reading))


def list_scores(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of scores, all as of the time at which the first page was asked for."""
    position = listing.position
    as_of: datetime = reading.clock.now() if position is None else position[0]
    moment = sa.literal(as_of, sa.DateTime(timezone=True)).label("as_of")
    score = _score(as_of).label("score")
    asked = [replace(one, column=score) if one.name == "score" else one for one in listing.sorts]
    sorts = (Sort("as_of", moment, asked[0].descending), *asked)
    names = ("person_id", "band", "band_since", "acts", "last_act_at", "last_sign_at")
    statement = sa.select(
        moment, score, *(_columns[name] for name in (*names, "weights_version"))
    ).where(_columns.tenant_id == reading.caller.tenant_id, _columns.band != "")
    return replace(listing, sorts=sorts).fetch(reading.connection, statement, _item)


def get_score(reading: Reading, person_id: UUID) -> dict[str, Any]:
    """A person's score as of now, kind by kind. Raises `NotFound` for somebody without one."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person_id}
    row = reading.fetch_one(_READ, about)
    if row is None:
        raise NotFound.of("engagement score of", person_id)
    tallies = scores.tallies_of(reading, person_id)
    scheme, now = scheme_of(reading).scheme, reading.clock.now()
    weights = {weight.act.key: weight for weight in scheme.weights}
    known = [(weights[key], tally) for key, tally in tallies.items() if key in weights]
    half_life = row["half_life_days"]
    total = sum(tally.counted(now, weight, half_life) for weight, tally in known)
    parts = [(tally.counted(now, weight, half_life), weight, tally) for weight, tally in known]
    parts.sort(key=lambda part: (-part[0], part[1].act.key))
    return {
        **_item_of(row, now, total),
        "half_life_days": half_life,
        "parts": [_part(weight, tally, now, half_life) for _, weight, tally in parts],
        "next_band": _next_band(scheme, total),
        "definitions": DEFINITIONS,
    }


def _score(as_of: datetime) -> sa.ColumnElement[float]:
    """The score of a row: what is held, and what is left of what falls."""
    age = sa.func.greatest(0, sa.extract("epoch", as_of - _columns.valued_at)) / 86400.0
    left = sa.func.power(sa.cast(0.5, sa.Double), sa.cast(age, sa.Double) / _columns.half_life_days)
    return sa.cast(_columns.held + _columns.falling * left, sa.Double)


def _item(row: sa.Row[Any]) -> dict[str, Any]:
    return _item_of(row._mapping, row.as_of, row.score)


def _item_of(
    row: Mapping[str, Any] | sa.RowMapping, as_of: datetime, score: float
) -> dict[str, Any]:
    names = ("person_id", "band", "band_since", "acts", "last_act_at", "last_sign_at")
    return {
        **{name: row[name] for name in (*names, "weights_version")},
        "score": f"{scores.shown(score):f}",
        "as_of": as_of,
    }


def _part(weight: Weight, tally: Tally, now: datetime, half_life_days: int) -> dict[str, Any]:
    return {
        **act_out(weight.act),
        "acts": tally.acts,
        "last_at": tally.last_at,
        "points": decimal_out(weight.points),
        "most": None if weight.most is None else decimal_out(weight.most),
        "worth": f"{scores.shown(tally.worth(now, half_life_days)):f}",
        "counted": f"{scores.shown(tally.counted(now, weight, half_life_days)):f}",
    }


def _next_band(scheme: Scheme, score: float) -> dict[str, Any] | None:
    above = next((band for band in scheme.bands if band.lowest > score), None)
    if above is None:
        return None
    missing = scores.shown(float(above.lowest - Decimal(score)))
    return {"key": above.key, "missing": f"{missing:f}"}
