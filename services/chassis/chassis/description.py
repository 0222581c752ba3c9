"""What a service is, in words that cost nothing to import: read before anything is wired together."""

from __future__ import annotations

import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chassis.http.problem_kinds import ProblemKind


@dataclass(frozen=True, slots=True)
class Description:
    """What a service is: for its document, its migrations and its provisioning."""

    name: str
    version: str
    summary: str
    migrations: Path
    consumes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Producing service to what is consumed from it: types of facts, or the subjects of all."""
    projections: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Producing service to the tables that hold nothing but what its facts said, and that fill again
    by themselves: from facts that come again, or by asking the producer when something is missing."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The folders that it keeps files in, by name, to the query for the paths below that rows name:
    by them, whoever backs up or restores counts what is missing."""
    problems: Sequence[ProblemKind] = ()
    """The kinds of refusals that only this service knows."""

    @property
    def package(self) -> str:
        """The Python package that the service is written in."""
        return self.name.replace("-", "_")


def migrations_of(description: str) -> Path:
    """Where the migrations are of the service whose `description.py` this is (`__file__`).

    In a checkout they are beside the package; its wheel carries them below `share/rapport`.
    """
    package = Path(description).parent
    beside = package.parent / "migrations"
    if (beside / "versions").is_dir():
        return beside
    return Path(sysconfig.get_path("data")) / "share" / "rapport" / package.name / "migrations"
