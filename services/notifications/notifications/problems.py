"""The kinds of refusals that only notifications knows."""

from chassis.http.problem_kinds import ProblemKind

PROBLEMS: tuple[ProblemKind, ...] = (
    ProblemKind("message_state", 409, "The message is not in a state in which this can be done."),
    ProblemKind("message_blanked", 409, "What the message said is not kept any longer."),
    ProblemKind("not_a_report", 422, "The mail is no report about another one that was sent."),
    ProblemKind("push_not_set_up", 404, "No provider of the kind web_push is set up."),
    ProblemKind("provider_removed", 409, "The provider was removed."),
    ProblemKind("no_letters", 409, "No letter waits to be printed."),
    ProblemKind(
        "too_many_letters_to_print",
        409,
        "The batch is too large for one PDF. Read it as lines, or begin smaller batches.",
    ),
    ProblemKind("policy_exists", 409, "There is a policy for this channel and purpose already."),
    ProblemKind(
        "feed_position_gone",
        410,
        "The position of the page token or of Last-Event-ID is older than the feed goes back, or is"
        " not one of it any more. Read without a token, and take stock of what was missed.",
    ),
    ProblemKind(
        "fact_type_unknown", 422, "No type of fact has this name, or begins so; see `fact-types`."
    ),
    ProblemKind("user_needed", 403, "Only users have such a thing; an app has none."),
    ProblemKind("fact_type_malformed", 422, "This cannot be the name of a type of fact."),
    ProblemKind("archived", 409, "The record is archived; restore it before changing it."),
    ProblemKind("too_many_rules", 409, "There are as many rules as there can be."),
    ProblemKind(
        "template_exists", 409, "The tenant has a template with this key, archived perhaps."
    ),
    ProblemKind(
        "template_failed",
        422,
        "The template has mistakes, or cannot be rendered with these variables; `errors` points at"
        " each part, with the line in it.",
    ),
    ProblemKind(
        "draft_changed",
        409,
        "The draft was changed while it was checked. Look at it, and publish again.",
    ),
    ProblemKind("too_many_webhooks", 409, "There are as many endpoints as there can be."),
    ProblemKind("webhook_disabled", 409, "The endpoint is disabled; enable it first."),
    ProblemKind(
        "secret_rotation_under_way",
        409,
        "Two secrets are valid already: wait until the old one ends, or end it with"
        " `keep_old_hours` 0.",
    ),
    ProblemKind("fact_gone", 409, "The fact is older than thirty days, and kept no longer."),
    ProblemKind(
        "replay_of_nothing",
        422,
        "A replay needs `failed`, or where a part of the feed begins or ends, and not both.",
    ),
    ProblemKind("replay_too_large", 422, "The part has more facts than one replay takes."),
)
