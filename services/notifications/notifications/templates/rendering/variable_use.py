"""Which variables a template speaks of, and which of them its schema does not declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jinja2 import meta, nodes

ALWAYS_THERE = frozenset({"recipient", "links", "language"})
"""What a template may speak of without declaring it."""

Schema = Mapping[str, Any]
_MEMBERS_OF_DICTS = frozenset({"get", "items", "keys", "values"})


def undeclared(
    tree: nodes.Template, schema: Schema, known: Iterable[str]
) -> Iterator[tuple[int, str]]:
    """The line and name of each variable that is used and not declared.

    `known` are Jinja's own names. Members count, too, as far as the schema says what there are.
    """
    wanted = meta.find_undeclared_variables(tree) - frozenset(known) - ALWAYS_THERE
    missing = wanted - schema.get("properties", {}).keys()
    for name in tree.find_all(nodes.Name):
        if name.name in missing:
            yield name.lineno, name.name
            missing.discard(name.name)
    yield from _Members(schema).undeclared(tree)


class _Members:
    """Follows `order.lines[0].name`, and `line.name` in a loop over `order.lines`."""

    def __init__(self, schema: Schema) -> None:
        self._bound: dict[str, Schema | None] = dict(schema.get("properties", {}))
        self._found: dict[str, int] = {}

    def undeclared(self, tree: nodes.Template) -> Iterator[tuple[int, str]]:
        """The line and path of each member that its object does not have."""
        for assigned in tree.find_all((nodes.Assign, nodes.AssignBlock, nodes.Macro, nodes.With)):
            self._forget(assigned)
        for loop in tree.find_all(nodes.For):
            self._bind(loop)
        for use in tree.find_all((nodes.Getattr, nodes.Getitem)):
            self._resolve(use)
        for path, line in self._found.items():
            yield line, path

    def _forget(self, assigned: nodes.Node) -> None:
        """A name that the template gives another meaning may be anything."""
        for name in assigned.find_all(nodes.Name):
            if name.ctx in ("store", "param"):
                self._bound[name.name] = None

    def _bind(self, loop: nodes.For) -> None:
        if not isinstance(loop.target, nodes.Name):
            self._forget(loop)
            return
        items = self._resolve(loop.iter)
        item = None if items is None else items.get("items")
        name = loop.target.name
        same = name not in self._bound or self._bound[name] == item
        self._bound[name] = item if same else None

    def _resolve(self, node: nodes.Node) -> Schema | None:
        """The schema of what an expression gives; None when nobody knows."""
        if isinstance(node, nodes.Name):
            return self._bound.get(node.name)
        if isinstance(node, nodes.Getattr):
            return self._member(node, node.attr)
        if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            return self._member(node, node.arg.value)
        return None

    def _member(self, node: nodes.Getattr | nodes.Getitem, key: Any) -> Schema | None:
        holder = self._resolve(node.node)
        if holder is None:
            return None
        if isinstance(key, int):
            item: Schema | None = holder.get("items")
            return item
        members = holder.get("properties", {})
        if key in members:
            found: Schema = members[key]
            return found
        open_ended = holder.get("additionalProperties", not members)
        if holder.get("type") == "object" and not open_ended and key not in _MEMBERS_OF_DICTS:
            self._found.setdefault(_path(node), node.lineno)
        return None


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{_path(node.node)}[{node.arg.value!r}]"
    return "…"
