"""The bug: a write is answered before it is committed."""
