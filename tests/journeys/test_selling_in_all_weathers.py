"""What selling is on other days: programs in forms, losses abroad, subscriptions that change, months that close."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deploy.demo.external_app import Answer, ExternalApp
from deploy.demo.selling import definitions as defined
from deploy.demo.selling.house import House, open_house, this_month, today
from deploy.demo.selling.sale import LEADS, OPPORTUNITIES, SUBSCRIPTIONS
from deploy.demo.selling.visitor import Visitor

from .world import Organisation, World, soon

PATIENCE = 20
"""Seconds that a fact may take to be counted."""
RECORDS = "/v1/sales"
ZONE = "Asia/Taipei"
"""Where the tenants of the demonstration are."""


@pytest.fixture(scope="module")
def organisation(world: World) -> Organisation:
    """A tenant of these tests' own."""
    return world.organisation()


@pytest.fixture(scope="module")
def house(organisation: Organisation) -> House:
    """A house that sells espresso machines, in it."""
    return open_house(organisation.admin)


def refusal(app: ExternalApp, path: str, body: Any = None, method: str = "POST") -> tuple[int, str]:
    """Status and code of what is refused."""
    answer = app.ask(method, path, json=body)
    return answer.status, answer.json.get("code", "")


def at_once(*calls: Callable[[], Answer]) -> list[int]:
    """The statuses of what is asked at the same time, sorted."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(answer.status for answer in pool.map(lambda call: call(), calls))


def test_what_a_program_sends_to_a_form_is_held_back_and_a_list_is_taken_in(
    world: World, house: House
) -> None:
    form, admin = house.ids["web_form"], house.admin
    snippet = admin.get(f"{RECORDS}/web-forms/{form}/snippet", language="zh-Hant")["html"]
    assert 'name="homepage"' in snippet, "the trap"
    assert "請寄咖啡資訊給我。" in snippet
    visitor = Visitor(world.gateway)
    trapped = {
        **defined.VISITOR,
        "email": "bot@formosa.example",
        "homepage": "https://spam.example",
    }
    assert visitor.fill_in(form, trapped) == 202, "a program learns nothing"
    (held,) = admin.get(f"{RECORDS}/form-submissions", state="quarantined")["items"]
    assert "honeypot_filled" in held["reasons"]
    assert admin.get(LEADS, q="bot@formosa.example")["items"] == []
    path = f"{RECORDS}/form-submissions/{held['id']}"
    assert refusal(house.seller.app, f"{path}/release")[0] == 403
    calls = [lambda: admin.ask("POST", f"{path}/release")] * 2
    assert at_once(*calls) in ([200, 200], [200, 409])
    (lead,) = admin.get(LEADS, q="bot@formosa.example")["items"]
    assert lead["campaign"] == "spring"
    rows = [
        {
            "external_id": "1",
            "family_name": "林",
            "email": "lin@tainan.example",
            "campaign": "fair",
        },
        {"external_id": "2", "family_name": "陳", "email": "no address"},
        {
            "external_id": "3",
            "family_name": "黃",
            "email": "huang@tainan.example",
            "campaign": "fair",
        },
    ]
    told = admin.post(f"{LEADS}/import", {"system": "old-crm", "items": rows})
    assert [one["status"] for one in told["items"]] == [201, 422, 201]
    again = admin.post(f"{LEADS}/import", {"system": "old-crm", "items": rows})
    assert [one["status"] for one in again["items"]] == [200, 422, 200], "nobody comes twice"


def test_an_app_of_customers_configures_and_may_do_nothing_else(
    organisation: Organisation, house: House
) -> None:
    app, machine = organisation.app("sales.configurations.read"), house.ids["machine"]
    check = f"{RECORDS}/configurations/check"
    body = {"product_id": machine, "currency": "TWD", "choices": [{"option": "milk"}]}
    wrong = app.post(check, body)
    assert (wrong["valid"], wrong["pricing"]) == (False, None)
    assert wrong["broken"][0]["message"]["en"] == "A machine needs a grinder."
    fine = app.post(check, {**body, "choices": [{"option": "grinder"}, {"option": "filter"}]})
    # 180,000 + 32,000 + 6,000.
    assert (fine["valid"], fine["pricing"]["net"]["amount"]) == (True, "218000.00")
    for path in (LEADS, OPPORTUNITIES, f"{RECORDS}/quotes", f"{RECORDS}/products"):
        assert refusal(app, path, method="GET") == (403, "permission_missing"), path


def test_a_lead_is_qualified_by_questions_of_the_tenants_own(house: House) -> None:
    options = [
        {"key": "yes", "name": defined.label("Yes", "是"), "points": 50, "verdict": "met"},
        {"key": "no", "name": defined.label("No", "否"), "points": 0, "verdict": "unmet"},
    ]
    questions = [
        {"key": key, "name": defined.label(key, key), "answers": options}
        for key in ("water_line", "three_phase_power")
    ]
    framework = {
        "name": defined.label("Can we install it?", "可否安裝"),
        "questions": questions,
        "threshold": 100,
    }
    frameworks = f"{RECORDS}/qualification-frameworks"
    assert refusal(house.seller.app, frameworks, framework)[0] == 403
    own = house.admin.post(frameworks, framework)["id"]
    body = {"family_name": "王", "email": "wang@keelung.example", "owner_id": house.seller.id}
    lead = f"{LEADS}/{house.admin.post(LEADS, body)['id']}"
    seller, answers = house.seller.app, f"{lead}/assessments/{own}/answers"
    seller.put(f"{answers}/water_line", {"answer": "yes", "evidence": "Seen on the plan."})
    assert refusal(seller, f"{lead}/qualify", {"framework_id": own})[0] == 409
    said = {"answer": "yes", "evidence": "The electrician says so."}
    power = f"{answers}/three_phase_power"
    assert set(at_once(*[lambda: seller.ask("PUT", power, json=said)] * 2)) <= {200, 409}
    assert seller.get(f"{lead}/assessments/{own}")["points"] == 100
    assert seller.post(f"{lead}/qualify", {"framework_id": own})["state"] == "open"


def test_a_deal_abroad_is_lost_for_a_reason_and_counted(house: House) -> None:
    long_ago = (today() - timedelta(days=400)).isoformat()
    rate = {"currency": "EUR", "rate": "35.5", "valid_from": long_ago}
    house.admin.post(f"{RECORDS}/exchange-rates", rate)
    assert refusal(house.admin, f"{RECORDS}/exchange-rates", rate)[0] == 409
    seller, wanted = house.seller.app, {"amount": "10000", "currency": "EUR"}
    body = {
        "pipeline_id": house.ids["pipeline"],
        "name": "Machines for Lyon",
        "company_id": house.ids["company"],
        "amount": wanted,
        "source": "fair",
    }
    opened = seller.post(OPPORTUNITIES, body)
    assert opened["base_amount"]["amount"] == "355000.00"
    path = f"{OPPORTUNITIES}/{opened['id']}"
    assert refusal(seller, f"{path}/lose", {"reason": "of_no_such_kind"})[0] == 422
    lost = {"reason": "competitor", "lost_to": "Bella Macchina", "note": "Cheaper by a tenth."}
    assert at_once(*[lambda: seller.ask("POST", f"{path}/lose", json=lost)] * 2) == [200, 409]
    reports, asked = f"{RECORDS}/analytics", {"period": this_month(), "source": "fair"}
    soon(
        lambda: seller.get(f"{reports}/loss-reasons", **asked)["total"]["lost"] == 1,
        PATIENCE,
        "the loss is counted",
    )
    (reason,) = seller.get(f"{reports}/loss-reasons", **asked)["total"]["reasons"]
    assert (reason["reason"], reason["lost_amount"]["amount"]) == ("competitor", "355000.00")
    staged = seller.get(f"{reports}/stage-conversions", **asked, pipeline_id=house.ids["pipeline"])[
        "total"
    ]
    assert staged["opportunities"] == 1
    assert [one["reached"] for one in staged["stages"]][:2] == [1, 0]
    effort = seller.get(f"{reports}/efforts", **asked)["total"]
    assert (effort["won"], effort["lost"]) == (0, 1)


def test_a_subscription_grows_stands_still_and_ends_and_its_revenue_adds_up(house: House) -> None:
    seller, line = house.seller.app, {"name": "Beans", "unit_price": "1000", "quantity": "3"}
    body = {
        "name": "Beans every month",
        "company_id": house.ids["company"],
        "currency": "TWD",
        "term_months": 12,
        "lines": [line],
    }
    begun = seller.post(SUBSCRIPTIONS, body)
    path = f"{SUBSCRIPTIONS}/{begun['id']}"
    grown = seller.post(f"{path}/change", {"lines": [{**line, "quantity": "5"}]})
    assert grown["mrr"]["amount"] == "5000.00"
    assert seller.post(f"{path}/pause", {})["status"] == "paused"
    assert refusal(seller, f"{path}/change", {"lines": [line]})[0] == 409, "it stands still"
    assert at_once(*[lambda: seller.ask("POST", f"{path}/resume")] * 2) in ([200, 200], [200, 409])
    assert refusal(seller, f"{path}/cancel", {"reason": "of_no_such_kind"})[0] == 422
    house.admin.post(
        f"{RECORDS}/reasons",
        {
            "kind": "churn",
            "key": "grows_its_own",
            "name": defined.label("Grows its own", "自產自用"),
        },
    )
    assert seller.post(f"{path}/cancel", {"reason": "grows_its_own"})["cancellation"] is not None
    # Revenue goes by days of the tenant's clock, which are not those of the universal one.
    here = datetime.now(ZoneInfo(ZONE)).date().isoformat()
    asked = {"since": here, "until": here}
    (told,) = seller.get(f"{SUBSCRIPTIONS}/revenue", **asked)["currencies"]
    # It began with 3,000 and grew by 2,000; while it stood still it brought nothing, and came back.
    assert (told["new"], told["expansion"], told["closing"]) == ("3000.00", "2000.00", "5000.00")
    moved = [seller.get(f"{path}/movements")["items"]]
    assert sum(float(one["amount"]["amount"]) for one in moved[0]) == 5_000


def test_a_closed_month_is_closed_once_and_a_kept_forecast_is_measured(house: House) -> None:
    first = today().replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    plan = {
        **defined.COMMISSION_PLAN,
        "name": defined.label("Since last month", "上月起"),
        "valid_from": before.isoformat(),
        "participants": [{"user_id": house.seller.id}],
    }
    plan_id = house.admin.post(f"{RECORDS}/commission-plans", plan)["id"]
    statements = f"{RECORDS}/commission-statements"
    asked = {"plan_id": plan_id, "user_id": house.seller.id, "period": f"{before:%Y-%m}"}
    manager = house.manager.app
    assert refusal(house.seller.app, statements, asked) == (403, "permission_missing")
    assert at_once(*[lambda: manager.ask("POST", statements, json=asked)] * 2) == [201, 409]
    (closed,) = manager.get(statements, user_id=house.seller.id)["items"]
    assert closed["period"] == f"{before:%Y-%m}"
    assert refusal(manager, statements, {**asked, "period": this_month()}) == (
        409,
        "period_not_over",
    )
    kept = manager.post(f"{RECORDS}/forecast-snapshots", {"period": this_month()})
    accuracy = manager.get(f"{RECORDS}/forecast-snapshots/{kept['id']}/accuracy", by="user")
    assert (accuracy["final"], accuracy["period"]) == (False, this_month())


def test_documents_are_shared_and_a_deputy_says_no(house: House) -> None:
    seller, manager = house.seller.app, house.manager
    body = {
        "pipeline_id": house.ids["pipeline"],
        "name": "A machine for Hualien",
        "company_id": house.ids["company"],
    }
    opportunity = f"{OPPORTUNITIES}/{seller.post(OPPORTUNITIES, body)['id']}"
    documents = f"{opportunity}/documents"
    plan = {"name": "Plan", "kind": "plan", "url": "https://files.example/plan.pdf"}
    assert refusal(seller, documents, {**plan, "url": "http://files.example/plan.pdf"})[0] == 422
    assert at_once(*[lambda: seller.ask("POST", documents, json=plan)] * 2) == [201, 409]
    away = {"user_id": manager.id, "first_day": today().isoformat()}
    until = (today() + timedelta(days=1)).isoformat()
    house.admin.post(f"{RECORDS}/absences", {**away, "last_day": until})
    kind = {
        "key": "credit",
        "name": defined.label("Credit", "信用額度"),
        "steps": [
            {
                "key": "boss",
                "name": defined.label("Manager", "主管"),
                "approver": "user",
                "user_id": manager.id,
                "deputy_id": _deputy(house),
            }
        ],
    }
    type_id = house.admin.post(f"{RECORDS}/approval-types", kind)["id"]
    requests = f"{RECORDS}/approval-requests"
    request = seller.post(requests, {"approval_type_id": type_id, "subject": "60 days to pay"})
    path = f"{requests}/{request['id']}"
    assert refusal(seller, f"{path}/reject", {"comment": "No."})[0] == 403
    assert refusal(house.admin, f"{path}/reject", {})[0] == 422, "a no needs its reason"
    assert house.admin.post(f"{path}/reject", {"comment": "They pay late."})["status"] == "rejected"
    assert refusal(manager.app, f"{path}/approve", {})[0] == 409


def _deputy(house: House) -> str:
    """The administrator, who stands in for the manager."""
    return str(house.admin.get("/v1/identity/me")["id"])
