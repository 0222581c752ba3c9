"""How records of what is done to tickets by one click, or by itself, are made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_NAME = "Amphitrite"
"""The estate's mark."""
_NOTE = {"kind": "note", "texts": {"en": _NAME}}


def automating_recipes(posted: Callable[..., Any]) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order.

    The trigger waits for what happens to no record of the estate, and the time rule is paused, so that
    nothing changes by itself.
    """
    return {
        "macro_id": posted("/v1/desk/macros", name={"en": _NAME}, actions=[_NOTE]),
        "trigger_id": posted(
            "/v1/desk/triggers",
            name={"en": _NAME},
            events=["promise_broken"],
            actions=[_NOTE],
        ),
        "time_rule_id": posted(
            "/v1/desk/time-rules",
            name={"en": _NAME},
            since="opened",
            hours=48,
            active=False,
            actions=[_NOTE],
        ),
    }
