"""What a condition is made of once it is read: a small tree, each node with its place in the source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from chassis.domain import Invalid, Violation

MAX_SOURCE = 1_000
"""Characters that a condition may have; so it has no more tokens, and no more nodes, than these."""
MAX_DEPTH = 24
"""How deep a condition may be nested: by brackets as written, and as a tree."""


class Kind(StrEnum):
    """What a value is. `any` is a text, a number or a truth value: which of them shows only then."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    TEXT = "text"
    TEXTS = "texts"
    INTEGERS = "integers"
    PROPERTIES = "properties"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that is written down."""

    value: str | int | bool
    at: int


@dataclass(frozen=True, slots=True)
class ListOf:
    """Values that are written down one after the other."""

    items: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Variable:
    """Something that whoever judges says."""

    name: str
    kind: Kind
    at: int


@dataclass(frozen=True, slots=True)
class Indexed:
    """One of the values of a list, or one of properties."""

    of: Node
    index: Node
    at: int


@dataclass(frozen=True, slots=True)
class Has:
    """Whether a variable, or one of its properties, has a value."""

    of: Variable
    key: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`!` or `-` before something."""

    operator: str
    operand: Node
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, a comparison, or `in`."""

    operator: str
    left: Node
    right: Node
    at: int


@dataclass(frozen=True, slots=True)
class Junction:
    """Everything that `&&` or `||` joins in a row: flat, so that a long row is not deep."""

    operator: str
    operands: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? then : otherwise`."""

    condition: Node
    then: Node
    otherwise: Node
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """One of the functions that there are, of its arguments; what stands before a dot is the first."""

    function: str
    arguments: tuple[Node, ...]
    at: int


Node: TypeAlias = (
    Literal | ListOf | Variable | Indexed | Has | Unary | Binary | Junction | Choice | Call
)


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes right below one."""
    return _PARTS[type(node)](node)


_PARTS: Mapping[type[Any], Callable[[Any], tuple[Node, ...]]] = {
    Literal: lambda _node: (),
    Variable: lambda _node: (),
    ListOf: lambda node: node.items,
    Indexed: lambda node: (node.of, node.index),
    Has: lambda node: (node.of,),
    Unary: lambda node: (node.operand,),
    Binary: lambda node: (node.left, node.right),
    Junction: lambda node: node.operands,
    Choice: lambda node: (node.condition, node.then, node.otherwise),
    Call: lambda node: node.arguments,
}


def nodes_of(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node of a tree with its depth, the root's being 1; without recursion."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((part, depth + 1) for part in parts_of(node))


def refusal(code: str, at: int, message: str) -> Invalid:
    """The error about what stands at a place, counted from 0; people count from 1."""
    text = f"At character {at + 1}: {message}"
    return Invalid(text, violations=(Violation("", code, text),))
