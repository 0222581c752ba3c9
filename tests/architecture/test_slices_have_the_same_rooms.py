"""Whoever opens a slice finds the same rooms with the same names."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from .sources import Source, is_service_code, sample

ROOMS = frozenset({"domain", "operations", "queries", "storage", "api"})
# A slice that lacks a room says here why.
_ONLY_READS = "exports only read what other slices keep"
_ONLY_COUNTS = "results only count what other slices and facts keep; see reactions.py"
_ONLY_SUGGESTS = "suggestions only search what other slices keep"
_ONLY_SHOWS = "it only shows what other slices and services keep"
_THE_CONTRACTS_SAY = "which permissions there are is said by the contracts; catalogue.py reads it"
_PART_OF_TICKETS = "its words are those of tickets (ticket_facts), and it is shown with the ticket"
WITHOUT: dict[str, dict[str, str]] = {
    "contacts/exports": {
        "domain": _ONLY_READS,
        "operations": _ONLY_READS,
        "storage": _ONLY_READS,
    },
    "contacts/timeline": {
        "domain": "what appears is said by the contracts of facts; entries.py reads it",
        "operations": "only facts add to a timeline; see reactions.py",
    },
    "sales/analytics": {
        "operations": "only facts add to what is counted, and a recount: reactions.py, recount.py",
        "queries": "each kind of report has a file of its own: opportunity_reports.py, …",
    },
    "loyalty/happenings": {
        "operations": "only facts tell what befell people; see reactions.py and own.py",
        "queries": "each slice that looks back asks its own question of them",
        "api": "what befell people is shown by the slices that look at it",
    },
    "contacts/search": {
        "domain": "it has no records of its own; its rules are in plan.py, terms.py, …"
    },
    "desk/article_search": {
        "domain": "it has no records of its own; its rules are in analysis.py and finding.py",
        "operations": "articles are indexed when they are published: indexing.py",
    },
    "desk/article_results": {
        "domain": _ONLY_COUNTS,
        "operations": _ONLY_COUNTS,
        "storage": _ONLY_COUNTS,
    },
    "desk/article_suggestions": {
        "domain": _ONLY_SUGGESTS,
        "operations": _ONLY_SUGGESTS,
        "storage": _ONLY_SUGGESTS,
    },
    "identity/permissions": {
        "domain": _THE_CONTRACTS_SAY,
        "operations": _THE_CONTRACTS_SAY,
        "storage": _THE_CONTRACTS_SAY,
    },
    "contacts/customer_view": {
        "domain": _ONLY_SHOWS,
        "operations": _ONLY_SHOWS,
        "storage": _ONLY_SHOWS,
    },
    "desk/agent_view": {
        "domain": _ONLY_SHOWS,
        "operations": _ONLY_SHOWS,
        "storage": _ONLY_SHOWS,
    },
    "desk/satisfaction": {
        "domain": _ONLY_COUNTS,
        "operations": _ONLY_COUNTS,
        "storage": _ONLY_COUNTS,
    },
    "desk/reports": {
        "domain": "what is counted is said by figures.py and selection.py",
        "operations": "only facts add to what is counted, and a recount: reactions.py, recount.py",
        "queries": "each kind of report has a file of its own",
    },
    "desk/followers": {
        "domain": _PART_OF_TICKETS,
        "queries": _PART_OF_TICKETS,
    },
    "desk/ticket_links": {
        "domain": _PART_OF_TICKETS,
        "queries": _PART_OF_TICKETS,
    },
    "desk/ticket_merges": {
        "domain": _PART_OF_TICKETS,
        "queries": _PART_OF_TICKETS,
        "storage": _PART_OF_TICKETS,
    },
    "desk/requesters": {
        "queries": "whoever asked is shown with their ticket",
        "api": "contacts alone is asked; see asking.py",
    },
    "desk/asset_orders": {
        "queries": "only what customers own follows from it, which assets show",
        "api": "only sales tells of orders; see reactions.py",
    },
}
# Where writes may not begin: a read that changes something is no read.
WRITING = frozenset({"insert", "update", "delete"})


def slices(sources: list[Source]) -> dict[Path, set[str]]:
    """The folders of services that have at least two of the rooms, with the modules in each."""
    modules: defaultdict[Path, set[str]] = defaultdict(set)
    for source in sources:
        if is_service_code(source.path) and len(source.path.parts) == 5:
            modules[source.path.parent].add(source.path.stem)
    return {folder: found for folder, found in modules.items() if len(found & ROOMS) > 1}


def missing_rooms(found: Mapping[Path, set[str]]) -> Iterator[str]:
    """Rooms that a slice lacks without a reason."""
    for folder, modules in sorted(found.items()):
        excused = WITHOUT.get("/".join(folder.parts[2:]), {})
        for room in sorted(ROOMS - modules - excused.keys()):
            yield f"{folder}: has no {room}.py"


def writing_reads(source: Source) -> Iterator[str]:
    """Statements that write, in a module that only reads."""
    if not is_service_code(source.path) or source.path.name != "queries.py":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            for alias in node.names:
                if alias.name in WRITING:
                    yield f"{source.path}:{node.lineno}: queries.py may not import {alias.name}"


def test_every_slice_has_all_rooms(sources: list[Source]) -> None:
    assert list(missing_rooms(slices(sources))) == []


def test_queries_only_read(sources: list[Source]) -> None:
    assert [finding for source in sources for finding in writing_reads(source)] == []


def test_every_excuse_is_still_needed(sources: list[Source]) -> None:
    found = slices(sources)
    for name, rooms in WITHOUT.items():
        folder = Path("services", name.partition("/")[0], name)
        assert folder in found, f"{name} is no slice any more"
        assert not rooms.keys() & found[folder], f"{name} has the room that it is excused from"


def test_a_missing_room_is_found() -> None:
    rooms = ["domain", "operations", "queries", "api", "pricing"]
    made_up = [sample(f"services/sales/sales/quotes/{room}.py", "") for room in rooms]
    assert list(missing_rooms(slices(made_up))) == [
        "services/sales/sales/quotes: has no storage.py"
    ]


def test_a_folder_that_is_no_slice_needs_no_rooms() -> None:
    made_up = [sample("services/sales/sales/rounding/half_up.py", "")]
    assert list(missing_rooms(slices(made_up))) == []


def test_a_read_that_writes_is_found() -> None:
    text = "from sqlalchemy import select, update\n"
    found = list(writing_reads(sample("services/sales/sales/quotes/queries.py", text)))
    assert found == ["services/sales/sales/quotes/queries.py:1: queries.py may not import update"]
