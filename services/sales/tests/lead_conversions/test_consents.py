"""What a lead has said about consent is passed on after the conversion, with the right of whoever entered it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.embedded.postgres import PostgresServer
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase, migrated_database
from sales.description import DESCRIPTION
from services.sales.tests.builders import (
    LEADS,
    Sales,
    at_once,
    capture,
    define_pipeline,
    fire,
    good,
    places,
)
from services.sales.tests.converting import (
    CONSENT,
    CONVERSIONS,
    convert,
    pass_consents_on,
    state,
)
from services.sales.tests.fakes import FakeCustomers
from services.sales.tests.web_forms.test_web_forms import ADA, Visitor, define_form

KEPT_BACK = [{"purpose": "news", "channel": "email", "reason": "permission_missing"}]
NO_CONSENTS = {"sales.*": "all", "contacts.people.*": "all", "contacts.companies.*": "all"}


def conversion(client: ApiClient, lead: dict[str, Any]) -> dict[str, Any]:
    """What a lead has become, as it stands now."""
    return good(client.get(f"{LEADS}/{lead['id']}/conversion"))


@pytest.fixture(scope="module")
def apart(postgres: PostgresServer) -> TestDatabase:
    """A database of which no other worker takes jobs: here the test alone decides when they are done."""
    return migrated_database(postgres, "sales", DESCRIPTION.migrations, "sales_consents")


@pytest.fixture
def database(apart: TestDatabase) -> TestDatabase:
    """That one, in place of the one that all other tests share."""
    return apart


@pytest.fixture
def pipeline(app: ApiClient) -> dict[str, Any]:
    """Where opportunities open."""
    return define_pipeline(app)


@pytest.mark.usefixtures("pipeline")
def test_nothing_is_passed_on_before_the_conversion_has_committed(
    asking: Sales, app: ApiClient, customers: FakeCustomers
) -> None:
    lead = capture(app, consents=[CONSENT])
    answer = convert(app, lead, pipeline_id=str(uuid4()))
    assert places(answer) == [("/pipeline_id", "pipeline_unknown")]
    pass_consents_on(asking, customers)
    assert (customers.consents, "pass_on" in customers.asked) == ([], False)
    done = good(convert(app, lead))
    assert (customers.consents, done["consents_passed_on_at"]) == ([], None)
    pass_consents_on(asking, customers)
    assert len(customers.consents) == 1
    assert conversion(app, lead)["consents_passed_on_at"] is not None
    assert conversion(app, lead)["consents_kept_back"] == []


@pytest.mark.usefixtures("pipeline")
def test_what_contacts_does_not_take_stays_with_the_lead_and_is_told_afterwards(
    asking: Sales, app: ApiClient, customers: FakeCustomers
) -> None:
    lead = capture(app, consents=[CONSENT, {**CONSENT, "purpose": "unheard"}])
    done = good(convert(app, lead))
    assert done["consents_kept_back"] == []
    pass_consents_on(asking, customers)
    told = conversion(app, lead)
    assert told["consents_kept_back"] == [
        {"purpose": "unheard", "channel": "email", "reason": "purpose_unknown"}
    ]
    assert app.get(CONVERSIONS).json["items"] == [told]
    ((who, said),) = customers.consents
    assert (str(who), said.wording, said.source) == (done["person_id"], "Write to me.", "capture")


@pytest.mark.usefixtures("pipeline")
def test_what_was_entered_stays_with_the_lead_unless_its_converter_may_write_consents(
    asking: Sales, app: ApiClient, customers: FakeCustomers
) -> None:
    assert app.tenant_id is not None
    user = asking.user_client(app.tenant_id, NO_CONSENTS)
    lead = capture(app, consents=[CONSENT])
    done = good(convert(user, lead))
    assert done["consents_kept_back"] == KEPT_BACK
    pass_consents_on(asking, customers)
    assert (customers.consents, conversion(app, lead)["consents_passed_on_at"]) == ([], None)
    assert good(app.get(f"{LEADS}/{lead['id']}"))["consents"][0]["wording"] == "Write to me."


@pytest.mark.usefixtures("pipeline")
@pytest.mark.parametrize(("is_own", "passed_on"), [(True, 1), (False, 0)])
def test_the_right_to_write_consents_reaches_as_far_as_people_do(
    asking: Sales, app: ApiClient, customers: FakeCustomers, *, is_own: bool, passed_on: int
) -> None:
    assert app.tenant_id is not None
    me = uuid4()
    grants = {**NO_CONSENTS, "contacts.consents.write": "own"}
    user = asking.user_client(app.tenant_id, grants, user_id=me)
    customers.know_person("ada@engines.example", owner_id=me if is_own else uuid4())
    lead = capture(app, consents=[CONSENT])
    done = good(convert(user, lead))
    assert done["consents_kept_back"] == ([] if is_own else KEPT_BACK)
    pass_consents_on(asking, customers)
    assert len(customers.consents) == passed_on


@pytest.mark.usefixtures("pipeline")
def test_what_a_form_has_heard_is_passed_on_whoever_converts(
    asking: Sales, app: ApiClient, customers: FakeCustomers, clock: MovableClock
) -> None:
    assert app.tenant_id is not None
    visitor = Visitor(asking, define_form(app))
    ticket = visitor.open()
    clock.move(timedelta(seconds=30))
    yes = {"consent.news.email": "yes", "language": "en"}
    assert visitor.send(ADA, ticket=ticket, **yes).status_code == 202
    (lead,) = good(app.get(LEADS))["items"]
    touched = {"kind": "call", "consents": [{**CONSENT, "purpose": "other"}]}
    good(app.post(f"{LEADS}/{lead['id']}/touches", touched))
    user = asking.user_client(app.tenant_id, NO_CONSENTS)
    done = good(convert(user, lead))
    assert done["consents_kept_back"] == [{**KEPT_BACK[0], "purpose": "other"}]
    pass_consents_on(asking, customers)
    ((_who, said),) = customers.consents
    assert (said.purpose, said.wording) == ("news", "Write to me.")
    assert conversion(app, lead)["consents_kept_back"] == [{**KEPT_BACK[0], "purpose": "other"}]


@pytest.mark.usefixtures("pipeline")
def test_while_contacts_is_away_consents_wait_and_are_passed_on_once_in_the_end(
    asking: Sales, app: ApiClient, customers: FakeCustomers, clock: MovableClock
) -> None:
    lead = capture(app, consents=[CONSENT])
    done = good(convert(app, lead))
    customers.fails_at = "pass_on"
    pass_consents_on(asking, customers)
    assert (state(app, lead), conversion(app, lead)) == ("converted", done)
    customers.fails_at = ""
    clock.move(timedelta(minutes=10))
    pass_consents_on(asking, customers)
    passed_on_at = conversion(app, lead)["consents_passed_on_at"]
    assert passed_on_at is not None
    clock.move(timedelta(days=2))
    fire(asking)
    pass_consents_on(asking, customers)
    assert len(customers.consents) == 1
    assert conversion(app, lead)["consents_passed_on_at"] == passed_on_at


@pytest.mark.usefixtures("pipeline")
def test_a_job_that_was_given_up_is_begun_anew_after_some_hours(
    asking: Sales, app: ApiClient, customers: FakeCustomers, clock: MovableClock
) -> None:
    lead = capture(app, consents=[CONSENT])
    good(convert(app, lead))
    customers.fails_at = "pass_on"
    for _ in range(25):
        pass_consents_on(asking, customers)
        clock.move(timedelta(minutes=6))
    customers.fails_at = ""
    pass_consents_on(asking, customers)
    assert customers.consents == []
    clock.move(timedelta(hours=6))
    fire(asking)
    pass_consents_on(asking, customers)
    assert len(customers.consents) == 1
    assert conversion(app, lead)["consents_passed_on_at"] is not None


@pytest.mark.usefixtures("pipeline")
def test_two_workers_and_two_clicks_pass_a_saying_on_once(
    asking: Sales, app: ApiClient, customers: FakeCustomers
) -> None:
    lead = capture(app, consents=[CONSENT])
    assert at_once(*[lambda: convert(app, lead)] * 4) == [200] * 4

    def work() -> Any:
        pass_consents_on(asking, customers)
        return app.get(f"{LEADS}/{lead['id']}/conversion")

    assert at_once(work, work) == [200, 200]
    assert len(customers.consents) == 1
    assert customers.asked.count("pass_on") == 1
