"""What readers say of articles, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.article_feedback import operations, queries
from desk.article_feedback.domain import ArticleFeedback
from desk.article_feedback.models import ArticleFeedbackIn, ArticleFeedbackOut, shown
from desk.transaction import DeskTx

READ = "desk.articles.read"
GIVE = "desk.article_feedback.write"

article_feedback = Routes("/v1/desk/article-feedback", tag="articles")
feedback_of_article = Routes("/v1/desk/articles/<uuid:article_id>/feedback", tag="articles")


@article_feedback.get("", permission=READ, listing=queries.FEEDBACK, returns=ArticleFeedbackOut)
def list_article_feedback(call: Call[DeskTx], listing: Listing) -> Reply:
    """List what readers say of articles, the latest first."""
    return Reply(call.read(queries.list_feedback, listing))


@article_feedback.get("/<uuid:article_feedback_id>", permission=READ, returns=ArticleFeedbackOut)
def get_article_feedback(call: Call[DeskTx], article_feedback_id: UUID) -> Reply:
    """Get what a reader has said."""
    found = call.read(queries.get_feedback, article_feedback_id)
    return Reply(found, version=found["version"])


@feedback_of_article.post(
    "",
    permission=GIVE,
    body=ArticleFeedbackIn,
    returns=ArticleFeedbackOut,
    status=201,
    problems=(404,),
)
def give_article_feedback(
    call: Call[DeskTx], body: ArticleFeedbackIn, article_id: UUID
) -> Response:
    """Note what a reader of an app says of an article; what the same one says again changes nothing."""

    def give(tx: DeskTx) -> ArticleFeedback:
        return operations.give_feedback(
            tx,
            article_id,
            visitor=f"{tx.caller.subject} {body.visitor}",
            helpful=body.helpful,
            comment=body.comment,
            language=body.language,
        )

    def reply(_tx: DeskTx, feedback: ArticleFeedback) -> Reply:
        location = f"{article_feedback.prefix}/{feedback.id}"
        return Reply.created(location, shown(feedback), feedback.version)

    return call.run(give, reply)
