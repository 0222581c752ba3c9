"""All checks: a service that gets an effect of its own adds its module here."""

from __future__ import annotations

from tests.reliability.checks.check import Check
from tests.reliability.checks.clocks import check_clocks
from tests.reliability.checks.dead_letters import check_dead_letters
from tests.reliability.checks.desk_mail import check_inbound_mail, check_replies
from tests.reliability.checks.effects import check_effects, check_signs_of_life
from tests.reliability.checks.facts import check_facts_published, check_facts_told
from tests.reliability.checks.followers import check_audit, check_feed, check_timelines
from tests.reliability.checks.mail import check_mail
from tests.reliability.checks.orders import check_orders
from tests.reliability.checks.points import check_points
from tests.reliability.checks.reminders import check_reminders
from tests.reliability.checks.tickets import check_tickets
from tests.reliability.checks.webhooks import check_webhooks
from tests.reliability.checks.writes import check_writes

CHECKS: tuple[Check, ...] = (
    check_writes,
    check_orders,
    check_points,
    check_reminders,
    check_tickets,
    check_clocks,
    check_inbound_mail,
    check_replies,
    check_facts_told,
    check_facts_published,
    check_effects,
    check_signs_of_life,
    check_timelines,
    check_audit,
    check_feed,
    check_webhooks,
    check_mail,
    check_dead_letters,
)
