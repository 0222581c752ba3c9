"""What readers say of an article: whether it helped, once each (DE-7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Fact

LONGEST_COMMENT = 2_000


@dataclass(frozen=True, slots=True)
class ArticleFeedbackGiven(Fact):
    """A reader has said whether an article helped."""

    feedback: ArticleFeedback


@dataclass(kw_only=True)
class ArticleFeedback(Aggregate):
    """What one reader says of one article, in the texts that were read.

    `visitor` tells readers apart without saying who they are: it is a digest of what a browser or an app
    calls them.
    """

    article_id: UUID
    published_version: int
    language: str
    helpful: bool
    comment: str
    visitor: str
    given_at: datetime

    def give(self) -> None:
        """Be heard."""
        self.record(ArticleFeedbackGiven(self))
