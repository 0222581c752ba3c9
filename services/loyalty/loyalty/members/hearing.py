"""Makes people members by what befalls them: a first purchase, or an event that a program names."""

from __future__ import annotations

from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.members.domain import MemberSource, Particulars
from loyalty.members.operations import enrolled
from loyalty.programs.domain import Enrolment, Program, PurchaseMoment
from loyalty.programs.queries import active_programs
from loyalty.transaction import LoyaltyTx

_MOMENTS = {
    HappeningKind.ORDER_PLACED: PurchaseMoment.PLACED,
    HappeningKind.ORDER_DELIVERED: PurchaseMoment.DELIVERED,
}


def hear(tx: LoyaltyTx, happening: Happening) -> None:
    """Enrol the person in every active program that takes people by this.

    What happened before a program was opened makes nobody a member of it. Who has left stays away.
    """
    if happening.kind is not HappeningKind.INTERACTION and happening.kind not in _MOMENTS:
        return
    for program in active_programs(tx):
        source = _way_in(program.terms.enrolment, happening)
        if source is not None and _is_since_opening(program, happening):
            since = min(happening.happened_at, tx.clock.now())
            known = Particulars(enrolled_at=since)
            enrolled(tx, program, happening.person_id, source, known)
    # Those who hear of it next read members past their aggregates: what made one earns them points.
    tx.flush()


def _way_in(enrolment: Enrolment, happening: Happening) -> MemberSource | None:
    if happening.kind is HappeningKind.INTERACTION:
        kind = happening.properties.get("interaction_kind")
        return MemberSource.EVENT if kind in enrolment.interaction_kinds else None
    moment = _MOMENTS[happening.kind]
    return MemberSource.FIRST_PURCHASE if enrolment.first_purchase is moment else None


def _is_since_opening(program: Program, happening: Happening) -> bool:
    return program.opened_at is not None and happening.happened_at >= program.opened_at
