"""The one place where the parts of sales are wired together."""

from __future__ import annotations

from chassis.access.directory import AccessSource
from chassis.access.leaders_asking import LeadersAsking
from chassis.access.tokens import KeySource
from chassis.domain import Clock, Conflict
from chassis.rpc.server import RpcServer
from chassis.service import Service
from chassis.work.job_runner import JobRunner
from chassis.work.jobs import JobHandler
from chassis.work.periodic import PeriodicRunner
from chassis.work.pruning import pruning
from chassis.work.timers import TimerRunner
from sales.absences.api import absences
from sales.activities.api import activities, reports
from sales.activities.operations import REMINDER, remind
from sales.analytics.api import analytics
from sales.approval_requests.api import approval_requests
from sales.approval_requests.operations import APPROVAL_DEADLINE, approval_is_late
from sales.approval_types.api import approval_types
from sales.assessments.api import assessments
from sales.assignment_rules.api import assignment_rules
from sales.buying_roles.api import buying_roles
from sales.comments.api import comments
from sales.commission_plans.api import commission_plans
from sales.commission_statements.api import commission_statements
from sales.customer_groups.api import customer_groups
from sales.description import DESCRIPTION
from sales.exchange_rates.api import currency_settings, exchange_rates
from sales.facts import ENCODER
from sales.forecast_snapshots.api import forecast_settings, forecast_snapshots
from sales.forecast_snapshots.operations import FORECAST_SNAPSHOT, snapshot_is_due
from sales.forecasts.api import forecast_adjustments, forecasts
from sales.lead_assignments.api import assignment_previews, assignments_of_leads
from sales.lead_assignments.operations import LEAVER, first_contact_is_due, leads_need_others
from sales.lead_assignments.promises import FIRST_CONTACT
from sales.lead_conversions.api import conversion_routes, lead_conversions, opportunity_touches
from sales.lead_conversions.consents import (
    CONSENTS_WAIT,
    PASS_CONSENTS_ON,
    ConsentsPassing,
    consents_still_wait,
)
from sales.lead_conversions.customers import Customers
from sales.lead_freshness.api import fresh_leads, freshness_settings
from sales.lead_reviews.operations import (
    LEAD_REVIEW,
    LEADS_REVIEW,
    review_leads,
    time_has_passed,
)
from sales.leads.api import leads
from sales.letterheads.api import letterhead
from sales.open_tenants import OpenTenants
from sales.opportunities.api import opportunities
from sales.opportunities.board_api import board_routes
from sales.opportunities.operations import STAGE_TIMER, stage_time_is_up
from sales.opportunity_teams.api import opportunity_team
from sales.orders.api import orders
from sales.peers import (
    contacts_customers,
    contacts_erased_people,
    contacts_recipients,
    identity_access,
    identity_leads,
)
from sales.people.forgetting import FORGET_WORDS, WORDS_WAIT, WordsForgetting, words_still_wait
from sales.people.words import ErasedPeople
from sales.personal_data import PERSONAL_DATA
from sales.pipelines.api import pipelines
from sales.playbooks.api import playbooks
from sales.playbooks.calling import LEAD_PLAYBOOKS
from sales.playbooks.operations import begin_for_lead
from sales.price_books.api import price_books
from sales.price_books.configurations_api import configurations
from sales.products.api import products
from sales.qualification_frameworks.api import frameworks
from sales.quotas.api import quota_attainments, quotas
from sales.quote_approvals.api import approval_rules
from sales.quote_pages.links import QuoteLinks
from sales.quote_pages.pages import quote_pages
from sales.quotes.api import quotes
from sales.quotes.operations import QUOTE_EXPIRY, quote_time_is_up
from sales.quotes.printing_api import printed_quotes
from sales.quotes.recipients import Recipients
from sales.quotes.sending_api import sending_routes
from sales.reactions import SUBSCRIPTIONS
from sales.reasons.api import reasons
from sales.rpc import SALES_SERVICE
from sales.scoring_rules.api import scores, scoring_rules
from sales.settings import SalesSettings
from sales.shared_documents.api import shared_documents
from sales.shared_documents.storage import DOCUMENT_UNIQUE
from sales.subscription_settings.api import subscription_settings
from sales.subscription_settings.operations import SUBSCRIPTION_TIMER
from sales.subscriptions.api import subscriptions
from sales.subscriptions.renewals import subscription_time_has_come
from sales.territories.api import territories
from sales.transaction import SalesTx
from sales.web_forms.api import submissions, web_form_routes
from sales.web_forms.operations import (
    EXPIRY,
    TICKET_EXPIRY,
    submission_has_waited,
    ticket_has_expired,
)
from sales.web_forms.pages import web_form_pages

CONFLICTS = {
    "reasons_key_unique": Conflict(
        "There is a reason of this kind with this key already, archived perhaps.",
        code="reason_exists",
    ),
    "exchange_rates_day_unique": Conflict(
        "There is a rate for this currency from this day on already; correct it instead.",
        code="exchange_rate_exists",
    ),
    "approval_types_key_unique": Conflict(
        "There is a type of requests with this key already, archived perhaps.",
        code="approval_type_exists",
    ),
    "products_sku_unique": Conflict(
        "There is a product with this article number already, archived perhaps.",
        code="product_exists",
    ),
    "order_external_ids_unique": Conflict(
        "Another order has one of these external ids.", code="external_id_taken"
    ),
    "lead_external_ids_unique": Conflict(
        "Another lead has one of these external ids.", code="lead_external_id_taken"
    ),
    "quotas_of_user_once": Conflict(
        "The person has a target of this measure for the period already.", code="quota_exists"
    ),
    "quotas_of_team_once": Conflict(
        "The team has a target of this measure for the period already.", code="quota_exists"
    ),
    DOCUMENT_UNIQUE: Conflict(
        "The same link is shared on this opportunity already.", code="document_exists"
    ),
    "orders_quote_unique": Conflict(
        "There is an order for this quote already.", code="quote_ordered"
    ),
}


