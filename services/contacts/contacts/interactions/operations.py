"""Records what people did; each function is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.domain import Conflict, DomainError
from contacts.contact_points.domain import ExternalId
from contacts.interaction_kinds.domain import KnownKind
from contacts.interaction_kinds.storage import kinds_by_key
from contacts.interactions.domain import Interaction, Report
from contacts.interactions.whom import find_people
from contacts.transaction import ContactsTx


@dataclass(frozen=True, slots=True)
class Recorded:
    """An interaction that is known now; `new` unless it was reported before."""

    interaction: Interaction
    new: bool


def record_interaction(tx: ContactsTx, report: Report) -> Recorded:
    """Record one interaction. Raises `Invalid`, `Conflict` when its external id is taken."""
    result = record_interactions(tx, [report])[0]
    if isinstance(result, DomainError):
        raise result
    return result


def record_interactions(
    tx: ContactsTx, reports: Sequence[Report | DomainError]
) -> list[Recorded | DomainError]:
    """Record interactions, each by itself: what refuses one leaves the others alone.

    One that was reported before, by its external id, is answered as it was recorded then; so a
    report may safely be sent again, and two at the same moment make one.
    """
    recording = _Recording(tx, [r for r in reports if not isinstance(r, DomainError)])
    results = [r if isinstance(r, DomainError) else recording.result(r) for r in reports]
    for result in results:
        if not isinstance(result, DomainError) and result.new:
            tx.interactions.add(result.interaction)
    return results


class _Recording:
    """Several reports, with all that has to be known about them: three questions for all."""

    def __init__(self, tx: ContactsTx, reports: Sequence[Report]) -> None:
        self._tx = tx
        self._now = tx.clock.now()
        self._kinds: dict[str, KnownKind] = kinds_by_key(tx, {r.kind for r in reports})
        keys = dict.fromkeys(report.person for report in reports)
        self._people = dict(zip(keys, find_people(tx, list(keys)), strict=True))
        named = [r.external_id for r in reports if r.external_id is not None]
        self._known = tx.interactions.known(dict.fromkeys(named))
        self._here: dict[ExternalId, Interaction] = {}

    def result(self, report: Report) -> Recorded | DomainError:
        """What becomes of a report."""
        try:
            return self._before(report) or self._new(report)
        except DomainError as error:
            return error

    def _before(self, report: Report) -> Recorded | None:
        if report.external_id is None:
            return None
        if report.external_id in self._here:
            return Recorded(self._here[report.external_id], new=False)
        if report.external_id not in self._known:
            return None
        interaction, owner_id = self._known[report.external_id]
        if not self._tx.scope.allows(owner_id):
            raise Conflict(
                "Another person's interaction has this external id.", code="external_id_taken"
            )
        return Recorded(interaction, new=False)

    def _new(self, report: Report) -> Recorded:
        person = self._people[report.person]
        if not isinstance(person, UUID):
            raise person
        kind = self._kinds.get(report.kind)
        interaction = Interaction.reported(self._tx.ids.new(), report, kind, person, self._now)
        if interaction.external_id is not None:
            self._here[interaction.external_id] = interaction
        return Recorded(interaction, new=True)
