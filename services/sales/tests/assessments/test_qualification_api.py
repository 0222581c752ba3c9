"""Qualification over REST: answers with evidence, what is missing, who decides, and why not (SA-2)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
from rapport.sales.events.v1 import lead_events_pb2, qualification_events_pb2
from services.sales.tests.builders import (
    ACTIVITIES,
    LEADS,
    Sales,
    at_once,
    capture,
    define_reason,
    facts,
    good,
    lasting_app,
    places,
    refused,
)
from services.sales.tests.qualifying import (
    FRAMEWORKS,
    answer_path,
    bant_of,
    define_framework,
    option,
    question,
    say,
    say_all,
)


def test_assessments_tell_strangers_nothing(sales: Sales, app: ApiClient) -> None:
    lead = capture(app)
    good(say(app, lead, "budget", "approved"))
    path = f"{LEADS}/{lead['id']}/assessments"
    assert ApiClient(sales.app, None).get(path).status_code == 401
    other = sales.app_client(sales.new_tenant())
    assert other.get(path).status_code == 404
    assert other.get(f"{path}/{bant_of(app)}").status_code == 404
    assert say(other, lead, "budget", "approved").status_code == 404
    assert other.post(f"{LEADS}/{lead['id']}/qualify", {}).status_code == 404


def test_whose_lead_it_is_not_answers_nothing_for_it(sales: Sales, app: ApiClient) -> None:
    mine, theirs = uuid4(), uuid4()
    lead = capture(app, owner_id=str(theirs))
    assert app.tenant_id is not None
    grants = {"sales.leads.read": "own", "sales.leads.write": "own"}
    user = sales.user_client(app.tenant_id, grants, user_id=mine)
    assert say(user, lead, "budget", "approved").status_code == 404
    assert user.get(f"{LEADS}/{lead['id']}/assessments").status_code == 404
    assert user.post(f"{LEADS}/{lead['id']}/disqualify", {"reason": "x"}).status_code == 404


def test_bant_is_there_and_asks_before_anybody_has_answered(app: ApiClient) -> None:
    lead = capture(app)
    told = good(app.get(f"{LEADS}/{lead['id']}/assessments/{bant_of(app)}"))
    assert [one["key"] for one in told["questions"]] == ["budget", "authority", "need", "timeline"]
    assert told["open"] == ["budget", "authority", "need", "timeline"]
    assert (told["id"], told["points"], told["qualifies"]) == (None, 0, False)
    assert {"en", "zh-Hant"} <= set(told["questions"][0]["name"])


def test_an_answer_says_on_what_evidence_who_and_when(sales: Sales, app: ApiClient) -> None:
    lead = capture(app)
    call = good(app.post(ACTIVITIES, {"subject": "Call", "lead_id": lead["id"]}))
    about = {"evidence": "The board has voted.", "activity_id": call["id"]}
    told = good(say(app, lead, "budget", "approved", at="2026-01-05T09:00:00Z", **about))
    (budget, *others) = told["questions"]
    assert budget["answer"] == {
        "answer": "approved",
        "name": budget["answer"]["name"],
        "points": 25,
        "verdict": "met",
        "at": "2026-01-05T09:00:00Z",
        "by": "client:test-app",
        **about,
    }
    assert all(one["answer"] is None for one in others)
    assert (told["points"], told["open"]) == (25, ["authority", "need", "timeline"])
    (fact,) = facts(sales, app, qualification_events_pb2.QualificationQuestionAnswered)
    assert (fact.question, fact.answer, fact.activity_id) == ("budget", "approved", call["id"])
    assert "board" not in str(fact)
    assert good(say(app, lead, "budget", "planned"))["points"] == 15
    assert app.delete(answer_path(lead, bant_of(app), "budget")).status_code == 204
    assert app.get(f"{LEADS}/{lead['id']}/assessments").json["items"][0]["points"] == 0


def test_answers_that_cannot_be_are_refused_and_change_nothing(app: ApiClient) -> None:
    lead, other = capture(app), capture(app, email="b@engines.example")
    call = good(app.post(ACTIVITIES, {"subject": "Call", "lead_id": other["id"]}))
    assert places(say(app, lead, "budget", "plenty")) == [("/answer", "answer_unknown")]
    assert places(say(app, lead, "weather", "fine")) == [("question", "question_unknown")]
    ahead = say(app, lead, "budget", "approved", at="2999-01-01T00:00:00Z")
    assert places(ahead) == [("/at", "in_future")]
    nothing = say(app, lead, "budget", "approved", activity_id=str(uuid4()))
    assert places(nothing) == [("/activity_id", "activity_unknown")]
    foreign = say(app, lead, "budget", "approved", activity_id=call["id"])
    assert places(foreign) == [("/activity_id", "activity_of_another_lead")]
    assert say(app, lead, "budget", "approved", framework_id=uuid4()).status_code == 404
    assert app.get(f"{LEADS}/{lead['id']}/assessments").json["items"] == []


def test_a_lead_is_qualified_once_nothing_is_in_the_way(sales: Sales, app: ApiClient) -> None:
    lead = capture(app)
    path = f"{LEADS}/{lead['id']}"
    say_all(app, lead, {"budget": "none", "authority": "influences", "need": "vague"})
    answer = app.post(f"{path}/qualify", {})
    assert refused(answer) == (409, "qualification_unmet")
    assert places(answer) == [
        ("/questions/timeline", "question_open"),
        ("/questions/budget", "question_unmet"),
        ("/points", "points_missing"),
    ]
    assert app.get(path).json["qualification"] == "pending"
    say_all(app, lead)
    qualified = good(app.post(f"{path}/qualify", {}))
    assert (qualified["qualification"], qualified["decision"]["framework_id"]) == (
        "qualified",
        bant_of(app),
    )
    good(app.post(f"{path}/qualify", {}))
    (fact,) = facts(sales, app, lead_events_pb2.LeadQualified)
    assert (fact.lead_id, fact.points) == (lead["id"], 100)
    found = app.get(f"{LEADS}?qualification=qualified").json["items"]
    assert [one["id"] for one in found] == [lead["id"]]


def test_a_disqualified_lead_says_why_until_it_is_reconsidered(
    sales: Sales, app: ApiClient
) -> None:
    lead = capture(app)
    path = f"{LEADS}/{lead['id']}"
    say_all(app, lead)
    unknown = app.post(f"{path}/disqualify", {"reason": "no_idea"})
    assert places(unknown) == [("/reason", "reason_unknown")]
    define_reason(app, "disqualification", "no_need")
    body = {"reason": "no_need", "note": "They have just bought one."}
    told = good(app.post(f"{path}/disqualify", body))
    assert (told["qualification"], told["decision"]["note"]) == ("disqualified", body["note"])
    assert refused(app.post(f"{path}/qualify", {})) == (409, "lead_disqualified")
    (fact,) = facts(sales, app, lead_events_pb2.LeadDisqualified)
    assert fact.reason == "no_need"
    assert "bought" not in str(fact)
    again = good(app.post(f"{path}/reconsider"))
    assert (again["qualification"], again["decision"]) == ("pending", None)
    assert len(facts(sales, app, lead_events_pb2.LeadReconsidered)) == 1
    assert good(app.post(f"{path}/qualify", {}))["qualification"] == "qualified"


def test_a_changed_framework_breaks_no_assessment_under_way(app: ApiClient) -> None:
    framework = define_framework(app, question("fits"), question("likes"), threshold=20)
    lead, later = capture(app), capture(app, email="b@engines.example")
    for key in ("fits", "likes"):
        good(say(app, lead, key, "yes", framework_id=framework["id"]))
    harder = [question("fits", option("very", 5)), question("pays")]
    path = f"{FRAMEWORKS}/{framework['id']}"
    assert good(app.patch(path, {"questions": harder, "threshold": 15}))["number"] == 2
    mine = f"{LEADS}/{lead['id']}/assessments/{framework['id']}"
    assert (app.get(mine).json["number"], app.get(mine).json["qualifies"]) == (1, True)
    theirs = app.get(f"{LEADS}/{later['id']}/assessments/{framework['id']}").json
    assert (theirs["number"], theirs["open"]) == (2, ["fits", "pays"])
    adopted = good(app.post(f"{mine}/adopt-definition"))
    assert (adopted["number"], adopted["points"], adopted["open"]) == (2, 0, ["fits", "pays"])
    assert [(one["question"], one["answer"]) for one in adopted["uncounted"]] == [
        ("fits", "yes"),
        ("likes", "yes"),
    ]


def test_an_archived_framework_goes_on_where_it_has_begun(app: ApiClient) -> None:
    framework = define_framework(app)
    lead, later = capture(app), capture(app, email="b@engines.example")
    good(say(app, lead, "fits", "no", framework_id=framework["id"]))
    assert app.delete(f"{FRAMEWORKS}/{framework['id']}").status_code == 204
    good(say(app, lead, "fits", "yes", framework_id=framework["id"]))
    new = say(app, later, "fits", "yes", framework_id=framework["id"])
    assert refused(new) == (409, "framework_archived")
    body = {"framework_id": framework["id"]}
    assert good(app.post(f"{LEADS}/{lead['id']}/qualify", body))["qualification"] == "qualified"


def test_of_answers_at_once_none_is_lost(app: ApiClient) -> None:
    lead = capture(app)
    answers = {"budget": "approved", "authority": "decides", "need": "urgent"}
    codes = at_once(
        *(lambda key=key, one=one: say(app, lead, key, one) for key, one in answers.items())
    )
    assert codes == [200, 200, 200]
    (told,) = app.get(f"{LEADS}/{lead['id']}/assessments").json["items"]
    assert (told["points"], told["open"]) == (75, ["timeline"])


def test_two_who_qualify_at_once_qualify_once(sales: Sales, app: ApiClient) -> None:
    lead = capture(app)
    say_all(app, lead)
    path = f"{LEADS}/{lead['id']}/qualify"
    assert at_once(*[lambda: app.post(path, {})] * 4) == [200] * 4
    assert len(facts(sales, app, lead_events_pb2.LeadQualified)) == 1


def test_what_was_said_counts_from_when_it_was_said(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    lead = capture(app)
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    assert places(say(app, lead, "need", "urgent", at=tomorrow)) == [("/at", "in_future")]
    clock.move(timedelta(days=2))
    told = good(say(app, lead, "need", "urgent", at=tomorrow))
    assert told["questions"][2]["answer"]["verdict"] == "met"
    say_all(app, lead)
    decided = good(app.post(f"{LEADS}/{lead['id']}/qualify", {}))["decision"]
    assert decided["at"][:19] == clock.now().isoformat()[:19]


def test_what_was_said_of_somebody_who_is_erased_is_gone(bus: Bus, app: ApiClient) -> None:
    person = uuid4()
    lead = capture(app, person_id=str(person))
    define_reason(app, "disqualification", "no_need")
    good(say(app, lead, "budget", "none", evidence="Ada is broke."))
    body = {"reason": "no_need", "note": "Ada said so."}
    good(app.post(f"{LEADS}/{lead['id']}/disqualify", body))
    assert app.tenant_id is not None
    bus.say(PersonErased(person_id=str(person)), UUID(str(app.tenant_id)), person)
    path = f"{LEADS}/{lead['id']}"
    eventually(lambda: app.get(path).json["person_id"] is None)
    assert app.get(path).json["decision"]["note"] == ""
    assert app.get(f"{path}/assessments").json["items"] == []
