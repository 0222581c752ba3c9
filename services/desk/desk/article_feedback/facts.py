"""Facts about what readers say to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.article_feedback.domain import ArticleFeedbackGiven
from desk.encoding import moment
from rapport.desk.events.v1 import article_events_pb2 as events


def _given(fact: ArticleFeedbackGiven) -> events.ArticleFeedbackGiven:
    feedback = fact.feedback
    return events.ArticleFeedbackGiven(
        feedback_id=str(feedback.id),
        article_id=str(feedback.article_id),
        published_version=feedback.published_version,
        language=feedback.language,
        helpful=feedback.helpful,
        commented=bool(feedback.comment),
        given_at=moment(feedback.given_at),
    )


FEEDBACK_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {ArticleFeedbackGiven: _given}
