"""Server-sent events as bytes on the wire."""

from __future__ import annotations


def event(data: bytes, *, event_id: str | None = None, name: str | None = None) -> bytes:
    """One event; `data` has no line break, as JSON by orjson has none."""
    head = b"" if event_id is None else b"id: " + event_id.encode() + b"\n"
    if name is not None:
        head += b"event: " + name.encode() + b"\n"
    return head + b"data: " + data + b"\n\n"


def heartbeat(event_id: str | None) -> bytes:
    """A comment, which no reader sees; with it the position that is reached though nothing came."""
    return b": still here\n" + (b"" if event_id is None else f"id: {event_id}\n".encode()) + b"\n"


def retry(seconds: float) -> bytes:
    """How soon the reader is to come again when the connection ends."""
    return f"retry: {round(seconds * 1000)}\n\n".encode()
