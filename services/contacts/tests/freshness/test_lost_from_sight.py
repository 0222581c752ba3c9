"""Who can no longer be reached, and who is about to be lost from sight."""

from __future__ import annotations

import runpy
from datetime import timedelta

import psycopg

from chassis.testing.harness import TestDatabase
from contacts.description import DESCRIPTION
from services.contacts.tests.builders import PEOPLE

from .conftest import SETTINGS, Aging


def test_listing_needs_a_token_and_shows_ones_own_people(aging: Aging) -> None:
    url = f"{PEOPLE}/going-silent?within_days=365"
    assert aging.contacts.anonymous().get(url).status_code == 401
    ada = aging.enter("Ada", email="ada@rapport.dev")
    aging.see(ada, "web")
    assert aging.going_silent("within_days=365") == ["Ada"]
    assert aging.going_silent("within_days=364") == []
    assert aging.client.tenant_id is not None
    reader = aging.contacts.user_client(aging.client.tenant_id, {"contacts.people.read": "own"})
    assert reader.get(url).json["items"] == []
    stranger = aging.contacts.app_client(aging.contacts.new_tenant())
    assert stranger.get(url).json["items"] == []


def test_whom_nothing_reaches_is_listed_until_something_does(aging: Aging) -> None:
    ada = aging.enter("Ada", email="ada@rapport.dev")
    aging.enter("Bob")
    aging.enter("Cyd", postal_addresses=[{"lines": ["1 Road"], "country": "GB"}])
    dan = aging.enter("Dan", email="dan@rapport.dev", handles=[{"network": "line", "handle": "U"}])
    aging.bounce(ada)
    aging.put(dan, "dan@rapport.dev", "invalid")
    assert aging.listed("reachable=false") == {"Ada", "Bob"}
    assert aging.listed("reachable=true") == {"Cyd", "Dan"}
    aging.put(dan, "U", "invalid")
    assert aging.listed("reachable=false") == {"Ada", "Bob", "Dan"}
    aging.client.patch(f"{PEOPLE}/{ada}", {"phones": [{"number": "+886912345678"}]})
    assert aging.listed("reachable=false&lifecycle_stage=lead") == {"Bob", "Dan"}
    assert aging.client.get(f"{PEOPLE}?reachable=perhaps").status_code == 400


def test_many_who_are_entered_at_once_are_told_apart(aging: Aging) -> None:
    items = [
        {"full_name": f"P{n}", **({"emails": [{"address": f"p{n}@rapport.dev"}]} if n % 2 else {})}
        for n in range(40)
    ]
    entered = aging.client.post(f"{PEOPLE}/batch", {"atomic": True, "items": items})
    assert entered.status_code == 200, entered.text
    unreachable = aging.listed("reachable=false&page_size=200")
    assert unreachable == {f"P{n}" for n in range(0, 40, 2)}


def test_who_was_not_seen_for_long_is_about_to_be_lost_until_seen_again(aging: Aging) -> None:
    people = {
        name: aging.enter(name, email=f"{name}@rapport.dev") for name in ("ada", "bob", "cyd")
    }
    aging.enter("never", email="never@rapport.dev")
    aging.see(people["ada"], "web")
    aging.clock.move(timedelta(days=10))
    aging.see(people["bob"], "shop")
    aging.see(people["cyd"], "email")
    aging.bounce(people["cyd"])
    aging.clock.move(timedelta(days=330))
    assert aging.going_silent("within_days=24") == []
    assert aging.going_silent("within_days=25") == ["ada"]
    assert aging.going_silent("within_days=35") == ["ada", "bob"]
    assert aging.going_silent("within_days=35&sort=-last_seen_at") == ["bob", "ada"]
    assert aging.going_silent("within_days=35&tag=vip") == []
    aging.see(people["ada"], "phone")
    assert aging.going_silent("within_days=35") == ["bob"]
    aging.clock.move(timedelta(days=35))
    assert aging.going_silent("within_days=35") == []  # lost by now
    aging.client.put(SETTINGS, {"stale_after_days": 400})
    assert aging.going_silent("within_days=35") == ["bob"]


def test_what_means_nothing_is_refused_by_its_name(aging: Aging) -> None:
    for query in ("within_days=0", "within_days=soon", "last_seen_at[lt]=2020-01-01T00:00:00Z"):
        answer = aging.client.get(f"{PEOPLE}/going-silent?{query}")
        assert answer.status_code == 400, answer.text


def test_those_who_were_there_before_are_marked_where_nothing_reaches_them(
    aging: Aging, database: TestDatabase
) -> None:
    bounced = aging.enter("Ada", email="ada@rapport.dev", phone="+886912345678")
    aging.enter("Bob")
    aging.enter("Cyd", postal_addresses=[{"lines": ["1 Road"], "country": "GB"}])
    aging.enter("Dan", handles=[{"network": "line", "handle": "U"}])
    aging.bounce(bounced)
    migration = runpy.run_path(str(DESCRIPTION.migrations / "versions" / "0015_freshness.py"))
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("UPDATE people SET reachable = NULL")
        connection.execute(migration["_UNREACHABLE"])
    assert aging.listed("reachable=false") == {"Ada", "Bob"}
    assert aging.listed("reachable=true") == {"Cyd", "Dan"}
