"""The kinds of refusals that tickets and their conversations know."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind

TICKETING_PROBLEMS = (
    ProblemKind(
        "ticket_closed", 409, "The ticket is closed: what comes after is a ticket of its own."
    ),
    ProblemKind("ticket_not_resolved", 409, "The ticket is not resolved."),
    ProblemKind("ticket_external_id_taken", 409, "Another ticket has one of these external ids."),
    ProblemKind("ticket_merged_into_itself", 409, "A ticket cannot go into itself."),
    ProblemKind(
        "ticket_has_incidents",
        409,
        "Incidents hang on the ticket: have them hang on the other one before both are merged.",
    ),
    ProblemKind("ticket_linked_to_itself", 409, "A ticket cannot be linked to itself."),
    ProblemKind("link_exists", 409, "The tickets are linked so already."),
    ProblemKind("link_for_good", 409, "Where a ticket came from does not change."),
    ProblemKind("too_many_links", 409, "A ticket has at most as many links as `detail` says."),
    ProblemKind(
        "too_many_followers", 409, "A ticket has at most as many followers as `detail` says."
    ),
    ProblemKind(
        "ticket_fields_missing",
        409,
        "Before the ticket is resolved, more has to be said: `errors` names every field.",
    ),
    ProblemKind("ticket_field_exists", 409, "There is a field of tickets with this key already."),
    ProblemKind("ticket_field_not_archived", 409, "The field of tickets is not archived."),
    ProblemKind(
        "too_many_ticket_fields", 409, "A tenant has at most as many fields as `detail` says."
    ),
    ProblemKind("ticket_form_exists", 409, "There is a form of tickets with this key already."),
    ProblemKind("origin_refused", 403, "The form is not taken from pages of that origin."),
    ProblemKind(
        "too_many_waiting", 503, "Too many submissions of the form wait to be looked at; try later."
    ),
    ProblemKind("ticket_form_archived", 410, "The form of tickets takes nothing any more."),
    ProblemKind("too_many_ticket_forms", 409, "A tenant has at most as many forms as it says."),
    ProblemKind("submission_reviewed", 409, "Somebody has decided about the submission already."),
    ProblemKind("message_exists", 409, "The message is there already."),
    ProblemKind("assignee_gone", 409, "The user may not sign in, and takes no tickets."),
)
