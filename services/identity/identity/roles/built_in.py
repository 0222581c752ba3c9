"""The roles that every tenant starts with."""

from __future__ import annotations

from dataclasses import dataclass

from identity.roles.domain import Grant, GrantReach

ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    """A role that comes with the platform; administrators cannot change it."""

    key: str
    name: str
    grants: tuple[Grant, ...]


def _grants(**permissions: str) -> tuple[Grant, ...]:
    """Grants from words in a row, by reach: `own="sales.*", all="identity.users.read"`."""
    return tuple(
        Grant(permission, GrantReach(reach))
        for reach, listed in permissions.items()
        for permission in listed.split()
    )


_COLLEAGUES = "identity.users.read identity.teams.read"
_CUSTOMERS = (
    "contacts.people.read contacts.companies.read contacts.interactions.read contacts.timeline.read"
    " contacts.consents.read contacts.question_asks.read"
)

# All of contacts but erasing people, which cannot be undone, and taking away all that every service knows
# of one, which no reach of other permissions bounds: both are for administrators.
_CONTACTS = (
    "contacts.people.read contacts.people.write contacts.people.delete contacts.people.export"
    " contacts.companies.* contacts.interactions.* contacts.interaction_kinds.*"
    " contacts.custom_fields.* contacts.imports.* contacts.purposes.* contacts.consents.*"
    " contacts.timeline.* contacts.profile_questions.* contacts.question_asks.*"
    " contacts.freshness.* contacts.duplicates.read"
)

# What a person who sells works with. What is defined for all is read by all, and changed by managers.
_SALES = (
    "sales.leads.* sales.opportunities.* sales.activities.* sales.quotes.* sales.orders.read"
    " sales.orders.write sales.subscriptions.* sales.absences.* sales.forecasts.read"
    " sales.quotas.read sales.commission_plans.read sales.commission_statements.read"
    " sales.approval_requests.*"
)
# All of sales but forgetting who leads were, which cannot be undone and is for administrators.
_ALL_OF_SALES = (
    "sales.absences.* sales.activities.* sales.analytics.* sales.approval_requests.*"
    " sales.approval_rules.* sales.approval_types.* sales.assignment_rules.*"
    " sales.commission_plans.* sales.commission_statements.* sales.configurations.*"
    " sales.customer_groups.* sales.exchange_rates.* sales.forecasts.* sales.form_submissions.*"
    " sales.lead_freshness.* sales.lead_pool.* sales.leads.* sales.letterhead.*"
    " sales.opportunities.* sales.orders.* sales.pipelines.* sales.playbooks.* sales.price_books.*"
    " sales.products.* sales.qualification_frameworks.* sales.quotas.* sales.quotes.*"
    " sales.reasons.* sales.scoring_rules.* sales.subscription_settings.*"
    " sales.subscription_terminations.* sales.subscriptions.* sales.territories.* sales.web_forms.*"
)
_SALES_DEFINITIONS = (
    "sales.pipelines.read sales.playbooks.read sales.reasons.read sales.exchange_rates.read"
    " sales.products.read sales.price_books.read sales.customer_groups.read"
    " sales.configurations.read sales.approval_rules.read sales.territories.read"
    " sales.assignment_rules.read sales.qualification_frameworks.read sales.scoring_rules.read"
    " sales.lead_freshness.read sales.lead_pool.* sales.letterhead.read"
    " sales.subscription_settings.read sales.approval_types.read"
)

