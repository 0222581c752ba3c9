"""A contact point decays with time and rises with signs of life; people say what they found out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from rapport.contacts.events.v1 import freshness_events_pb2 as events
from services.contacts.tests.builders import PEOPLE

from .conftest import SETTINGS, Aging

ADA = "ada@rapport.dev"
PHONE = "+886912345678"


def test_reading_needs_a_token_and_reach_and_telling_the_permission(aging: Aging) -> None:
    ada = aging.enter("Ada", email=ADA)
    url, point = f"{PEOPLE}/{ada}/contact-points", aging.points(ada)[ADA]["id"]
    assert aging.contacts.anonymous().get(url).status_code == 401
    assert aging.client.tenant_id is not None
    reader = aging.contacts.user_client(aging.client.tenant_id, {"contacts.people.read": "own"})
    assert reader.get(url).status_code == 404
    assert reader.put(f"{url}/{point}/status", {"status": "invalid"}).status_code == 403
    stranger = aging.contacts.app_client(aging.contacts.new_tenant())
    assert stranger.get(url).status_code == 404
    assert stranger.put(f"{url}/{point}/status", {"status": "invalid"}).status_code == 404
    assert aging.status(ada, ADA) == "unverified"


def test_what_is_entered_decays_and_goes_stale(aging: Aging) -> None:
    ada = aging.enter("Ada", email=ADA, handles=[{"network": "LINE", "handle": "U1"}])
    assert (aging.score(ada, ADA), aging.status(ada, ADA)) == (75, "unverified")
    assert aging.points(ada)["U1"]["kind"] == "line"
    aging.clock.move(timedelta(days=180))
    assert aging.score(ada, ADA) == 38
    aging.clock.move(timedelta(days=185, seconds=-1))
    assert aging.status(ada, ADA) == "unverified"
    aging.clock.move(timedelta(seconds=1))
    stale = aging.points(ada)[ADA]
    assert stale["status"] == "stale"
    assert stale["stale_at"] == aging.clock.now().isoformat().replace("+00:00", "Z")


def test_a_sign_of_life_on_its_channel_makes_a_point_fresh_and_elsewhere_half(aging: Aging) -> None:
    ada = aging.enter("Ada", email=ADA, phone=PHONE)
    aging.clock.move(timedelta(days=400))
    assert (aging.status(ada, ADA), aging.status(ada, PHONE)) == ("stale", "stale")
    aging.see(ada, "sms")
    assert (aging.score(ada, PHONE), aging.status(ada, PHONE)) == (75, "unverified")
    assert (aging.score(ada, ADA), aging.status(ada, ADA)) == (38, "stale")
    seen = aging.points(ada)[PHONE]["seen_at"]
    assert seen == aging.clock.now().isoformat().replace("+00:00", "Z")
    assert aging.points(ada)[ADA]["seen_at"] is None


def test_what_somebody_verifies_is_fresh_each_time(aging: Aging) -> None:
    ada = aging.enter("Ada", email=ADA)
    told = aging.put(ada, ADA, "verified")
    assert told.json["emails"][0]["status"] == "verified"
    assert (aging.score(ada, ADA), told.headers["ETag"]) == (100, '"2"')
    aging.clock.move(timedelta(days=400))
    assert aging.status(ada, ADA) == "stale"
    assert aging.put(ada, ADA, "verified").status_code == 200
    assert (aging.score(ada, ADA), aging.status(ada, ADA)) == (100, "verified")
    assert aging.put(ada, ADA, "invalid").json["emails"][0]["status"] == "invalid"
    assert (aging.score(ada, ADA), aging.points(ada)[ADA]["stale_at"]) == (0, None)


def test_a_point_that_comes_later_is_as_old_as_its_entry(aging: Aging) -> None:
    ada = aging.enter("Ada", email=ADA)
    aging.clock.move(timedelta(days=400))
    mails = [{"address": ADA}, {"address": "new@rapport.dev"}]
    aging.client.patch(f"{PEOPLE}/{ada}", {"emails": mails})
    assert (aging.status(ada, ADA), aging.status(ada, "new@rapport.dev")) == ("stale", "unverified")
    aging.client.patch(f"{PEOPLE}/{ada}", {"language": "en"})
    assert (aging.score(ada, "new@rapport.dev"), aging.status(ada, ADA)) == (75, "stale")
    aging.client.patch(f"{PEOPLE}/{ada}", {"emails": [{"address": "new@rapport.dev"}]})
    aging.client.patch(f"{PEOPLE}/{ada}", {"emails": mails})
    assert aging.status(ada, ADA) == "unverified"  # entered again


def test_a_merge_hands_down_how_old_a_point_is(aging: Aging) -> None:
    ann = aging.enter("Ann", email="ann@rapport.dev")
    aging.clock.move(timedelta(days=400))
    ada = aging.enter("Ada", email=ADA)
    merge = aging.client.post(f"{PEOPLE}/{ada}/merge", {"person_id": ann})
    assert merge.status_code == 201, merge.text
    assert aging.status(ada, "ann@rapport.dev") == "stale"
    assert aging.status(ann, ADA) == "unverified"  # who is gone is answered with who is left
    undone = aging.client.post(f"/v1/contacts/merges/{merge.json['id']}/undo")
    assert undone.status_code == 200, undone.text
    assert set(aging.points(ada)) == {ADA}
    assert aging.status(ann, "ann@rapport.dev") == "stale"


def test_one_that_bounces_is_worth_nothing_until_it_takes_messages_again(aging: Aging) -> None:
    ada = aging.enter("Ada", email=ADA)
    aging.bounce(ada)
    aging.clock.move(timedelta(days=400))
    aging.see(ada, "email")
    assert (aging.status(ada, ADA), aging.score(ada, ADA)) == ("bounced", 0)
    aging.put(ada, ADA, "unverified")
    assert (aging.status(ada, ADA), aging.score(ada, ADA)) == ("unverified", 75)


def test_what_cannot_be_told_of_a_point_is_refused(aging: Aging) -> None:
    ada = aging.enter("Ada", email=ADA)
    path = f"{PEOPLE}/{ada}/contact-points"
    for status in ("bounced", "stale", "lovely", None):
        answer = aging.put(ada, ADA, str(status))
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/status")
    assert aging.client.put(f"{path}/{uuid4()}/status", {"status": "invalid"}).status_code == 404
    assert aging.put(ada, ADA, "invalid", headers={"If-Match": '"7"'}).status_code == 412
    aging.client.delete(f"{PEOPLE}/{ada}")
    assert aging.put(ada, ADA, "invalid").json["code"] == "archived"
    assert aging.status(ada, ADA) == "unverified"


def test_of_those_who_tell_at_once_nothing_is_lost(aging: Aging) -> None:
    ada = aging.enter("Ada", email=ADA, phone=PHONE)
    with ThreadPoolExecutor(4) as pool:
        told = [(ADA, "invalid"), (PHONE, "verified")] * 2
        answers = list(pool.map(lambda one: aging.put(ada, *one).status_code, told))
    assert set(answers) == {200}
    assert (aging.status(ada, ADA), aging.status(ada, PHONE)) == ("invalid", "verified")


def test_a_tenant_says_how_fast_its_contact_points_age(aging: Aging) -> None:
    ada = aging.enter("Ada", email=ADA)
    assert aging.client.get(SETTINGS).json == {
        "version": 0,
        "half_life_days": 180,
        "stale_after_days": 365,
    }
    assert aging.client.tenant_id is not None
    reader = aging.contacts.app_client(aging.client.tenant_id, "contacts.freshness.read")
    assert reader.put(SETTINGS, {}).status_code == 403
    assert aging.contacts.anonymous().get(SETTINGS).status_code == 401
    set_ = aging.client.put(SETTINGS, {"half_life_days": 10, "stale_after_days": 20})
    assert (set_.status_code, set_.headers["ETag"]) == (200, '"1"')
    stranger = aging.contacts.app_client(aging.contacts.new_tenant())
    assert stranger.get(SETTINGS).json["version"] == 0
    aging.clock.move(timedelta(days=20))
    assert (aging.score(ada, ADA), aging.status(ada, ADA)) == (19, "stale")
    stale = aging.client.put(SETTINGS, {}, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    facts = aging.contacts.facts(aging.client.tenant_id)
    (fact,) = (payload for kind, payload in facts if kind.endswith("FreshnessSettingsChanged"))
    assert events.FreshnessSettingsChanged.FromString(fact).stale_after_days == 20


@pytest.mark.parametrize("member", ["half_life_days", "stale_after_days"])
@pytest.mark.parametrize("days", [0, 3651, "1.5"])
def test_settings_that_cannot_be_are_refused(aging: Aging, member: str, days: object) -> None:
    answer = aging.client.put(SETTINGS, {member: days})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{member}")
