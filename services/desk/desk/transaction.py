"""The unit of work of desk: what an operation can reach."""

from __future__ import annotations

from chassis.domain import IdFactory
from chassis.events.outbox import OutboxWriter
from chassis.storage.parts import Part
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
    """One transaction of desk. What rows refer to is declared, and so written, before them."""

    tickets = Part(TicketsRepository)
    articles = Part(ArticlesRepository)
    article_sections = Part(ArticleSectionsRepository)
    article_feedback = Part(ArticleFeedbackRepository)
    asset_models = Part(AssetModelsRepository)
    assets = Part(AssetsRepository)
    asset_registrations = Part(AssetRegistrationsRepository)
    service_products = Part(ServiceProductsRepository)
    entitlements = Part(EntitlementsRepository)
    ticket_fields = Part(TicketFieldsRepository)
    ticket_forms = Part(TicketFormsRepository)
    ticket_submissions = Part(TicketSubmissionsRepository)
    messages = Part(MessagesRepository)
    attachments = Part(AttachmentsRepository)
    business_calendars = Part(BusinessCalendarsRepository)
    service_levels = Part(ServiceLevelsRepository)
    clocks = Part(ClocksRepository)
    promises = Part(PromisesRepository)
    desk_settings = Part(DeskSettingsRepository)
    queues = Part(QueuesRepository)
    agents = Part(AgentsRepository)
    agent_absences = Part(AgentAbsencesRepository)
    routing_rules = Part(RoutingRulesRepository)
    routing_settings = Part(RoutingSettingsRepository)
    routing_decisions = Part(RoutingDecisionsRepository)
    mailboxes = Part(MailboxesRepository)
    inbound_mails = Part(InboundMailsRepository)
    outbound_mails = Part(OutboundMailsRepository)
    macros = Part(MacrosRepository)
    triggers = Part(TriggersRepository)
    time_rules = Part(TimeRulesRepository)
    surveys = Part(SurveysRepository)
    survey_requests = Part(SurveyRequestsRepository)
    complaint_causes = Part(ComplaintCausesRepository)
    complaint_patterns = Part(ComplaintPatternsRepository)
    complaint_settings = Part(ComplaintSettingsRepository)
    complaints = Part(ComplaintsRepository)

    def __init__(
        self, work: Reading, ids: IdFactory, outbox: OutboxWriter, *, secrecy: Secrecy
    ) -> None:
        super().__init__(work, ids, outbox)
        self.secrecy = secrecy
