"""Facts about comments to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import collaboration_events_pb2 as events
from sales.comments.domain import (
    ColleagueMentioned,
    CommentDeleted,
    CommentEdited,
    CommentWritten,
)
from sales.encoding import id_or_none, moment


def _written(fact: CommentWritten) -> events.CommentWritten:
    one = fact.comment
    return events.CommentWritten(
        comment_id=str(one.id),
        opportunity_id=str(one.opportunity_id),
        thread_id=str(one.thread_id),
        author_id=id_or_none(one.author_id),
        mentioned_user_ids=sorted(map(str, one.mentions)),
        owner_id=id_or_none(fact.owner_id),
        written_at=moment(one.written_at),
    )


def _edited(fact: CommentEdited) -> events.CommentEdited:
    return events.CommentEdited(
        comment_id=str(fact.comment.id),
        opportunity_id=str(fact.comment.opportunity_id),
        newly_mentioned_user_ids=sorted(map(str, fact.newly_mentioned)),
        edited_at=moment(fact.at),
    )


def _mentioned(fact: ColleagueMentioned) -> events.ColleagueMentioned:
    return events.ColleagueMentioned(
        comment_id=str(fact.comment.id),
        opportunity_id=str(fact.comment.opportunity_id),
        user_id=str(fact.user_id),
        author_id=id_or_none(fact.comment.author_id),
        mentioned_at=moment(fact.at),
    )


def _deleted(fact: CommentDeleted) -> events.CommentDeleted:
    return events.CommentDeleted(
        comment_id=str(fact.comment.id),
        opportunity_id=str(fact.comment.opportunity_id),
        deleted_at=moment(fact.at),
    )


COMMENT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    CommentWritten: _written,
    CommentEdited: _edited,
    ColleagueMentioned: _mentioned,
    CommentDeleted: _deleted,
}
