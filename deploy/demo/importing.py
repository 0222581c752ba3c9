"""Imports a file as the API has it: begin, send parts, look at what was found, map, try, run."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.demo.external_app import ExternalApp

IMPORTS = "/v1/contacts/imports"
PART = 4 * 1024 * 1024
"""What is sent at once; the platform takes up to 16 MiB."""

_SURE = 0.7

Watch = Callable[[int], object]
"""Told how many rows are done."""


class ImportFailed(Exception):
    """The file could not be read, or the run broke off."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file to import. `corrections` say what columns are where the suggestion would not do."""

    name: str
    data: bytes = field(repr=False)
    country: str
    key: str
    corrections: Mapping[str, str]
    mapping: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many lines it has below the header."""
        return len(self.data.splitlines()) - 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column, what the platform takes it for and how sure it is, and what it was mapped to."""

    name: str
    suggested: str
    confidence: float
    field: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    import_id: str
    run: Mapping[str, Any]
    seconds: float

    @property
    def rows(self) -> int:
        """How many rows were looked at."""
        return sum(int(self.run[name]) for name in ("created", "updated", "skipped", "failed"))

    @property
    def rows_per_second(self) -> float:
        """How quickly."""
        return self.rows / self.seconds


class Importer:
    """Takes one file through its import."""

    def __init__(self, app: ExternalApp, delivery: Delivery) -> None:
        self._app = app
        self._delivery = delivery
        self._path = ""

    @property
    def id(self) -> str:
        """The import's id."""
        return self._path.rpartition("/")[2]

    def upload(self) -> list[Column]:
        """Send the file; what its columns are taken for. Raises `ImportFailed`."""
        data = self._delivery.data
        begun = self._app.post(
            IMPORTS,
            {
                "name": self._delivery.name,
                "format": "csv",
                "default_country": self._delivery.country,
                "size": len(data),
            },
        )
        self._path = f"{IMPORTS}/{begun['id']}"
        parts = [data[start : start + PART] for start in range(0, len(data), PART)]
        for number, part in enumerate(parts, 1):
            self._app.put(
                f"{self._path}/parts/{number}",
                content=part,
                query={"sha256": hashlib.sha256(part).hexdigest()},
                headers={"Content-Type": "text/csv"},
            )
        found = self._app.post(f"{self._path}/complete", query={"parts": len(parts)})
        if found["problem"] is not None:
            raise ImportFailed(f"{self._delivery.name}: {found['problem']['message']}")
        return [self._column(each) for each in found["analysis"]["suggestions"]]

    def map(self, columns: list[Column]) -> None:
        """Say what the columns are."""
        chosen = [
            {"column": each.name, "field": each.field} for each in columns if each.field != "ignore"
        ]
        body = {"columns": chosen, "key": self._delivery.key, **self._delivery.mapping}
        self._app.put(f"{self._path}/mapping", body)

    def run(self, watch: Watch, *, dry: bool = False) -> Outcome:
        """Make people of the rows, or see what would become of them. Raises `ImportFailed`."""
        began = time.monotonic()
        accepted = self._app.send(
            "POST", f"{self._path}/run", query={"dry_run": "true"} if dry else {}
        )
        job = self._app.job(
            accepted.headers["Location"], lambda job: watch(int(job["progress"]["done"]))
        )
        seconds = time.monotonic() - began
        if job["state"] != "succeeded":
            reason = (job["error"] or {}).get("message", job["state"])
            raise ImportFailed(f"{self._delivery.name}: {reason}")
        return Outcome(self.id, self._app.get(self._path)["runs"][0], seconds)

    def rows(self, outcome: str) -> Iterator[dict[str, Any]]:
        """What became of rows: the failed ones, say."""
        return self._app.items(f"{self._path}/rows", outcome=outcome)

    def errors_file(self) -> bytes:
        """The failed rows with their reasons, to be corrected and imported again."""
        return b"".join(self._app.stream(f"{self._path}/errors"))

    def _column(self, suggestion: Mapping[str, Any]) -> Column:
        name, field_, sure = (suggestion[each] for each in ("column", "field", "confidence"))
        fallback = field_ if sure >= _SURE else "ignore"
        return Column(name, field_, sure, self._delivery.corrections.get(name, fallback))
