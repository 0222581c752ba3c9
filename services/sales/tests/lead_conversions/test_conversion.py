"""A lead becomes person, company and opportunity in one step, once, with its history (SA-5)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import lead_events_pb2 as events
from rapport.sales.events.v1.opportunity_events_pb2 import OpportunityOpened
from services.sales.tests.builders import (
    ACTIVITIES,
    LEADS,
    OPPORTUNITIES,
    Sales,
    at_once,
    capture,
    choose_base,
    define_pipeline,
    facts,
    fire,
    good,
    move,
    places,
    refused,
    stage,
)
from services.sales.tests.converting import CONSENT, convert, state
from services.sales.tests.fakes import FakeCustomers


def test_a_lead_becomes_person_company_and_opportunity_that_tell_where_they_came_from(
    asking: Sales, app: ApiClient, customers: FakeCustomers
) -> None:
    choose_base(app)
    pipeline = define_pipeline(app)
    acme = customers.know_company("Acme")
    about = {"company_name": "Acme", "job_title": "CTO", "industry": "tools"}
    origin = {"source": "fair", "campaign": "spring"}
    lead = capture(app, **about, **origin, description="Wants ten.")
    amount = {"amount": "5000", "currency": "TWD"}
    done = good(convert(app, lead, amount=amount, expected_close_on="2030-01-31"))
    assert (done["person_found"], done["company_found"]) == ("created", "matched")
    assert done["company_id"] == str(acme)
    assert done["credited"]["campaign"] == "spring"
    one = good(app.get(f"{OPPORTUNITIES}/{done['opportunity_id']}"))
    assert (one["lead_id"], one["pipeline_id"], one["name"]) == (lead["id"], pipeline["id"], "Acme")
    assert (one["source"], one["industry"], one["description"]) == ("fair", "tools", "Wants ten.")
    assert (one["person_id"], one["company_id"]) == (done["person_id"], str(acme))
    assert one["amount"]["amount"] == "5000.00"
    after = good(app.get(f"{LEADS}/{lead['id']}"))
    assert (after["state"], after["person_id"], after["company_id"]) == (
        "converted",
        done["person_id"],
        str(acme),
    )
    person = customers.people[UUID(done["person_id"])]
    assert person.company_ids == [acme]
    (told,) = facts(asking, app, events.LeadConverted)
    assert (told.person_id, told.opportunity_id) == (done["person_id"], done["opportunity_id"])
    assert (told.credited.campaign, told.lead.origin.source) == ("spring", "fair")
    assert (told.person_created, told.company_created) == (True, False)
    (opened,) = facts(asking, app, OpportunityOpened)
    assert opened.opportunity.lead_id == lead["id"]


def test_a_second_click_answers_the_same_whatever_it_asks_for(
    asking: Sales, app: ApiClient, customers: FakeCustomers
) -> None:
    define_pipeline(app)
    lead = capture(app)
    first = good(convert(app, lead))
    asked = list(customers.asked)
    assert good(convert(app, lead, new_person=True, name="Another")) == first
    assert good(app.get(f"{LEADS}/{lead['id']}/conversion")) == first
    assert customers.asked == asked
    assert len(facts(asking, app, events.LeadConverted)) == 1


def test_whoever_saw_the_lead_as_it_is_no_more_enters_nobody_in_contacts(
    app: ApiClient, customers: FakeCustomers
) -> None:
    define_pipeline(app)
    lead = capture(app, company_name="Acme")
    path = f"{LEADS}/{lead['id']}"
    seen = {"If-Match": app.get(path).headers["ETag"]}
    changed = app.patch(path, {"job_title": "CTO"})
    assert refused(app.post(f"{path}/convert", {}, headers=seen)) == (412, "version_mismatch")
    assert (customers.people, customers.companies) == ({}, {})
    good(app.post(f"{path}/convert", {}, headers={"If-Match": changed.headers["ETag"]}))


def test_many_clicks_at_once_convert_once(
    asking: Sales, app: ApiClient, customers: FakeCustomers
) -> None:
    define_pipeline(app)
    lead = capture(app, company_name="Acme")
    assert at_once(*[lambda: convert(app, lead)] * 6) == [200] * 6
    assert (len(customers.people), len(customers.companies)) == (1, 1)
    assert len(app.get(OPPORTUNITIES).json["items"]) == 1
    assert len(facts(asking, app, events.LeadConverted)) == 1


def test_a_conversion_and_an_archiving_at_once_end_with_one_of_them(
    app: ApiClient, customers: FakeCustomers
) -> None:
    define_pipeline(app)
    for _ in range(5):
        lead = capture(app)
        codes = at_once(
            lambda lead=lead: convert(app, lead),  # type: ignore[misc]
            lambda lead=lead: app.delete(f"{LEADS}/{lead['id']}"),  # type: ignore[misc]
        )
        converted = state(app, lead) == "converted"
        assert codes in ([200, 409], [204, 409])
        assert converted == (codes == [200, 409])
    assert customers.people


@pytest.mark.parametrize("question", ["company_of", "person_of", "employ"])
def test_while_contacts_is_away_nothing_is_half_done_and_the_next_try_finds_what_was_entered(
    asking: Sales, app: ApiClient, customers: FakeCustomers, question: str
) -> None:
    define_pipeline(app)
    lead = capture(app, company_name="Acme", consents=[CONSENT])
    customers.fails_at = question
    answer = convert(app, lead)
    assert refused(answer) == (503, "peer_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert state(app, lead) == "open"
    assert app.get(OPPORTUNITIES).json["items"] == []
    assert facts(asking, app, events.LeadConverted) == []
    customers.fails_at = ""
    done = good(convert(app, lead))
    assert (len(customers.people), len(customers.companies)) == (1, 1)
    assert (done["person_found"], done["company_found"]) == ("created", "created")


def test_what_sales_refuses_afterwards_leaves_a_person_that_the_next_try_finds(
    app: ApiClient, customers: FakeCustomers
) -> None:
    lead = capture(app)
    assert places(convert(app, lead)) == [("/pipeline_id", "pipeline_missing")]
    assert places(convert(app, lead, pipeline_id=str(uuid4()))) == [
        ("/pipeline_id", "pipeline_unknown")
    ]
    assert state(app, lead) == "open"
    done = good(convert(app, lead, create_opportunity=False))
    assert (done["opportunity_id"], len(customers.people)) == (None, 1)


def test_where_several_might_be_meant_somebody_chooses(
    app: ApiClient, customers: FakeCustomers
) -> None:
    define_pipeline(app)
    both = [customers.know_person("ada@engines.example") for _ in range(2)]
    lead = capture(app)
    answer = convert(app, lead)
    assert refused(answer) == (409, "lead_ambiguous")
    assert [place for place, _ in places(answer)] == ["/person_id"] * 2
    assert all(str(one) in answer.text for one in both)
    contradiction = convert(app, lead, person_id=str(both[0]), new_person=True)
    assert places(contradiction) == [("/new_person", "chosen_and_new")]
    chosen = good(convert(app, lead, person_id=str(both[1])))
    assert (chosen["person_id"], chosen["person_found"]) == (str(both[1]), "chosen")
    other = capture(app)
    assert good(convert(app, other, new_person=True))["person_found"] == "created"
    assert len(customers.people) == 3


def test_nobody_who_is_not_there_or_put_away_is_chosen(
    app: ApiClient, customers: FakeCustomers
) -> None:
    lead = capture(app)
    archived = customers.know_person(archived=True)
    assert convert(app, lead, person_id=str(uuid4())).status_code == 404
    assert refused(convert(app, lead, person_id=str(archived))) == (409, "person_archived")
    assert convert(app, lead, company_id=str(uuid4())).status_code == 404
    assert state(app, lead) == "open"


def test_a_lead_that_is_a_person_already_is_that_person(
    app: ApiClient, customers: FakeCustomers
) -> None:
    known = customers.know_person("else@engines.example")
    lead = capture(app, person_id=str(known))
    done = good(convert(app, lead, create_opportunity=False))
    assert (done["person_id"], done["person_found"]) == (str(known), "chosen")


def test_a_company_alone_has_no_person(app: ApiClient, customers: FakeCustomers) -> None:
    nobody = {"given_name": "", "family_name": "", "email": ""}
    lead = capture(app, **nobody, company_name="Acme", consents=[CONSENT])
    done = good(convert(app, lead, create_opportunity=False))
    assert (done["person_id"], done["company_found"]) == (None, "created")
    assert (customers.people, customers.consents) == ({}, [])


def test_nothing_happens_to_a_converted_lead_any_more(
    app: ApiClient, customers: FakeCustomers
) -> None:
    lead = capture(app)
    good(convert(app, lead, create_opportunity=False))
    path = f"{LEADS}/{lead['id']}"
    for answer in (
        app.patch(path, {"phone": "+886912345678"}),
        app.post(f"{path}/touches", {"kind": "call"}),
        app.post(f"{path}/restore"),
        app.delete(path),
    ):
        assert refused(answer) == (409, "lead_converted")
    again = capture(app, given_name="Ada II")
    assert again["id"] != lead["id"]
    assert customers.people


def test_an_archived_lead_is_not_converted_and_nobody_is_entered_for_it(
    app: ApiClient, customers: FakeCustomers
) -> None:
    lead = capture(app)
    app.delete(f"{LEADS}/{lead['id']}")
    assert refused(convert(app, lead)) == (409, "lead_archived")
    assert customers.asked == []
    assert refused(app.get(f"{LEADS}/{lead['id']}/conversion")) == (404, "not_converted")


def test_a_lead_that_is_changed_while_contacts_is_asked_is_not_taken_for_whom_it_was(
    app: ApiClient, customers: FakeCustomers
) -> None:
    lead = capture(app)
    changes = iter([{"email": "bob@engines.example"}])

    def change() -> None:
        for body in changes:
            good(app.patch(f"{LEADS}/{lead['id']}", body))

    customers.meanwhile = change
    answer = convert(app, lead, create_opportunity=False)
    assert refused(answer) == (409, "lead_changed")
    assert "Retry-After" in answer.headers
    assert good(convert(app, lead, create_opportunity=False))["person_id"]


def test_a_touch_while_contacts_is_asked_is_no_matter(
    app: ApiClient, customers: FakeCustomers
) -> None:
    lead = capture(app)
    touches = iter([{"kind": "visit", "campaign": "late"}])

    def touch() -> None:
        for body in touches:
            good(app.post(f"{LEADS}/{lead['id']}/touches", body))

    customers.meanwhile = touch
    done = good(convert(app, lead, create_opportunity=False))
    assert done["credited"]["campaign"] == "late"


def test_the_campaign_before_is_credited_and_the_first_one_stays_beside_it(
    asking: Sales, app: ApiClient, clock: MovableClock, customers: FakeCustomers
) -> None:
    lead = capture(app, source="fair", campaign="winter")
    for kind, campaign in (("form", "spring"), ("call", "")):
        clock.move(timedelta(days=40))
        good(app.post(f"{LEADS}/{lead['id']}/touches", {"kind": kind, "campaign": campaign}))
    clock.move(timedelta(days=1))
    done = good(convert(app, lead, create_opportunity=False))
    assert done["credited"]["campaign"] == "spring"
    taken = clock.now() - timedelta(days=41)
    assert done["credited"]["touched_at"][:16] == taken.isoformat()[:16]
    (told,) = facts(asking, app, events.LeadConverted)
    assert (told.credited.campaign, told.lead.origin.campaign) == ("spring", "winter")
    span = told.converted_at.ToDatetime() - told.captured_at.ToDatetime()
    assert span == timedelta(days=81)
    assert customers.people


def test_time_does_nothing_to_a_converted_lead(
    asking: Sales, app: ApiClient, clock: MovableClock, customers: FakeCustomers
) -> None:
    lead = capture(app)
    good(convert(app, lead, create_opportunity=False))
    before = good(app.get(f"{LEADS}/{lead['id']}"))
    clock.move(timedelta(days=400))
    fire(asking)
    assert good(app.get(f"{LEADS}/{lead['id']}")) == before
    assert good(convert(app, lead))["converted_at"][:10] != clock.now().date().isoformat()
    assert customers.people


def test_what_was_done_about_the_lead_is_the_opportunitys_history(
    app: ApiClient, customers: FakeCustomers
) -> None:
    criterion = {"key": "called", "name": {"en": "Called"}, "kind": "activity", "activity": "call"}
    define_pipeline(app, stage("new", exit_criteria=[criterion]), stage("talk", 40))
    lead = capture(app)
    about = {"lead_id": lead["id"], "kind": "call"}
    done = good(app.post(ACTIVITIES, {**about, "subject": "First call"}))
    good(app.post(f"{ACTIVITIES}/{done['id']}/complete", {"outcome": "reached"}))
    due = good(app.post(ACTIVITIES, {**about, "subject": "Second call"}))
    converted = good(convert(app, lead))
    one = {"id": converted["opportunity_id"]}
    listed = app.get(f"{ACTIVITIES}?opportunity_id={one['id']}").json["items"]
    assert {row["id"] for row in listed} == {done["id"], due["id"]}
    assert {row["person_id"] for row in listed} == {converted["person_id"]}
    still = good(app.get(f"{ACTIVITIES}/{due['id']}"))
    assert (still["opportunity_id"], still["lead_id"]) == (one["id"], None)
    good(move(app, one, "talk"))
    assert customers.people


def test_who_sees_the_opportunity_sees_the_touches_before_it_and_nobody_else_does(
    asking: Sales, app: ApiClient, customers: FakeCustomers
) -> None:
    assert app.tenant_id is not None
    pipeline = define_pipeline(app)
    me, mine = uuid4(), capture(app, source="fair", owner_id=str(uuid4()))
    good(app.post(f"{LEADS}/{mine['id']}/touches", {"kind": "visit", "source": "web"}))
    done = good(convert(app, mine, owner_id=str(me)))
    path = f"{OPPORTUNITIES}/{done['opportunity_id']}/touches"
    user = asking.user_client(app.tenant_id, {"sales.opportunities.read": "own"}, user_id=me)
    assert [one["source"] for one in user.get(path).json["items"]] == ["web", "fair"]
    other = asking.user_client(app.tenant_id, {"sales.opportunities.read": "own"})
    assert other.get(path).status_code == 404
    plain = good(app.post(OPPORTUNITIES, {"pipeline_id": pipeline["id"], "name": "Without"}))
    assert app.get(f"{OPPORTUNITIES}/{plain['id']}/touches").json["items"] == []
    assert customers.people


def test_a_lead_becomes_no_opportunity_that_is_worth_less_than_nothing(
    app: ApiClient,
) -> None:
    choose_base(app)
    define_pipeline(app)
    lead = capture(app)
    below = {"amount": "-1", "currency": "TWD"}
    assert places(convert(app, lead, amount=below)) == [("/amount", "amount_negative")]
    assert state(app, lead) == "open"
