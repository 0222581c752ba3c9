"""Reads employments and relations, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    Operator,
    read_boolean,
    uuid_filter,
)
from chassis.storage.scope import Scope
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from contacts.companies.queries import READ as READ_COMPANIES
from contacts.companies.queries import company_summaries, company_summary
from contacts.merges.survivors import survivor_of
from contacts.people.queries import READ as READ_PEOPLE
from contacts.people.queries import person_summary
from contacts.people.storage import people
from contacts.relationships.domain import Relation, RelationKind
from contacts.relationships.storage import employments, relations

_TODAY = sa.bindparam("today", type_=sa.Date)
_is_current = sa.and_(
    sa.not_(employments.c.ended),
    sa.or_(employments.c.ended_on.is_(None), employments.c.ended_on >= _TODAY),
)
_employment = sa.select(
    employments.c.id,
    employments.c.version,
    employments.c.person_id,
    employments.c.company_id,
    employments.c.title,
    employments.c.started_on,
    employments.c.ended_on,
    _is_current.label("current"),
    employments.c.created_at,
    employments.c.updated_at,
)


def _current(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
    del operator
    return _is_current if value else sa.not_(_is_current)


_CURRENT = FilterField(read_boolean, _current, ("eq",), {"type": "boolean"})

EMPLOYMENTS = ListSpec(
    key=employments.c.id,
    sorts={"created_at": employments.c.created_at},
    default_sort="-created_at",
    filters={"company_id": uuid_filter(employments.c.company_id), "current": _CURRENT},
)
COMPANY_PEOPLE = ListSpec(
    key=employments.c.id,
    sorts={"created_at": employments.c.created_at},
    default_sort="-created_at",
    filters={"current": _CURRENT},
)
RELATIONS = ListSpec(
    key=relations.c.id,
    sorts={"created_at": relations.c.created_at},
    default_sort="-created_at",
)


def list_employments(reading: Reading, listing: Listing, person_id: UUID) -> dict[str, Any]:
    """A page of a person's employments. Raises `NotFound` for the person."""
    person_id = _present(reading, person_id)
    base: sa.Select[Any] = _employment.where(
        employments.c.tenant_id == reading.caller.tenant_id,
        employments.c.person_id == person_id,
    )
    rows = _page_of(reading, listing, base)
    scope = Scope.under(reading.caller, READ_COMPANIES)
    known = company_summaries(reading, {row.company_id for row in rows}, scope)
    page = listing.page(rows, lambda row: {**row._mapping, "company": known.get(row.company_id)})
    return _counted(reading, listing, base, page)


def get_employment(reading: Reading, person_id: UUID, employment_id: UUID) -> dict[str, Any]:
    """One employment of a person. Raises `NotFound` for either."""
    person_id = _present(reading, person_id)
    statement = _employment.where(
        employments.c.tenant_id == reading.caller.tenant_id,
        employments.c.person_id == person_id,
        employments.c.id == employment_id,
    )
    row = reading.connection.execute(statement, _today(reading)).first()
    if row is None:
        raise NotFound.of("employment", employment_id)
    scope = Scope.under(reading.caller, READ_COMPANIES)
    return {**row._mapping, "company": company_summary(reading, row.company_id, scope)}


def list_company_people(reading: Reading, listing: Listing, company_id: UUID) -> dict[str, Any]:
    """A page of who works at a company, those within reach who are not archived.

    Raises `NotFound` for the company.
    """
    if company_summary(reading, company_id, reading.scope) is None:
        raise NotFound.of("company", company_id)
    person = _person_within(reading, employments.c.person_id, archived=False)
    base: sa.Select[Any] = (
        _employment.add_columns(person.c.full_name)
        .select_from(employments.join(person, sa.true()))
        .where(
            employments.c.tenant_id == reading.caller.tenant_id,
            employments.c.company_id == company_id,
        )
    )
    page = listing.page(_page_of(reading, listing, base), _with_person)
    return _counted(reading, listing, base, page)


def list_relations(reading: Reading, listing: Listing, person_id: UUID) -> dict[str, Any]:
    """A page of a person's relations to those within reach. Raises `NotFound` for the person."""
    person_id = _present(reading, person_id)
    base = _relations_of(reading, person_id)
    page = listing.page(_page_of(reading, listing, base), lambda row: _seen_from(person_id, row))
    return _counted(reading, listing, base, page)


