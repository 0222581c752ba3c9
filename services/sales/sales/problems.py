"""The kinds of refusals that only sales knows, by slice."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind

PROBLEMS = (
    # Public pages
    ProblemKind(
        "page_not_available", 404, "The organisation whose page it is does not show it now."
    ),
    # Reasons
    ProblemKind("reason_exists", 409, "There is a reason of this kind with this key already."),
    ProblemKind("too_many_reasons", 409, "A tenant has at most as many reasons as `detail` says."),
    # Exchange rates
    ProblemKind(
        "base_currency_missing",
        409,
        "The tenant has not said yet in which currency it adds up: set it first.",
    ),
    ProblemKind(
        "base_currency_in_use", 409, "Amounts were valued in the base currency, so it stays."
    ),
    ProblemKind(
        "exchange_rate_missing",
        409,
        "No exchange rate holds on the day for the currency; `detail` names both. Enter one first.",
    ),
    ProblemKind("exchange_rate_exists", 409, "There is a rate of this day already: correct it."),
    # Analytics
    ProblemKind("recount_running", 409, "The records are being counted anew already."),
    ProblemKind("reach_too_short", 403, "This needs the permission with reach over all."),
    # Pipelines and opportunities
    ProblemKind("pipeline_archived", 409, "The pipeline is archived; restore it first."),
    ProblemKind(
        "stage_criteria_unmet",
        409,
        "Before the opportunity moves on, more has to be true: `errors` names every criterion and"
        " every field that is missing.",
    ),
    ProblemKind("stage_unchanged", 409, "The opportunity is in that stage already."),
    ProblemKind("opportunity_closed", 409, "The opportunity was won or lost; reopen it first."),
    ProblemKind("opportunity_open", 409, "The opportunity is open, so it cannot be reopened."),
    ProblemKind("too_many_members", 409, "An opportunity's team has at most as many as told."),
    ProblemKind("comment_deleted", 409, "The comment was deleted; nothing happens to it any more."),
    ProblemKind("too_many_edits", 409, "A comment is edited at most as often as told."),
    ProblemKind("not_the_author", 403, "Only its author changes or deletes a comment."),
    ProblemKind("document_exists", 409, "The same link is shared on the opportunity already."),
    ProblemKind("too_many_documents", 409, "An opportunity has at most as many as told."),
    ProblemKind("too_many_people", 409, "An opportunity has at most as many people as told."),
    # Forecasts
    ProblemKind("adjustment_missing", 409, "There is no adjustment of that figure to take back."),
    # Quotas and commissions
    ProblemKind("quota_exists", 409, "There is a target of this measure for the period already."),
    ProblemKind("too_many_commission_plans", 409, "A tenant has at most as many plans as told."),
    ProblemKind(
        "participant_has_statements",
        409,
        "Whoever has closed statements by a plan stays with it; give a last day instead.",
    ),
    ProblemKind("statement_closed", 409, "The statement is closed: it stays as it is."),
    ProblemKind(
        "statement_not_next",
        409,
        "Statements are closed in their order; `detail` says which is next.",
    ),
    ProblemKind("period_not_over", 409, "What a period comes to is known once it is over."),
    ProblemKind("own_statement", 403, "Nobody closes a statement of their own."),
    # Activities and playbooks
    ProblemKind("activity_closed", 409, "The activity is done or cancelled; it stays as it is."),
    ProblemKind("playbook_archived", 409, "The playbook is archived; restore it first."),
    ProblemKind("too_many_playbooks", 409, "A tenant has at most as many playbooks as told."),
    # Products and price books
    ProblemKind("product_exists", 409, "There is a product with this article number already."),
    ProblemKind("product_archived", 409, "The product is archived; restore it first."),
    ProblemKind("price_book_archived", 409, "The price book is archived; restore it first."),
    ProblemKind("too_many_price_books", 409, "A tenant has at most as many price books as told."),
    ProblemKind(
        "price_missing",
        409,
        "No price book that applies to the customer on the day prices all that is wanted; `detail`"
        " says what each of them lacks.",
    ),
    # Leads and web forms
    ProblemKind("lead_disqualified", 409, "The lead is disqualified; reconsider it first."),
    ProblemKind("lead_not_in_pool", 409, "Somebody has the lead, or it is disqualified."),
    ProblemKind("user_needed", 403, "This is for users; an app acts for nobody here."),
    ProblemKind(
        "qualification_unmet",
        409,
        "The lead does not qualify by the framework: `errors` names every required question that is"
        " open or unmet, and points that are missing.",
    ),
    ProblemKind("framework_archived", 409, "The framework is archived; restore it first."),
    ProblemKind("too_many_frameworks", 409, "A tenant has at most as many frameworks as told."),
    ProblemKind("too_many_scoring_rules", 409, "A tenant has at most as many rules as told."),
    ProblemKind("lead_archived", 409, "The lead is archived; restore it first."),
    ProblemKind(
        "lead_converted", 409, "The lead was converted: go on with its person and its opportunity."
    ),
    ProblemKind("not_converted", 404, "The lead was not converted."),
    ProblemKind(
        "lead_ambiguous",
        409,
        "It is not clear which person or company the lead is; `errors` names the candidates. Choose"
        " one, or say that it is a new one.",
    ),
    ProblemKind("lead_changed", 409, "The lead was changed while it was converted: try again."),
    ProblemKind("person_archived", 409, "The person is archived in contacts; restore them first."),
    ProblemKind("company_archived", 409, "The company is archived in contacts; restore it first."),
    ProblemKind("lead_erased", 409, "Who the lead was, was erased; it stays for its dates alone."),
    ProblemKind(
        "lead_is_person", 409, "The lead is a person of contacts: erase the person, who is it."
    ),
    ProblemKind("lead_external_id_taken", 409, "Another lead has one of these external ids."),
    ProblemKind("too_many_web_forms", 409, "A tenant has at most as many web forms as told."),
    ProblemKind("submission_reviewed", 409, "Somebody has released or dropped it already."),
    ProblemKind("web_form_archived", 410, "The form takes nothing any more."),
    ProblemKind("origin_refused", 403, "The form is not taken from pages of that origin."),
    ProblemKind(
        "too_many_waiting", 503, "Too many submissions of the form wait to be looked at; try later."
    ),
    # Territories and assignment
    ProblemKind("too_many_territories", 409, "A tenant has at most as many territories as told."),
    ProblemKind("too_many_assignment_rules", 409, "A tenant has at most as many rules as told."),
    # Quotes
    ProblemKind("quote_status", 409, "The quote is not where it would have to be for that."),
    ProblemKind("quote_accepted", 409, "The quote was accepted; what was agreed stays."),
    ProblemKind("quote_expired", 409, "The last day of the quote is over; change that first."),
    ProblemKind(
        "approval_needed",
        409,
        "A rule asks for an approval that the quote does not have yet: submit it again.",
    ),
    ProblemKind(
        "customer_unreachable",
        409,
        "The quote names no person, or contacts knows no e-mail address of theirs: nothing was sent.",
    ),
    ProblemKind(
        "configuration_broken",
        409,
        "What a quote offers breaks rules of its bundles by now; `errors` has their words.",
    ),
    ProblemKind("quote_too_long_to_print", 409, "A quote of more lines than told is not printed."),
    ProblemKind("quote_withdrawn", 410, "The version that the link is for is on offer no more."),
    ProblemKind("too_many_approval_rules", 409, "A tenant has at most as many as told."),
    ProblemKind("not_the_approver", 403, "The next step of approval is for somebody else."),
    ProblemKind(
        "approver_involved",
        403,
        "Whoever has submitted a quote, or approved another step of it, does not approve it.",
    ),
    # Requests for approval
    ProblemKind("approval_type_exists", 409, "There is a type with this key already."),
    ProblemKind("approval_type_archived", 409, "The type is archived; restore it first."),
    ProblemKind("too_many_approval_types", 409, "A tenant has at most as many as told."),
    ProblemKind(
        "approval_request_status", 409, "The request is not where it would have to be for that."
    ),
    ProblemKind(
        "manager_missing", 409, "A step is for the manager of whoever asks: there is none."
    ),
    ProblemKind("not_the_requester", 403, "Only whoever asks for it can do that."),
    # Subscriptions
    ProblemKind("subscription_ended", 409, "The subscription has ended; it can be reactivated."),
    ProblemKind("subscription_not_ended", 409, "Only one that has ended can be reactivated."),
    ProblemKind("subscription_not_begun", 409, "The first day is still to come."),
    ProblemKind("subscription_paused", 409, "The subscription is paused; resume it first."),
    ProblemKind("subscription_not_paused", 409, "The subscription is not paused."),
    ProblemKind("subscription_cancelled", 409, "The subscription was cancelled already."),
    ProblemKind("subscription_not_cancelled", 409, "There is no cancellation to take back."),
    ProblemKind("subscription_renewed", 409, "The next term is agreed on already."),
    ProblemKind(
        "notice_period_over",
        409,
        "It is too late to cancel for this term; `detail` says which day was the last.",
    ),
    ProblemKind("order_subscribed", 409, "The order has led to subscriptions already."),
    # Orders
    ProblemKind("external_id_taken", 409, "Another order has one of these external ids."),
    ProblemKind("quote_ordered", 409, "There is an order for this quote already."),
    ProblemKind("order_not_confirmed", 409, "Only an order that is confirmed can be delivered."),
    ProblemKind("order_cancelled", 409, "The order was cancelled; nothing happens to it any more."),
    ProblemKind("order_delivered", 409, "Something of the order was delivered; it cannot be off."),
    ProblemKind(
        "refund_too_large",
        409,
        "More would be paid back than was paid; `detail` says what is left.",
    ),
)