def build(
    settings: SalesSettings,
    *,
    clock: Clock | None = None,
    keys: KeySource | None = None,
    access: AccessSource | None = None,
    customers: Customers | None = None,
    recipients: Recipients | None = None,
    erased: ErasedPeople | None = None,
) -> Service[SalesTx]:
    """Sales, ready to be started; tests hand in the time, who signs tokens and whom it asks."""
    service = Service(
        DESCRIPTION,
        settings,
        SalesTx,
        facts=ENCODER,
        access=lambda _database: access or identity_access(settings, DESCRIPTION.name),
        conflicts=CONFLICTS,
        clock=clock,
        keys=keys,
    )
    _offer(service)
    customers = customers or contacts_customers(settings, DESCRIPTION.name)
    service.serve(lead_conversions, opportunity_touches, conversion_routes(customers))
    _send_quotes(service, recipients or contacts_recipients(settings, DESCRIPTION.name))
    service.beside_requests(_rpc_server(service))
    service.react(*SUBSCRIPTIONS)
    leads_of = identity_leads(settings, DESCRIPTION.name)
    asking = (service.database, service.operations, leads_of, DESCRIPTION.name)
    works = [*pruning(service.database, service.clock), LeadersAsking(*asking).work()]
    service.at_work(timer_runner(service))
    erased = erased or contacts_erased_people(settings, DESCRIPTION.name)
    service.at_work(job_runner(service, customers, erased))
    service.at_work(PeriodicRunner(service.database, works, service.clock))
    return service


def _rpc_server(service: Service[SalesTx]) -> RpcServer:
    """What answers other services."""
    return RpcServer(
        service.settings,
        service.authenticator,
        service.operations,
        [SALES_SERVICE, PERSONAL_DATA],
        is_ready=service.database.is_reachable,
    )


def timer_runner(service: Service[SalesTx]) -> TimerRunner[SalesTx]:
    """What fires when its time has come."""
    timers = {
        STAGE_TIMER: stage_time_is_up,
        FORECAST_SNAPSHOT: snapshot_is_due,
        REMINDER: remind,
        LEAD_PLAYBOOKS: begin_for_lead,
        CONSENTS_WAIT: consents_still_wait,
        WORDS_WAIT: words_still_wait,
        FIRST_CONTACT: first_contact_is_due,
        LEAVER: leads_need_others,
        LEAD_REVIEW: time_has_passed,
        LEADS_REVIEW: review_leads,
        QUOTE_EXPIRY: quote_time_is_up,
        SUBSCRIPTION_TIMER: subscription_time_has_come,
        APPROVAL_DEADLINE: approval_is_late,
        EXPIRY: submission_has_waited,
        TICKET_EXPIRY: ticket_has_expired,
    }
    return TimerRunner(
        service.database, service.operations, DESCRIPTION.name, timers, service.clock
    )


def job_runner(service: Service[SalesTx], customers: Customers, erased: ErasedPeople) -> JobRunner:
    """What needs the answer of another service, and can wait for it."""
    passing = ConsentsPassing(service.operations, customers, DESCRIPTION.name)
    forgetting = WordsForgetting(service.operations, erased, DESCRIPTION.name)
    jobs: dict[str, JobHandler] = {PASS_CONSENTS_ON: passing, FORGET_WORDS: forgetting}
    return JobRunner(service.database, DESCRIPTION.name, jobs, service.clock, threads=1)


def _offer(service: Service[SalesTx]) -> None:
    """All that is answered over HTTP, by slice."""
    service.serve(reasons)
    service.serve(exchange_rates, currency_settings)
    service.serve(orders)
    service.serve(subscriptions, subscription_settings)
    service.serve(approval_types, approval_requests)
    service.serve(products, price_books, customer_groups, configurations)
    service.serve(quotes, approval_rules, letterhead)
    service.serve(pipelines, opportunities, buying_roles, board_routes(service.tokens))
    service.serve(activities, reports, playbooks)
    service.serve(forecasts, forecast_adjustments, forecast_settings, forecast_snapshots)
    service.serve(quotas, quota_attainments, commission_plans, commission_statements)
    service.serve(territories, absences, assignment_rules)
    service.serve(assignments_of_leads, assignment_previews)
    service.serve(analytics)
    service.serve(opportunity_team, comments, shared_documents)
    service.serve(frameworks, assessments, scoring_rules, scores)
    service.serve(freshness_settings, fresh_leads)
    service.serve(leads, web_form_routes(service.settings.public_url), submissions)
    secret = service.settings.signing_secret.get_secret_value()
    service.http.add_pages(
        web_form_pages(
            service.database,
            service.operations,
            service.clock,
            secret,
            OpenTenants(service.directory),
        )
    )


def _send_quotes(service: Service[SalesTx], recipients: Recipients) -> None:
    """What goes to customers, and the pages on which they answer."""
    settings = service.settings
    links = QuoteLinks(settings.signing_secret.get_secret_value(), settings.public_url)
    service.serve(sending_routes(recipients, links), printed_quotes)
    service.http.add_pages(quote_pages(service.operations, links, OpenTenants(service.directory)))
