"""What somebody may have meant who has misspelt a word or two: which words to put in, and where to look then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from contacts.search.folding import Word
from contacts.search.plan import Driver, Range, SearchPlan, name_ranges, pattern_of, with_words
from contacts.search.spelling import corrections

_MOST_PLANS = 8


@dataclass(frozen=True, slots=True)
class Correction:
    """The typed text with other words in it, the likeliest first, and the ways to find them apart.

    `plans` are for names that have the words beside each other; any one of `drivers` finds those
    that have other words between them.
    """

    plans: tuple[SearchPlan, ...]
    drivers: tuple[Driver, ...]


def corrected(
    plan: SearchPlan, suspects: frozenset[int], found: Mapping[int, frozenset[str]]
) -> Correction | None:
    """The plan with all suspected words corrected.

    `found` has the words of the dictionary by the place of the word that they are near to. None if
    there is a suspected word that nothing is near enough to.
    """
    choices: dict[int, tuple[str, ...]] = {}
    for spelling in plan.spellings:
        if spelling.position in suspects:
            near = found.get(spelling.position, frozenset())
            choices[spelling.position] = corrections(
                spelling.typed, near, finished=spelling.finished
            )
    if not choices or choices.keys() != suspects or not all(choices.values()):
        return None
    return Correction(_plans(plan, choices), _drivers(plan, choices))


def _plans(plan: SearchPlan, choices: Mapping[int, tuple[str, ...]]) -> tuple[SearchPlan, ...]:
    """One for each combination of the words, as far as the likeliest go."""
    ranked = product(*(enumerate(words) for words in choices.values()))
    likeliest = sorted(ranked, key=lambda combination: sum(rank for rank, _ in combination))
    return tuple(
        with_words(plan, dict(zip(choices, (word for _, word in combination), strict=True)))
        for combination in likeliest[:_MOST_PLANS]
    )


def _drivers(plan: SearchPlan, choices: Mapping[int, tuple[str, ...]]) -> tuple[Driver, ...]:
    """One by each number or address and by each word that stays; by corrected words if none does.

    What may be one of several words is looked for by `alternatives`, of one place; the other
    places of a name with three words or more are not looked at.
    """
    if len(plan.words) + len(plan.marks) <= 1:
        return ()
    first, *others = choices
    kept = [driver for driver in plan.drivers if driver.position not in choices]
    if kept:
        return tuple(_corrected(plan, driver, choices) for driver in kept)
    alternatives = tuple(_pattern(word) for word in choices[others[0]])
    return (Driver(_names(choices[first]), (), (), first, alternatives),)


def _corrected(plan: SearchPlan, driver: Driver, choices: Mapping[int, tuple[str, ...]]) -> Driver:
    """The driver of something that was typed well, looking for the other words as they are now."""
    if driver.position is not None:
        others = [
            pattern_of(word)
            for place, word in enumerate(plan.words)
            if place != driver.position and place not in choices
        ]
        alternatives = tuple(_pattern(word) for word in next(iter(choices.values())))
        return driver._replace(patterns=tuple(others), alternatives=alternatives)
    marks = driver.elsewhere[: len(driver.elsewhere) - len(plan.words)]
    names = [_names(choices.get(place, (word.text,))) for place, word in enumerate(plan.words)]
    return driver._replace(elsewhere=(*marks, *names))


def _names(words: tuple[str, ...]) -> tuple[Range, ...]:
    return tuple(r for word in words for r in name_ranges(word))


def _pattern(word: str) -> str:
    return pattern_of(Word(word, is_cjk=False))
