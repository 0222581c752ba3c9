"""The purchases of CDNOW's customers: read as they are, moved as a whole, and entered once and in order."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest

from contacts.people.models import PersonIn
from deploy.demo.external_app import ExternalApp
from deploy.demo.retaining import cdnow
from deploy.demo.retaining.cdnow import Purchase
from deploy.demo.retaining.feeding import DOLLAR, PEOPLE, feed, order, person
from sales.orders.models import OrderIn

TEXT = """\
 00004 0001 19970101  2   29.33
 00004 0001 19970118  2   29.73
 00021 0002 19970101  3   63.34
 00050 0003 19970101  1    6.79
 00050 0003 19980630  1    0.00
"""
"""The form of the file, and some of it."""


class FakeApi:
    """Answers as contacts and sales do, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any, str | None]] = []

    def post(self, path: str, json: Any, *, key: str | None = None) -> Any:
        self.asked.append((path, json, key))
        if path == PEOPLE:
            numbers = [item["external_ids"][0]["id"] for item in json["items"]]
            return {"items": [{"id": f"person-{number}"} for number in numbers]}
        return {"id": "order-" + str(json.get("external_ids", [{"id": ""}])[0]["id"])}


def test_a_line_is_a_purchase_of_a_customer_on_a_day() -> None:
    first, *_, last = cdnow.read(TEXT)
    assert first == Purchase("0001", date(1997, 1, 1), 2, Decimal("29.33"))
    assert last == Purchase("0003", date(1998, 6, 30), 1, Decimal(0))


@pytest.mark.parametrize("line", ["0001 19970101 2 29.33", " 00004 0001 19971301  2   29.33"])
def test_a_line_that_is_no_purchase_is_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of the calendar's, or of ours
        list(cdnow.read(f"{TEXT}{line}\n"))


def test_so_many_customers_are_taken_evenly_each_with_all_they_bought() -> None:
    everybody = cdnow.histories(cdnow.read(TEXT), 100)
    assert [len(own) for own in everybody] == [2, 1, 2]
    some = cdnow.histories(cdnow.read(TEXT), 2)
    assert [own[0].customer for own in some] == ["0001", "0002"]
    assert cdnow.histories(cdnow.read(TEXT), 2) == some


def test_all_days_move_by_as_much_so_that_the_last_is_where_it_is_wanted() -> None:
    told = cdnow.histories(cdnow.read(TEXT), 100)
    moved = cdnow.until(date(2031, 3, 3), told, cdnow.ENDS)
    assert max(one.on for own in moved for one in own) == date(2031, 3, 3)
    gaps = {
        new.on - old.on
        for a, b in zip(moved, told, strict=True)
        for new, old in zip(a, b, strict=True)
    }
    assert gaps == {date(2031, 3, 3) - date(1998, 6, 30)}


def test_an_order_comes_to_what_was_paid_however_many_discs_there_were() -> None:
    for dollars, discs in (("29.33", 2), ("63.34", 3), ("100.01", 7), ("0.00", 1)):
        purchase = Purchase("0001", date(2031, 3, 3), discs, Decimal(dollars))
        (line,) = order("p", 1, purchase)["lines"]
        total = Decimal(line["quantity"]) * Decimal(line["unit_price"])
        assert total.quantize(Decimal("0.01")) == Decimal(dollars) * DOLLAR


def test_what_is_entered_is_what_contacts_and_sales_take() -> None:
    (own, *_) = cdnow.histories(cdnow.read(TEXT), 1)
    placed = order("00000000-0000-7000-8000-000000000000", 1, own[0])
    assert OrderIn.model_validate_json(json.dumps(placed)).confirmed
    entered = PersonIn.model_validate_json(json.dumps(person("0001")))
    assert entered.external_ids[0].id == "0001"


def test_everybody_is_entered_once_and_what_they_bought_in_its_order() -> None:
    api = FakeApi()
    fed = feed(cast("ExternalApp", api), cdnow.histories(cdnow.read(TEXT), 100))
    assert (fed.orders, fed.first_on, fed.last_on) == (5, date(1997, 1, 1), date(1998, 6, 30))
    assert fed.people == {number: f"person-{number}" for number in ("0001", "0002", "0003")}
    days: dict[str, list[str]] = defaultdict(list)
    delivered = []
    for path, body, _ in api.asked:
        if path.endswith("/deliver"):
            delivered.append((path.split("/")[-2], body["delivered_at"]))
        elif path != PEOPLE:
            days[body["person_id"]].append(body["placed_at"])
    assert all(own == sorted(own) for own in days.values())
    assert ("order-0003-2", "1998-06-30T12:00:00Z") in delivered
    assert len(delivered) == 5


def test_done_again_it_asks_with_the_same_keys() -> None:
    told = cdnow.histories(cdnow.read(TEXT), 100)
    keys = []
    for _ in range(2):
        api = FakeApi()
        feed(cast("ExternalApp", api), told)
        keys.append(sorted(key for _, _, key in api.asked if key is not None))
    assert keys[0] == keys[1]
    assert len(keys[0]) == 10
