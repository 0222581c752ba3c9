"""The language that templates are written in: Jinja, fenced in.

A template sees plain values alone (text, numbers, lists, objects), a few of their methods, and the
filters that are listed here. This is the first fence. The second is the process that it runs in,
which may be killed (see `child.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jinja2 import StrictUndefined, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS
from jinja2.utils import Cycler, Joiner, Namespace
from markupsafe import Markup

from notifications.templates.rendering.formatting import FORMATTING

MOST_STEPS = 1_000
"""How far `range` counts: nobody reads a message with a longer list."""
LONGEST_TEXT = 1_000_000
"""How long a text or list may become by repeating it."""

_TEXT = frozenset(
    "capitalize count endswith find join lower removeprefix removesuffix replace split startswith"
    " strip lstrip rstrip title upper isdigit".split()
)
_METHODS: Mapping[type[Any], frozenset[str]] = {
    str: _TEXT,
    Markup: _TEXT,
    dict: frozenset({"get", "items", "keys", "values"}),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    bool: frozenset(),
    int: frozenset(),
    float: frozenset(),
    Decimal: frozenset(),
    type(None): frozenset(),
    date: frozenset({"day", "month", "year"}),
    datetime: frozenset({"day", "month", "year", "hour", "minute", "second"}),
}
_FILTERS = (
    "abs batch capitalize count d default dictsort e escape first float forceescape groupby int"
    " items join last length list lower map max min reject rejectattr replace reverse round safe"
    " select selectattr slice sort string striptags sum title trim truncate unique upper urlencode"
    " wordcount"
).split()
_TESTS = (
    "boolean defined divisibleby eq equalto even false float ge greaterthan gt in integer iterable"
    " le lessthan lower lt mapping ne none number odd sequence string true undefined upper != < <="
    " == > >="
).split()
_REFUSED: Mapping[type[nodes.Node], str] = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from … import",
    nodes.Extends: "extends",
    nodes.Block: "block",
}


class MessageEnvironment(ImmutableSandboxedEnvironment):
    """Jinja as templates may use it."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, *, html: bool) -> None:
        super().__init__(
            autoescape=html,
            undefined=StrictUndefined,
            finalize=_shown,
            loader=None,
            cache_size=0,
            extensions=(),
        )
        self.filters = {**{name: FILTERS[name] for name in _FILTERS}, **FORMATTING}
        self.tests = {name: TESTS[name] for name in _TESTS}
        self.globals = {
            "range": steps,
            "dict": dict,
            "namespace": Namespace,
            "cycler": Cycler,
            "joiner": Joiner,
        }

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`order.items` is the member of that name, and the method only when there is none."""
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may look at it: of plain values, only the methods listed above."""
        allowed = _METHODS.get(type(obj))
        if allowed is not None and attr not in allowed:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Refuses what makes much of little: powers, and repeating a text beyond measure."""
        if operator == "**":
            raise SecurityError("** is not available")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("% does not format text here; use ~ and the filters")
        if operator == "*":
            _require_moderate(left, right)
            _require_moderate(right, left)
        return super().call_binop(context, operator, left, right)


class ReadAloudEnvironment(MessageEnvironment):
    """Jinja for text that was made from HTML: what is HTML in the values is made text, too."""

    def __init__(self, text_of: Callable[[str], str]) -> None:
        super().__init__(html=False)
        self.filters |= {"e": str, "escape": str, "forceescape": str, "safe": text_of}


def _shown(value: Any) -> Any:
    """What stands in the message for a value. Raises `SecurityError` for what is none."""
    if value is None:
        return ""
    if isinstance(value, Undefined) or type(value) in _METHODS:
        return value
    raise SecurityError("this is no value that can be shown")


def _require_moderate(sequence: Any, times: Any) -> None:
    if isinstance(sequence, (str, list, tuple)) and isinstance(times, int):
        longest = len(sequence) * times
        if longest > LONGEST_TEXT:
            raise SecurityError(f"repeating it would make {longest} of it")


def steps(*bounds: int) -> range:
    """`range`, but not for ever. Raises `SecurityError`."""
    counted = range(*bounds)
    if counted[MOST_STEPS:]:
        raise SecurityError(f"range counts {MOST_STEPS} steps at most")
    return counted


def refused_constructs(tree: nodes.Template) -> list[tuple[int, str]]:
    """The line and text of what templates do not have: a message stands by itself.

    Names that begin with `_` are the platform's.
    """
    found = [
        (node.lineno, f"{{% {word} %}}")
        for kind, word in _REFUSED.items()
        for node in tree.find_all(kind)
    ]
    found += [
        (name.lineno, name.name) for name in tree.find_all(nodes.Name) if name.name[:1] == "_"
    ]
    return found
