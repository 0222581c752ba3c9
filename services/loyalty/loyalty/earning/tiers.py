"""In which tier members were when something happened, and by how much it multiplies what they earn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.earning_terms.domain import EarningTerms, Multiplier, RuleInForce
from loyalty.happenings.domain import HappeningKind
from loyalty.tiers.domain import TierTerms
from loyalty.tiers.storage import read


@dataclass(frozen=True, slots=True)
class _Move:
    at: datetime
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class _Revision:
    number: int
    valid_from: datetime
    terms: TierTerms


@dataclass(frozen=True, slots=True)
class TiersInTime:
    """The tiers of a program through time, and the members' moves among them."""

    program_id: UUID
    revisions: Sequence[_Revision]
    moves: Mapping[UUID, Sequence[_Move]]

    def tier_at(self, member_id: UUID, at: datetime) -> str:
        """The key of the tier that a member was in before something, as was known then; empty for none.

        A tier that is reached by a purchase counts from the next one on.
        """
        moves = self.moves.get(member_id, ())
        earlier = [move for move in moves if move.at < at]
        if earlier:
            return earlier[-1].after or ""
        return (moves[0].before or "") if moves else ""

    def multiplier(
        self, member_id: UUID, at: datetime, trigger: HappeningKind
    ) -> RuleInForce | None:
        """What a member's tier gave on top of all else by the tiers of that time, as a rule does."""
        in_force = [one for one in self.revisions if one.valid_from <= at]
        key = self.tier_at(member_id, at)
        if not in_force or not key:
            return None
        terms = in_force[-1].terms
        tiers = {tier.key: tier for tier in terms.tiers}
        tier = tiers.get(key)
        if tier is None or tier.multiplier_percent <= 100:
            return None
        gives = Multiplier(Decimal(tier.multiplier_percent) / 100)
        rule_id = uuid5(self.program_id, f"tier {key}")
        more = EarningTerms(name=key, trigger=trigger, gives=gives)
        return RuleInForce(rule_id, in_force[-1].number, self.program_id, more, tier=key)


def tiers_in_time(
    reading: Reading | UnitOfWork, program_id: UUID, member_ids: Sequence[UUID]
) -> TiersInTime:
    """The tiers of a program, and these members' moves."""
    about = {"tenant_id": reading.caller.tenant_id, "program_id": program_id}
    revisions = [
        _Revision(row["revision"], row["valid_from"], read(row["terms"]))
        for row in reading.fetch_all(_REVISIONS, about)
    ]
    moves: dict[UUID, list[_Move]] = {}
    if revisions:
        for row in reading.fetch_all(_MOVES, {**about, "member_ids": list(member_ids)}):
            move = _Move(row["at"], row["before"], row["after"])
            moves.setdefault(row["member_id"], []).append(move)
    return TiersInTime(program_id, revisions, moves)


_REVISIONS = Statement(
    "SELECT revision, valid_from, terms FROM tier_revisions"
    " WHERE tenant_id = %(tenant_id)s AND program_id = %(program_id)s ORDER BY revision"
)
_MOVES = Statement(
    "SELECT member_id, at, before, after FROM tier_moves"
    " WHERE tenant_id = %(tenant_id)s AND member_id = ANY(%(member_ids)s) ORDER BY at, id"
)
