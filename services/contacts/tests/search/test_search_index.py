"""The index is put in order again: rebuilt for a tenant, and rid of words that no name has any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.domain import Conflict
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness, TestDatabase, settings_for
from contacts.app import build
from contacts.search.commands import rebuild_search_command
from contacts.search.dictionary import KnownWords
from contacts.search.pruning import prune_dictionaries
from contacts.transaction import ContactsTx

from .conftest import COMPANIES, PEOPLE, companies_found, enter, enter_company, people_found

Contacts = ServiceHarness[ContactsTx]


def run_sql(contacts: Contacts, tenant_id: UUID, sql: str, **given: Any) -> list[Any]:
    """Run a statement as the runtime login does, in the tenant."""
    with contacts.service.database.tenant_transaction(tenant_id) as connection:
        result = connection.execute(sa.text(sql), {"tenant": tenant_id, **given})
        return list(result.scalars()) if result.returns_rows else []


def words_of(contacts: Contacts, app: ApiClient) -> list[str]:
    """The words of the dictionary, each as often as it is there."""
    assert app.tenant_id is not None
    return run_sql(contacts, app.tenant_id, "SELECT word FROM search_words ORDER BY word")


def rebuild(contacts: Contacts, tenant: str) -> Any:
    """Run the command with the environment of the service."""
    settings = contacts.service.settings
    database = TestDatabase(
        "",
        settings.database_url.get_secret_value(),
        settings.database_system_url.get_secret_value(),
        "",
    )
    given = {f"RAPPORT_{k.upper()}": str(v) for k, v in settings_for(database).items()}
    return CliRunner().invoke(rebuild_search_command(build), ["--tenant", tenant], env=given)


def test_a_rebuilt_index_finds_who_is_there_and_nobody_else(contacts: Contacts) -> None:
    tenant = contacts.new_tenant()
    app, other = contacts.app_client(tenant), contacts.app_client(contacts.new_tenant())
    enter(other, "Mary Other")
    enter(app, "Mary Wang")
    enter(app, "王小明")
    person = enter(app, "Mary Gone")
    enter_company(app, "Mary Foods")
    assert app.delete(f"{PEOPLE}/{person}").status_code == 204
    for table in (
        "person_search_terms",
        "company_search_terms",
        "search_words",
        "search_deletions",
    ):
        run_sql(contacts, tenant, f"DELETE FROM {table}")  # noqa: S608 - our own names
    ghost = "INSERT INTO person_search_terms VALUES (:tenant, 'nmary', :id)"
    run_sql(contacts, tenant, ghost, id=uuid4())
    run_sql(contacts, tenant, ghost, id=UUID(int=2**128 - 1))
    run_sql(contacts, tenant, ghost, id=person)
    assert people_found(app, "wang") == []
    result = rebuild(contacts, str(tenant))
    assert result.output == "indexed 3 people and 1 companies\n"
    assert people_found(app, "mary") == ["Mary Wang"]
    assert (people_found(app, "wnag"), people_found(app, "小明")) == (["Mary Wang"], ["王小明"])
    assert companies_found(app, "mary") == ["Mary Foods"]
    count = "SELECT count(*) FROM person_search_terms"
    assert run_sql(contacts, tenant, count) == [5]
    assert people_found(other, "mary") == ["Mary Other"]


def test_a_long_index_is_rebuilt_step_by_step(contacts: Contacts) -> None:
    tenant = contacts.new_tenant()
    app = contacts.app_client(tenant)
    for _ in range(2):
        items = [{"full_name": f"Mary {n}"} for n in range(510)]
        assert app.post(f"{PEOPLE}/batch", {"items": items}).json["failed"] == 0
    run_sql(contacts, tenant, "DELETE FROM person_search_terms")
    assert rebuild(contacts, str(tenant)).output == "indexed 1020 people and 0 companies\n"
    assert run_sql(contacts, tenant, "SELECT count(*) FROM person_search_terms") == [2040]


@pytest.mark.parametrize("tenant", ["", "acme", "42"])
def test_a_tenant_that_cannot_be_one_is_refused_in_one_line(
    contacts: Contacts, tenant: str
) -> None:
    result = rebuild(contacts, tenant)
    assert result.exit_code == 2
    assert "--tenant" in result.output


def test_terms_go_with_their_record_whoever_deletes_it(contacts: Contacts, app: ApiClient) -> None:
    assert app.tenant_id is not None
    person, company = enter(app, "Mary Wang"), enter_company(app, "Mary Foods")
    for table, record in (("people", person), ("companies", company)):
        sql = f"DELETE FROM {table} WHERE id = :id"  # noqa: S608 - our own names
        run_sql(contacts, app.tenant_id, sql, id=record)
    for table in ("person_search_terms", "company_search_terms"):
        sql = f"SELECT count(*) FROM {table}"  # noqa: S608
        assert run_sql(contacts, app.tenant_id, sql) == [0]


def test_words_go_at_the_second_look_when_nobody_has_them_any_more(
    contacts: Contacts, app: ApiClient
) -> None:
    person, company = enter(app, "Zacharias Wang"), enter_company(app, "Yggdrasil Foods")
    enter(app, "Wang Mei")
    assert app.delete(f"{PEOPLE}/{person}").status_code == 204
    assert app.delete(f"{COMPANIES}/{company}").status_code == 204
    clock = MovableClock(datetime.now(UTC))
    prune_dictionaries(contacts.service.operations, clock)
    assert words_of(contacts, app) == ["foods", "wang", "yggdrasil", "zacharias"]
    clock.move(timedelta(hours=2))
    assert app.post(f"{COMPANIES}/{company}/restore").status_code == 200
    prune_dictionaries(contacts.service.operations, clock)
    assert set(words_of(contacts, app)) == {"foods", "wang", "yggdrasil"}
    assert companies_found(app, "ygdrassil") == ["Yggdrasil Foods"]
    assert app.tenant_id is not None
    left = run_sql(contacts, app.tenant_id, "SELECT DISTINCT word FROM search_deletions")
    assert set(left) == {"foods", "wang", "yggdrasil"}


def test_a_word_that_was_marked_and_is_used_again_stays(contacts: Contacts, app: ApiClient) -> None:
    person = enter(app, "Zacharias")
    assert app.delete(f"{PEOPLE}/{person}").status_code == 204
    clock = MovableClock(datetime.now(UTC))
    prune_dictionaries(contacts.service.operations, clock)
    enter(app, "Zacharias Lin")
    clock.move(timedelta(hours=2))
    prune_dictionaries(contacts.service.operations, clock)
    assert set(words_of(contacts, app)) == {"zacharias"}
    clock.move(timedelta(hours=2))
    prune_dictionaries(contacts.service.operations, clock)
    assert people_found(app, "zahcarias") == ["Zacharias Lin"]


def test_a_word_whose_addition_was_undone_is_added_by_the_next_who_has_it(
    contacts: Contacts, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    caller = service_caller("contacts", app.tenant_id)

    def add_twice_and_fail(tx: ContactsTx) -> None:
        tx.dictionary.add(["bartholomew"])
        tx.dictionary.add(["bartholomew"])
        raise Conflict("Not today.")

    with pytest.raises(Conflict):
        contacts.service.operations.run(caller, add_twice_and_fail)
    assert words_of(contacts, app) == []
    enter(app, "Bartholomew")
    assert people_found(app, "bratholomew") == ["Bartholomew"]


def test_a_common_word_is_in_the_dictionary_once(contacts: Contacts, app: ApiClient) -> None:
    for n in range(5):
        enter(app, f"Alexandra {n}")
    assert words_of(contacts, app) == ["alexandra"]


def test_a_process_forgets_words_after_twenty_minutes_or_when_there_are_too_many() -> None:
    now, tenant = [0.0], uuid4()
    known = KnownWords(lambda: now[0])
    known.add(tenant, ["mary"])
    assert known.unknown(tenant, ["mary", "wang"]) == {"wang"}
    assert known.unknown(uuid4(), ["mary"]) == {"mary"}
    now[0] = 601.0
    assert known.unknown(tenant, ["mary"]) == set()
    now[0] = 1202.0
    assert known.unknown(tenant, ["mary"]) == {"mary"}
    known.add(tenant, ["mary"])
    for begin in (0, 1):
        known.add(tenant, [f"{begin}-{n}" for n in range(100_001)])
        known.add(tenant, ["wang"])
    assert known.unknown(tenant, ["mary", "wang"]) == {"mary"}
