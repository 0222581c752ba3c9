"""What the services themselves show of how far permissions reach: own records, or all there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import Enum
from typing import Any
from uuid import uuid4

from chassis.testing.client import ApiAnswer, ApiClient

from .estate import Estate
from .surface import Operation


class Shown(Enum):
    """What an operation does for whoever has the permission for own records, and has none."""

    NARROWED = "it keeps back what there is"
    REFUSED = "it needs the permission with reach over all"
    WHOLE = "it shows what it shows to everybody"


def shown_by(
    operations: Iterable[Operation], owned: Estate, send: Any
) -> dict[str, dict[Shown, str]]:
    """By permission: each thing that was shown, with an operation that shows it.

    Reads come first, so that they find the estate as it is; a write is asked for only where its record
    can still be read.
    """
    found: defaultdict[str, dict[Shown, str]] = defaultdict(dict)
    reads = {each.path: each for each in operations if each.method == "GET"}
    writes = [each for each in operations if each.method != "GET"]
    for each in reads.values():
        answer = send(_alone(each, owned), each, owned)
        found[each.permission].update(
            _of_read(answer, send(owned.owner(each.service), each, owned), each)
        )
    for each in writes:
        found[each.permission].update(_of_write(each, reads, owned, send))
    return found


def _of_read(answer: ApiAnswer, whole: ApiAnswer, operation: Operation) -> dict[Shown, str]:
    if _is_too_short(answer):
        return {Shown.REFUSED: operation.id}
    if whole.status_code != 200 or whole.headers.get("Content-Type") != "application/json":
        return {}
    if answer.status_code == 404 and operation.id_names:
        return {Shown.NARROWED: operation.id}
    if answer.status_code != 200:
        return {}
    if not whole.json or "items" not in whole.json:
        return {Shown.WHOLE: operation.id} if operation.id_names else {}
    if not whole.json["items"]:
        return {}
    same = len(answer.json["items"]) == len(whole.json["items"])
    return {Shown.WHOLE if same else Shown.NARROWED: operation.id}


def _of_write(
    operation: Operation, reads: dict[str, Operation], owned: Estate, send: Any
) -> dict[Shown, str]:
    read = next((reads[path] for path in _above(operation.path) if path in reads), None)
    there = read is not None and send(owned.owner(read.service), read, owned).status_code == 200
    answer = send(_alone(operation, owned), operation, owned)
    if _is_too_short(answer):
        return {Shown.REFUSED: operation.id}
    if there and answer.status_code == 404:
        return {Shown.NARROWED: operation.id}
    return {}


def _above(path: str) -> Iterable[str]:
    """The path of the record that an operation is about, and of those that it is below."""
    parts = path.split("/")
    return [
        "/".join(parts[:end]) for end in range(len(parts), 3, -1) if parts[end - 1].startswith("{")
    ]


def _alone(operation: Operation, owned: Estate) -> ApiClient:
    """A user in no team, with the permission for own records alone."""
    harness = owned.services[operation.service].harness
    client: ApiClient = harness.user_client(
        owned.tenant_id, {operation.permission: "own"}, user_id=uuid4()
    )
    return client


def _is_too_short(answer: ApiAnswer) -> bool:
    return answer.status_code == 403 and answer.json["code"] == "reach_too_short"
