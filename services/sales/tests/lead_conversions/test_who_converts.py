"""Who may convert which leads, and whose conversions are seen (SA-5)."""

from __future__ import annotations

from uuid import uuid4

from chassis.testing.client import ApiClient
from services.sales.tests.builders import (
    LEADS,
    OPPORTUNITIES,
    Sales,
    capture,
    define_pipeline,
    good,
    refused,
)
from services.sales.tests.converting import CONVERSIONS, EVERYTHING, convert, state
from services.sales.tests.fakes import FakeCustomers


def test_who_may_not_write_leads_or_opportunities_converts_nothing(
    asking: Sales, app: ApiClient, customers: FakeCustomers
) -> None:
    assert app.tenant_id is not None
    lead = capture(app)
    reader = asking.user_client(app.tenant_id, {"sales.leads.read": "all"})
    assert convert(reader, lead).status_code == 403
    writer = asking.user_client(app.tenant_id, {"sales.leads.*": "all"})
    assert refused(convert(writer, lead)) == (403, "permission_missing")
    assert customers.asked == []
    customers.forbidden = True
    assert convert(app, lead).status_code == 403
    assert state(app, lead) == "open"


def test_reach_decides_whose_leads_are_converted_and_whose_conversions_are_seen(
    asking: Sales, app: ApiClient, customers: FakeCustomers
) -> None:
    assert app.tenant_id is not None
    define_pipeline(app)
    me = uuid4()
    mine = asking.user_client(app.tenant_id, dict.fromkeys(EVERYTHING, "own"), user_id=me)
    theirs = capture(app, owner_id=str(uuid4()))
    own = capture(app, owner_id=str(me), email="own@engines.example")
    assert convert(mine, theirs).status_code == 404
    assert customers.asked == []
    done = good(convert(mine, own))
    assert done["owner_id"] == str(me)
    good(convert(app, theirs))
    listed = mine.get(f"{CONVERSIONS}?person_found=created").json["items"]
    assert [row["lead_id"] for row in listed] == [own["id"]]
    assert mine.get(f"{LEADS}/{theirs['id']}/conversion").status_code == 404
    assert len(app.get(f"{CONVERSIONS}?sort=converted_at").json["items"]) == 2


def test_a_lead_of_nobody_is_whose_who_converts_it(
    asking: Sales, app: ApiClient, customers: FakeCustomers
) -> None:
    assert app.tenant_id is not None
    define_pipeline(app)
    me = uuid4()
    user = asking.user_client(app.tenant_id, EVERYTHING, user_id=me)
    lead = capture(app)
    done = good(convert(user, lead))
    assert done["owner_id"] == str(me)
    assert done["converted_by"] == f"user:{me}"
    one = good(app.get(f"{OPPORTUNITIES}/{done['opportunity_id']}"))
    assert one["owner_id"] == str(me)
    assert customers.people


def test_another_version_than_was_seen_is_not_converted(
    app: ApiClient, customers: FakeCustomers
) -> None:
    lead = capture(app)
    path, how = f"{LEADS}/{lead['id']}/convert", {"create_opportunity": False}

    def change() -> None:
        good(app.patch(f"{LEADS}/{lead['id']}", {"phone": "+886912345678"}))

    # While contacts is asked: whom it has entered by then, the next try finds.
    customers.meanwhile = change
    answer = app.post(path, how, headers={"If-Match": f'"{lead["version"]}"'})
    assert (answer.status_code, state(app, lead)) == (412, "open")
    assert len(customers.people) == 1
    # Before that, nobody is asked.
    customers.meanwhile = lambda: None
    asked = list(customers.asked)
    answer = app.post(path, how, headers={"If-Match": f'"{lead["version"]}"'})
    assert (answer.status_code, state(app, lead)) == (412, "open")
    assert customers.asked == asked
