"""People and companies as rows of a table, with headers that an import knows again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from contacts.imports.custom_values import text_of

Record = Mapping[str, Any]
Column = Callable[[Record], str]

_BETWEEN = "; "


def _plain(name: str) -> Column:
    return lambda record: "" if record[name] is None else str(record[name])


def _points(name: str, member: str) -> Column:
    return lambda record: _BETWEEN.join(point[member] for point in record[name])


def _line_ids(record: Record) -> str:
    return _BETWEEN.join(h["handle"] for h in record["handles"] if h["network"] == "line")


def _social_handles(record: Record) -> str:
    others = (h for h in record["handles"] if h["network"] != "line")
    return _BETWEEN.join(handle_text(h) for h in others)


def handle_text(handle: Record) -> str:
    """A handle with its network, as an import reads it; the address of a profile says its own."""
    text: str = handle["handle"]
    is_address = text.startswith(("http://", "https://"))
    return text if is_address else f"{handle['network']}:{text}"


def _address(member: str) -> Column:
    def read(record: Record) -> str:
        addresses = record["postal_addresses"]
        if not addresses:
            return ""
        value = addresses[0][member]
        return value if isinstance(value, str) else "\n".join(value)

    return read


def _other_addresses(record: Record) -> str:
    parts = ("postal_code", "country", "region", "city")
    return "\n".join(
        " ".join(filter(None, (*(address[part] for part in parts), *address["lines"])))
        for address in record["postal_addresses"][1:]
    )


def _birthday(record: Record) -> str:
    return next((d["date"] for d in record["important_dates"] if d["kind"] == "birthday"), "")


def _other_dates(record: Record) -> str:
    others = (d for d in record["important_dates"] if d["kind"] != "birthday")
    return _BETWEEN.join(f"{d['kind']} {d['date']}" for d in others)


def _life_events(record: Record) -> str:
    events = record["life_events"]
    return _BETWEEN.join(" ".join(filter(None, (e["kind"], e["date"], e["note"]))) for e in events)


def _tags(record: Record) -> str:
    return _BETWEEN.join(record["tags"])


_ADDRESS: Mapping[str, Column] = {
    "street": _address("lines"),
    "city": _address("city"),
    "region": _address("region"),
    "postal_code": _address("postal_code"),
    "country": _address("country"),
    "other_addresses": _other_addresses,
}

PEOPLE: Mapping[str, Column] = {
    "id": _plain("id"),
    "full_name": _plain("full_name"),
    "given_name": _plain("given_name"),
    "family_name": _plain("family_name"),
    "emails": _points("emails", "address"),
    "phones": _points("phones", "number"),
    "line_ids": _line_ids,
    "social_handles": _social_handles,
    **_ADDRESS,
    "birthday": _birthday,
    "other_dates": _other_dates,
    "life_events": _life_events,
    "language": _plain("language"),
    "time_zone": _plain("time_zone"),
    "tags": _tags,
    "source": _plain("source"),
    "lifecycle_stage": _plain("lifecycle_stage"),
    "owner_id": _plain("owner_id"),
    "quality_score": _plain("quality_score"),
    "created_at": _plain("created_at"),
    "updated_at": _plain("updated_at"),
    "archived_at": _plain("archived_at"),
}

COMPANIES: Mapping[str, Column] = {
    "id": _plain("id"),
    "name": _plain("name"),
    "legal_name": _plain("legal_name"),
    "domain": _plain("domain"),
    "industry": _plain("industry"),
    "employee_count": _plain("employee_count"),
    "emails": _points("emails", "address"),
    "phones": _points("phones", "number"),
    "line_ids": _line_ids,
    "social_handles": _social_handles,
    **_ADDRESS,
    "tags": _tags,
    "source": _plain("source"),
    "owner_id": _plain("owner_id"),
    "parent_company_id": _plain("parent_company_id"),
    "created_at": _plain("created_at"),
    "updated_at": _plain("updated_at"),
    "archived_at": _plain("archived_at"),
}


class Table:
    """A table of records: its columns, with those of the tenant's own systems and fields."""

    def __init__(
        self, columns: Mapping[str, Column], systems: Iterable[str], fields: Iterable[str]
    ) -> None:
        self._columns = list(columns.values())
        self._systems, self._fields = tuple(systems), tuple(fields)
        self.header: Sequence[str] = (
            *columns,
            *(f"external_id:{system}" for system in self._systems),
            *(f"custom.{key}" for key in self._fields),
        )

    def row(self, record: Record) -> list[str]:
        """A record's cells."""
        cells = [read(record) for read in self._columns]
        if self._systems:
            ids = {e["system"]: e["id"] for e in record["external_ids"]}
            cells += [ids.get(system, "") for system in self._systems]
        if self._fields:
            custom = record["custom_fields"]
            cells += [text_of(custom.get(key)) for key in self._fields]
        return cells
