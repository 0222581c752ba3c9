"""What authors do to templates; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict
from notifications.templates.domain import Draft, Template
from notifications.templates.drafts import checked
from notifications.templates.proving import Proof
from notifications.transaction import NotificationsTx


def create_template(tx: NotificationsTx, key: str, draft: Draft) -> Template:
    """Begin a template; one with a key of the platform's takes its place once it is published.

    Raises `Invalid`, `Conflict` when the key is taken.
    """
    template = Template.create(tx.ids.new(), key, checked(draft), tx.clock.now())
    tx.templates.add(template)
    return template


def write_draft(
    tx: NotificationsTx, template_id: UUID, change: Callable[[Draft], Draft]
) -> Template:
    """Work on the draft; what is live stays. Raises `NotFound`, `Invalid`, `Conflict`."""
    template = tx.templates.get(template_id)
    template.write(checked(change(template.draft)), tx.clock.now())
    return template


def publish_template(tx: NotificationsTx, template_id: UUID, proof: Proof) -> Template:
    """Make the draft a version that is sent from now on.

    Raises what the proof has found, `NotFound`, and `Conflict` when the draft is another one than
    was proven.
    """
    template = tx.templates.get(template_id)
    compiled = proof.result()
    if template.draft != proof.draft:
        raise Conflict(
            "The draft was changed while it was checked; look at it and publish again.",
            code="draft_changed",
        )
    tx.templates.keep_version(template.release(compiled, tx.clock.now()))
    return template


def roll_back_template(tx: NotificationsTx, template_id: UUID, number: int) -> Template:
    """Send a version again that was published before. Raises `NotFound`, `Conflict`."""
    template = tx.templates.get(template_id)
    template.roll_back(number, tx.clock.now())
    return template


def archive_template(tx: NotificationsTx, template_id: UUID) -> Template:
    """Send nothing with it any more. Raises `NotFound`."""
    template = tx.templates.get(template_id)
    template.archive(tx.clock.now())
    return template


def restore_template(tx: NotificationsTx, template_id: UUID) -> Template:
    """Take an archived template back into use. Raises `NotFound`."""
    template = tx.templates.get(template_id)
    template.restore(tx.clock.now())
    return template
