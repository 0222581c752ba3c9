"""Who people are, as contacts decides it: ids that others hold of them may be from before a merge."""

from __future__ import annotations

from chassis.storage.following import Subject

PEOPLE = Subject("person", "people")
"""Whose merges are followed here."""

current_or_none = PEOPLE.current_or_none
known_as = PEOPLE.known_as
