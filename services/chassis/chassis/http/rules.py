"""Routing rules that only find views: nothing here builds addresses by the names of views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class FindingRule(Rule):
    """A rule that learns to build addresses when it is first asked to.

    Werkzeug compiles two functions for that with each rule, in three quarters of the time that a
    service of hundreds of routes takes to be built. Should a later version call them otherwise, this
    class changes nothing.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - as it is called
        compile_now = super()._compile_builder
        known: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, *args: Any, **values: Any) -> tuple[str, str]:
            if not known:
                known.append(compile_now(append_unknown))
            return known[0](rule, *args, **values)

        return build
