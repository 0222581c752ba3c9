"""Wires tickets and what is said about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chassis.domain import Conflict
from chassis.http.pages import Pages
from chassis.http.routes import Routes
from chassis.rpc.declaration import RpcService
from chassis.rpc.server import RpcServer
from chassis.service import Service
from chassis.work.jobs import JobHandler
from chassis.work.jobs_api import job_routes
from chassis.work.timers import Timer
from desk.desk_settings.api import desk_settings
from desk.followers.api import followers
from desk.messages.api import messages
from desk.messages.storage import MESSAGE_ONCE
from desk.open_tenants import OpenTenants
from desk.peers import Others
from desk.people.forgetting import (
    FORGET_WORDS,
    WORDS_WAIT,
    WordsForgetting,
    words_still_wait,
)
from desk.problem_answers.answering import answering_jobs
from desk.problem_answers.api import problem_answers
from desk.requesters.asking import RequesterAsking
from desk.rpc import DESK_SERVICE
from desk.settings import DeskSettings
from desk.ticket_fields.api import ticket_fields
from desk.ticket_fields.storage import FIELD_KEY_ONCE
from desk.ticket_forms.api import ticket_forms, ticket_submissions
from desk.ticket_forms.operations import SUBMISSION_TIMER, submission_has_waited
from desk.ticket_forms.pages import ticket_form_pages
from desk.ticket_forms.storage import FORM_KEY_ONCE
from desk.ticket_links.api import ticket_links
from desk.ticket_links.storage import LINK_ONCE
from desk.ticket_merges.api import ticket_merges
from desk.tickets.api import tickets
from desk.tickets.operations import CLOSING_TIMER, EXTERNAL_IDS_ONCE, closing_is_due
from desk.transaction import DeskTx

TICKETING_ROUTES: Sequence[Routes] = (
    tickets,
    messages,
    followers,
    ticket_merges,
    ticket_links,
    problem_answers,
    ticket_fields,
    ticket_forms,
    ticket_submissions,
    desk_settings,
    job_routes("desk"),
)
TICKETING_TIMERS: Mapping[str, Callable[[DeskTx, Timer], object]] = {
    CLOSING_TIMER: closing_is_due,
    SUBMISSION_TIMER: submission_has_waited,
    WORDS_WAIT: words_still_wait,
}
TICKETING_CONFLICTS: Mapping[str, Conflict] = {
    EXTERNAL_IDS_ONCE: Conflict(
        "Another ticket has one of these external ids.", code="ticket_external_id_taken"
    ),
    LINK_ONCE: Conflict("The tickets are linked so already.", code="link_exists"),
    FIELD_KEY_ONCE: Conflict("There is a field with this key already.", code="ticket_field_exists"),
    FORM_KEY_ONCE: Conflict("There is a form with this key already.", code="ticket_form_exists"),
    MESSAGE_ONCE: Conflict("The message is there already.", code="message_exists"),
}


def requester_asking(service: Service[DeskTx], asked: Others, name: str) -> RequesterAsking:
    """What asks contacts who has asked."""
    return RequesterAsking(
        service.database, service.operations, asked.requesters, name, service.clock
    )


def rpc_server(
    service: Service[DeskTx], settings: DeskSettings, personal_data: RpcService
) -> RpcServer:
    """What answers other services."""
    return RpcServer(
        settings,
        service.authenticator,
        service.operations,
        [DESK_SERVICE, personal_data],
        is_ready=service.database.is_reachable,
    )


def ticketing_jobs(service: Service[DeskTx], asked: Others, name: str) -> Mapping[str, JobHandler]:
    """The jobs of tickets, and of what is said by them."""
    forgetting = WordsForgetting(service.operations, asked.erased, name)
    return {**answering_jobs(service.operations), FORGET_WORDS: forgetting}


def ticketing_pages(service: Service[DeskTx]) -> Pages:
    """Where visitors of tenants' websites open tickets."""
    return ticket_form_pages(service.database, service.operations, OpenTenants(service.directory))
