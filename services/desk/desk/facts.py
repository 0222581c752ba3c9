"""Recorded facts of desk to protobuf: each slice maps its own, and all are gathered here."""

from __future__ import annotations

from chassis.events.outbox import FactEncoder
from desk.automating_facts import AUTOMATING_FACTS
from desk.desk_settings.facts import DESK_SETTINGS_FACTS
from desk.knowing_facts import KNOWING_FACTS
from desk.mailing_facts import MAILING_FACTS
from desk.messages.facts import MESSAGE_FACTS
from desk.promising_facts import PROMISING_FACTS
from desk.routing_facts import ROUTING_PARTS_FACTS
from desk.surveying_facts import SURVEYING_FACTS
from desk.ticket_fields.facts import TICKET_FIELD_FACTS
from desk.ticket_forms.facts import TICKET_FORM_FACTS
from desk.tickets.facts import TICKET_FACTS

ENCODER = FactEncoder(
    {
        **AUTOMATING_FACTS,
        **KNOWING_FACTS,
        **PROMISING_FACTS,
        **TICKET_FACTS,
        **TICKET_FIELD_FACTS,
        **TICKET_FORM_FACTS,
        **ROUTING_PARTS_FACTS,
        **SURVEYING_FACTS,
        **MESSAGE_FACTS,
        **MAILING_FACTS,
        **DESK_SETTINGS_FACTS,
    }
)
