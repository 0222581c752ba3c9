"""What macros, triggers and time rules hear of desk's own facts, gathered."""

from __future__ import annotations

from chassis.events.reactions import Reactions
from desk.time_rules.reactions import time_tickets
from desk.triggers.reactions import call_triggers


def automate(reactions: Reactions) -> Reactions:
    """Have triggers and time rules hear; gives the same."""
    return time_tickets(call_triggers(reactions))
