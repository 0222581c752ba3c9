"""The unit of work of sales: what an operation can reach."""

from __future__ import annotations

from chassis.storage.parts import Part
from chassis.storage.unit_of_work import UnitOfWork
from sales.absences.storage import AbsencesRepository
from sales.activities.storage import ActivitiesRepository
from sales.approval_requests.storage import ApprovalRequestsRepository
from sales.approval_types.storage import ApprovalTypesRepository
from sales.assessments.storage import AssessmentsRepository
from sales.assignment_rules.storage import AssignmentRulesRepository
from sales.buying_roles.storage import InvolvementsRepository
from sales.comments.storage import CommentsRepository
from sales.commission_plans.storage import CommissionPlansRepository
from sales.commission_statements.storage import CommissionStatementsRepository
from sales.customer_groups.storage import MembershipsRepository
from sales.exchange_rates.storage import CurrencySettingsRepository, ExchangeRatesRepository
from sales.forecast_snapshots.storage import (
    ForecastSettingsRepository,
    ForecastSnapshotsRepository,
)
from sales.forecasts.storage import ForecastAdjustmentsRepository
from sales.lead_assignments.storage import LeadAssignmentsRepository
from sales.lead_freshness.storage import LeadFreshnessRepository
from sales.lead_reviews.standards import LeadStandards
from sales.leads.storage import LeadsRepository
from sales.letterheads.storage import LetterheadsRepository
from sales.opportunities.storage import OpportunitiesRepository
from sales.opportunity_teams.storage import OpportunityMembersRepository
from sales.orders.storage import OrdersRepository
from sales.pipelines.storage import PipelinesRepository
from sales.playbooks.storage import PlaybooksRepository
from sales.price_books.storage import PriceBooksRepository, PricesRepository
from sales.products.storage import ProductsRepository
from sales.qualification_frameworks.storage import QualificationFrameworksRepository
from sales.quotas.storage import QuotasRepository
from sales.quote_approvals.storage import ApprovalRulesRepository
from sales.quotes.storage import QuotesRepository
from sales.reasons.storage import ReasonsRepository
from sales.scoring_rules.storage import ScoringRulesRepository
from sales.shared_documents.storage import SharedDocumentsRepository
from sales.subscription_settings.storage import SubscriptionSettingsRepository
from sales.subscriptions.storage import SubscriptionsRepository
from sales.territories.storage import TerritoriesRepository
from sales.web_forms.storage import FormSubmissionsRepository, WebFormsRepository


class SalesTx(UnitOfWork):
    """One transaction of sales. What rows refer to is declared, and so written, before them."""

    reasons = Part(ReasonsRepository)
    currency_settings = Part(CurrencySettingsRepository)
    exchange_rates = Part(ExchangeRatesRepository)
    pipelines = Part(PipelinesRepository)
    opportunities = Part(OpportunitiesRepository)
    opportunity_members = Part(OpportunityMembersRepository)
    comments = Part(CommentsRepository)
    shared_documents = Part(SharedDocumentsRepository)
    forecast_adjustments = Part(ForecastAdjustmentsRepository)
    forecast_settings = Part(ForecastSettingsRepository)
    forecast_snapshots = Part(ForecastSnapshotsRepository)
    quotas = Part(QuotasRepository)
    commission_plans = Part(CommissionPlansRepository)
    commission_statements = Part(CommissionStatementsRepository)
    involvements = Part(InvolvementsRepository)
    activities = Part(ActivitiesRepository)
    playbooks = Part(PlaybooksRepository)
    orders = Part(OrdersRepository)
    leads = Part(LeadsRepository)
    qualification_frameworks = Part(QualificationFrameworksRepository)
    assessments = Part(AssessmentsRepository)
    scoring_rules = Part(ScoringRulesRepository)
    lead_freshness = Part(LeadFreshnessRepository)
    lead_standards = Part(LeadStandards)
    territories = Part(TerritoriesRepository)
    absences = Part(AbsencesRepository)
    assignment_rules = Part(AssignmentRulesRepository)
    lead_assignments = Part(LeadAssignmentsRepository)
    web_forms = Part(WebFormsRepository)
    form_submissions = Part(FormSubmissionsRepository)
    products = Part(ProductsRepository)
    price_books = Part(PriceBooksRepository)
    prices = Part(PricesRepository)
    memberships = Part(MembershipsRepository)
    approval_rules = Part(ApprovalRulesRepository)
    quotes = Part(QuotesRepository)
    subscription_settings = Part(SubscriptionSettingsRepository)
    subscriptions = Part(SubscriptionsRepository)
    approval_types = Part(ApprovalTypesRepository)
    approval_requests = Part(ApprovalRequestsRepository)
    letterheads = Part(LetterheadsRepository)
