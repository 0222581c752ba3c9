"""What a service is, in words that cost nothing to import: read before anything is wired together."""

from __future__ import annotations

import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chassis.http.problem_kinds import ProblemKind

if TYPE_CHECKING:
    from chassis.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Description:
    """What a service is: for its document, its migrations and its provisioning."""

    name: str
    version: str
    summary: str
    migrations: Path
    settings: str = "chassis.settings:ServiceSettings"
    """Where the kind of settings is that it is configured with. By name, as the next."""
    subscriptions: str = ""
    """Where the service says what it does about others' facts, such as `sales.reactions:SUBSCRIPTIONS`;
    empty for one that follows nobody. By name, since all of a service hangs on its reactions."""
    projections: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Producing service to the tables that hold nothing but what its facts said, and that fill again
    by themselves: from facts that come again, or by asking the producer when something is missing."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The folders that it keeps files in, by name, to the query for the paths below that rows name:
    by them, whoever backs up or restores counts what is missing."""
    problems: Sequence[ProblemKind] = ()
    """The kinds of refusals that only this service knows."""

    @property
    def consumes(self) -> Mapping[str, Sequence[str]]:
        """Producing service to what is consumed from it: types of facts, or the subjects of all."""
        followed = _named(self.subscriptions) if self.subscriptions else ()
        return {one.producer: one.types for one in followed}

    @property
    def kind_of_settings(self) -> type[ServiceSettings]:
        """What it is configured with; found without importing the service, which takes seconds."""
        kind: type[ServiceSettings] = _named(self.settings)
        return kind

    @property
    def package(self) -> str:
        """The Python package that the service is written in."""
        return self.name.replace("-", "_")


def _named(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def migrations_of(description: str) -> Path:
    """Where the migrations are of the service whose `description.py` this is (`__file__`).

    In a checkout they are beside the package; its wheel carries them below `share/rapport`.
    """
    package = Path(description).parent
    beside = package.parent / "migrations"
    if (beside / "versions").is_dir():
        return beside
    return Path(sysconfig.get_path("data")) / "share" / "rapport" / package.name / "migrations"
