"""What editors do to sections of the knowledge base; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict, Invalid
from desk.article_sections.domain import DEEPEST, Section, SectionTerms
from desk.transaction import DeskTx


def define_section(tx: DeskTx, key: str, terms: SectionTerms) -> Section:
    """Have another section. Raises `Invalid` for a place that there is not, `Conflict` for a key twice."""
    tx.article_sections.keep_places()
    now = tx.clock.now()
    section = Section(id=tx.ids.new(), key=key, terms=terms, created_at=now, updated_at=now)
    _require_place(tx, section.id, terms.parent_id)
    section.define()
    tx.article_sections.add(section)
    return section


def change_section(
    tx: DeskTx, section_id: UUID, change: Callable[[SectionTerms], SectionTerms]
) -> Section:
    """Call a section otherwise, or have it lie elsewhere. Raises `NotFound`, `Invalid`."""
    tx.article_sections.keep_places()
    section = tx.article_sections.get(section_id)
    terms = change(section.terms)
    _require_place(tx, section_id, terms.parent_id)
    section.change(terms, tx.clock.now())
    return section


def remove_section(tx: DeskTx, section_id: UUID) -> Section:
    """Have a section be there no more. Raises `NotFound`, `Conflict` while something is in it."""
    tx.article_sections.keep_places()
    section = tx.article_sections.get(section_id)
    if tx.article_sections.is_in_use(section_id):
        raise Conflict("Articles or sections are in it.", code="section_in_use")
    section.remove()
    tx.article_sections.remove(section)
    return section


def require_section(tx: DeskTx, section_id: UUID | None) -> None:
    """Raises `Invalid` for a section that there is not; nobody removes it until the commit."""
    if section_id is None:
        return
    if not tx.article_sections.get_many([section_id]):
        raise Invalid.at("/section_id", "section_unknown", "There is no such section.")


def _require_place(tx: DeskTx, section_id: UUID, parent_id: UUID | None) -> None:
    """A section lies in one that there is, not in itself, and not too deep."""
    if parent_id is None:
        return
    if not tx.article_sections.get_many([parent_id]):
        raise Invalid.at("/parent_id", "section_unknown", "There is no such section.")
    above: UUID | None = parent_id
    for _level in range(DEEPEST - 1):
        if above == section_id:
            raise Invalid.at("/parent_id", "section_in_itself", "It would lie within itself.")
        above = tx.article_sections.parent_of(above) if above is not None else None
    if above is not None:
        message = f"At most {DEEPEST} sections lie within each other."
        raise Invalid.at("/parent_id", "section_too_deep", message)
