"""Finds out what a condition gives for values: each node at most once, nothing ever raised outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from chassis.conditions.syntax import (
    Binary,
    Call,
    Choice,
    Has,
    Indexed,
    Junction,
    ListOf,
    Literal,
    Node,
    Unary,
    Variable,
)
from chassis.conditions.tokens import LARGEST

Single: TypeAlias = str | int | bool
Value: TypeAlias = Single | Sequence[str] | Sequence[int] | Mapping[str, Single]

MAX_TEXT = 2_000
"""Characters of a text that conditions look at; a longer one gives no answer."""
MAX_ITEMS = 1_000
"""How many values a list or properties may have, for the same reason."""


class UnansweredError(Exception):
    """It cannot be said: a value is missing, of another kind, or out of range."""


class Evaluation:
    """One condition for one set of values. `steps` counts the nodes that were looked at."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values
        self.steps = 0

    def of(self, node: Node) -> Value:
        """What a node gives. Raises `UnansweredError`."""
        self.steps += 1
        how: Callable[[Any], Value] = getattr(self, _HOW[type(node)])
        return how(node)

    def _literal(self, node: Literal) -> Value:
        return node.value

    def _list(self, node: ListOf) -> Value:
        return cast("Sequence[str]", [self._single(item) for item in node.items])

    def _unary(self, node: Unary) -> Value:
        if node.operator == "!":
            return not self._truth(node.operand)
        return _within(-self._number(node.operand))

    def _choice(self, node: Choice) -> Value:
        return self.of(node.then if self._truth(node.condition) else node.otherwise)

    def _variable(self, node: Variable) -> Value:
        name = node.name
        value = self._values.get(name)
        if value is None:
            raise UnansweredError(f"{name} has no value")
        items: Sequence[object] = ()
        if isinstance(value, Mapping):
            items = [*value.keys(), *value.values()]
        elif isinstance(value, (list, tuple)):
            items = value
        if len(items) > MAX_ITEMS * 2:
            raise UnansweredError(f"{name} has too many values")
        for one in (value, *items):
            if isinstance(one, str) and len(one) > MAX_TEXT:
                raise UnansweredError(f"{name} has too long a text")
        return value

    def _has(self, node: Has) -> bool:
        self.steps += 1
        value = self._values.get(node.of.name)
        if node.key is None:
            return value is not None
        return isinstance(value, Mapping) and node.key in value

    def _junction(self, node: Junction) -> bool:
        """As in CEL, what cannot be said does not count where another operand decides."""
        deciding = node.operator == "||"
        unanswered: UnansweredError | None = None
        for operand in node.operands:
            try:
                if self._truth(operand) is deciding:
                    return deciding
            except UnansweredError as error:
                unanswered = unanswered or error
        if unanswered is not None:
            raise unanswered
        return not deciding

    def _indexed(self, node: Indexed) -> Value:
        of, index = self.of(node.of), self.of(node.index)
        if isinstance(of, Mapping) and isinstance(index, str):
            if index not in of:
                raise UnansweredError(f"there is no {index!r}")
            return of[index]
        if isinstance(of, (list, tuple)) and type(index) is int and 0 <= index < len(of):
            found: Single = of[index]
            return found
        raise UnansweredError("there is no such element")

    def _call(self, node: Call) -> Value:
        if node.function == "size":
            sized = self.of(node.arguments[0])
            if isinstance(sized, (str, list, tuple, Mapping)):
                return len(sized)
            raise UnansweredError("a single value has no size")
        text, part = (self._text(argument) for argument in node.arguments)
        match node.function:
            case "contains":
                return part in text
            case "startsWith":
                return text.startswith(part)
            case _:
                return text.endswith(part)

    def _binary(self, node: Binary) -> Value:
        match node.operator:
            case "==":
                return _equal(self.of(node.left), self.of(node.right))
            case "!=":
                return not _equal(self.of(node.left), self.of(node.right))
            case "in":
                one, many = self._single(node.left), self.of(node.right)
                if isinstance(many, (list, tuple, Mapping)):
                    return any(_equal(one, other) for other in many)
                raise UnansweredError("there is no list")
            case "<" | "<=" | ">" | ">=":
                return _compared(node.operator, self.of(node.left), self.of(node.right))
            case _:
                return _computed(node.operator, self._number(node.left), self._number(node.right))

    def _single(self, node: Node) -> Single:
        value = self.of(node)
        if isinstance(value, (str, int)):
            return value
        raise UnansweredError("a single value is needed")

    def _truth(self, node: Node) -> bool:
        value = self.of(node)
        if isinstance(value, bool):
            return value
        raise UnansweredError("a truth value is needed")

    def _number(self, node: Node) -> int:
        value = self.of(node)
        if isinstance(value, int) and not isinstance(value, bool):
            return _within(value)
        raise UnansweredError("a number is needed")

    def _text(self, node: Node) -> str:
        value = self.of(node)
        if isinstance(value, str):
            return value
        raise UnansweredError("a text is needed")


_HOW: Mapping[type[Any], str] = {
    Literal: "_literal",
    ListOf: "_list",
    Variable: "_variable",
    Indexed: "_indexed",
    Has: "_has",
    Unary: "_unary",
    Binary: "_binary",
    Junction: "_junction",
    Choice: "_choice",
    Call: "_call",
}


def _equal(one: Value, other: Value) -> bool:
    """Whether two values are the same; of different kinds they never are, so 1 is not true."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_equal, one, other))
    return type(one) is type(other) and one == other


def _compared(operator: str, one: Value, other: Value) -> bool:
    if type(one) is not type(other) or type(one) not in (str, int):
        raise UnansweredError("numbers are compared with numbers, texts with texts")
    first, second = cast("tuple[int, int]", (one, other))
    order = (first > second) - (first < second)
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator]


def _computed(operator: str, one: int, other: int) -> int:
    """Arithmetic of 64 bits; division cuts off towards zero, and the rest has the dividend's sign."""
    match operator:
        case "+":
            return _within(one + other)
        case "-":
            return _within(one - other)
        case "*":
            return _within(one * other)
    if other == 0:
        raise UnansweredError("nothing can be divided by 0")
    quotient = abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)
    return _within(quotient) if operator == "/" else one - other * quotient


def _within(number: int) -> int:
    if not -LARGEST - 1 <= number <= LARGEST:
        raise UnansweredError("a number has more than 64 bits")
    return number
