"""Which kind of value each part of a condition gives, and what does not fit together.

Every node is asked once: whoever needs the kind of a part keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chassis.conditions.syntax import (
    Binary,
    Call,
    Choice,
    Has,
    Indexed,
    Junction,
    Kind,
    ListOf,
    Literal,
    Node,
    Unary,
    Variable,
    refusal,
)

_LISTS = {Kind.TEXTS: Kind.TEXT, Kind.INTEGERS: Kind.INTEGER}
_NAMES = {
    Kind.BOOLEAN: "a truth value",
    Kind.INTEGER: "a number",
    Kind.TEXT: "a text",
    Kind.TEXTS: "a list of texts",
    Kind.INTEGERS: "a list of numbers",
    Kind.PROPERTIES: "properties",
    Kind.ANY: "a single value",
}


def require_truth(node: Node) -> None:
    """See that a condition is one: that all of it fits, and gives a truth value. Raises `Invalid`."""
    _need(node, Kind.BOOLEAN)


def kind_of(node: Node) -> Kind:
    """What a node gives. Raises `Invalid` where kinds do not fit; what is `any` shows only later."""
    how: Callable[[Any], Kind] = _HOW[type(node)]
    return how(node)


def _kind_of_junction(node: Junction) -> Kind:
    for operand in node.operands:
        _need(operand, Kind.BOOLEAN)
    return Kind.BOOLEAN


def _kind_of_unary(node: Unary) -> Kind:
    return _need(node.operand, Kind.BOOLEAN if node.operator == "!" else Kind.INTEGER)


def _kind_of_choice(node: Choice) -> Kind:
    _need(node.condition, Kind.BOOLEAN)
    return _same(node.then, node.otherwise)


def _kind_of_literal(node: Literal) -> Kind:
    if isinstance(node.value, bool):
        return Kind.BOOLEAN
    return Kind.INTEGER if isinstance(node.value, int) else Kind.TEXT


def _kind_of_list(node: ListOf) -> Kind:
    if not node.items:
        raise refusal("list_empty", node.at, "A list has at least one value.")
    kinds = [kind_of(item) for item in node.items]
    wanted = Kind.INTEGER if Kind.INTEGER in kinds else Kind.TEXT
    for item, kind in zip(node.items, kinds, strict=True):
        if kind not in (wanted, Kind.ANY):
            message = f"A list has texts or numbers, and this is {_NAMES[kind]}."
            raise refusal("kinds_differ", item.at, message)
    return Kind.INTEGERS if wanted is Kind.INTEGER else Kind.TEXTS


def _kind_of_element(node: Indexed) -> Kind:
    kind = kind_of(node.of)
    if kind is Kind.PROPERTIES:
        _need(node.index, Kind.TEXT)
        return Kind.ANY
    if kind not in _LISTS:
        raise refusal("kinds_differ", node.at, f"{_NAMES[kind].capitalize()} has no elements.")
    _need(node.index, Kind.INTEGER)
    return _LISTS[kind]


def _kind_of_call(node: Call) -> Kind:
    if node.function == "size":
        kind = kind_of(node.arguments[0])
        if kind in (Kind.BOOLEAN, Kind.INTEGER):
            raise refusal("kinds_differ", node.at, f"{_NAMES[kind].capitalize()} has no size.")
        return Kind.INTEGER
    for argument in node.arguments:
        _need(argument, Kind.TEXT)
    return Kind.BOOLEAN


def _kind_of_binary(node: Binary) -> Kind:
    match node.operator:
        case "==" | "!=":
            if _same(node.left, node.right) is Kind.PROPERTIES:
                raise refusal("kinds_differ", node.at, "Properties are compared one by one.")
        case "in":
            kind = kind_of(node.right)
            if kind is not Kind.PROPERTIES and kind not in _LISTS:
                message = f"Behind `in` comes a list, not {_NAMES[kind]}."
                raise refusal("kinds_differ", node.right.at, message)
            _need(node.left, _LISTS.get(kind, Kind.TEXT))
        case "<" | "<=" | ">" | ">=":
            kind = _same(node.left, node.right)
            if kind not in (Kind.INTEGER, Kind.TEXT, Kind.ANY):
                message = f"None is more than the other: it is {_NAMES[kind]}."
                raise refusal("kinds_differ", node.at, message)
        case _:
            _need(node.left, Kind.INTEGER)
            return _need(node.right, Kind.INTEGER)
    return Kind.BOOLEAN


def _same(left: Node, right: Node) -> Kind:
    """The kind of both; where one of them is `any` and the other single, what the other is."""
    one, other = kind_of(left), kind_of(right)
    single = {Kind.BOOLEAN, Kind.INTEGER, Kind.TEXT, Kind.ANY}
    if one is other:
        return one
    if Kind.ANY in (one, other) and {one, other} <= single:
        return Kind.ANY
    message = f"This is {_NAMES[other]}, and what it goes with is {_NAMES[one]}."
    raise refusal("kinds_differ", right.at, message)


def _need(node: Node, wanted: Kind) -> Kind:
    kind = kind_of(node)
    if kind not in (wanted, Kind.ANY):
        message = f"This is {_NAMES[kind]}, and {_NAMES[wanted]} is needed."
        raise refusal("kinds_differ", node.at, message)
    return wanted


_HOW: Mapping[type[Any], Callable[[Any], Kind]] = {
    Literal: _kind_of_literal,
    ListOf: _kind_of_list,
    Variable: lambda node: node.kind,
    Indexed: _kind_of_element,
    Has: lambda _node: Kind.BOOLEAN,
    Unary: _kind_of_unary,
    Binary: _kind_of_binary,
    Junction: _kind_of_junction,
    Choice: _kind_of_choice,
    Call: _kind_of_call,
}
