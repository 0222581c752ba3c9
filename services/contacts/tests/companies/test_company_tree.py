"""The tree of companies: no circles and a bounded depth, whatever is moved where, and by whom."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.domain import Conflict
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.companies.domain import MAX_LEVELS, require_place
from contacts.transaction import ContactsTx

Contacts = ServiceHarness[ContactsTx]
COMPANIES = "/v1/contacts/companies"

Forest = dict[UUID, UUID | None]


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


def enter(app: ApiClient, parent: str | None = None) -> str:
    response = app.post(COMPANIES, {"name": "A", "parent_company_id": parent})
    assert response.status_code == 201, response.text
    company_id: str = response.json["id"]
    return company_id


def move(app: ApiClient, company: str, parent: str | None) -> str:
    """Move a company; gives the code of the refusal, or `ok`."""
    response = app.patch(f"{COMPANIES}/{company}", {"parent_company_id": parent})
    return "ok" if response.status_code == 200 else str(response.json["code"])


def path_up(forest: Forest, company: UUID) -> list[UUID]:
    """The company and all above it; raises AssertionError for a circle."""
    path: list[UUID] = []
    current: UUID | None = company
    while current is not None:
        assert current not in path, "a circle"
        path.append(current)
        current = forest[current]
    return path


def levels_below(forest: Forest, company: UUID) -> int:
    below = [levels_below(forest, child) + 1 for child, up in forest.items() if up == company]
    return max(below, default=0)


MOVES = st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=60)


@given(MOVES)
def test_whatever_is_moved_there_is_no_circle_and_no_tree_too_deep(
    moves: list[tuple[int, int]],
) -> None:
    ids = [UUID(int=n + 1) for n in range(14)]
    forest: Forest = dict.fromkeys(ids)
    for child, parent in ((ids[c], ids[p]) for c, p in moves):
        with suppress(Conflict):
            require_place(child, path_up(forest, parent), levels_below(forest, child))
            forest[child] = parent
        assert max(len(path_up(forest, company)) for company in ids) <= MAX_LEVELS


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(-1, 11)), max_size=25))
def test_the_database_agrees_with_a_model_of_the_tree(
    contacts: Contacts, moves: list[tuple[int, int]]
) -> None:
    app = contacts.app_client(contacts.new_tenant())
    ids = [enter(app) for _ in range(12)]
    forest: Forest = {UUID(company): None for company in ids}
    for child, parent in moves:
        target = None if parent < 0 else ids[parent]
        answer = move(app, ids[child], target)
        above = [] if target is None else path_up(forest, UUID(target))
        if UUID(ids[child]) in above:
            assert answer == "company_cycle"
        elif len(above) + 1 + levels_below(forest, UUID(ids[child])) > MAX_LEVELS:
            assert answer == "company_tree_too_deep"
        else:
            assert answer == "ok"
            forest[UUID(ids[child])] = None if target is None else UUID(target)
    items = app.get(COMPANIES).json["items"]
    stored = {UUID(c["id"]): c["parent_company_id"] for c in items}
    assert stored == {child: parent and str(parent) for child, parent in forest.items()}


def test_a_company_cannot_stand_below_itself_or_what_is_below_it(app: ApiClient) -> None:
    top = enter(app)
    middle = enter(app, top)
    bottom = enter(app, middle)
    assert move(app, top, top) == "company_cycle"
    assert move(app, top, bottom) == "company_cycle"
    assert move(app, bottom, top) == "ok"


def test_a_tree_has_a_bounded_depth_counted_over_both_parts(app: ApiClient) -> None:
    chain = [enter(app)]
    while len(chain) < MAX_LEVELS:
        chain.append(enter(app, chain[-1]))
    response = app.post(COMPANIES, {"name": "A", "parent_company_id": chain[-1]})
    assert (response.status_code, response.json["code"]) == (409, "company_tree_too_deep")
    assert response.json["errors"][0]["pointer"] == "/parent_company_id"
    above = enter(app)
    assert move(app, chain[0], above) == "company_tree_too_deep"
    assert move(app, chain[1], above) == "ok"


def test_two_who_move_companies_below_each_other_make_no_circle(app: ApiClient) -> None:
    for _ in range(6):
        one, other = enter(app), enter(app)
        with ThreadPoolExecutor(2) as pool:
            moves = [pool.submit(move, app, one, other), pool.submit(move, app, other, one)]
            answers = sorted(done.result() for done in moves)
        assert answers == ["company_cycle", "ok"]


def test_a_parent_has_to_be_there_in_use_and_in_reach(contacts: Contacts) -> None:
    tenant, me = contacts.new_tenant(), uuid4()
    app = contacts.app_client(tenant)
    company = enter(app)
    foreign = enter(contacts.app_client(contacts.new_tenant()))
    put_away = enter(app)
    app.delete(f"{COMPANIES}/{put_away}")
    for parent, code in (
        (str(uuid4()), "company_unknown"),
        (foreign, "company_unknown"),
        (put_away, "company_archived"),
    ):
        response = app.patch(f"{COMPANIES}/{company}", {"parent_company_id": parent})
        assert response.status_code == 422
        assert response.json["errors"][0]["code"] == code
    grants = {"contacts.companies.read": "own", "contacts.companies.write": "own"}
    user = contacts.user_client(tenant, grants, user_id=me)
    response = user.post(COMPANIES, {"name": "Mine", "parent_company_id": company})
    assert response.json["errors"][0]["code"] == "company_unknown"
