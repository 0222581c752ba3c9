"""The unit of work of desk: what an operation can reach."""

from __future__ import annotations

from chassis.domain import IdFactory
from chassis.events.outbox import OutboxWriter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.agent_absences.storage import AgentAbsencesRepository
from desk.agents.storage import AgentsRepository
from desk.article_feedback.storage import ArticleFeedbackRepository
from desk.article_sections.storage import ArticleSectionsRepository
from desk.articles.storage import ArticlesRepository
from desk.asset_models.storage import AssetModelsRepository
from desk.asset_registrations.storage import AssetRegistrationsRepository
from desk.assets.storage import AssetsRepository
from desk.attachments.storage import AttachmentsRepository
from desk.calendars.storage import BusinessCalendarsRepository
from desk.clocks.storage import ClocksRepository
from desk.complaint_causes.storage import ComplaintCausesRepository
from desk.complaint_patterns.storage import (
    ComplaintPatternsRepository,
    ComplaintSettingsRepository,
)
from desk.complaints.storage import ComplaintsRepository
from desk.desk_settings.storage import DeskSettingsRepository
from desk.entitlements.storage import EntitlementsRepository
from desk.inbound_mail.storage import InboundMailsRepository
from desk.macros.storage import MacrosRepository
from desk.mailboxes.storage import MailboxesRepository
from desk.messages.storage import MessagesRepository
from desk.outbound_mail.storage import OutboundMailsRepository
from desk.promises.storage import PromisesRepository
from desk.queues.storage import QueuesRepository
from desk.routing.storage import RoutingDecisionsRepository
from desk.routing_rules.storage import RoutingRulesRepository
from desk.routing_settings.storage import RoutingSettingsRepository
from desk.secrecy import Secrecy
from desk.service_levels.storage import ServiceLevelsRepository
from desk.service_products.storage import ServiceProductsRepository
from desk.survey_requests.storage import SurveyRequestsRepository
from desk.surveys.storage import SurveysRepository
from desk.ticket_fields.storage import TicketFieldsRepository
from desk.ticket_forms.storage import TicketFormsRepository, TicketSubmissionsRepository
from desk.tickets.storage import TicketsRepository
from desk.time_rules.storage import TimeRulesRepository
from desk.triggers.storage import TriggersRepository


class DeskTx(UnitOfWork):
    """One transaction of desk."""

    def __init__(
        self, work: Reading, ids: IdFactory, outbox: OutboxWriter, *, secrecy: Secrecy
    ) -> None:
        super().__init__(work, ids, outbox)
        self.secrecy = secrecy
        self.tickets = TicketsRepository(self)
        self.articles = ArticlesRepository(self)
        self.article_sections = ArticleSectionsRepository(self)
        self.article_feedback = ArticleFeedbackRepository(self)
        self.asset_models = AssetModelsRepository(self)
        self.assets = AssetsRepository(self)
        self.asset_registrations = AssetRegistrationsRepository(self)
        self.service_products = ServiceProductsRepository(self)
        self.entitlements = EntitlementsRepository(self)
        self.ticket_fields = TicketFieldsRepository(self)
        self.ticket_forms = TicketFormsRepository(self)
        self.ticket_submissions = TicketSubmissionsRepository(self)
        self.messages = MessagesRepository(self)
        self.attachments = AttachmentsRepository(self)
        self.business_calendars = BusinessCalendarsRepository(self)
        self.service_levels = ServiceLevelsRepository(self)
        self.clocks = ClocksRepository(self)
        self.promises = PromisesRepository(self)
        self.desk_settings = DeskSettingsRepository(self)
        self._reach_routing()
        self._reach_mail()
        self._reach_automation()
        self._reach_surveying()

    def _reach_surveying(self) -> None:
        """What customers are asked, and what they complain of."""
        self.surveys = SurveysRepository(self)
        self.survey_requests = SurveyRequestsRepository(self)
        self.complaint_causes = ComplaintCausesRepository(self)
        self.complaint_patterns = ComplaintPatternsRepository(self)
        self.complaint_settings = ComplaintSettingsRepository(self)
        self.complaints = ComplaintsRepository(self)

    def _reach_automation(self) -> None:
        """What is done to tickets by one click, or by itself."""
        self.macros = MacrosRepository(self)
        self.triggers = TriggersRepository(self)
        self.time_rules = TimeRulesRepository(self)

    def _reach_mail(self) -> None:
        """Mailboxes, and mail in and out."""
        self.mailboxes = MailboxesRepository(self)
        self.inbound_mails = InboundMailsRepository(self)
        self.outbound_mails = OutboundMailsRepository(self)

    def _reach_routing(self) -> None:
        """Queues, agents, and how tickets find them."""
        self.queues = QueuesRepository(self)
        self.agents = AgentsRepository(self)
        self.agent_absences = AgentAbsencesRepository(self)
        self.routing_rules = RoutingRulesRepository(self)
        self.routing_settings = RoutingSettingsRepository(self)
        self.routing_decisions = RoutingDecisionsRepository(self)
