"""Wires what the desk asks and learns: surveys, complaints, reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chassis.domain import Conflict
from chassis.http.pages import Pages
from chassis.http.routes import Routes
from chassis.service import Service
from chassis.work.timers import Timer
from desk.complaint_causes.api import complaint_causes
from desk.complaint_causes.storage import CAUSE_KEY
from desk.complaint_patterns.api import complaint_patterns, complaint_settings
from desk.complaints.api import complaint_reports, complaints
from desk.complaints.storage import COMPLAINT_ONCE
from desk.open_tenants import OpenTenants
from desk.reports.api import reports
from desk.satisfaction.api import satisfaction
from desk.secrecy import Secrecy
from desk.settings import DeskSettings
from desk.survey_pages.pages import survey_pages
from desk.survey_requests.api import survey_requests
from desk.survey_requests.operations import (
    ASKING_TIMER,
    UNATTENDED_TIMER,
    asking_is_due,
    follow_up_is_due,
    round_is_due,
)
from desk.survey_requests.storage import REQUEST_ONCE
from desk.surveys.api import surveys
from desk.surveys.operations import ROUND_TIMER
from desk.transaction import DeskTx

SURVEYING_ROUTES: Sequence[Routes] = (
    surveys,
    survey_requests,
    satisfaction,
    complaint_causes,
    complaints,
    complaint_patterns,
    complaint_settings,
    complaint_reports,
    reports,
)
SURVEYING_TIMERS: Mapping[str, Callable[[DeskTx, Timer], object]] = {
    ASKING_TIMER: asking_is_due,
    ROUND_TIMER: round_is_due,
    UNATTENDED_TIMER: follow_up_is_due,
}
SURVEYING_CONFLICTS: Mapping[str, Conflict] = {
    REQUEST_ONCE: Conflict("The customer is asked already.", code="survey_planned"),
    CAUSE_KEY: Conflict("There is a cause with this key already.", code="complaint_cause_exists"),
    COMPLAINT_ONCE: Conflict("The ticket is a complaint already.", code="complaint_exists"),
}


def surveying_pages(service: Service[DeskTx], settings: DeskSettings) -> Sequence[Pages]:
    """The pages on which customers say how content they are."""
    links, tenants = Secrecy(settings).survey_links, OpenTenants(service.directory)
    return (survey_pages(service.operations, links, tenants, service.clock),)
