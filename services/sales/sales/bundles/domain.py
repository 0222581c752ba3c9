"""What may be chosen with a product, and the rules that hold between the choices (SA-9).

Rules are data. A choice that breaks one is refused with the rule's own words; a choice that breaks
none is valid, whatever else there is to say about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from chassis.domain import Invalid, Violation

MOST_OPTIONS = 100
MOST_RULES = 100
MOST_OF_ONE = 10_000


class RuleKind(StrEnum):
    """What a rule demands of the options that it names."""

    REQUIRES = "requires"
    """With `when`, all of them."""
    EXCLUDES = "excludes"
    """With `when`, none of them."""
    AT_LEAST = "at_least"
    """At least `count` pieces of them together; only with `when`, if it names one."""
    AT_MOST = "at_most"
    """At most `count` pieces of them together; only with `when`, if it names one."""


_COUNTING = (RuleKind.AT_LEAST, RuleKind.AT_MOST)


@dataclass(frozen=True, slots=True)
class Option:
    """A product that may be taken with another one, up to `most` pieces for each of it."""

    key: str
    product_id: UUID
    most: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """A demand on choices, and how to tell somebody who does not meet it, by language."""

    key: str
    kind: RuleKind
    options: tuple[str, ...]
    message: Mapping[str, str]
    when: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """What may be chosen, and what has to be true of the choice."""

    options: tuple[Option, ...]
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """What is wrong with a choice: the rule, or the option that is not to be had like this."""

    code: str
    key: str
    message: Mapping[str, str]


def broken_rules(bundle: Bundle, chosen: Mapping[str, int]) -> list[Broken]:
    """All that is wrong with a choice of options by their keys; nothing for a valid one."""
    wrong = [
        Broken("too_many", option.key, _too_many(option.most))
        for option in bundle.options
        if chosen.get(option.key, 0) > option.most
    ]
    wrong += [
        Broken(rule.kind, rule.key, rule.message)
        for rule in bundle.rules
        if not _holds(rule, chosen)
    ]
    return wrong


def _holds(rule: Rule, chosen: Mapping[str, int]) -> bool:
    if rule.when is not None and not chosen.get(rule.when):
        return True
    pieces = [chosen.get(key, 0) for key in rule.options]
    if rule.kind is RuleKind.REQUIRES:
        return all(pieces)
    if rule.kind is RuleKind.EXCLUDES:
        return not any(pieces)
    count = rule.count or 0
    return sum(pieces) >= count if rule.kind is RuleKind.AT_LEAST else sum(pieces) <= count


def _too_many(most: int) -> Mapping[str, str]:
    return {"en": f"At most {most} of this option.", "zh-Hant": f"此選項最多 {most} 個。"}


def require_options(bundle: Bundle | None, named: Sequence[str]) -> None:
    """Check that what is chosen can be chosen at all, each once. Raises `Invalid` that says where."""
    known = {option.key for option in bundle.options} if bundle else set()
    wrong: list[Violation] = []
    for place, key in enumerate(named):
        at = f"/choices/{place}/option"
        if key not in known:
            wrong.append(Violation(at, "option_unknown", f"The product has no option {key!r}."))
        elif key in named[:place]:
            wrong.append(Violation(at, "option_repeated", f"{key!r} is there twice."))
    if wrong:
        raise Invalid("Such a choice cannot be.", violations=tuple(wrong))


def require_sound(bundle: Bundle) -> None:
    """Check that options and rules fit each other. Raises `Invalid` that names everything wrong."""
    known = {option.key: option for option in bundle.options}
    wrong = list(_repeated("options", [option.key for option in bundle.options]))
    wrong += _repeated("rules", [rule.key for rule in bundle.rules])
    for place, rule in enumerate(bundle.rules):
        wrong += _unsound(rule, known, f"/bundle/rules/{place}")
    if wrong:
        raise Invalid("Such a bundle cannot be.", violations=tuple(wrong))


def _repeated(where: str, keys: Sequence[str]) -> Iterator[Violation]:
    for place, key in enumerate(keys):
        if key in keys[:place]:
            at = f"/bundle/{where}/{place}/key"
            yield Violation(at, "key_repeated", f"{key!r} is there twice.")


def _unsound(rule: Rule, known: Mapping[str, Option], at: str) -> Iterator[Violation]:
    for place, key in enumerate(rule.options):
        where = f"{at}/options/{place}"
        if key not in known:
            yield Violation(where, "option_unknown", f"There is no option {key!r}.")
        elif key in rule.options[:place] or key == rule.when:
            yield Violation(where, "option_repeated", f"{key!r} is named twice.")
    if rule.when is not None and rule.when not in known:
        yield Violation(f"{at}/when", "option_unknown", f"There is no option {rule.when!r}.")
    if rule.kind not in _COUNTING:
        if rule.when is None:
            yield Violation(f"{at}/when", "when_missing", "With which option does it hold?")
        if rule.count is not None:
            yield Violation(f"{at}/count", "count_meaningless", f"{rule.kind} counts nothing.")
    elif rule.count is None:
        yield Violation(f"{at}/count", "count_missing", "How many are meant?")
    elif rule.kind is RuleKind.AT_LEAST and rule.count > _most(rule, known):
        message = f"No more than {_most(rule, known)} of these can be chosen."
        yield Violation(f"{at}/count", "count_impossible", message)


def _most(rule: Rule, known: Mapping[str, Option]) -> int:
    return sum(known[key].most for key in set(rule.options) & known.keys())
