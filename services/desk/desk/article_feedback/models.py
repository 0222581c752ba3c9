"""What readers say, as the REST face takes and shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from desk.article_feedback.domain import LONGEST_COMMENT, ArticleFeedback
from desk.names import Language


class ArticleFeedbackIn(Body):
    """What a reader says. `visitor` is what the app tells its readers apart by; no more is kept than a digest."""

    visitor: Annotated[str, Field(min_length=1, max_length=200)]
    helpful: bool
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT)] = ""
    language: Language


class ArticleFeedbackOut(BaseModel):
    """What a reader has said of an article."""

    id: UUID
    version: int
    article_id: UUID
    published_version: int
    language: str
    helpful: bool
    comment: str
    given_at: datetime


def shown(feedback: ArticleFeedback) -> dict[str, Any]:
    """Feedback as the API shows it."""
    return {name: getattr(feedback, name) for name in ArticleFeedbackOut.model_fields}
