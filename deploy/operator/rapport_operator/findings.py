"""What a check has found: one line, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rich.markup import escape


@dataclass(frozen=True, slots=True)
class Finding:
    """One checked thing; `remedy` says how to mend it, and is empty when all is well."""

    check: str
    about: str
    is_well: bool
    said: str
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)

    def line(self) -> str:
        """For people, with rich's markup."""
        mark = "[green]well [/]" if self.is_well else "[bold red]wrong[/]"
        remedy = f" [bold]→[/] {escape(self.remedy)}" if self.remedy else ""
        return f"{mark} {escape(self.check)}, {escape(self.about)}: {escape(self.said)}{remedy}"


def well(check: str, about: str, said: str) -> Finding:
    """Nothing to do."""
    return Finding(check, about, is_well=True, said=said)


def wrong(check: str, about: str, said: str, remedy: str) -> Finding:
    """Something to do, which `remedy` names."""
    return Finding(check, about, is_well=False, said=said, remedy=remedy)
