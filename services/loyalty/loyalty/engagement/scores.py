"""Reads and writes the scores of people, each under the lock of its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.engagement.decay import Tally, next_look, standing_of
from loyalty.engagement.domain import EngagementBandChanged, EngagementScheme

_CENT = Decimal("0.01")


@dataclass
class Score:
    """What a person's acts are worth, kind by kind, and which band was told last.

    `weights_version` 0 is that of a score that nothing has been counted for yet.
    """

    person_id: UUID
    version: int = 0
    weights_version: int = 0
    band: str = ""
    band_since: datetime | None = None
    last_sign_at: datetime | None = None
    tallies: dict[str, Tally] = field(default_factory=dict)


def locked_score(tx: UnitOfWork, person_id: UUID) -> Score:
    """A person's score, which nobody else counts until this transaction ends; begun if need be."""
    about = {"tenant_id": tx.tenant_id, "person_id": person_id, "now": tx.clock.now()}
    tx.write(_BEGIN, about)
    row = tx.fetch_one(_LOCK, about)
    if row is None:
        raise RuntimeError("a score that was begun is not there")
    return score_of(row, tallies_of(tx, person_id))


def score_of(row: Mapping[str, Any], tallies: Mapping[str, Tally]) -> Score:
    """The score that a row and its tallies stand for."""
    own = ("person_id", "version", "weights_version", "band", "band_since", "last_sign_at")
    return Score(**{name: row[name] for name in own}, tallies=dict(tallies))


def tallies_of(reading: Reading | UnitOfWork, person_id: UUID) -> dict[str, Tally]:
    """What a person's acts of each kind are worth, by the key of the act."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person_id}
    return {
        row["act"]: Tally(row["value"], row["valued_at"], row["acts"], row["last_at"])
        for row in reading.fetch_all(_TALLIES, about)
    }


def keep_score(
    tx: UnitOfWork, score: Score, scheme: EngagementScheme, kinds: Sequence[str]
) -> None:
    """Write a locked score with these of its tallies, and tell when its band is another.

    A score that nothing is counted for any more is forgotten.
    """
    about = {"tenant_id": tx.tenant_id, "person_id": score.person_id}
    if not score.tallies:
        tx.write(_FORGET, about)
        return
    now = tx.clock.now()
    standing = standing_of(score.tallies, scheme.scheme, now)
    value = standing.score(now, scheme.scheme.half_life_days)
    band = scheme.scheme.band_of(value).key
    if band != score.band:
        score.version += 1
        fact = EngagementBandChanged(
            person_id=score.person_id,
            from_band=score.band,
            to_band=band,
            rising=scheme.scheme.is_above(band, score.band),
            score=shown(value),
        )
        tx.publish(fact, score.person_id, score.version)
        score.band, score.band_since = band, now
    for kind in kinds:
        tally = score.tallies[kind]
        counted = {"value": tally.value, "valued_at": tally.valued_at}
        more = {"act": kind, "acts": tally.acts, "last_at": tally.last_at}
        tx.write(_KEEP_TALLY, {**about, **counted, **more})
    tx.write(
        _KEEP,
        {
            **about,
            "version": score.version,
            "weights_version": scheme.weights_version,
            "half_life_days": scheme.scheme.half_life_days,
            "held": standing.held,
            "falling": standing.falling,
            "valued_at": standing.valued_at,
            "look_at": next_look(standing, scheme.scheme, now),
            "band": score.band,
            "band_since": score.band_since,
            "acts": sum(tally.acts for tally in score.tallies.values()),
            "last_act_at": max(tally.last_at for tally in score.tallies.values()),
            "last_sign_at": score.last_sign_at,
        },
    )


def drop_tallies(tx: UnitOfWork, person_id: UUID) -> None:
    """Have nothing counted for a person whose score is locked, since all is counted anew."""
    tx.write(_DROP_TALLIES, {"tenant_id": tx.tenant_id, "person_id": person_id})


def shown(value: float) -> Decimal:
    """A score to two places, as facts and the API show it."""
    return Decimal(value).quantize(_CENT)


_BEGIN = Statement(
    "INSERT INTO engagement_scores (tenant_id, person_id, version, weights_version, half_life_days,"
    " held, falling, valued_at, band, band_since, acts, last_act_at)"
    " VALUES (%(tenant_id)s, %(person_id)s, 0, 0, 1, 0, 0, %(now)s, '', %(now)s, 0, %(now)s)"
    " ON CONFLICT DO NOTHING"
)
_LOCK = Statement(
    "SELECT person_id, version, weights_version, band, band_since, last_sign_at"
    " FROM engagement_scores WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s FOR UPDATE"
)
_TALLIES = Statement(
    "SELECT act, value, valued_at, acts, last_at FROM engagement_tallies"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s ORDER BY act"
)
_KEEP = Statement(
    "UPDATE engagement_scores SET version = %(version)s, weights_version = %(weights_version)s,"
    " half_life_days = %(half_life_days)s, held = %(held)s, falling = %(falling)s,"
    " valued_at = %(valued_at)s, look_at = %(look_at)s, band = %(band)s, band_since = %(band_since)s,"
    " acts = %(acts)s, last_act_at = %(last_act_at)s, last_sign_at = %(last_sign_at)s"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
)
_KEEP_TALLY = Statement(
    "INSERT INTO engagement_tallies (tenant_id, person_id, act, value, valued_at, acts, last_at)"
    " VALUES (%(tenant_id)s, %(person_id)s, %(act)s, %(value)s, %(valued_at)s, %(acts)s, %(last_at)s)"
    " ON CONFLICT (tenant_id, person_id, act) DO UPDATE SET value = excluded.value,"
    " valued_at = excluded.valued_at, acts = excluded.acts, last_at = excluded.last_at"
)
_DROP_TALLIES = Statement(
    "DELETE FROM engagement_tallies WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
)
_FORGET = Statement(
    "DELETE FROM engagement_scores WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
)
