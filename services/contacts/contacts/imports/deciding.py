"""Decides what becomes of each row of a batch: a new person, a changed one, or neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from chassis.domain import Conflict, DomainError, Invalid
from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.validation import validate_values
from contacts.imports.domain import Counts, Duplicates, ImportPlan, InvalidValues, RowOutcome
from contacts.imports.fields import EXTERNAL_ID
from contacts.imports.matching import Match, Matches, RunOfRows
from contacts.imports.merging import merged
from contacts.imports.preparing import Prepared
from contacts.imports.reasons import Reason
from contacts.people.domain import Person, PersonDetails
from contacts.people.normalisation import Normalised
from contacts.people.operations import apply_change, external_id_taken
from contacts.people.storage import EXTERNAL_IDS_UNIQUE
from contacts.transaction import ContactsTx


@dataclass(slots=True)
class Decision:
    """What became of a row; for a changed person, what they were before, and the versions."""

    row: Prepared
    outcome: RowOutcome
    reasons: Sequence[Reason]
    person: Person | None = None
    before: PersonDetails | None = None
    before_version: int | None = None
    version: int | None = None


def decide(
    tx: ContactsTx, run: RunOfRows, rows: Sequence[Prepared], plan: ImportPlan
) -> list[Decision]:
    """Enter a batch; each row for itself. In a dry run nothing comes of it."""
    tx.bulk = True
    tx.try_again_on(EXTERNAL_IDS_UNIQUE)
    batch = _Batch(tx, run, rows, plan)
    decisions = batch.decisions()
    if run.dry:
        tx.people.forget()
        batch.matches.remember()
    return decisions


def counted(decisions: Sequence[Decision]) -> Counts:
    """How many came to which end."""
    ends = [decision.outcome for decision in decisions]
    suspected = sum(
        decision.outcome is RowOutcome.CREATED
        and any(r.code == "duplicate" for r in decision.reasons)
        for decision in decisions
    )
    counts = {outcome.value: ends.count(outcome) for outcome in RowOutcome}
    return Counts(**counts, suspected=suspected)


class _Batch:
    """One batch, with all that has to be known beforehand."""

    def __init__(
        self, tx: ContactsTx, run: RunOfRows, rows: Sequence[Prepared], plan: ImportPlan
    ) -> None:
        self._tx, self._run, self._rows, self._plan = tx, run, rows, plan
        self._system = (
            plan.key.removeprefix(EXTERNAL_ID) if plan.key.startswith(EXTERNAL_ID) else ""
        )
        usable = [row.person.details for row in rows if row.person is not None]
        self.matches = Matches(tx, run, usable)
        self._people = self._locked(len(usable))

    def _locked(self, count: int) -> dict[UUID, Person]:
        """Whoever may have to be changed, locked in one order."""
        wanted = set[UUID]()
        if self._system:
            wanted.update(self.matches.owners.values())
        if self._plan.key or self._plan.duplicates is Duplicates.UPDATE:
            for place in range(count):
                wanted.update(match.person_id for match in self.matches.of(place))
        return {person.id: person for person in self._tx.people.get_many(list(wanted))}

    def decisions(self) -> list[Decision]:
        """What became of the rows, in their order."""
        found, place = [], 0
        for row in self._rows:
            if row.person is None:
                found.append(Decision(row, RowOutcome.FAILED, row.reasons))
                continue
            try:
                found.append(self._decided(place, row, row.person))
            except DomainError as error:
                found.append(Decision(row, RowOutcome.FAILED, [*row.reasons, *_reasons(error)]))
            place += 1
        return found

    def _decided(self, place: int, row: Prepared, person: Normalised) -> Decision:
        matches = self.matches.of(place)
        known = self._by_key(person.details, matches)
        if known is not None:
            return self._change(place, row, person, known)
        policy = self._plan.duplicates
        if matches and policy is Duplicates.SKIP:
            return Decision(row, RowOutcome.SKIPPED, [*row.reasons, _duplicate(matches)])
        if matches and policy is Duplicates.UPDATE:
            if len(matches) > 1:
                named = ", ".join(match.named for match in matches)
                raise Conflict(f"Several match: {named}.", code="duplicate_ambiguous")
            return self._change(place, row, person, matches[0])
        return self._create(place, row, person, matches)

    def _by_key(self, details: PersonDetails, matches: Sequence[Match]) -> Match | None:
        """Who is meant, by the key of the plan; None is somebody new."""
        if self._system:
            return self._by_external_id(details)
        kind = self._plan.key
        if not kind:
            return None
        if not (details.emails if kind == "email" else details.phones):
            raise _key_missing(f"{'An e-mail' if kind == 'email' else 'A phone'} is needed")
        found = [match for match in matches if kind in match.matched_on]
        if len(found) > 1:
            named = ", ".join(match.named for match in found)
            raise Conflict(f"Several have it: {named}.", code="key_ambiguous")
        return found[0] if found else None

    def _by_external_id(self, details: PersonDetails) -> Match | None:
        key = next((e for e in details.external_ids if e.system == self._system), None)
        if key is None:
            raise _key_missing(f"An external id of {self._system} is needed")
        owner = self.matches.owners.get(key)
        return None if owner is None else self.matches.match(("external_id",), owner)

    def _create(
        self, place: int, row: Prepared, entry: Normalised, matches: Sequence[Match]
    ) -> Decision:
        details = entry.details
        for key in details.external_ids:
            if key in self.matches.owners:
                raise external_id_taken(key)
        details, left_out = self._with_custom_fields(details)
        person = Person.create(
            self._tx.ids.new(), details, entry.quality, self._tx.clock.now(), self._run.import_id
        )
        self._tx.people.add(person)
        self._people[person.id] = person
        self.matches.created(place, row.number, person.id)
        suspicion = [_duplicate(matches)] if matches else []
        return Decision(row, RowOutcome.CREATED, [*row.reasons, *left_out, *suspicion], person)

    def _with_custom_fields(self, details: PersonDetails) -> tuple[PersonDetails, list[Reason]]:
        """The details with custom fields in normal form, and what had to be left out of them."""
        left_out: list[Reason] = []
        try:
            custom = validate_values(self._tx, RecordKind.PERSON, details.custom_fields)
        except Invalid as error:
            if self._plan.invalid_values is not InvalidValues.LEAVE_OUT:
                raise
            wrong = {v.pointer.rpartition("/")[2] for v in error.violations}
            rest: Mapping[str, Any] = {
                key: value for key, value in details.custom_fields.items() if key not in wrong
            }
            custom = validate_values(self._tx, RecordKind.PERSON, rest)
            left_out = _reasons(error)
        if custom or details.custom_fields:
            details = replace(details, custom_fields=custom)
        return details, left_out

    def _change(self, place: int, row: Prepared, entry: Normalised, known: Match) -> Decision:
        person = self._people.get(known.person_id)
        if person is None and known.row is None:
            message = "The person that this row is about is out of your reach."
            raise Conflict(message, code="person_out_of_reach")
        for key in entry.details.external_ids:
            if self.matches.owners.get(key, known.person_id) != known.person_id:
                raise external_id_taken(key)
        if person is None:
            self.matches.entered(place, known.person_id)
            reason = Reason("", "earlier_row", f"It changes {known.named}.")
            return Decision(row, RowOutcome.UPDATED, [*row.reasons, reason])
        before, version = person.details, person.version
        changed, left_out = self._changed(person, entry, row)
        if not changed:
            reason = Reason("", "unchanged", "The person is like this already.")
            return Decision(row, RowOutcome.SKIPPED, [*row.reasons, reason], person)
        self.matches.entered(place, person.id)
        reasons = [*row.reasons, *left_out]
        return Decision(row, RowOutcome.UPDATED, reasons, person, before, version, person.version)

    def _changed(
        self, person: Person, entry: Normalised, row: Prepared
    ) -> tuple[bool, list[Reason]]:
        details, version = merged(person.details, entry.details, row.stated), person.version
        try:
            apply_change(self._tx, person, details, import_id=self._run.import_id)
        except Invalid as error:
            if self._plan.invalid_values is not InvalidValues.LEAVE_OUT:
                raise
            kept = replace(details, custom_fields=person.details.custom_fields)
            apply_change(self._tx, person, kept, import_id=self._run.import_id)
            return person.version != version, _reasons(error)
        return person.version != version, []


def _duplicate(matches: Sequence[Match]) -> Reason:
    named = "; ".join(f"{m.named} ({', '.join(m.matched_on)})" for m in matches[:10])
    return Reason("", "duplicate", f"These match already: {named}.")


def _key_missing(what: str) -> Invalid:
    return Invalid(f"{what} to know the person again.", code="key_missing")


def _reasons(error: DomainError) -> list[Reason]:
    """What a refusal says, value by value."""
    if not error.violations:
        return [Reason("", error.code, error.message)]
    return [Reason(v.pointer.removeprefix("/"), v.code, v.message) for v in error.violations]
