"""Makes a tree of tokens, by the precedence that CEL gives its operators."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.conditions.syntax import (
    MAX_DEPTH,
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
    nodes_of,
    refusal,
)
from chassis.conditions.tokens import LARGEST, Token, tokens_of

FUNCTIONS: Mapping[str, int] = {"size": 1, "contains": 2, "startsWith": 2, "endsWith": 2}
"""The functions that there are, with the number of their arguments."""
MACROS = frozenset({"all", "exists", "exists_one", "existsOne", "map", "filter"})
"""What would loop, and is refused."""
_WORDS: Mapping[str, bool] = {"true": True, "false": False}
_RELATIONS = ("<", "<=", ">", ">=", "==", "!=", "in")
_STRENGTHS: Mapping[str, int] = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(_RELATIONS, 3),
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "%": 5,
}


def parse(source: str, variables: Mapping[str, Kind]) -> Node:
    """The tree of a condition, not deeper than `MAX_DEPTH`; its names are those of `variables`.

    A dot in the name of a variable is part of it (`member.tier`). Raises `Invalid`.
    """
    reader = _Reader(tokens_of(source), variables)
    root = reader.expression()
    reader.take("end")
    for node, depth in nodes_of(root):
        if depth > MAX_DEPTH:
            raise _too_deep(node.at)
    return root


def _too_deep(at: int) -> Exception:
    message = f"A condition is nested at most {MAX_DEPTH} deep; && and || in a row are not nested."
    return refusal("condition_too_deep", at, message)


class _Reader:
    """Takes each token once; `deep` counts what is begun and not ended."""

    def __init__(self, tokens: list[Token], variables: Mapping[str, Kind]) -> None:
        self._tokens, self._variables = tokens, variables
        self._place = self._deep = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def take(self, wanted: str) -> Token:
        """The next token, which has to be this sign, or of this sort."""
        token = self._next
        if wanted not in (token.sort, token.text) or (token.sort == "text" and wanted != "text"):
            found = repr(token.text) if token.text else "the end"
            wish = {"name": "a name", "end": "an operator or the end"}.get(wanted, repr(wanted))
            raise refusal("token_unexpected", token.at, f"{wish} is expected, not {found}.")
        self._place += token.sort != "end"
        return token

    def _is(self, sign: str) -> bool:
        return self._next.text == sign and self._next.sort != "text"

    def _took(self, sign: str) -> bool:
        if self._is(sign):
            self._place += 1
            return True
        return False

    def expression(self) -> Node:
        """A choice, or what one is made of."""
        self._deep += 1
        if self._deep > MAX_DEPTH * 2:
            raise _too_deep(self._next.at)
        condition = self._operation(1)
        at = self._next.at
        if self._took("?"):
            then = self._operation(1)
            self.take(":")
            condition = Choice(condition, then, self.expression(), at)
        self._deep -= 1
        return condition

    def _operation(self, strength: int) -> Node:
        """What operators of at least this strength join; those of equal strength from the left."""
        left = self._unary()
        while True:
            token = self._next
            bound = _STRENGTHS.get(token.text, 0) if token.sort != "text" else 0
            if bound < strength:
                return left
            self._place += 1
            left = _joined(token, left, self._operation(bound + 1))

    def _unary(self) -> Node:
        token = self._next
        if not (self._took("!") or self._took("-")):
            return self._member()
        number = self._next
        if token.text == "-" and number.sort == "number":
            self._place += 1
            return self._suffixed(Literal(-int(number.value), token.at))
        self._deep += 1
        if self._deep > MAX_DEPTH * 2:
            raise _too_deep(token.at)
        node = Unary(token.text, self._unary(), token.at)
        self._deep -= 1
        return node

    def _member(self) -> Node:
        return self._suffixed(self._primary())

    def _suffixed(self, node: Node) -> Node:
        while True:
            at = self._next.at
            if self._took("["):
                node = Indexed(node, self.expression(), at)
                self.take("]")
            elif self._took("."):
                name = self.take("name")
                if not self._is("("):
                    raise refusal("name_unknown", name.at, f"Nothing here has a {name.text!r}.")
                node = self._call(name, node)
            else:
                return node

    def _primary(self) -> Node:
        token = self._next
        if token.sort == "text":
            self._place += 1
            return Literal(token.value, token.at)
        if token.sort == "number":
            self._place += 1
            return self._whole(token)
        if self._took("("):
            inner = self.expression()
            self.take(")")
            return inner
        if self._took("["):
            return ListOf(self._until("]"), token.at)
        if token.text in _WORDS:
            self._place += 1
            return Literal(_WORDS[token.text], token.at)
        return self._named()

    def _whole(self, token: Token) -> Node:
        if int(token.value) > LARGEST:
            raise refusal("number_too_large", token.at, "Whole numbers have 64 bits.")
        return Literal(token.value, token.at)

    def _named(self) -> Node:
        """A variable, one of its properties, or the call of a function."""
        first = self.take("name")
        if self._is("("):
            return self._has() if first.text == "has" else self._call(first)
        path, value = self._path(first)
        key = path[-1]
        return value if key is None else Indexed(value, Literal(key, first.at), first.at)

    def _path(self, first: Token) -> tuple[tuple[str, str | None], Variable]:
        """The variable that begins with a name, and which of its properties is meant, if one is."""
        name = first.text
        while True:
            kind = self._variables.get(name)
            if kind is not None and kind is not Kind.PROPERTIES:
                return (name, None), Variable(name, kind, first.at)
            behind = self._tokens[self._place : self._place + 3]
            dotted = [one.sort for one in behind[:2]] == ["sign", "name"] and behind[0].text == "."
            if not dotted or behind[2].text == "(":
                break
            self._place += 2
            if kind is Kind.PROPERTIES:
                return (name, behind[1].text), Variable(name, kind, first.at)
            name = f"{name}.{behind[1].text}"
        if kind is None:
            raise refusal("name_unknown", first.at, f"There is no {name!r} here.")
        return (name, None), Variable(name, kind, first.at)

    def _has(self) -> Node:
        at = self.take("(").at
        path, variable = self._path(self.take("name"))
        self.take(")")
        return Has(variable, path[-1], at)

    def _call(self, name: Token, *before: Node) -> Node:
        if name.text in MACROS:
            message = f"{name.text!r} would go through a list; use `in`, `contains` or `size`."
            raise refusal("macro_refused", name.at, message)
        if name.text not in FUNCTIONS:
            message = f"There is no function {name.text!r}; there are {', '.join(FUNCTIONS)}, has."
            raise refusal("function_unknown", name.at, message)
        self.take("(")
        arguments = (*before, *self._until(")"))
        if len(arguments) != FUNCTIONS[name.text] or (not before and name.text != "size"):
            example = "size(categories)" if name.text == "size" else f"channel.{name.text}('x')"
            raise refusal("arguments_wrong", name.at, f"It is written like {example}.")
        return Call(name.text, arguments, name.at)

    def _until(self, end: str) -> tuple[Node, ...]:
        if self._took(end):
            return ()
        items = [self.expression()]
        while self._took(","):
            items.append(self.expression())
        self.take(end)
        return tuple(items)


def _joined(token: Token, left: Node, right: Node) -> Node:
    if token.text not in ("&&", "||"):
        return Binary(token.text, left, right, token.at)
    if isinstance(left, Junction) and left.operator == token.text:
        return Junction(token.text, (*left.operands, right), left.at)
    return Junction(token.text, (left, right), token.at)
