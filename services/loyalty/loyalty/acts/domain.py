"""Which happenings a definition speaks of: by kind, by contacts' kind of interaction, by channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from chassis.domain import Invalid
from loyalty.happenings.domain import HappeningKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Act:
    """A kind of happening; None stands for any. Only interactions have an `interaction_kind`."""

    kind: HappeningKind
    interaction_kind: str | None = None
    channel: str | None = None

    @property
    def key(self) -> str:
        """How it is kept and shown, such as `interaction/click/email` or `order_delivered/*/*`."""
        return f"{self.kind}/{self.interaction_kind or '*'}/{self.channel or '*'}"

    @property
    def parents(self) -> tuple[Act, ...]:
        """Itself and what is less exact, the most exact first; the kind of act counts before the channel."""
        exact = (self, Act(self.kind, self.interaction_kind))
        return tuple(dict.fromkeys((*exact, Act(self.kind, None, self.channel), Act(self.kind))))


def act_of(kind: HappeningKind, properties: Mapping[str, Any], channel: str) -> Act:
    """What kind of act a happening is."""
    interaction = properties.get("interaction_kind") or None
    return Act(kind, None if interaction is None else str(interaction), channel or None)


class ActTable(Generic[T]):
    """What is said of acts; of several that fit, the most exact counts."""

    def __init__(self, said: Iterable[tuple[Act, T]]) -> None:
        self._said: Mapping[Act, T] = dict(said)

    def of(self, act: Act) -> T | None:
        """What is said of an act, or None."""
        return next((self._said[one] for one in act.parents if one in self._said), None)

    @property
    def kinds(self) -> frozenset[HappeningKind]:
        """The kinds of happenings of which anything is said."""
        return frozenset(act.kind for act in self._said)


def require_distinct(acts: Iterable[Act], pointer: str) -> None:
    """Raise `Invalid` for an act that is there twice, or has a kind of interaction and is none."""
    seen: set[Act] = set()
    for place, act in enumerate(acts):
        here = f"{pointer}/{place}"
        if act.interaction_kind is not None and act.kind is not HappeningKind.INTERACTION:
            message = "Only an interaction has a kind of interaction."
            raise Invalid.at(f"{here}/interaction_kind", "act_unclear", message)
        if act in seen:
            raise Invalid.at(here, "act_repeated", f"{act.key} is there already.")
        seen.add(act)
