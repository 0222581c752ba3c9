"""Makes people of rows, as far as that needs no look at those who are known already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from chassis.domain import Conflict, Forbidden, Invalid, Violation
from chassis.storage.scope import Scope
from contacts.custom_fields.domain import Definition
from contacts.imports.card_entries import entry_of_card, entry_of_object
from contacts.imports.columns import Columns
from contacts.imports.domain import FileFormat, ImportPlan, InvalidValues, ReadingOptions
from contacts.imports.entries import Entry, TableEntries, bounded
from contacts.imports.fields import CUSTOM
from contacts.imports.formats.vcard_reader import Card
from contacts.imports.opening import FileRow, Opened
from contacts.imports.reasons import Reason
from contacts.people.domain import LifecycleStage, PersonDetails
from contacts.people.normalisation import Normalised, normalised
from contacts.quality.normalise import Defaults


@dataclass(slots=True)
class Prepared:
    """A row with the person it stands for: in normal form and rated, or nobody, with the reasons.

    `stated` are the details that the row itself speaks of.
    """

    number: int
    content: Any
    person: Normalised | None
    stated: frozenset[str] = frozenset()
    reasons: list[Reason] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What preparing rows depends on, besides the file and its plan.

    `absent_users` gives those of some users that there are not; it may ask another service.
    """

    definitions: Mapping[str, Definition]
    scope: Scope
    user_id: UUID | None
    today: date
    absent_users: Callable[[Collection[UUID]], Collection[UUID]]