def get_relation(reading: Reading, person_id: UUID, relation_id: UUID) -> dict[str, Any]:
    """One relation, as the person sees it. Raises `NotFound` for either."""
    person_id = _present(reading, person_id)
    statement = _relations_of(reading, person_id).where(relations.c.id == relation_id)
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("relation", relation_id)
    return _seen_from(person_id, row)


def kind_for(person_id: UUID, relation: Relation) -> RelationKind:
    """What the other one is to this person."""
    return relation.kind if relation.first_id == person_id else relation.kind.inverse


def current_company_ids(reading: Reading, person_ids: list[UUID]) -> dict[UUID, UUID]:
    """Where people work now; of several places the one where they began last."""
    about = {"tenant_id": reading.caller.tenant_id, "ids": person_ids, **_today(reading)}
    return {row["person_id"]: row["company_id"] for row in reading.fetch_all(_WORKS_AT, about)}


def _present(reading: Reading, person_id: UUID) -> UUID:
    """The person; for one who was merged, who was left. Raises `NotFound`."""
    for one in (person_id, survivor_of(reading, person_id)):
        if one is not None and person_summary(reading, one, reading.scope) is not None:
            return one
    raise NotFound.of("person", person_id)


def _today(reading: Reading) -> dict[str, Any]:
    return {"today": reading.clock.now().date()}


def _page_of(reading: Reading, listing: Listing, base: sa.Select[Any]) -> list[sa.Row[Any]]:
    return list(reading.connection.execute(listing.apply(base), _today(reading)).all())


def _counted(
    reading: Reading, listing: Listing, base: sa.Select[Any], page: dict[str, Any]
) -> dict[str, Any]:
    if listing.count:
        counted = reading.connection.execute(listing.counted(base), _today(reading))
        page["total_count"] = counted.scalar_one()
    return page


def _person_within(
    reading: Reading, person_id: sa.ColumnElement[UUID], *, archived: bool
) -> sa.FromClause:
    """The name of the person on a row, if within what the caller may read of people."""
    found: sa.Select[Any] = sa.select(
        people.c.full_name, people.c.archived_at.isnot(None).label("archived")
    ).where(people.c.tenant_id == reading.caller.tenant_id, people.c.id == person_id)
    if not archived:
        found = found.where(people.c.archived_at.is_(None))
    scope = Scope.under(reading.caller, READ_PEOPLE)
    return scope.narrow(found, people.c.owner_id).limit(1).lateral("person")


def _relations_of(reading: Reading, person_id: UUID) -> sa.Select[Any]:
    other = sa.case(
        (relations.c.first_id == person_id, relations.c.second_id), else_=relations.c.first_id
    )
    person = _person_within(reading, other, archived=True)
    return (
        sa.select(
            relations.c.id,
            relations.c.version,
            relations.c.first_id,
            relations.c.second_id,
            relations.c.kind,
            relations.c.note,
            relations.c.created_at,
            relations.c.updated_at,
            person.c.full_name,
            person.c.archived,
        )
        .select_from(relations.join(person, sa.true()))
        .where(
            relations.c.tenant_id == reading.caller.tenant_id,
            sa.or_(relations.c.first_id == person_id, relations.c.second_id == person_id),
        )
    )


def _with_person(row: sa.Row[Any]) -> dict[str, Any]:
    shown = dict(row._mapping)
    name = shown.pop("full_name")
    person = {"id": row.person_id, "full_name": name, "archived": False}
    return {**shown, "person": person}


def _seen_from(person_id: UUID, row: sa.Row[Any]) -> dict[str, Any]:
    is_first = row.first_id == person_id
    kind = RelationKind(row.kind)
    other_id = row.second_id if is_first else row.first_id
    return {
        "id": row.id,
        "version": row.version,
        "kind": kind if is_first else kind.inverse,
        "person": {"id": other_id, "full_name": row.full_name, "archived": row.archived},
        "note": row.note,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


_WORKS_AT = Statement(
    "SELECT DISTINCT ON (person_id) person_id, company_id FROM employments"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(ids)s)"
    " AND NOT ended AND (ended_on IS NULL OR ended_on >= %(today)s)"
    " AND (started_on IS NULL OR started_on <= %(today)s)"
    " ORDER BY person_id, started_on DESC NULLS LAST, id DESC"
)
