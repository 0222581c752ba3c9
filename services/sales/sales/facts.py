"""Recorded facts of sales to protobuf: each slice maps its own, and all are gathered here."""

from __future__ import annotations

from chassis.events.outbox import FactEncoder
from sales.absences.facts import ABSENCE_FACTS
from sales.activities.facts import ACTIVITY_FACTS
from sales.approval_requests.facts import APPROVAL_REQUEST_FACTS
from sales.approval_types.facts import APPROVAL_TYPE_FACTS
from sales.assessments.facts import ASSESSMENT_FACTS
from sales.assignment_rules.facts import ASSIGNMENT_RULE_FACTS
from sales.buying_roles.facts import BUYING_ROLE_FACTS
from sales.comments.facts import COMMENT_FACTS
from sales.commission_plans.facts import COMMISSION_PLAN_FACTS
from sales.commission_statements.facts import COMMISSION_STATEMENT_FACTS
from sales.customer_groups.facts import CUSTOMER_GROUP_FACTS
from sales.exchange_rates.facts import EXCHANGE_RATE_FACTS
from sales.forecast_snapshots.facts import FORECAST_SNAPSHOT_FACTS
from sales.forecasts.facts import FORECAST_FACTS
from sales.lead_assignments.facts import LEAD_ASSIGNMENT_FACTS
from sales.lead_freshness.facts import LEAD_FRESHNESS_FACTS
from sales.leads.facts import LEAD_FACTS
from sales.letterheads.facts import LETTERHEAD_FACTS
from sales.opportunities.facts import OPPORTUNITY_FACTS
from sales.opportunity_teams.facts import OPPORTUNITY_TEAM_FACTS
from sales.orders.facts import ORDER_FACTS
from sales.pipelines.facts import PIPELINE_FACTS
from sales.playbooks.facts import PLAYBOOK_FACTS
from sales.price_books.facts import PRICE_BOOK_FACTS
from sales.products.facts import PRODUCT_FACTS
from sales.qualification_frameworks.facts import QUALIFICATION_FRAMEWORK_FACTS
from sales.quotas.facts import QUOTA_FACTS
from sales.quote_approvals.facts import APPROVAL_RULE_FACTS
from sales.quotes.facts import QUOTE_FACTS
from sales.reasons.facts import REASON_FACTS
from sales.scoring_rules.facts import SCORING_RULE_FACTS
from sales.shared_documents.facts import SHARED_DOCUMENT_FACTS
from sales.subscription_settings.facts import SUBSCRIPTION_SETTINGS_FACTS
from sales.subscriptions.facts import SUBSCRIPTION_FACTS
from sales.territories.facts import TERRITORY_FACTS
from sales.web_forms.facts import WEB_FORM_FACTS

ENCODER = FactEncoder(
    {
        **REASON_FACTS,
        **EXCHANGE_RATE_FACTS,
        **ORDER_FACTS,
        **PIPELINE_FACTS,
        **OPPORTUNITY_FACTS,
        **OPPORTUNITY_TEAM_FACTS,
        **COMMENT_FACTS,
        **SHARED_DOCUMENT_FACTS,
        **FORECAST_FACTS,
        **FORECAST_SNAPSHOT_FACTS,
        **QUOTA_FACTS,
        **COMMISSION_PLAN_FACTS,
        **COMMISSION_STATEMENT_FACTS,
        **BUYING_ROLE_FACTS,
        **ACTIVITY_FACTS,
        **PLAYBOOK_FACTS,
        **LEAD_FACTS,
        **QUALIFICATION_FRAMEWORK_FACTS,
        **ASSESSMENT_FACTS,
        **SCORING_RULE_FACTS,
        **LEAD_FRESHNESS_FACTS,
        **WEB_FORM_FACTS,
        **TERRITORY_FACTS,
        **ABSENCE_FACTS,
        **ASSIGNMENT_RULE_FACTS,
        **LEAD_ASSIGNMENT_FACTS,
        **PRODUCT_FACTS,
        **PRICE_BOOK_FACTS,
        **CUSTOMER_GROUP_FACTS,
        **QUOTE_FACTS,
        **LETTERHEAD_FACTS,
        **APPROVAL_RULE_FACTS,
        **SUBSCRIPTION_FACTS,
        **APPROVAL_TYPE_FACTS,
        **APPROVAL_REQUEST_FACTS,
        **SUBSCRIPTION_SETTINGS_FACTS,
    }
)
