"""Conditions that tenants write: a fenced part of CEL, whose cost is bounded before it is judged.

The language is that of the Common Expression Language without what loops or makes values larger:
truth values, whole numbers of 64 bits, texts and lists of them; `! && || ?:`, comparisons, `in`,
`+ - * / %` of numbers, `size`, `contains`, `startsWith`, `endsWith` and `has`. Money is in minor
units. Its bound, in words:

1. A source has at most `MAX_SOURCE` characters, each token at least one of them, and each node
   of the tree takes at least one token of its own; so a tree has at most `MAX_SOURCE` nodes.
   (The text behind `properties.` is the token of its literal; `Has` counts for two.)
2. Reading takes each token once, and is nested at most twice `MAX_DEPTH`; the tree is at most
   `MAX_DEPTH` deep, so neither reading nor judging goes deeper in the stack than that.
3. Judging looks at each node at most once: nothing loops, and nothing is called by name.
4. No operation makes a text or a list that is not in the source or among the values, so what a
   node looks at is at most `MAX_ITEMS` values of `MAX_TEXT` characters on either side.

Hence at most `MAX_SOURCE` steps, each bounded by the values it looks at: no source can hold a
thread for longer than that, whoever wrote it. Decision 0016 has the reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.conditions.evaluation import Evaluation, UnansweredError, Value
from chassis.conditions.kinds import require_truth
from chassis.conditions.parser import parse
from chassis.conditions.syntax import Kind, Node, Variable, nodes_of
from chassis.domain import Invalid, Violation


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds, and if it could not be said, why not; it does not hold then.

    `steps` is how many nodes were looked at.
    """

    holds: bool
    problem: str | None
    steps: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read and found to fit its variables."""

    source: str
    root: Node
    nodes: int

    def judge(self, values: Mapping[str, Value]) -> Verdict:
        """Whether it holds for the values of the variables, by their names. Never raises."""
        evaluation = Evaluation(values)
        try:
            found = evaluation.of(self.root)
        except UnansweredError as error:
            return Verdict(holds=False, problem=str(error), steps=evaluation.steps)
        if not isinstance(found, bool):
            return Verdict(holds=False, problem="no truth value", steps=evaluation.steps)
        return Verdict(holds=found, problem=None, steps=evaluation.steps)

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether it holds; it does not where that cannot be said."""
        return self.judge(values).holds

    def names(self) -> frozenset[str]:
        """The variables that it asks for."""
        return frozenset(
            node.name for node, _depth in nodes_of(self.root) if isinstance(node, Variable)
        )


def compile_condition(
    source: str, variables: Mapping[str, Kind], *, pointer: str = "/condition"
) -> Condition:
    """Read a condition over variables of these kinds.

    Raises `Invalid` at `pointer` that says at which character of the source it is wrong, for
    everything that is not of the language, asks for an unknown name or function, or does not fit.
    """
    try:
        root = parse(source, variables)
        require_truth(root)
    except Invalid as error:
        wrong = tuple(Violation(pointer, one.code, one.message) for one in error.violations)
        raise Invalid(error.message, violations=wrong) from None
    return Condition(source, root, sum(1 for _ in nodes_of(root)))
