"""Takes a file of people through its import: begin, send, have it looked at, map, run (CO-6)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapport_operator.errors import OperatorError
from rapport_operator.tenant_app import TenantApp

IMPORTS = "/v1/contacts/imports"
PART = 4 * 2**20
"""What is sent at once; the platform takes up to 16 MiB."""
_LOOK_SECONDS = 0.3

Tell = Callable[[str, int, int | None], None]
"""Told what is done, how much of it, and of how much if that is known."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file, and what is to be made of it.

    `reading` says how to read it and `plan` what the rows become, both by the names that the API
    has; `columns` what columns are (`emails@work` has a label) where the suggestion would not do.
    """

    path: Path
    name: str
    reading: Mapping[str, Any]
    plan: Mapping[str, Any]
    columns: Mapping[str, str] = field(default_factory=dict)


async def import_people(app: TenantApp, delivery: Delivery, tell: Tell, *, dry: bool) -> Any:
    """Import a file, or see what would become of it; gives the import as it is then.

    Raises `OperatorError`, also when the file cannot be read or the run is broken off.
    """
    found = await _uploaded(app, delivery, tell)
    path = f"{IMPORTS}/{found['id']}"
    if found["problem"] is not None:
        raise OperatorError(f"{delivery.path} cannot be read: {found['problem']['message']}")
    if delivery.plan or delivery.columns:
        plan = {**delivery.plan, "columns": _mapped(found["mapping"]["columns"], delivery.columns)}
        await app.ask("PUT", f"{path}/mapping", json=plan)
    query = {"dry_run": "true" if dry else "false"}
    job = await app.ask("POST", f"{path}/run", query=query)
    job = await _ended(app, job, tell)
    if job["state"] != "succeeded":
        reason = (job["error"] or {}).get("message", job["state"])
        raise OperatorError(f"the import {found['id']} did not come to its end: {reason}")
    return await app.ask("GET", path)


async def _uploaded(app: TenantApp, delivery: Delivery, tell: Tell) -> Any:
    """The import once its file is there and was looked at."""
    size = delivery.path.stat().st_size
    body = {"name": delivery.name, "size": size, **delivery.reading}
    begun = await app.ask("POST", IMPORTS, json=body)
    path, parts, sent = f"{IMPORTS}/{begun['id']}", 0, 0
    with delivery.path.open("rb") as file:
        while part := file.read(PART):
            parts, sent = parts + 1, sent + len(part)
            query = {"sha256": hashlib.sha256(part).hexdigest()}
            await app.ask("PUT", f"{path}/parts/{parts}", content=part, query=query)
            tell("KiB sent", sent // 1024, size // 1024)
    found = await app.ask("POST", f"{path}/complete", query={"parts": parts} if parts else None)
    while found["state"] == "analysing":
        await asyncio.sleep(_LOOK_SECONDS)
        found = await app.ask("GET", path)
    return found


async def _ended(app: TenantApp, job: Any, tell: Tell) -> Any:
    while job["state"] in ("queued", "running"):
        await asyncio.sleep(_LOOK_SECONDS)
        job = await app.ask("GET", f"/v1/contacts/jobs/{job['id']}")
        tell("rows", job["progress"]["done"], job["progress"]["total"])
    return job


def _mapped(suggested: Any, chosen: Mapping[str, str]) -> list[dict[str, str]]:
    """What each column is: as chosen, else as suggested. A column that there is not is refused later."""
    columns = {one["column"]: (one["field"], one["label"]) for one in suggested}
    for column, words in chosen.items():
        target, _, label = words.partition("@")
        columns[column] = (target, label)
    return [
        {"column": column, "field": target, "label": label}
        for column, (target, label) in columns.items()
    ]
