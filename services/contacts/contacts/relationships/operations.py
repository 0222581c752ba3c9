"""What users and apps do to employments and relations; each function is one transaction.

Reach goes through the person: whoever may change the person may change these. What is at the other
end has to be within what the caller may read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from chassis.storage.scope import Scope
from contacts.companies.queries import READ as READ_COMPANIES
from contacts.companies.queries import CompanySummary, company_summary
from contacts.people.queries import READ as READ_PEOPLE
from contacts.people.queries import PersonSummary, person_summary
from contacts.quality.names import clean_line
from contacts.relationships.domain import Employment, Relation, RelationKind, Terms
from contacts.relationships.storage import RACES
from contacts.transaction import ContactsTx


def start_employment(
    tx: ContactsTx, person_id: UUID, company_id: UUID, stated: Mapping[str, Any]
) -> tuple[Employment, CompanySummary]:
    """Enter that a person works, or has worked, at a company; see `terms_of` for what is stated.

    Raises `NotFound` for the person, `Invalid` for the company and for days that cannot be,
    `Conflict` when it overlaps another, or the person is archived.
    """
    _require_active(tx, person_id)
    company = company_summary(tx, company_id, Scope.under(tx.caller, READ_COMPANIES))
    if company is None:
        raise Invalid.at("/company_id", "company_unknown", "There is no such company.")
    if company.archived:
        message = "The company is archived; restore it first."
        raise Invalid.at("/company_id", "company_archived", message)
    now = tx.clock.now()
    terms = terms_of(Terms(), stated, now.date())
    others = tx.employments.terms_at(person_id, company_id)
    employment = Employment.start(tx.ids.new(), person_id, company_id, terms, others, now)
    tx.employments.add(employment)
    return employment, company


def employ_person(tx: ContactsTx, person_id: UUID, company_id: UUID, title: str) -> bool:
    """Note that a person works at a company; False when they do already, in whatever capacity.

    Raises as `start_employment` does.
    """
    tx.people.get(person_id)  # holds the person, so that of two at once one sees the other's
    today = tx.clock.now().date()
    before = tx.employments.terms_at(person_id, company_id)
    if any(terms.is_current(today) for terms in before):
        return False
    # Nobody knows the first day; but where they worked before, it is after that.
    began = {"started_on": today} if before else {}
    start_employment(tx, person_id, company_id, {"title": title, **began})
    return True


def change_employment(
    tx: ContactsTx, person_id: UUID, employment_id: UUID, stated: Mapping[str, Any]
) -> Employment:
    """Change what is stated of an employment. Raises `NotFound`, `Invalid`, `Conflict`."""
    _require_active(tx, person_id)
    employment = _employment(tx, person_id, employment_id)
    others = tx.employments.terms_at(person_id, employment.company_id, but=employment_id)
    now = tx.clock.now()
    employment.change(terms_of(employment.terms, stated, now.date()), others, now)
    return employment


def end_employment(
    tx: ContactsTx, person_id: UUID, employment_id: UUID, last_day: date | None
) -> Employment:
    """Settle the last day of an employment, today unless said. Raises as `Employment.end`."""
    tx.people.get(person_id)
    employment = _employment(tx, person_id, employment_id)
    now = tx.clock.now()
    employment.end(last_day or now.date(), now)
    return employment


def remove_employment(tx: ContactsTx, person_id: UUID, employment_id: UUID) -> Employment:
    """Take back an employment that was entered by mistake. Raises `NotFound`."""
    tx.people.get(person_id)
    employment = _employment(tx, person_id, employment_id)
    employment.remove()
    tx.employments.remove(employment)
    return employment


def add_relation(
    tx: ContactsTx, person_id: UUID, other_id: UUID, kind: RelationKind, note: str
) -> tuple[Relation, PersonSummary]:
    """Enter that `other_id` is `kind` to the person; the other sees the inverse.

    Raises `NotFound` for the person, `Invalid` for the other, `Conflict` when they are related in
    this way already (or the other way round), or the person is archived.
    """
    person = person_summary(tx, person_id, tx.scope)
    if person is None:
        raise NotFound.of("person", person_id)
    if person.archived:
        raise _archived()
    other = person_summary(tx, other_id, Scope.under(tx.caller, READ_PEOPLE))
    if other is None:
        raise Invalid.at("/person_id", "person_unknown", "There is no such person.")
    if other.archived:
        message = "The person is archived; restore them first."
        raise Invalid.at("/person_id", "person_archived", message)
    relation = Relation.between(
        tx.ids.new(), person_id, other_id, kind, clean_line(note), tx.clock.now()
    )
    for merged_meanwhile in RACES[1:]:
        tx.try_again_on(merged_meanwhile)
    tx.relations.add(relation)
    return relation, other


def remove_relation(tx: ContactsTx, person_id: UUID, relation_id: UUID) -> Relation:
    """End a relation, from the side of either. Raises `NotFound`."""
    if person_summary(tx, person_id, tx.scope) is None:
        raise NotFound.of("person", person_id)
    relation = tx.relations.get(relation_id)
    if not relation.concerns(person_id):
        raise NotFound.of("relation", relation_id)
    relation.remove()
    tx.relations.remove(relation)
    return relation


def terms_of(before: Terms, stated: Mapping[str, Any], today: date) -> Terms:
    """Terms with what is stated: `title`, `started_on`, `ended_on`, `current`.

    Where `current` is not stated, the last day says whether it is over.
    """
    ended_on = stated.get("ended_on", before.ended_on)
    if "current" in stated:
        ended = not stated["current"]
    elif "ended_on" in stated:
        ended = ended_on is not None and ended_on < today
    else:
        ended = before.ended or (ended_on is not None and ended_on < today)
    return replace(
        before,
        title=clean_line(stated.get("title", before.title)),
        started_on=stated.get("started_on", before.started_on),
        ended_on=ended_on,
        ended=ended,
    )


def _require_active(tx: ContactsTx, person_id: UUID) -> None:
    if tx.people.get(person_id).archived_at is not None:
        raise _archived()


def _archived() -> Conflict:
    return Conflict("The person is archived; restore them first.", code="archived")


def _employment(tx: ContactsTx, person_id: UUID, employment_id: UUID) -> Employment:
    employment = tx.employments.get(employment_id)
    if employment.person_id != person_id:
        raise NotFound.of("employment", employment_id)
    return employment
