"""The kinds of refusals that files and mail know."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind

MAILING_PROBLEMS: tuple[ProblemKind, ...] = (
    # Attachments
    ProblemKind(
        "attachment_not_loose", 409, "The file went with a message, and stays with it, or is gone."
    ),
    ProblemKind("files_unavailable", 503, "Files cannot be kept now. Try again later."),
    # Mailboxes
    ProblemKind(
        "mailbox_address_taken",
        409,
        "A mailbox has this address already, perhaps another tenant's.",
    ),
    ProblemKind("mailbox_archived", 409, "The mailbox is archived: restore it first."),
    ProblemKind("too_many_mailboxes", 409, "The tenant has as many mailboxes as one can have."),
    # Mail from customers
    ProblemKind(
        "mail_secret_wrong", 403, "The secret of the mailbox, or the platform's, is another."
    ),
    ProblemKind("mailbox_unknown", 404, "Nobody here gets mail at any of the addresses."),
    ProblemKind("mailbox_suspended", 503, "The mailbox takes nothing at present. Try again later."),
    ProblemKind("mail_not_quarantined", 409, "The mail is not held back: it was decided about."),
    ProblemKind("mail_gone", 409, "The mail was held back for too long, and is not kept any more."),
)
