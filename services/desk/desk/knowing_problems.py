"""The kinds of refusals that the knowledge base, assets and service contracts have."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind

KNOWING_PROBLEMS: tuple[ProblemKind, ...] = (
    # Articles
    ProblemKind("section_exists", 409, "There is a section with this key already."),
    ProblemKind("section_in_use", 409, "Articles or sections are in it: move them first."),
    ProblemKind("article_exists", 409, "There is an article with this key already."),
    ProblemKind("article_archived", 409, "The article is archived: reopen it first."),
    ProblemKind(
        "article_language_needed", 409, "Readers of other languages fall back on this text."
    ),
    ProblemKind("article_internal", 422, "Customers do not read internal articles."),
    # Assets
    ProblemKind("asset_model_exists", 409, "The product is a model already, archived perhaps."),
    ProblemKind("asset_model_archived", 409, "The model is archived: restore it first."),
    ProblemKind("serial_taken", 409, "Another piece of the product has this serial number."),
    ProblemKind("asset_not_in_state", 409, "What has become of the thing does not allow it."),
    ProblemKind("asset_registrations_too_many", 409, "The person has registered enough today."),
    ProblemKind("asset_registration_decided", 409, "Somebody has decided about it already."),
    ProblemKind("asset_registration_without_person", 409, "Whoever registered it is erased."),
    # Service contracts
    ProblemKind("service_product_exists", 409, "The product is a service product already."),
    ProblemKind(
        "service_product_archived", 409, "The service product is archived: restore it first."
    ),
    ProblemKind("entitlement_ended", 409, "The contract has ended: reopen it first."),
    ProblemKind("entitlement_not_ended", 409, "The contract has not ended."),
    ProblemKind("entitlement_not_serving", 409, "The contract serves nobody on this day."),
    ProblemKind("entitlement_used_up", 409, "Less is left in the period than the ticket uses."),
)
