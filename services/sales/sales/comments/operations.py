"""What users do to comments; each function is one transaction."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import NotFound
from sales.comments.domain import Comment, require_access, unknown_thread
from sales.opportunities.domain import Opportunity
from sales.opportunities.queries import within_reach
from sales.opportunity_teams.storage import members_of
from sales.transaction import SalesTx


def write_comment(
    tx: SalesTx,
    opportunity_id: UUID,
    text: str,
    mentions: tuple[UUID, ...],
    reply_to: UUID | None = None,
) -> Comment:
    """Say something about an opportunity that the caller sees, as its owner or a member.

    Raises `NotFound`, `Invalid` for nothing, for a mention of who cannot see it, and for a reply to
    a comment that it does not have.
    """
    opportunity = within_reach(tx, opportunity_id)
    require_access(mentions, _who_can_see(tx, opportunity))
    comment_id = tx.ids.new()
    written = Comment(
        id=comment_id,
        opportunity_id=opportunity_id,
        thread_id=comment_id if reply_to is None else _thread(tx, opportunity_id, reply_to),
        author=tx.caller.actor,
        author_id=tx.caller.user_id,
        text=text,
        mentions=mentions,
        written_at=tx.clock.now(),
    )
    written.write(opportunity.details.owner_id)
    tx.comments.add(written)
    return written


def edit_comment(
    tx: SalesTx, opportunity_id: UUID, comment_id: UUID, text: str, mentions: tuple[UUID, ...]
) -> Comment:
    """Put an own comment in other words; what it said before stays in its history.

    Raises `NotFound`, `Invalid`, `Forbidden` for somebody else's, `Conflict` for a deleted one.
    """
    opportunity, comment = _found(tx, opportunity_id, comment_id)
    before, said_at = comment.text, comment.edited_at or comment.written_at
    new = tuple(one for one in mentions if one not in comment.mentions)
    if comment.edit(text, mentions, tx.caller.actor, tx.clock.now()):
        # Who was mentioned before may have left the team since.
        require_access(new, _who_can_see(tx, opportunity))
        tx.comments.keep_wording(comment, before, said_at)
    return comment


def delete_comment(tx: SalesTx, opportunity_id: UUID, comment_id: UUID) -> None:
    """Take an own comment back, with all its wordings. Raises `NotFound`, `Forbidden`."""
    _, comment = _found(tx, opportunity_id, comment_id)
    if comment.delete(tx.caller.actor, tx.clock.now()):
        tx.comments.forget_wordings(comment)


def _found(tx: SalesTx, opportunity_id: UUID, comment_id: UUID) -> tuple[Opportunity, Comment]:
    opportunity, comment = within_reach(tx, opportunity_id), tx.comments.get(comment_id)
    if comment.opportunity_id != opportunity_id:
        raise NotFound.of("comment", comment_id)
    return opportunity, comment


def _thread(tx: SalesTx, opportunity_id: UUID, reply_to: UUID) -> UUID:
    found = tx.comments.get_many([reply_to])
    if not found or found[0].opportunity_id != opportunity_id:
        raise unknown_thread(reply_to)
    return found[0].thread_id


def _who_can_see(tx: SalesTx, opportunity: Opportunity) -> frozenset[UUID]:
    """Those of whom sales knows it for sure: whose role reaches it, only a token tells."""
    owner_id = opportunity.details.owner_id
    owner = frozenset[UUID]() if owner_id is None else frozenset((owner_id,))
    return owner | members_of(tx, opportunity.id)