# All of loyalty but approving points given by hand, which takes a second person, and codes of coupons,
# which are worth what the coupon is to whoever has them.
_LOYALTY_WITHOUT_CODES = (
    "loyalty.activities.* loyalty.adjustments.read loyalty.adjustments.write"
    " loyalty.coupon_pools.* loyalty.coupon_uses.* loyalty.coupons.* loyalty.customers.*"
    " loyalty.earning_rules.* loyalty.earnings.* loyalty.engagement_scheme.*"
    " loyalty.engagement_scores.* loyalty.ledger.* loyalty.liability.*"
    " loyalty.members.* loyalty.occasions.* loyalty.profiles.* loyalty.programs.*"
    " loyalty.recognitions.* loyalty.redemptions.* loyalty.referral_codes.*"
    " loyalty.referral_terms.* loyalty.referrals.* loyalty.registrations.*"
    " loyalty.retention_definition.* loyalty.retention_figures.* loyalty.rewards.*"
    " loyalty.tier_standings.* loyalty.tiers.* loyalty.velocity_reviews.* loyalty.velocity_rules.*"
    " loyalty.win_backs.*"
)
_ALL_OF_LOYALTY = f"{_LOYALTY_WITHOUT_CODES} loyalty.coupon_codes.*"
# What members are offered, and what came of it. What a single member has in points, rewards and tiers,
# and whether somebody abuses it, is for those who keep members and those who serve them.
_OFFERS = (
    "loyalty.activities.* loyalty.adjustments.read loyalty.coupon_pools.* loyalty.coupon_uses.read"
    " loyalty.coupons.read loyalty.coupons.issue loyalty.coupons.revoke loyalty.coupons.validate"
    " loyalty.customers.* loyalty.earning_rules.* loyalty.earnings.* loyalty.engagement_scheme.*"
    " loyalty.engagement_scores.* loyalty.ledger.read loyalty.liability.*"
    " loyalty.members.read loyalty.members.write loyalty.occasions.* loyalty.profiles.*"
    " loyalty.programs.* loyalty.recognitions.* loyalty.redemptions.read loyalty.referral_codes.*"
    " loyalty.referral_terms.* loyalty.referrals.read loyalty.referrals.write"
    " loyalty.registrations.* loyalty.retention_definition.* loyalty.retention_figures.*"
    " loyalty.rewards.* loyalty.tier_standings.read loyalty.tiers.* loyalty.velocity_reviews.read"
    " loyalty.velocity_rules.read loyalty.win_backs.*"
)
_TIERS = "loyalty.programs.read loyalty.tiers.read loyalty.tier_standings.read"

# What the view of a customer shows of sales and of messages.
_SEEN_FROM_ALL_SIDES = "sales.opportunities.read sales.quotes.read sales.subscriptions.read notifications.messages.read"

# What is done with coupons and rewards at a till; codes are shown there, and never listed.
_AT_TILLS = (
    "loyalty.coupons.read loyalty.coupons.validate loyalty.coupons.redeem loyalty.coupons.roll_back"
    " loyalty.coupon_uses.read loyalty.rewards.read loyalty.redemptions.read"
    " loyalty.redemptions.write loyalty.redemptions.collect loyalty.redemptions.fulfil"
    " loyalty.referral_codes.read loyalty.referrals.read loyalty.referrals.write"
    " loyalty.activities.read loyalty.activities.check_in loyalty.registrations.read"
    " loyalty.registrations.write loyalty.recognitions.read"
)

# What a person does who answers customers, on tickets within reach; of all others they read at most.
_AT_THE_DESK = (
    "desk.satisfaction.read desk.tickets.write desk.problems.answer desk.promises.* desk.complaints.*"
    " desk.entitlements.use desk.queues.pull"
)
# What is defined for everybody at the desk, and what belongs to customers rather than to a ticket.
_DESK_DEFINITIONS = (
    "desk.agents.read desk.articles.read desk.articles.write desk.article_feedback.write"
    " desk.asset_registrations.* desk.assets.* desk.business_calendars.read desk.entitlements.read"
    " desk.queues.read desk.service_levels.read desk.settings.read desk.surveys.read"
    " desk.ticket_fields.read desk.ticket_forms.read"
)
# What apps that bring tickets, products and contracts do; how the desk works is for managers.
_DESK_FOR_APPS = (
    "desk.tickets.* desk.problems.answer desk.promises.* desk.complaints.* desk.assets.*"
    " desk.asset_models.* desk.asset_registrations.* desk.entitlements.* desk.service_products.*"
    " desk.articles.* desk.article_feedback.* desk.ticket_fields.read desk.ticket_forms.read"
    " desk.ticket_submissions.* desk.queues.read desk.agents.read desk.macros.read"
    " desk.service_levels.read desk.business_calendars.read desk.surveys.read desk.settings.read"
    " desk.satisfaction.read desk.attainment.read desk.reports.read"
)
_DESK_FIGURES = (
    "desk.reports.read desk.satisfaction.read desk.attainment.read desk.complaints.read"
    " desk.queues.read desk.agents.read"
)

