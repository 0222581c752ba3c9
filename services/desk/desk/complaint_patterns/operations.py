"""Counts complaints that have something in common; parts of the transactions in which they change."""

from __future__ import annotations

from collections.abc import Mapping

from desk.complaint_patterns.domain import ComplaintSettings, Measure
from desk.complaint_patterns.storage import settings_of
from desk.complaints.domain import Complaint
from desk.transaction import DeskTx

NOTHING: Mapping[str, str] = {}
"""What a complaint that was not there before had in common with others."""


def count_alike(tx: DeskTx, complaint: Complaint, before: Mapping[str, str]) -> None:
    """Look at what a complaint has in common with others now and had not `before`, and the reverse.

    Locks are taken in one order; the complaint is stored before, so that of two that come at once the
    later one counts both.
    """
    after = complaint.values()
    if before == after:
        return
    tx.flush()
    now, measure = tx.clock.now(), settings_of(tx).measure
    moved = {*before.items(), *after.items()} - (before.items() & after.items())
    for dimension, value in sorted(moved):
        pattern = tx.complaint_patterns.of(dimension, value)
        since = now - measure.window
        others = tx.complaints.alike(dimension, value, since, complaint.id)
        if after.get(dimension) == value and complaint.opened_at > since:
            pattern.one_more(others, measure, now)
        else:
            pattern.look_again(others, measure, now)


def change_settings(tx: DeskTx, measure: Measure) -> ComplaintSettings:
    """Have it take more complaints or fewer, from the next one on."""
    settings = tx.complaint_settings.of_tenant()
    settings.change(measure, tx.clock.now())
    return settings
