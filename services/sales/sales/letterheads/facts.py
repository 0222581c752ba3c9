"""Facts about letterheads to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import letterhead_events_pb2 as events
from sales.letterheads.domain import LetterheadChanged


def _changed(fact: LetterheadChanged) -> events.LetterheadChanged:
    return events.LetterheadChanged(number=fact.number)


LETTERHEAD_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {LetterheadChanged: _changed}
