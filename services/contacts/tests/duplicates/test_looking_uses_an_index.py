"""Among many people, looking for somebody's duplicates walks along indexes, whatever statistics there are."""

from __future__ import annotations

import re

import psycopg

from chassis.context import service_caller
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Reading
from chassis.testing.harness import TestDatabase
from contacts.duplicates.looking import look
from contacts.likeness.traits import Place, Traits
from services.contacts.tests.builders import PEOPLE
from services.contacts.tests.duplicates.conftest import Duplicates, birthday
from services.contacts.tests.search.explained import ExplainingSession

MANY = 3_000
MARY = Traits(
    given_name="mary",
    family_name="wattson",
    emails=("mary.wattson@a.example",),
    phones=("+886912345678",),
    birth_date="19800312",
    places=(Place("7 wattle place", "kingsholme", "2119"),),
)
_WHOLE_TABLE = re.compile(r"Seq Scan on (people|person_match_keys)")


def test_each_key_is_one_look_into_the_index(
    duplicates: Duplicates, database: TestDatabase
) -> None:
    for start in range(0, MANY, 1000):
        items = [
            {
                "full_name": f"Jo {chr(97 + n % 26)}{chr(97 + n // 26 % 26)}x{n}",
                "important_dates": birthday(f"19{n % 90 + 10}-0{n % 9 + 1}-1{n % 10}"),
            }
            for n in range(start, start + 1000)
        ]
        answer = duplicates.client.post(f"{PEOPLE}/batch", {"items": items})
        assert answer.json["failed"] == 0, answer.text
    tenant, service = duplicates.client.tenant_id, duplicates.contacts.service
    assert tenant is not None
    caller = service_caller("contacts", tenant)
    for analyze in (False, True):
        if analyze:
            with psycopg.connect(database.admin_url, autocommit=True) as connection:
                connection.execute("ANALYZE people, person_match_keys")
        with service.database.tenant_reading(tenant) as session:
            explaining = ExplainingSession(session)
            reading = Reading(explaining, caller, EVERYTHING, service.clock)
            assert look(reading, [MARY, MARY])[0].alike == []
        (plan,) = explaining.plans
        assert plan.count("person_match_keys_pkey") == 2, plan
        assert not _WHOLE_TABLE.search(plan), plan
