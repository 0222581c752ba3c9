"""What administrators, happenings and time do to engagement; each function works in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.work.timers import Timer, set_timer
from loyalty.acts.domain import act_of
from loyalty.engagement.decay import Tally, with_act
from loyalty.engagement.domain import EngagementScheme, Scheme
from loyalty.engagement.scores import Score, drop_tallies, keep_score, locked_score
from loyalty.engagement.storage import scheme_of
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.happenings.stillness import keep_still, wait_for_hearers
from loyalty.transaction import LoyaltyTx

ENGAGEMENT_RECOUNT = "engagement_recount"
"""Counts everybody's score by new weights; its data says after whom it goes on."""
ENGAGEMENT_LOOK = "engagement_look"
"""Looks every hour for scores that have fallen out of their band."""

_WHAT = "engagement"
_BATCH = 100
_HOUR = timedelta(hours=1)


def change_scheme(tx: LoyaltyTx, scheme: Scheme) -> EngagementScheme:
    """Reckon by another scheme from now on; all scores are counted anew, bit by bit. Raises `Invalid`."""
    wait_for_hearers(tx, _WHAT)
    kept = tx.engagement_schemes.of_tenant()
    if kept.change(scheme, tx.clock.now()):
        set_timer(tx, ENGAGEMENT_RECOUNT, "all", tx.clock.now(), {"after": None})
        set_timer(tx, ENGAGEMENT_LOOK, "all", tx.clock.now() + _HOUR)
    return kept


def hear(tx: LoyaltyTx, happening: Happening) -> None:
    """Count what somebody did, if the tenant keeps scores and it is something that counts."""
    keep_still(tx, _WHAT)
    scheme = scheme_of(tx)
    act = act_of(happening.kind, happening.properties, happening.channel)
    weight = scheme.scheme.table.of(act) if scheme.weights_version else None
    if weight is None:
        return
    score = locked_score(tx, happening.person_id)
    if score.weights_version != scheme.weights_version:
        _recount(tx, scheme, score)
        return
    key = weight.act.key
    half_life = scheme.scheme.half_life_days
    score.tallies[key] = with_act(score.tallies.get(key), weight, happening.happened_at, half_life)
    if weight.sign_of_life:
        known = score.last_sign_at
        at = happening.happened_at
        score.last_sign_at = at if known is None else max(known, at)
    keep_score(tx, score, scheme, [key])


def recount_person(tx: LoyaltyTx, person_id: UUID) -> None:
    """Count a person's score anew from what befell them: two were merged into one, say."""
    keep_still(tx, _WHAT)
    scheme = scheme_of(tx)
    if scheme.weights_version:
        _recount(tx, scheme, locked_score(tx, person_id))


def recount_is_due(tx: LoyaltyTx, timer: Timer) -> None:
    """Count the next hundred people's scores by the newest weights, and go on after them."""
    tx.bulk = True
    scheme = scheme_of(tx)
    about = {"tenant_id": tx.tenant_id, "after": timer.data["after"], "limit": _BATCH}
    people = [row["person_id"] for row in tx.fetch_all(_PEOPLE, about)]
    for person_id in people:
        score = locked_score(tx, person_id)
        if score.weights_version != scheme.weights_version:
            _recount(tx, scheme, score)
    if len(people) < _BATCH:
        tx.engagement_schemes.of_tenant().recounted(scheme.weights_version)
        return
    set_timer(tx, ENGAGEMENT_RECOUNT, "all", tx.clock.now(), {"after": str(people[-1])})


def look_is_due(tx: LoyaltyTx, _timer: Timer) -> None:
    """Tell whose scores have fallen out of their band, a hundred at a time, and look again later."""
    tx.bulk = True
    now = tx.clock.now()
    scheme = scheme_of(tx)
    due = tx.fetch_all(_FALLEN, {"tenant_id": tx.tenant_id, "now": now, "limit": _BATCH})
    for person_id in sorted(row["person_id"] for row in due):
        score = locked_score(tx, person_id)
        if score.weights_version != scheme.weights_version:
            _recount(tx, scheme, score)
        else:
            keep_score(tx, score, scheme, [])
    again = now if len(due) == _BATCH else now + _HOUR
    set_timer(tx, ENGAGEMENT_LOOK, "all", again)


def counted(acts: Iterable[Mapping[str, Any]], scheme: Scheme, score: Score) -> None:
    """Count acts into a score, by kind; rows of happenings, in any order."""
    for row in acts:
        act = act_of(HappeningKind(row["kind"]), row["properties"], row["channel"])
        weight = scheme.table.of(act)
        if weight is None:
            continue
        key, at = weight.act.key, row["happened_at"]
        known: Tally | None = score.tallies.get(key)
        score.tallies[key] = with_act(known, weight, at, scheme.half_life_days)
        if weight.sign_of_life:
            score.last_sign_at = at if score.last_sign_at is None else max(score.last_sign_at, at)


def _recount(tx: LoyaltyTx, scheme: EngagementScheme, score: Score) -> None:
    """Count a locked score anew; what is noted in this transaction is among what is read."""
    drop_tallies(tx, score.person_id)
    score.tallies.clear()
    score.last_sign_at = None
    about = {
        "tenant_id": tx.tenant_id,
        "person_id": score.person_id,
        "kinds": sorted(scheme.scheme.table.kinds),
    }
    counted(tx.fetch_all(_ACTS, about), scheme.scheme, score)
    keep_score(tx, score, scheme, sorted(score.tallies))


_PEOPLE = Statement(
    "SELECT DISTINCT person_id FROM happenings WHERE tenant_id = %(tenant_id)s"
    " AND person_id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')"
    " ORDER BY person_id LIMIT %(limit)s"
)
_ACTS = Statement(
    "SELECT kind, channel, properties, happened_at FROM happenings"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s AND kind = ANY(%(kinds)s)"
)
_FALLEN = Statement(
    "SELECT person_id FROM engagement_scores WHERE tenant_id = %(tenant_id)s AND look_at <= %(now)s"
    " ORDER BY look_at LIMIT %(limit)s"
)
