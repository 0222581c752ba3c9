"""Comments over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.comments import operations, queries
from sales.comments.domain import Comment
from sales.comments.models import (
    CommentIn,
    CommentOut,
    WordingsOut,
    WordsIn,
    mentions_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.opportunities.read"
WRITE = "sales.opportunities.write"

comments = Routes("/v1/sales/opportunities/<uuid:opportunity_id>/comments", tag="opportunities")


@comments.get("", permission=READ, listing=queries.COMMENTS, returns=CommentOut)
def list_comments(call: Call[SalesTx], listing: Listing, opportunity_id: UUID) -> Reply:
    """List what colleagues have said about an opportunity: by threads, replies below what began them."""
    return Reply(call.read(queries.list_comments, opportunity_id, listing))


@comments.post("", permission=WRITE, body=CommentIn, returns=CommentOut, status=201)
def write_comment(call: Call[SalesTx], body: CommentIn, opportunity_id: UUID) -> Response:
    """Say something about an opportunity, and mention who is to be told."""
    mentions = mentions_in(body)

    def reply(_tx: SalesTx, one: Comment) -> Reply:
        location = f"/v1/sales/opportunities/{opportunity_id}/comments/{one.id}"
        return Reply.created(location, shown(one), one.version)

    return call.run(
        lambda tx: operations.write_comment(tx, opportunity_id, body.text, mentions, body.reply_to),
        reply,
    )


@comments.get("/<uuid:comment_id>", permission=READ, returns=CommentOut)
def get_comment(call: Call[SalesTx], opportunity_id: UUID, comment_id: UUID) -> Reply:
    """Get a comment."""
    one = call.read(queries.get_comment, opportunity_id, comment_id)
    return Reply(one, version=one["version"])


@comments.get("/<uuid:comment_id>/history", permission=READ, returns=WordingsOut)
def list_comment_history(call: Call[SalesTx], opportunity_id: UUID, comment_id: UUID) -> Reply:
    """List all that a comment has said, what holds now last."""
    return Reply(call.read(queries.list_wordings, opportunity_id, comment_id))


@comments.put(
    "/<uuid:comment_id>",
    permission=WRITE,
    body=WordsIn,
    returns=CommentOut,
    conditional=True,
    problems=(409,),
)
def edit_comment(
    call: Call[SalesTx], body: WordsIn, opportunity_id: UUID, comment_id: UUID
) -> Response:
    """Put an own comment in other words; what it said before stays in its history."""
    mentions = mentions_in(body)
    return call.run(
        lambda tx: operations.edit_comment(tx, opportunity_id, comment_id, body.text, mentions),
        lambda _tx, one: Reply(shown(one), version=one.version),
    )


@comments.delete("/<uuid:comment_id>", permission=WRITE)
def delete_comment(call: Call[SalesTx], opportunity_id: UUID, comment_id: UUID) -> Response:
    """Take an own comment back: its words are gone, its place in the thread stays."""
    return call.run(
        lambda tx: operations.delete_comment(tx, opportunity_id, comment_id),
        lambda _tx, _nothing: Reply.nothing(),
    )
