"""What readers do to articles: read them, and say whether they helped; one transaction each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

from chassis.domain import NotFound
from chassis.idempotency import withdraw_replies
from desk.article_feedback import storage
from desk.article_feedback.domain import ArticleFeedback
from desk.articles.domain import ArticleStatus, Visibility
from desk.articles.queries import find_article
from desk.transaction import DeskTx


def give_feedback(
    tx: DeskTx, article_id: UUID, *, visitor: str, helpful: bool, comment: str, language: str
) -> ArticleFeedback:
    """Note what a reader says of an article; of what the same one says again, nothing.

    Raises `NotFound` for an article of which nothing is published.
    """
    tx.try_again_on(storage.FEEDBACK_ONCE)
    article = find_article(tx, article_id)
    if article.status is not ArticleStatus.PUBLISHED:
        raise NotFound("Nothing of the article is published.")
    digest = hashlib.sha256(f"{tx.tenant_id} {visitor}".encode()).hexdigest()[:32]
    known = tx.article_feedback.of_visitor(article_id, digest)
    if known is not None:
        return tx.article_feedback.get(known)
    feedback = ArticleFeedback(
        id=tx.ids.new(),
        article_id=article_id,
        published_version=article.published_version,
        language=language,
        helpful=helpful,
        comment=comment.strip(),
        visitor=digest,
        given_at=tx.clock.now(),
    )
    feedback.give()
    tx.article_feedback.add(feedback)
    return feedback


def forget_comments(tx: DeskTx, feedback_ids: Sequence[UUID]) -> None:
    """Have comments go that tell of somebody who was erased; what they said of the article stays."""
    storage.forget_comments(tx, feedback_ids)
    withdraw_replies(tx, [str(one) for one in feedback_ids])


def count_view(tx: DeskTx, article_id: UUID, visibility: Visibility) -> None:
    """Count that somebody who is no user has read an article."""
    if visibility is not Visibility.INTERNAL:
        storage.count_view(tx, article_id, tx.clock.now().date())
