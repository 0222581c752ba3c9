"""What hangs on a company is found by indexes, as the runtime login may (SA-1, SA-8)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from chassis.storage.listing import ListSpec
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from sales.activities.queries import ACTIVITIES as ACTIVITY_LIST
from sales.activities.storage import activities
from sales.leads.queries import LEADS as LEAD_LIST
from sales.leads.storage import leads
from services.sales.tests.builders import ACTIVITIES, LEADS, Sales, capture, good
from services.sales.tests.plans import plan_among_many


@pytest.mark.parametrize(
    ("table", "listed", "order", "index"),
    [
        (activities, ACTIVITY_LIST, "created_at", "activities_of_company"),
        (leads, LEAD_LIST, "captured_at", "leads_of_company"),
    ],
    ids=["activities", "leads"],
)
def test_what_is_about_a_company_is_read_by_its_index_in_order(
    database: TestDatabase,
    app: ApiClient,
    table: sa.Table,
    listed: ListSpec,
    order: str,
    index: str,
) -> None:
    company = uuid4()
    if table is leads:
        one = capture(app, company_id=str(company))
    else:
        one = good(app.post(ACTIVITIES, {"subject": "Ring", "company_id": str(company)}))
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's own
    about = listed.filters["company_id"].condition("eq", company)
    found = sa.select(table.c.id).where(table.c.tenant_id == app.tenant_id, about)
    page = found.order_by(table.c[order].desc(), table.c.id.desc()).limit(51)
    plan = plan_among_many(
        database,
        table.name,
        {"tenant_id": app.tenant_id, "id": one["id"]},
        "'company_id', gen_random_uuid()",
        str(page.compile(dialect=dialect, compile_kwargs={"literal_binds": True})),
        {},
    )
    assert f"using {index}" in plan
    assert "Sort" not in plan


def test_what_is_about_a_company_is_listed_within_reach_alone(sales: Sales, app: ApiClient) -> None:
    assert app.tenant_id is not None
    company, me = str(uuid4()), uuid4()
    mine = capture(app, company_id=company, owner_id=str(me))
    capture(app, company_id=company, owner_id=str(uuid4()), email="b@engines.example")
    capture(app, company_id=str(uuid4()), owner_id=str(me), email="c@engines.example")
    path = f"{LEADS}?company_id={company}"

    def found(client: ApiClient) -> list[Any]:
        return [one["id"] for one in client.get(path).json["items"]]

    assert len(found(app)) == 2
    own = sales.user_client(app.tenant_id, {"sales.leads.read": "own"}, user_id=me)
    assert found(own) == [mine["id"]]
    assert found(sales.app_client(sales.new_tenant())) == []
    assert sales.anonymous().get(path).status_code == 401
    assert app.get(f"{LEADS}?company_id=acme").status_code == 400
    assert UUID(mine["company_id"]) == UUID(company)
