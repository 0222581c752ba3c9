"""Rules that tell holders of a permission: who they are is asked of identity, and nobody is told twice (NO-3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any
from uuid import UUID, uuid4

import psycopg

from chassis.embedded.postgres import PostgresServer
from chassis.storage.statements import Statement
from chassis.telemetry.tracing import continued
from chassis.testing.waiting import eventually
from notifications.feed.operations import store_facts
from notifications.messages.erasure import erase_person
from notifications.rules.domain import HolderReach
from notifications.rules.holders import Holders
from notifications.rules.operations import remove_rule
from notifications.rules.reactions import fire_rules
from notifications.rules.storage import has_fired_before
from notifications.rules.telling import GIVE_UP_AFTER, LEASE
from notifications.rules.tellings import claim_tellings, take_telling
from notifications.transaction import NotificationsTx
from rapport.sales.events.v1.quote_events_pb2 import QuoteSubmitted
from rapport.sales.v1.quote_pb2 import QuoteReference

from .staff import (
    APPROVE,
    DATABASE,
    RULES,
    SUBMITTED,
    Staff,
    asked,
    body,
    defined,
    pointers,
)

_STORED = Statement("SELECT recipient FROM rules WHERE tenant_id = %(tenant_id)s")
_QUEUED = Statement("SELECT traceparent FROM message_queue WHERE tenant_id = %(tenant_id)s")
_HELD_UP = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def test_all_who_hold_the_permission_are_told_once_but_whoever_caused_the_fact(
    staff: Staff,
) -> None:
    defined(staff)
    one, two, asker = uuid4(), uuid4(), uuid4()
    staff.holders.know(staff.tenant_id, APPROVE, one, asker, two)
    raw = staff.say(asked(), actor=f"user:{asker}")
    assert staff.told() == [], "nobody is asked within the transaction"
    staff.tell()
    assert staff.told() == [one, two]
    assert staff.holders.asked == [Holders(APPROVE, HolderReach.ALL)]
    messages = staff.admin.get("/v1/notifications/messages").json["items"]
    assert {one["cause"] for one in messages} == {str(raw.envelope.id)}
    staff.run(fire_rules, [raw])
    staff.tell()
    assert staff.told() == [one, two], "a fact that comes again tells nobody again"
    assert staff.waiting() == 0


def test_a_message_to_holders_goes_on_with_the_trace_of_its_fact(staff: Staff) -> None:
    defined(staff)
    staff.holders.know(staff.tenant_id, APPROVE, uuid4())
    with continued(None, "a fact arrives", "consumer") as trace_id:
        staff.say(asked())
    staff.tell()
    queued = staff.run(lambda tx: tx.fetch_one(_QUEUED, {"tenant_id": staff.tenant_id}))
    assert queued["traceparent"].split("-")[1] == trace_id


def test_once_for_what_the_facts_are_about_unless_each_fact_is_news(staff: Staff) -> None:
    user, about = uuid4(), uuid4()
    staff.holders.know(staff.tenant_id, APPROVE, user)
    path = defined(staff)
    for _ in range(2):
        staff.say(asked(), about)
        staff.tell()
    assert staff.told() == [user]
    assert staff.admin.patch(path, {"once_per": "fact"}).status_code == 200
    for _ in range(2):
        staff.say(asked(), about)
    staff.tell()
    assert staff.told() == [user] * 3


def test_what_waits_for_a_role_is_told_to_those_who_have_it_and_to_nobody_without_one(
    staff: Staff,
) -> None:
    recipient = {
        "kind": "holders",
        "permission": "sales.quotes.approve",
        "reach": "own",
        "field": "quote.awaited_role_id",
    }
    text = {"subject": {"value": "Waiting"}, "text": {"field": "quote.number"}}
    defined(staff, fact_type=SUBMITTED, recipient=recipient, variables=text)
    role_id, boss = uuid4(), uuid4()
    staff.holders.know(staff.tenant_id, "sales.quotes.approve", uuid4())
    staff.holders.know(staff.tenant_id, "sales.quotes.approve", boss, role_id=role_id)
    quote = QuoteReference(number="Q7", awaited_role_id=str(role_id))
    staff.say(QuoteSubmitted(quote=quote))
    for nobody in ("", "not an id"):
        staff.say(QuoteSubmitted(quote=QuoteReference(number="Q8", awaited_role_id=nobody)))
    staff.say(QuoteSubmitted(quote=QuoteReference(number="Q9")))
    staff.tell()
    assert staff.told() == [boss]
    assert staff.holders.asked == [Holders("sales.quotes.approve", HolderReach.OWN, role_id)]


def test_while_identity_is_away_it_waits_ever_longer_and_is_told_once_it_is_back(
    staff: Staff,
) -> None:
    defined(staff)
    user = uuid4()
    staff.holders.know(staff.tenant_id, APPROVE, user)
    staff.holders.away = True
    for _ in range(3):
        staff.say(asked())
    staff.tell()
    assert len(staff.holders.asked) == 1, "what waits for the same holders asks once"
    staff.tell()
    assert len(staff.holders.asked) == 1, "and not again at once"
    for _ in range(4):
        staff.clock.move(timedelta(minutes=11))
        staff.tell()
    assert (staff.told(), staff.waiting()) == ([], 3)
    staff.holders.away = False
    staff.clock.move(timedelta(minutes=11))
    staff.tell()
    assert (staff.told(), staff.waiting()) == ([user] * 3, 0)


def test_what_nobody_could_be_told_for_three_days_is_no_news_any_more(staff: Staff) -> None:
    defined(staff)
    staff.holders.away = True
    staff.say(asked())
    staff.tell()
    staff.clock.move(GIVE_UP_AFTER - timedelta(seconds=1))
    staff.tell()
    assert staff.waiting() == 1
    staff.clock.move(timedelta(minutes=11))
    staff.tell()
    assert staff.waiting() == 0


def test_what_is_still_to_be_told_of_somebody_who_is_erased_is_told_to_nobody(
    staff: Staff,
) -> None:
    defined(staff)
    staff.holders.know(staff.tenant_id, APPROVE, uuid4())
    staff.holders.away = True
    gone, other = asked(), asked()
    person_id = uuid4()
    gone.adjustment.person_id = str(person_id)
    other.adjustment.person_id = str(uuid4())
    for fact in (gone, other):
        staff.run(store_facts, [staff.say(fact)])
    staff.tell()
    staff.run(erase_person, person_id)
    staff.holders.away = False
    staff.clock.move(timedelta(minutes=11))
    staff.tell()
    assert (len(staff.told()), staff.waiting()) == (1, 0)


def test_several_workers_tell_each_once_also_after_one_has_died_over_it(staff: Staff) -> None:
    defined(staff)
    users = [uuid4() for _ in range(3)]
    staff.holders.know(staff.tenant_id, APPROVE, *users)
    staff.say(asked())
    now = staff.clock.now()
    claimed = claim_tellings(staff.harness.service.database, now, now + LEASE, 20)
    assert staff.tenant_id in {one.tenant_id for one in claimed}
    staff.tell()
    assert staff.told() == [], "it is the dead worker's for a while"
    staff.clock.move(LEASE)
    for _ in range(10):
        staff.say(asked())
    together = Barrier(4)

    def work(_place: int) -> None:
        together.wait(10)
        for _ in range(4):
            staff.tell()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    staff.tell()
    assert staff.waiting() == 0
    assert sorted(staff.told()) == sorted(users * 11)


def test_two_facts_about_the_same_at_once_tell_each_once(staff: Staff) -> None:
    defined(staff)
    users = [uuid4() for _ in range(20)]
    staff.holders.know(staff.tenant_id, APPROVE, *users)
    about, together = uuid4(), Barrier(4)
    for _ in range(8):
        staff.say(asked(), about)

    def work(_place: int) -> None:
        together.wait(10)
        staff.tell()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    staff.clock.move(LEASE)
    staff.tell()
    assert staff.waiting() == 0
    assert sorted(staff.told()) == sorted(users)


def test_a_rule_that_is_gone_tells_nobody(staff: Staff) -> None:
    staff.holders.know(staff.tenant_id, APPROVE, uuid4())
    path = defined(staff)
    staff.say(asked())
    assert staff.admin.delete(path).status_code == 204
    staff.tell()
    assert (staff.told(), staff.waiting()) == ([], 0)


def test_whoever_removes_a_rule_while_it_tells_waits_until_it_has(
    staff: Staff, postgres: PostgresServer
) -> None:
    path = defined(staff)
    raw = staff.say(asked())
    rule_id, user = UUID(path.rpartition("/")[2]), uuid4()
    taken, goes_on, begun = Event(), Event(), []

    def remove(tx: NotificationsTx) -> None:
        begun.append("remove")
        remove_rule(tx, rule_id)

    def tell(tx: NotificationsTx) -> None:
        begun.append("tell")
        telling = take_telling(tx, rule_id, raw.envelope.id)
        assert telling is not None
        taken.set()
        assert goes_on.wait(10)
        assert not has_fired_before(tx, telling.firing(user))

    def is_held_up() -> bool:
        with psycopg.connect(postgres.admin_dsn(DATABASE)) as superuser:
            return superuser.execute(_HELD_UP).fetchone() == (1,)

    with ThreadPoolExecutor(2) as pool:
        telling = pool.submit(staff.run, tell)
        assert taken.wait(10)
        removed = pool.submit(staff.run, remove)
        eventually(is_held_up)
        goes_on.set()
        telling.result()
        removed.result()
    assert begun == ["tell", "remove"], "neither stood in the other's way, and was done anew"
    assert staff.admin.get(path).status_code == 404


def test_a_tenant_with_very_many_keeps_no_other_waiting(staff: Staff) -> None:
    other = Staff(staff.harness, staff.holders, staff.clock)
    defined(staff)
    defined(other)
    user = uuid4()
    staff.holders.know(staff.tenant_id, APPROVE, uuid4())
    staff.holders.know(other.tenant_id, APPROVE, user)
    for _ in range(60):
        staff.say(asked())
    other.say(asked())
    other.tell()
    assert other.told() == [user]
    assert staff.waiting() > 30


def test_no_tenant_is_told_of_anothers_facts(staff: Staff) -> None:
    defined(staff)
    stranger = Staff(staff.harness, staff.holders, staff.clock)
    staff.holders.know(stranger.tenant_id, APPROVE, uuid4())
    staff.say(asked())
    stranger.say(asked())
    staff.tell()
    assert (staff.told(), stranger.told()) == ([], [])


def test_a_rule_for_holders_that_cannot_be_is_refused_at_each_place(staff: Staff) -> None:
    def refused(**recipient: Any) -> list[str]:
        return pointers(staff.admin.post(RULES, body(recipient={"kind": "holders", **recipient})))

    assert refused() == ["/recipient/permission"]
    for permission in ("*", "loyalty.*", "loyalty.adjustments", "Loyalty.a.b", "a.b.c.d"):
        assert refused(permission=permission) == ["/recipient/permission"]
    assert refused(permission=APPROVE, reach="far") == ["/recipient/reach"]
    assert refused(permission=APPROVE, field="nothing") == ["/recipient/field"]
    assert refused(permission=APPROVE, field="adjustment.points") == ["/recipient/field"]
    assert refused(permission=APPROVE, user_id=str(uuid4())) == ["/recipient/user_id"]
    for_user = {"kind": "user", "field": "adjustment.asked_by", "permission": APPROVE}
    assert pointers(staff.admin.post(RULES, body(recipient=for_user))) == ["/recipient/permission"]


def test_whom_a_rule_tells_is_shown_tried_and_changed(staff: Staff) -> None:
    path = defined(staff)
    whom = {
        "kind": "holders",
        "field": "",
        "user_id": None,
        "permission": APPROVE,
        "reach": "all",
    }
    assert staff.admin.get(path).json["recipient"] == whom
    assert [one["recipient"] for one in staff.admin.get(RULES).json["items"]] == [whom]
    tried = staff.admin.post(f"{path}/test", {"fact": {"adjustment_id": "A1"}}).json
    assert tried["fires"] is True
    assert (tried["user_id"], tried["person_id"]) == (None, None)
    assert tried["holders"] == {"permission": APPROVE, "reach": "all", "role_id": None}
    assert tried["message"]["text"] == "A1"
    user = {"kind": "user", "user_id": str(uuid4())}
    changed = staff.admin.patch(path, {"recipient": user})
    assert changed.json["recipient"] == {**whom, **user, "permission": ""}
    assert staff.holders.asked == []


def test_the_version_before_reads_a_rule_for_holders_as_one_that_names_nobody(
    staff: Staff,
) -> None:
    defined(staff)
    row = staff.run(lambda tx: tx.fetch_one(_STORED, {"tenant_id": staff.tenant_id}))
    stored = row["recipient"]
    assert (stored["kind"], stored["field"], stored["user_id"]) == ("user", "", None)
