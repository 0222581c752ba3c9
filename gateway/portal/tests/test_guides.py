"""Guides: Markdown in, pages out."""

from __future__ import annotations

from pathlib import Path

from portal.guides import Guide, Guides


def read(guides: Path, slug: str, language: str = "en") -> Guide:
    guide = Guides(guides).get(slug, language)
    assert guide is not None
    return guide


def test_a_guide_has_its_first_heading_for_a_title(guides: Path) -> None:
    assert [guide.title for guide in Guides(guides).all("en")] == ["First steps", "Operate"]


def test_a_guide_that_is_not_translated_is_shown_in_english(guides: Path) -> None:
    assert [guide.title for guide in Guides(guides).all("zh-Hant")] == ["第一步", "Operate"]


def test_a_link_to_another_guide_leads_to_its_page_and_heading(guides: Path) -> None:
    html = read(guides, "first-steps").html

    assert 'href="/docs/guides/operate#stop"' in html
    assert 'href="https://example.com"' in html
    assert 'id="stop"' in read(guides, "operate").html


def test_code_is_coloured_and_tables_are_drawn(guides: Path) -> None:
    assert '<span class="' in read(guides, "first-steps").html
    assert "<td>1</td>" in read(guides, "operate").html


def test_markup_in_a_guide_is_shown_and_not_run(guides: Path) -> None:
    html = read(guides, "first-steps").html

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_changed_guide_shows_at_once(guides: Path) -> None:
    known = Guides(guides)
    assert known.get("operate", "en") is not None
    (guides / "operate.md").write_text("# Run it\n\nAnother length.\n")

    changed = known.get("operate", "en")
    assert changed is not None
    assert changed.title == "Run it"


def test_without_a_folder_there_are_no_guides(tmp_path: Path) -> None:
    assert Guides(tmp_path / "nowhere").all("en") == []
    assert Guides(tmp_path / "nowhere").get("operate", "en") is None


def test_a_name_cannot_lead_out_of_the_folder(guides: Path) -> None:
    (guides.parent / "secret.md").write_text("# Secret\n")

    assert Guides(guides).get("../secret", "en") is None
