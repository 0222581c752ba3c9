"""What customers tell the desk befalls them, once for each survey that they answered (DE-10)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.desk.events.v1.survey_events_pb2 import SurveyAnswered
from rapport.desk.v1.survey_pb2 import SurveyRequestHeader
from services.loyalty.tests.builders import Loyalty, stamp
from services.loyalty.tests.happenings.test_own_happenings import of_person

AT = datetime(2031, 3, 4, 5, tzinfo=UTC)


def answered(**more: Any) -> SurveyAnswered:
    """Somebody has answered a survey."""
    request_id, survey_id = str(uuid4()), str(uuid4())
    header = SurveyRequestHeader(survey_request_id=request_id, survey_id=survey_id, kind="csat")
    return SurveyAnswered(
        survey_request_id=request_id, request=header, score=1, answered_at=stamp(AT), **more
    )


def test_an_answered_survey_befalls_whoever_answered_once(
    loyalty: Loyalty, bus: Bus, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    person_id = uuid4()
    first, second = (answered(person_id=str(person_id)) for _ in range(2))
    for fact in (first, first, answered(), second):
        bus.say(fact, app.tenant_id, uuid4())
    eventually(lambda: len(of_person(loyalty, app, person_id)) == 2)
    eventually(bus.is_settled)
    found = of_person(loyalty, app, person_id)
    assert {one.key for one in found} == {first.survey_request_id, second.survey_request_id}
    assert {str(one.kind) for one in found} == {"survey_answered"}
    assert found[0].happened_at == AT
    assert found[0].properties["survey_kind"] == "csat"
    assert "score" not in found[0].properties
