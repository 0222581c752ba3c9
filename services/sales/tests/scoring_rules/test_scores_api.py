"""Scores over REST: by rules, explained, sorted by, and new when leads, rules or the time change (SA-2)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.sales.events.v1 import lead_events_pb2, qualification_events_pb2
from services.sales.tests.builders import (
    LEADS,
    Sales,
    at_once,
    capture,
    facts,
    fire,
    good,
    lasting_app,
    places,
)
from services.sales.tests.qualifying import (
    RULES,
    bant_of,
    define_rule,
    explained,
    is_,
    say,
    score,
    settle,
)

YES = {"purpose": "news", "channel": "email", "granted": True, "wording": "Write to me."}


def test_rules_and_scores_tell_strangers_nothing(sales: Sales, app: ApiClient) -> None:
    rule, lead = define_rule(app, 5, conditions=is_("country", "TW")), capture(app)
    assert ApiClient(sales.app, None).get(RULES).status_code == 401
    other = sales.app_client(sales.new_tenant())
    assert other.get(RULES).json["items"] == []
    assert other.get(f"{RULES}/{rule['id']}").status_code == 404
    assert app.get(f"{RULES}/{rule['id']}").json == rule
    assert app.get(RULES).json["items"] == [rule]
    assert other.get(f"{LEADS}/{lead['id']}/score").status_code == 404


def test_whose_lead_it_is_not_sees_no_score(sales: Sales, app: ApiClient) -> None:
    lead, mine = capture(app, owner_id=str(uuid4())), uuid4()
    assert app.tenant_id is not None
    user = sales.user_client(app.tenant_id, {"sales.leads.read": "own"}, user_id=mine)
    assert user.get(f"{LEADS}/{lead['id']}/score").status_code == 404


def test_a_score_says_which_fact_gave_which_points(app: ApiClient) -> None:
    large = {"field": "company_size", "comparison": "at_least", "number": 100}
    define_rule(app, 10, conditions=[*is_("country", "TW", "JP"), large])
    define_rule(app, 5, conditions=[{**is_("job_title", "director")[0], "comparison": "contains"}])
    define_rule(app, -20, conditions=[{"field": "email", "comparison": "absent"}])
    define_rule(app, 3, touch={"kinds": ["event"], "most": 2})
    define_rule(app, 7, consent={"purpose": "news"})
    answer = {"framework_id": bant_of(app), "question": "budget", "answers": ["approved"]}
    define_rule(app, 30, answer=answer)
    lead = capture(
        app,
        country="TW",
        company_size=250,
        job_title="Managing Director",
        touch="event",
        consents=[YES],
    )
    assert score(app, lead) == 10 + 5 + 3 + 7
    good(say(app, lead, "budget", "approved", evidence="Minutes"))
    assert score(app, lead) == 55
    told = [
        (part["points"], [(one["what"], one["value"], one["points"]) for one in part["evidence"]])
        for part in explained(app, lead)["rules"]
    ]
    assert told == [
        (10, [("country", "TW", None), ("company_size", "250", None)]),
        (5, [("job_title", "Managing Director", 5)]),
        (0, []),
        (3, [("touch", "event", 3)]),
        (7, [("news/email", "granted", 7)]),
        (30, [("budget", "approved", 30)]),
    ]


def test_a_score_follows_whatever_happens_to_the_lead(sales: Sales, app: ApiClient) -> None:
    define_rule(app, 10, conditions=is_("industry", "hotels"))
    define_rule(app, 4, touch={"kinds": ["call"], "most": 2})
    define_rule(app, 8, consent={"purpose": "news", "channel": "email"})
    lead = capture(app)
    path = f"{LEADS}/{lead['id']}"
    assert score(app, lead) == 0
    good(app.patch(path, {"industry": "Hotels"}))
    assert score(app, lead) == 10
    for _ in range(3):
        good(app.post(f"{path}/touches", {"kind": "call", "consents": [YES]}))
    assert score(app, lead) == 10 + 2 * 4 + 8
    no = {"kind": "mail", "consents": [{**YES, "granted": False}]}
    good(app.post(f"{path}/touches", no))
    assert score(app, lead) == 18
    told = facts(sales, app, lead_events_pb2.LeadScoreChanged)
    steps = [(one.previous_score, one.score) for one in told]
    assert steps == [(0, 10), (10, 22), (22, 26), (26, 18)]


def test_leads_are_sorted_and_filtered_by_score(app: ApiClient) -> None:
    for country, points in (("TW", 30), ("JP", 20), ("DE", -5)):
        define_rule(app, points, conditions=is_("country", country))
        capture(app, country=country, family_name=country, email=f"{country}@b.example")
    listed = app.get(f"{LEADS}?sort=-score&page_size=2").json
    following = app.get(
        f"{LEADS}?sort=-score&page_size=2&page_token={listed['next_page_token']}"
    ).json
    names = [one["family_name"] for one in (*listed["items"], *following["items"])]
    assert names == ["TW", "JP", "DE"]
    some = app.get(f"{LEADS}?score[gte]=20&score[lt]=30").json["items"]
    assert [one["family_name"] for one in some] == ["JP"]


def test_rules_that_say_nothing_or_too_much_are_refused(app: ApiClient) -> None:
    rule = {"name": {"en": "A rule"}, "points": 5}
    size = {"field": "company_size", "comparison": "is", "values": ["10"]}
    assert places(app.post(RULES, rule)) == [("/conditions", "rule_ambiguous")]
    both = {**rule, "touch": {}, "consent": {"purpose": "news"}}
    assert places(app.post(RULES, both)) == [("/conditions", "rule_ambiguous")]
    wrong = {
        **rule,
        "conditions": [
            size,
            {"field": "score", "comparison": "at_least", "number": 1},
            {"field": "country", "comparison": "is"},
            {"field": "country", "comparison": "present", "values": ["TW"]},
        ],
    }
    assert places(app.post(RULES, wrong)) == [
        ("/conditions/0/comparison", "comparison_impossible"),
        ("/conditions/1/field", "field_forbidden"),
        ("/conditions/2/values", "condition_incomplete"),
        ("/conditions/3", "condition_ambiguous"),
    ]
    assert app.get(RULES).json["items"] == []


def having(app: ApiClient, points: int) -> int:
    """How many leads have so many points."""
    return int(app.get(f"{LEADS}?score={points}&count=true").json["total_count"])


def test_a_changed_rule_scores_all_leads_anew_in_batches(sales: Sales, app: ApiClient) -> None:
    items = [{"email": f"{n}@b.example", "country": "TW"} for n in range(230)]
    assert app.post(f"{LEADS}/batch", {"items": items}).status_code == 200
    assert having(app, 0) == 230
    rule = define_rule(app, 10, conditions=is_("country", "TW"))
    eventually(lambda: having(app, 10) == 230)
    path = f"{RULES}/{rule['id']}"
    body = {"name": {"en": "A rule"}, "points": 25, "conditions": is_("country", "TW")}
    assert good(app.put(path, body))["points"] == 25
    eventually(lambda: having(app, 25) == 230)
    assert app.delete(path).status_code == 204
    eventually(lambda: having(app, 0) == 230)
    assert len(facts(sales, app, qualification_events_pb2.ScoringRuleDefined)) == 2
    assert len(facts(sales, app, qualification_events_pb2.ScoringRuleRemoved)) == 1


def test_leads_captured_while_a_rule_is_defined_are_scored_by_it(app: ApiClient) -> None:
    captures = [
        lambda n=n: app.post(LEADS, {"email": f"{n}@b.example", "country": "TW"}) for n in range(8)
    ]
    body = {"name": {"en": "A rule"}, "points": 10, "conditions": is_("country", "TW")}
    assert at_once(*captures[:4], lambda: app.post(RULES, body), *captures[4:]) == [201] * 9
    eventually(lambda: having(app, 10) == 8)


def test_time_alone_changes_a_score_when_it_was_told_to(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    define_rule(app, 20, touch={"kinds": ["form"], "half_life_days": 1, "window_days": 3})
    settle(timed, app)
    lead = capture(app, touch="form")
    assert score(app, lead) == 20
    until = explained(app, lead)["until"]
    assert until[:19] == (clock.now() + timedelta(days=1)).isoformat()[:19]
    expected = []
    for _ in range(4):
        clock.move(timedelta(days=1))
        fire(timed)
        expected.append(score(app, lead))
    assert expected == [10, 5, 0, 0]
    told = facts(timed, app, lead_events_pb2.LeadScoreChanged)
    assert [one.score for one in told] == [20, 10, 5, 0]
    fire(timed)
    assert len(facts(timed, app, lead_events_pb2.LeadScoreChanged)) == 4
    assert explained(app, lead)["until"] is None