BUILT_IN_ROLES = (
    BuiltInRole(ADMINISTRATOR, "Administrator", _grants(all="*")),
    BuiltInRole(
        "sales_manager",
        "Sales manager",
        _grants(
            team=f"{_CONTACTS} {_ALL_OF_SALES}",
            all=f"{_COLLEAGUES} desk.tickets.read loyalty.members.read loyalty.customers.read"
            " loyalty.engagement_scores.read loyalty.retention_figures.read insights.reports.read",
        ),
    ),
    BuiltInRole(
        "sales_representative",
        "Sales representative",
        _grants(
            own=f"{_CONTACTS} {_SALES}",
            all=f"{_COLLEAGUES} {_SALES_DEFINITIONS} loyalty.members.read loyalty.customers.read"
            " loyalty.engagement_scores.read",
        ),
    ),
    BuiltInRole(
        "service_manager",
        "Service manager",
        _grants(
            all=f"{_COLLEAGUES} {_CONTACTS} {_SEEN_FROM_ALL_SIDES} desk.* sales.orders.*"
            " sales.reasons.read"
            f" loyalty.members.read {_TIERS} {_AT_TILLS} loyalty.redemptions.take_back"
            " loyalty.coupons.issue"
            " loyalty.coupons.revoke loyalty.coupon_pools.read loyalty.ledger.read"
            " loyalty.adjustments.read loyalty.adjustments.write loyalty.adjustments.approve"
            " insights.reports.read",
        ),
    ),
    BuiltInRole(
        "service_agent",
        "Service agent",
        _grants(
            own="desk.agent_status.write desk.agent_absences.* desk.macros.*",
            team=_AT_THE_DESK,
            all=f"{_COLLEAGUES} {_CUSTOMERS} contacts.people.write contacts.interactions.write"
            " contacts.question_asks.write"
            f" {_DESK_DEFINITIONS} {_SEEN_FROM_ALL_SIDES} desk.tickets.read sales.orders.read sales.reasons.read"
            " loyalty.members.read"
            f" {_TIERS} {_AT_TILLS} loyalty.ledger.read loyalty.adjustments.read"
            " loyalty.adjustments.write",
        ),
    ),
    BuiltInRole(
        "marketer",
        "Marketer",
        _grants(
            all=f"{_COLLEAGUES} {_CONTACTS} marketing.* {_OFFERS} notifications.*"
            " sales.web_forms.* sales.form_submissions.* sales.leads.read sales.scoring_rules.read"
            " insights.reports.read",
        ),
    ),
    BuiltInRole(
        "loyalty_manager",
        "Loyalty manager",
        _grants(all=f"{_COLLEAGUES} {_CUSTOMERS} {_ALL_OF_LOYALTY} sales.orders.read"),
    ),
    BuiltInRole(
        "analyst",
        "Analyst",
        _grants(
            all=f"{_COLLEAGUES} {_CUSTOMERS} insights.* sales.leads.read sales.opportunities.read"
            " sales.quotes.read sales.orders.read sales.subscriptions.read sales.forecasts.read"
            " sales.quotas.read sales.pipelines.read"
            " sales.activities.read sales.reasons.read desk.tickets.read"
            f" {_DESK_FIGURES} loyalty.members.read {_TIERS} loyalty.ledger.read"
            " loyalty.engagement_scores.read"
            " loyalty.customers.read loyalty.retention_figures.read loyalty.win_backs.read"
            " loyalty.coupon_pools.read loyalty.coupon_uses.read loyalty.rewards.read"
            " loyalty.redemptions.read loyalty.liability.read loyalty.adjustments.read"
            " loyalty.referrals.read loyalty.occasions.read loyalty.activities.read"
            " marketing.campaigns.read",
        ),
    ),
    BuiltInRole(
        "integration",
        "Integration",
        _grants(
            all=f"{_COLLEAGUES} {_CONTACTS} {_ALL_OF_SALES} {_LOYALTY_WITHOUT_CODES}"
            f" {_DESK_FOR_APPS} marketing.* notifications.*",
        ),
    ),
)
