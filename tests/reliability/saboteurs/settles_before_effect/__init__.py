"""The bug: a fact is acknowledged before its effect is committed."""
