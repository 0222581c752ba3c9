"""Interactions in lists and batches, however late and in whatever order they came."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.interactions.queries import INTERACTIONS as INTERACTIONS_SPEC
from contacts.interactions.storage import interactions
from contacts.transaction import ContactsTx

from .conftest import INTERACTIONS, PEOPLE, Enter

Contacts = ServiceHarness[ContactsTx]


def at(person: str, day: int, **more: Any) -> dict[str, Any]:
    when = f"2026-03-{day:02}T12:00:00Z"
    return {"kind": "visit", "person": {"id": person}, "occurred_at": when, **more}


def days(app: ApiClient, path: str, query: str = "") -> list[int]:
    """The days of March of what a list shows."""
    response = app.get(f"{path}?{query}")
    assert response.status_code == 200, response.text
    return [int(item["occurred_at"][8:10]) for item in response.json["items"]]


def send(app: ApiClient, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    response = app.post(f"{INTERACTIONS}/batch", {"items": list(items), **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json
    return answer


def test_lists_are_in_the_order_of_what_happened_and_not_of_what_came(
    app: ApiClient, enter: Enter
) -> None:
    person = enter()
    assert send(app, *(at(person, day) for day in (7, 3, 9, 1, 5)))["failed"] == 0
    assert days(app, INTERACTIONS) == [9, 7, 5, 3, 1]
    assert days(app, INTERACTIONS, "sort=occurred_at") == [1, 3, 5, 7, 9]
    path = f"{PEOPLE}/{person}/interactions"
    assert days(app, path, "occurred_at[gte]=2026-03-03T12:00:00Z&occurred_at[lt]=2026-03-09T12:00:00Z") == [7, 5, 3]  # fmt: skip


def test_filters_narrow_the_list(app: ApiClient, enter: Enter) -> None:
    one, other = enter(), enter()
    send(
        app,
        at(one, 1, channel="web"),
        at(one, 2, kind="click", channel="email"),
        at(other, 3, kind="call", channel="phone"),
    )
    assert days(app, INTERACTIONS, f"person_id={one}") == [2, 1]
    assert days(app, INTERACTIONS, "kind[in]=click,call") == [3, 2]
    assert days(app, INTERACTIONS, "channel=web") == [1]
    assert days(app, f"{PEOPLE}/{one}/interactions", "kind[ne]=visit") == [2]
    assert app.get(f"{INTERACTIONS}?count=true&page_size=1").json["total_count"] == 3
    assert app.get(f"{PEOPLE}/{one}/interactions?person_id={one}").status_code == 400
    assert app.get(f"{PEOPLE}/{uuid4()}/interactions").status_code == 404


def test_pages_show_everything_once_while_more_comes_in(app: ApiClient, enter: Enter) -> None:
    person = enter()
    send(app, *(at(person, day) for day in range(1, 8)))
    seen: list[str] = []
    token = ""
    while True:
        page = app.get(f"{PEOPLE}/{person}/interactions?page_size=2{token}").json
        seen += [item["id"] for item in page["items"]]
        send(app, at(person, 20 + len(seen)))
        if page["next_page_token"] is None:
            break
        token = f"&page_token={page['next_page_token']}"
    assert (len(seen), len(set(seen))) == (7, 7)


def test_a_batch_answers_for_each_item_in_its_place(app: ApiClient, enter: Enter) -> None:
    person = enter()
    same = at(person, 4, external_id={"system": "web", "id": "1"})
    answer = send(
        app,
        at(person, 1),
        at(str(uuid4()), 2),
        {"kind": "visit"},
        at(person, 3, kind="teleport"),
        same,
        same,
        at(person, 5, value={"amount": "x", "currency": "TWD"}),
    )
    items = answer["items"]
    assert [item["status"] for item in items] == [201, 422, 422, 422, 201, 200, 422]
    assert (answer["succeeded"], answer["failed"]) == (3, 4)
    assert items[4]["id"] == items[5]["id"]
    problems = [item.get("problem") for item in items]
    assert problems[1]["errors"][0]["code"] == "person_unknown"
    assert problems[2]["errors"][0]["pointer"] == "/person"
    assert problems[3]["errors"][0]["code"] == "interaction_kind_unknown"
    assert problems[6]["errors"][0]["pointer"] == "/value"
    assert days(app, INTERACTIONS) == [4, 1]


def test_an_atomic_batch_is_stored_whole_or_not_at_all(app: ApiClient, enter: Enter) -> None:
    person = enter()
    given = {"items": [at(person, 1), at(str(uuid4()), 2)], "atomic": True}
    response = app.post(f"{INTERACTIONS}/batch", given)
    assert (response.status_code, response.json["code"]) == (422, "batch_refused")
    assert response.json["errors"][0]["pointer"] == "/items/1/person"
    assert days(app, INTERACTIONS) == []


def test_a_thousand_at_once_are_all_there_and_all_facts(
    contacts: Contacts, app: ApiClient, enter: Enter
) -> None:
    people = [enter(full_name=f"P{n}", emails=[{"address": f"p{n}@rapport.dev"}]) for n in range(3)]
    items = [
        {
            "kind": ("visit", "click")[n % 2],
            "person": ({"id": people[n % 3]}, {"email": f"p{n % 3}@rapport.dev"})[n // 500],
            "value": {"amount": f"{n}.50", "currency": "TWD"},
            "properties": {"n": n, "text": '王"\\'},
            "external_id": {"system": "web", "id": str(n)},
        }
        for n in range(1000)
    ]
    answer = send(app, *items)
    assert (answer["succeeded"], answer["failed"]) == (1000, 0)
    assert {item["status"] for item in send(app, *items)["items"]} == {200}
    last = app.get(f"{INTERACTIONS}/{answer['items'][999]['id']}").json
    assert last["value"] == {"amount": "999.50", "currency": "TWD"}
    assert (last["properties"], last["person_id"]) == ({"n": 999, "text": '王"\\'}, people[0])
    assert app.tenant_id is not None
    recorded = [kind for kind, _ in contacts.facts(app.tenant_id) if "Interaction" in kind]
    assert len(recorded) == 1000
    assert len(send(app, items[0])["items"]) == 1
    assert app.post(f"{INTERACTIONS}/batch", {"items": [items[0]] * 1001}).status_code == 422


def test_what_was_recorded_cannot_be_changed_even_by_the_service(
    contacts: Contacts, app: ApiClient, enter: Enter
) -> None:
    send(app, at(enter(), 1))
    with (
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
        contacts.service.database.tenant_transaction(app.tenant_id) as connection,
    ):
        connection.execute(sa.text("UPDATE interactions SET kind = 'click'"))


@pytest.mark.parametrize(
    ("filtered", "operator", "index"),
    [
        ("person_id", "eq", "interactions_of"),
        ("kind", "eq", "interactions_of_kind"),
        ("occurred_at", "lt", "interactions_occurred"),
    ],
)
def test_a_list_is_read_along_an_index_by_the_runtime_login(
    contacts: Contacts, app: ApiClient, enter: Enter, filtered: str, operator: Any, index: str
) -> None:
    people = [enter() for _ in range(20)]
    _fill(contacts, app, people)
    values = {
        "person_id": UUID(people[0]),
        "kind": "kind7",
        "occurred_at": datetime(2026, 1, 10, tzinfo=UTC),
    }
    columns = interactions.c
    statement = (
        sa.select(interactions)
        .where(columns.tenant_id == app.tenant_id)
        .where(INTERACTIONS_SPEC.filters[filtered].condition(operator, values[filtered]))
        .order_by(columns.occurred_at.desc(), columns.id.desc())
        .limit(51)
    )
    with contacts.service.database.tenant_transaction(app.tenant_id) as connection:
        sql = statement.compile(connection, compile_kwargs={"literal_binds": True})
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {sql}").scalars())
    assert f"using {index} on" in plan, plan
    assert "Sort" not in plan, plan


def _fill(contacts: Contacts, app: ApiClient, people: list[str]) -> None:
    """Twenty thousand interactions of these people, of fifty kinds, one a minute."""
    fill = sa.text(
        "INSERT INTO interactions (tenant_id, id, person_id, kind, channel, occurred_at,"
        " recorded_at, properties, version)"
        " SELECT :tenant, gen_random_uuid(), (CAST(:people AS uuid[]))[n % 20 + 1],"
        " 'kind' || n % 50, '', timestamptz '2026-01-01' + n * interval '1 minute', now(), '{}', 1"
        " FROM generate_series(1, 20000) n"
    )
    with contacts.service.database.tenant_transaction(app.tenant_id) as connection:
        connection.execute(fill, {"tenant": app.tenant_id, "people": people})
    runtime = contacts.service.settings.database_url.get_secret_value()
    with psycopg.connect(runtime.replace("runtime", "owner"), autocommit=True) as owner:
        owner.execute("ANALYZE interactions")
