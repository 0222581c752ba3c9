"""What surveys, complaints and reports hear of desk's own facts."""

from __future__ import annotations

from chassis.events.reactions import Reactions
from desk.complaints.reactions import keep_complaints
from desk.reports.reactions import count_tickets
from desk.survey_requests.reactions import ask_customers


def follow_own(reactions: Reactions) -> Reactions:
    """React to what desk says has happened; gives the same."""
    return count_tickets(keep_complaints(ask_customers(reactions)))
