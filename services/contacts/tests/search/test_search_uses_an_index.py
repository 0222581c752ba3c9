"""Among many people, every statement of a search walks along an index, whatever statistics there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from chassis.clock import TimeOrderedIds
from chassis.context import service_caller
from chassis.embedded.postgres import PostgresServer
from chassis.http.query_string import read_listing
from chassis.service import Service
from chassis.storage.scope import EVERYTHING, Scope
from chassis.storage.unit_of_work import Reading
from chassis.testing.access import FakeAccessSource
from chassis.testing.harness import TestDatabase, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from contacts.app import build
from contacts.companies.domain import CompanyDetails
from contacts.companies.found_by import CompanyState
from contacts.contact_points.domain import EmailPoint, PhonePoint
from contacts.custom_fields.domain import RecordKind
from contacts.description import DESCRIPTION
from contacts.people.domain import PersonDetails
from contacts.people.found_by import PersonState
from contacts.people.queries import PEOPLE, list_people
from contacts.search.queries import search
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx

from .explained import ExplainingSession

MANY = 12_000
GIVEN = ("Mary", "Christopher", "Wangari", "Jane", "Alexandra", "小明", "美玲", "志明")
FAMILY = ("Wang", "Johnson", "Watson", "Nunez", "王", "陳", "林", "Maathai", "Featherstone")
TYPED = (
    "w",
    "wang",
    "mary wang",
    "ma wa",
    "小明",
    "王 明",
    "5678",
    "0912",
    "mary1@",
    "@host3",
    "mary 678",
    "王 0912",
    "mary @host3",
    "jonhson",
    "mary jonhson",
    "mray jonhson",
    "jonhson 678",
    "nobodyhere",
)
_PEOPLE = sa.text(
    "INSERT INTO people SELECT :tenant, id, 1, '', '', name, 'lead', owner, '', '', '', 0, '{}',"
    ' \'{"emails": [], "phones": []}\', now(), now(), NULL, NULL'
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[]), CAST(:owners AS uuid[]))"
    " AS given (id, name, owner)"
)
_COMPANIES = sa.text(
    "INSERT INTO companies SELECT :tenant, id, 1, name, '', '', '', NULL, owner, '', NULL,"
    ' \'{"emails": [], "phones": []}\', now(), now(), NULL'
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[]), CAST(:owners AS uuid[]))"
    " AS given (id, name, owner)"
)
_KEYS_OF_COMPANIES = sa.text(
    "INSERT INTO company_keys SELECT :tenant, 'phone', '+88622' || n, id"
    " FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS given (id, n)"
)
_KEYS = sa.text(
    "INSERT INTO person_keys (tenant_id, person_id, kind, key)"
    " SELECT :tenant, id, kind, key"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:keys AS text[]))"
    " AS given (id, kind, key)"
)
_SCAN = re.compile(r"Scan (?:using (?P<index>\w+) )?on (?P<table>\w+)")
_TABLES = frozenset(
    {
        "people",
        "person_keys",
        "person_search_terms",
        "companies",
        "company_keys",
        "company_search_terms",
        "search_deletions",
        "search_words",
    }
)


@dataclass(frozen=True)
class Crowd:
    """A tenant of many people, of whom one user has few and another many."""

    service: Service[ContactsTx]
    database: TestDatabase
    tenant_id: UUID
    of_few: UUID
    of_many: UUID


@pytest.fixture(scope="module")
def crowd(
    postgres: PostgresServer, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[Crowd]:
    """In a database of its own, whose tables nobody has looked at yet for statistics."""
    database = migrated_database(postgres, "contacts", DESCRIPTION.migrations, "contacts_crowd")
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        for table in sorted(_TABLES):
            owner.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)".encode())
    settings = ContactsSettings(**settings_for(database))
    service = build(settings, keys=tokens.key_source(), access=access)
    crowd = Crowd(service, database, uuid4(), uuid4(), uuid4())
    _fill(crowd)
    yield crowd
    service.stop()


def _fill(crowd: Crowd) -> None:
    ids = TimeOrderedIds()
    owners = [crowd.of_few] * 20 + [crowd.of_many] * 4_000 + [uuid4()] * (MANY - 4_020)
    people = {ids.new(): (_details(n), owner) for n, owner in enumerate(owners)}
    keys = [
        (key, kind, value)
        for key, (d, _) in people.items()
        for kind, value in (("email", d.emails[0].address), ("phone", d.phones[0].number))
    ]

    def fill(tx: ContactsTx) -> None:
        about: dict[str, Any] = {"tenant": crowd.tenant_id, "ids": list(people), "owners": owners}
        about["names"] = [details.full_name for details, _ in people.values()]
        tx.connection.execute(_PEOPLE, about)
        of, kinds, values = map(list, zip(*keys, strict=True))
        given = {"tenant": crowd.tenant_id, "ids": of, "kinds": kinds, "keys": values}
        tx.connection.execute(_KEYS, given)
        states = {key: PersonState(d, archived=False) for key, (d, _) in people.items()}
        tx.people.search_index.add(states)
        companies = {ids.new(): CompanyDetails(name=d.full_name) for d, _ in people.values()}
        about["ids"] = list(companies)
        tx.connection.execute(_COMPANIES, about)
        tx.connection.execute(_KEYS_OF_COMPANIES, about)
        tx.companies.search_index.add(
            {key: CompanyState(details, archived=False) for key, details in companies.items()}
        )

    crowd.service.operations.run(service_caller("contacts", crowd.tenant_id), fill)


def _details(n: int) -> PersonDetails:
    given, family = GIVEN[n % len(GIVEN)], FAMILY[n % len(FAMILY)]
    return PersonDetails(
        full_name=f"{given} {family}{'abcdefghij'[n % 10]}",
        emails=(EmailPoint(f"{given.lower()}{n}@host{n % 50}.com"),),
        phones=(PhonePoint(f"+8869{n * 8_011 % 100_000_000:08}"),),
    )


def _scopes(crowd: Crowd) -> dict[str, Scope]:
    return {
        "all": EVERYTHING,
        "few": Scope(frozenset({crowd.of_few})),
        "many": Scope(frozenset({crowd.of_many, uuid4()})),
    }


def _plans(crowd: Crowd, scope: Scope, typed: str, more: dict[str, str]) -> list[str]:
    """How a list by `q` and a search over all would be carried out."""
    caller = replace(service_caller("contacts", crowd.tenant_id))
    arguments = MultiDict({"q": typed, **more})
    listing = read_listing(arguments, PEOPLE, crowd.service.tokens, "list")
    with crowd.service.database.tenant_reading(crowd.tenant_id) as session:
        explaining = ExplainingSession(session)
        reading = Reading(explaining, caller, scope, crowd.service.clock)
        list_people(reading, listing)
        search(reading, typed, dict.fromkeys(RecordKind, scope), 10)
        return explaining.plans


def _unindexed(plans: list[str]) -> list[str]:
    """The plans that read a table otherwise than by an index, or match records one against another."""
    return [
        plan
        for plan in plans
        if any(m["table"] in _TABLES and not m["index"] for m in _SCAN.finditer(plan))
        or (" IN (SELECT" in plan and "hashed SubPlan" not in plan)
    ]


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("reach", ["all", "few", "many"])
def test_a_fresh_table_is_searched_by_its_indexes(crowd: Crowd, reach: str, typed: str) -> None:
    with psycopg.connect(crowd.database.owner_url) as owner:
        (rows,) = owner.execute(
            "SELECT max(reltuples) FROM pg_class WHERE relname ~ 'search_|person_keys|^people$'"
            " AND relkind = 'r'"
        ).fetchone() or (0,)
    assert rows == -1, "somebody has looked at the tables for statistics"
    assert _unindexed(_plans(crowd, _scopes(crowd)[reach], typed, {})) == []


@pytest.mark.parametrize("more", [{"lifecycle_stage": "lead"}, {"tag": "vip"}])
@pytest.mark.parametrize("reach", ["all", "few"])
def test_filters_are_asked_of_what_is_found(crowd: Crowd, reach: str, more: dict[str, str]) -> None:
    for typed in ("w", "mary wang", "mary 678", "jonhson"):
        assert _unindexed(_plans(crowd, _scopes(crowd)[reach], typed, more)) == []


@pytest.mark.parametrize("reach", ["all", "few", "many"])
def test_a_table_with_statistics_is_searched_by_its_indexes(crowd: Crowd, reach: str) -> None:
    with psycopg.connect(crowd.database.owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE")
    for typed in TYPED:
        for more in ({}, {"lifecycle_stage": "lead"}, {"tag": "vip"}):
            assert _unindexed(_plans(crowd, _scopes(crowd)[reach], typed, more)) == []


def test_a_plan_that_reads_a_table_from_end_to_end_is_found() -> None:
    good = "Index Only Scan using person_search_terms_pkey on person_search_terms t"
    bad = "Seq Scan on person_search_terms t"
    matched = "Filter: (record_id IN (SELECT h.record_id))"
    assert _unindexed([good, bad, matched, "Bitmap Heap Scan on people"]) == [
        bad,
        matched,
        "Bitmap Heap Scan on people",
    ]
