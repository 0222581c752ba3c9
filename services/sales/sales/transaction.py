"""The unit of work of sales: what an operation can reach."""

from __future__ import annotations

from chassis.domain import IdFactory
from chassis.events.outbox import OutboxWriter
from chassis.storage.unit_of_work import Reading, UnitOfWork
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
    """One transaction of sales."""

    def __init__(self, work: Reading, ids: IdFactory, outbox: OutboxWriter) -> None:
        super().__init__(work, ids, outbox)
        self.reasons = ReasonsRepository(self)
        self.currency_settings = CurrencySettingsRepository(self)
        self.exchange_rates = ExchangeRatesRepository(self)
        self.pipelines = PipelinesRepository(self)
        self.opportunities = OpportunitiesRepository(self)
        self.opportunity_members = OpportunityMembersRepository(self)
        self.comments = CommentsRepository(self)
        self.shared_documents = SharedDocumentsRepository(self)
        self.forecast_adjustments = ForecastAdjustmentsRepository(self)
        self.forecast_settings = ForecastSettingsRepository(self)
        self.forecast_snapshots = ForecastSnapshotsRepository(self)
        self.quotas = QuotasRepository(self)
        self.commission_plans = CommissionPlansRepository(self)
        self.commission_statements = CommissionStatementsRepository(self)
        self.involvements = InvolvementsRepository(self)
        self.activities = ActivitiesRepository(self)
        self.playbooks = PlaybooksRepository(self)
        self.orders = OrdersRepository(self)
        self._reach_leads()
        self._reach_offers()

    def _reach_leads(self) -> None:
        """Leads, whose they become, how they stand, and the forms that they come by."""
        self.leads = LeadsRepository(self)
        self.qualification_frameworks = QualificationFrameworksRepository(self)
        self.assessments = AssessmentsRepository(self)
        self.scoring_rules = ScoringRulesRepository(self)
        self.lead_freshness = LeadFreshnessRepository(self)
        self.lead_standards = LeadStandards(self)
        self.territories = TerritoriesRepository(self)
        self.absences = AbsencesRepository(self)
        self.assignment_rules = AssignmentRulesRepository(self)
        self.lead_assignments = LeadAssignmentsRepository(self)
        self.web_forms = WebFormsRepository(self)
        self.form_submissions = FormSubmissionsRepository(self)

    def _reach_offers(self) -> None:
        """Products with their prices, and quotes."""
        self.products = ProductsRepository(self)
        self.price_books = PriceBooksRepository(self)
        self.prices = PricesRepository(self)
        self.memberships = MembershipsRepository(self)
        self.approval_rules = ApprovalRulesRepository(self)
        self.quotes = QuotesRepository(self)
        self.subscription_settings = SubscriptionSettingsRepository(self)
        self.subscriptions = SubscriptionsRepository(self)
        self.approval_types = ApprovalTypesRepository(self)
        self.approval_requests = ApprovalRequestsRepository(self)
        self.letterheads = LetterheadsRepository(self)
