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
    " contacts.consents.read"
)

# All of contacts but erasing people, which cannot be undone and is for administrators.
_CONTACTS = (
    "contacts.people.read contacts.people.write contacts.people.delete contacts.people.export"
    " contacts.companies.* contacts.interactions.* contacts.interaction_kinds.*"
    " contacts.custom_fields.* contacts.imports.* contacts.purposes.* contacts.consents.*"
    " contacts.timeline.*"
)

# What a person who sells works with. What is defined for all is read by all, and changed by managers.
_SALES = (
    "sales.leads.* sales.opportunities.* sales.activities.* sales.quotes.* sales.orders.read"
    " sales.orders.write sales.subscriptions.* sales.absences.* sales.forecasts.read"
    " sales.quotas.read sales.commission_plans.read sales.commission_statements.read"
    " sales.approval_requests.*"
)
_SALES_DEFINITIONS = (
    "sales.pipelines.read sales.playbooks.read sales.reasons.read sales.exchange_rates.read"
    " sales.products.read sales.price_books.read sales.customer_groups.read"
    " sales.configurations.read sales.approval_rules.read sales.territories.read"
    " sales.assignment_rules.read sales.qualification_frameworks.read sales.scoring_rules.read"
    " sales.lead_freshness.read sales.lead_pool.* sales.letterhead.read"
    " sales.subscription_settings.read sales.approval_types.read"
)

BUILT_IN_ROLES = (
    BuiltInRole(ADMINISTRATOR, "Administrator", _grants(all="*")),
    BuiltInRole(
        "sales_manager",
        "Sales manager",
        _grants(
            team=f"{_CONTACTS} sales.*",
            all=f"{_COLLEAGUES} desk.tickets.read loyalty.members.read insights.reports.read",
        ),
    ),
    BuiltInRole(
        "sales_representative",
        "Sales representative",
        _grants(
            own=f"{_CONTACTS} {_SALES}",
            all=f"{_COLLEAGUES} {_SALES_DEFINITIONS} loyalty.members.read",
        ),
    ),
    BuiltInRole(
        "service_manager",
        "Service manager",
        _grants(
            all=f"{_COLLEAGUES} {_CONTACTS} desk.* sales.orders.* sales.reasons.read"
            " loyalty.members.read insights.reports.read",
        ),
    ),
    BuiltInRole(
        "service_agent",
        "Service agent",
        _grants(
            team="desk.*",
            all=f"{_COLLEAGUES} {_CUSTOMERS} contacts.people.write contacts.interactions.write"
            " desk.tickets.read sales.orders.read sales.reasons.read loyalty.members.read",
        ),
    ),
    BuiltInRole(
        "marketer",
        "Marketer",
        _grants(
            all=f"{_COLLEAGUES} {_CONTACTS} marketing.* loyalty.* notifications.*"
            " sales.web_forms.* sales.form_submissions.* sales.leads.read sales.scoring_rules.read"
            " insights.reports.read",
        ),
    ),
    BuiltInRole(
        "analyst",
        "Analyst",
        _grants(
            all=f"{_COLLEAGUES} {_CUSTOMERS} insights.* sales.leads.read sales.opportunities.read"
            " sales.quotes.read sales.orders.read sales.subscriptions.read sales.forecasts.read"
            " sales.quotas.read sales.pipelines.read"
            " sales.activities.read sales.reasons.read desk.tickets.read"
            " loyalty.members.read loyalty.ledger.read marketing.campaigns.read",
        ),
    ),
    BuiltInRole(
        "integration",
        "Integration",
        _grants(
            all=f"{_COLLEAGUES} {_CONTACTS} sales.* desk.* loyalty.* marketing.* notifications.*",
        ),
    ),
)