class Preparation:
    """Prepares the rows of one file by one plan."""

    def __init__(
        self, opened: Opened, plan: ImportPlan, options: ReadingOptions, about: Circumstances
    ) -> None:
        self._plan, self._about = plan, about
        self._defaults = Defaults(options.default_country, options.day_first)
        self._columns = Columns(opened.header, plan.columns)
        self._require_fields()
        self._entry = self._entries(opened, options)
        self._given: dict[str, Any] = {
            "owner_id": plan.owner_id or about.user_id,
            "source": plan.source,
            "lifecycle_stage": LifecycleStage(plan.lifecycle_stage or LifecycleStage.LEAD),
        }
        self._owners: dict[UUID, bool] = {}
        self._require_owner()

    def _require_owner(self) -> None:
        """Raises `Forbidden` when whoever gets the new people cannot have them."""
        owner: UUID | None = self._given["owner_id"]
        if owner is not None and owner != self._about.user_id:
            self._look_for_owners([owner])
            problem = self._owner_problem(owner)
            if problem is not None:
                raise Forbidden(problem[1], code=problem[0])
        elif not self._about.scope.allows(owner):
            raise Forbidden("You cannot enter people who are nobody's.", code="owner_out_of_reach")

    def _require_fields(self) -> None:
        """Raises `Conflict` when a column is for a custom field that was archived since."""
        for target in self._plan.columns:
            key = target.field.removeprefix(CUSTOM)
            if target.field.startswith(CUSTOM) and key not in self._about.definitions:
                message = f"There is no custom field {key} any more; map its column anew."
                raise Conflict(message, code="custom_field_unknown")

    def _entries(self, opened: Opened, options: ReadingOptions) -> Callable[[Any], Entry]:
        if opened.format is FileFormat.VCARD:
            return entry_of_card
        if opened.format is FileFormat.NDJSON:
            return entry_of_object
        table = TableEntries(
            opened.header,
            self._plan.columns,
            self._about.definitions,
            day_first=options.day_first,
        )
        return table.entry

    def prepare(self, rows: Sequence[FileRow]) -> list[Prepared]:
        """The rows prepared, in their order."""
        entries = [None if row.problems else self._entry(row.content) for row in rows]
        self._look_for_owners(
            [e.changes["owner_id"] for e in entries if e and "owner_id" in e.changes]
        )
        return [self._prepared(row, entry) for row, entry in zip(rows, entries, strict=True)]

    def _look_for_owners(self, named: Iterable[UUID | None]) -> None:
        new = {owner for owner in named if owner is not None} - self._owners.keys()
        if new:
            absent = self._about.absent_users(new)
            self._owners.update({owner: owner not in absent for owner in new})

    def _prepared(self, row: FileRow, entry: Entry | None) -> Prepared:
        prepared = Prepared(row.number, row.content, None)
        if entry is None:
            prepared.reasons = [self._columns.reason_of(problem) for problem in row.problems]
            return prepared
        if entry.company_name or entry.job_title:
            message = "The employer and the title were left out; enter them as an employment."
            prepared.reasons.append(Reason("", "employment_left_out", message))
        self._check_entry(entry, row, prepared)
        prepared.stated = frozenset(entry.changes)
        wrong = [*entry.wrong, *self._normalise(entry, prepared)]
        if wrong:
            prepared.reasons += [self._columns.reason(w, row.content) for w in wrong]
            prepared.person = prepared.person if self._leaves_out else None
        return prepared

    @property
    def _leaves_out(self) -> bool:
        return self._plan.invalid_values is InvalidValues.LEAVE_OUT

    def _check_entry(self, entry: Entry, row: FileRow, prepared: Prepared) -> None:
        bounded(entry)
        named = "owner_id" in entry.changes
        problem = self._owner_problem(entry.changes["owner_id"]) if named else None
        if problem is not None:
            del entry.changes["owner_id"]
            entry.wrong.append(Violation("/owner_id", *problem))
        if isinstance(row.content, Card):
            self._leave_out_unknown_fields(entry, prepared)

    def _owner_problem(self, owner: UUID | None) -> tuple[str, str] | None:
        """Why somebody, or nobody, cannot own a new person: a code and a message."""
        if owner is not None and not self._owners[owner]:
            return "owner_unknown", f"There is no user {owner}."
        if not self._about.scope.allows(owner):
            return "owner_out_of_reach", "You cannot give a person to this owner."
        return None

    def _leave_out_unknown_fields(self, entry: Entry, prepared: Prepared) -> None:
        """A card brings its note along; not every tenant has a field for it."""
        custom = entry.changes.pop("custom_fields", {})
        known = {key: text for key, text in custom.items() if key in self._about.definitions}
        if known:
            entry.changes["custom_fields"] = known
        for key in custom.keys() - known.keys():
            message = f"There is no custom field {key[:60]}; its value was left out."
            prepared.reasons.append(Reason("", "custom_field_unknown", message))

    def _normalise(self, entry: Entry, prepared: Prepared) -> Sequence[Violation]:
        """Bring the person into normal form; gives what is wrong, if that is to be left out."""
        changes = {**self._given, **entry.changes}
        if self._plan.tags:
            changes["tags"] = (*changes.get("tags", ()), *self._plan.tags)
        details = PersonDetails(**changes)
        try:
            prepared.person = normalised(details, self._defaults, self._about.today)
        except Invalid as error:
            if not self._leaves_out:
                return error.violations
            rest = without(details, error.violations)
            prepared.person = normalised(rest, self._defaults, self._about.today)
            return error.violations
        return ()


def without(details: PersonDetails, wrong: Iterable[Violation]) -> PersonDetails:
    """The details without the values that are wrong."""
    drop: dict[str, set[int]] = {}
    empty: dict[str, Any] = {}
    for violation in wrong:
        _, name, *rest = violation.pointer.split("/")
        if rest and rest[0].isdigit():
            drop.setdefault(name, set()).add(int(rest[0]))
        else:
            empty[name] = () if isinstance(getattr(details, name), tuple) else ""
    kept: dict[str, Any] = {
        name: tuple(item for i, item in enumerate(getattr(details, name)) if i not in places)
        for name, places in drop.items()
    }
    return replace(details, **kept, **empty)
