"""Walks through a whole list, page by page, each page in a short transaction of its own.

An export may take as long as the slowest line; one long transaction would keep the database from
cleaning up behind everybody else. The order is that of the list, by a key: a record that is there
from beginning to end is there once, whatever changes meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from chassis.http.call import Call
from chassis.storage.listing import Listing
from chassis.storage.unit_of_work import Reading
from contacts.transaction import ContactsTx

PAGE = 500


def whole_list(
    call: Call[ContactsTx], query: Callable[[Reading, Listing], dict[str, Any]], listing: Listing
) -> Iterator[list[Any]]:
    """The pages of a list that `query` gives one of."""
    position: list[Any] | None = None
    positions: list[list[Any]] = []

    def issue(following: list[Any]) -> str:
        positions.append(following)
        return ""

    while True:
        page = replace(listing, page_size=PAGE, position=position, issue=issue)
        positions.clear()
        yield call.read(query, page)["items"]
        if not positions:
            return
        position = positions[0]
