"""What colleagues say about an opportunity: threads, mentions, and words that can be taken back (SA-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Conflict, DomainError, Fact, Forbidden, Invalid, Violation

MOST_MENTIONS = 20
MOST_EDITS = 100
"""How often one comment can be put in other words."""


@dataclass(frozen=True, slots=True)
class CommentWritten(Fact):
    """Somebody has said something; `owner_id` is the owner of the opportunity."""

    comment: Comment
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class CommentEdited(Fact):
    """Its author has put it in other words, and mentions these besides those of before."""

    comment: Comment
    newly_mentioned: tuple[UUID, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ColleagueMentioned(Fact):
    """A comment mentions a user whom it did not mention before."""

    comment: Comment
    user_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class CommentDeleted(Fact):
    """Its author has taken it back."""

    comment: Comment
    at: datetime


@dataclass(kw_only=True)
class Comment(Aggregate):
    """What somebody has said about an opportunity, at the beginning of a thread or within it.

    `author` is who acted, `user:…` or `client:…`, and `author_id` the user if it was one.
    """

    opportunity_id: UUID
    thread_id: UUID
    author: str
    author_id: UUID | None
    text: str
    mentions: tuple[UUID, ...]
    edits: int = 0
    written_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None

    def write(self, owner_id: UUID | None) -> None:
        """Say it. Raises `Invalid` for nothing."""
        _require_words(self.text)
        self.record(CommentWritten(self, owner_id))
        self._mention(self.mentions, self.written_at)

    def edit(self, text: str, mentions: tuple[UUID, ...], actor: str, now: datetime) -> bool:
        """Put it in other words; tells whether anything differs.

        Raises `Forbidden` for anybody but its author, `Conflict` for one that was taken back.
        """
        self._require_own(actor)
        if self.deleted_at is not None:
            raise Conflict("The comment was deleted.", code="comment_deleted")
        _require_words(text)
        if (text, mentions) == (self.text, self.mentions):
            return False
        if self.edits >= MOST_EDITS:
            message = f"A comment can be edited {MOST_EDITS} times; write another."
            raise Conflict(message, code="too_many_edits")
        new = tuple(one for one in mentions if one not in self.mentions)
        self.text, self.mentions, self.edits, self.edited_at = text, mentions, self.edits + 1, now
        self.record(CommentEdited(self, new, now))
        self._mention(new, now)
        return True

    def delete(self, actor: str, now: datetime) -> bool:
        """Take it back; the thread keeps its place. Tells whether it was there. Raises `Forbidden`."""
        self._require_own(actor)
        if self.deleted_at is not None:
            return False
        self.text, self.mentions, self.deleted_at = "", (), now
        self.record(CommentDeleted(self, now))
        return True

    def _mention(self, user_ids: tuple[UUID, ...], now: datetime) -> None:
        for user_id in user_ids:
            self.record(ColleagueMentioned(self, user_id, now))

    def _require_own(self, actor: str) -> None:
        if actor != self.author:
            message = "Only whoever has written a comment changes or deletes it."
            raise Forbidden(message, code="not_the_author")


def require_access(mentions: tuple[UUID, ...], can_see: frozenset[UUID]) -> None:
    """Check that whoever is mentioned can see what is talked about. Raises `Invalid`."""
    wrong = tuple(
        Violation(
            f"/mentions/{place}",
            "no_access",
            f"{one} is neither the owner nor in the team of the opportunity: put them in it first.",
        )
        for place, one in enumerate(mentions)
        if one not in can_see
    )
    if wrong:
        raise Invalid("Not all who are mentioned can see the opportunity.", violations=wrong)


def unknown_thread(comment_id: UUID) -> DomainError:
    """What to answer who replies to a comment that is not there."""
    message = f"The opportunity has no comment {comment_id}."
    return Invalid.at("/reply_to", "comment_unknown", message)


def _require_words(text: str) -> None:
    if not text.strip():
        raise Invalid.at("/text", "text_missing", "A comment says something.")
