"""What stays in a base currency is in the one that stays, whoever chooses another at that moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import sqlalchemy as sa

from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.waiting import eventually
from services.sales.tests.builders import SETTINGS, Sales, choose_base, good
from services.sales.tests.commissioning import PLANS, plan_for
from services.sales.tests.forecasting import ADJUSTMENTS
from services.sales.tests.subscribing import SUBSCRIPTIONS, seat

ADJUSTED = {
    "user_id": str(uuid4()),
    "period": "2026-Q1",
    "figure": "commit",
    "amount": {"amount": "1", "currency": "TWD"},
    "reason": "Sure",
}
SUBSCRIBED = {
    "name": "Seats",
    "company_id": str(uuid4()),
    "currency": "TWD",
    "term_months": 12,
    "lines": [seat()],
}


def while_another_is_chosen(
    sales: Sales, app: ApiClient, call: Callable[[], ApiAnswer]
) -> ApiAnswer:
    """The answer to a call that has seen the currency before another one was chosen, and waits for it."""
    assert app.tenant_id is not None
    other = sa.text("UPDATE currency_settings SET base_currency = 'EUR', version = version + 1")
    with ThreadPoolExecutor(1) as pool:
        with sales.service.database.tenant_transaction(app.tenant_id) as connection:
            connection.execute(other)
            mine = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
            answer = pool.submit(call)
            eventually(lambda: answer.done() or _somebody_waits_for(sales, mine))
        return answer.result()


def _somebody_waits_for(sales: Sales, backend: int) -> bool:
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE :me = ANY(pg_blocking_pids(pid))"
    )
    with sales.service.database.system_transaction() as connection:
        return bool(connection.execute(waiting, {"me": backend}).scalar_one())


@pytest.mark.parametrize(
    ("path", "body"), [(ADJUSTMENTS, ADJUSTED), (PLANS, plan_for(uuid4(), currency="TWD"))]
)
def test_what_is_in_the_currency_of_before_is_refused(
    sales: Sales, app: ApiClient, path: str, body: dict[str, object]
) -> None:
    choose_base(app)
    answer = while_another_is_chosen(sales, app, lambda: app.post(path, body))
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "currency_not_base")
    assert good(app.get(SETTINGS))["in_use"] is False


def test_a_subscription_is_valued_in_no_currency_but_the_one_that_stays(
    sales: Sales, app: ApiClient
) -> None:
    choose_base(app)
    good(while_another_is_chosen(sales, app, lambda: app.post(SUBSCRIPTIONS, SUBSCRIBED)))
    # From the one to the other there is no rate.
    assert good(app.get("/v1/sales/subscriptions/revenue"))["base"]["unvalued"] == 1
    assert good(app.get(SETTINGS))["in_use"] is False
