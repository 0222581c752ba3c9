"""Where a service's migrations are: in a checkout, and where its wheel has put them."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from chassis.description import migrations_of


def test_in_a_checkout_migrations_are_beside_the_package(tmp_path: Path) -> None:
    (tmp_path / "shop" / "shop").mkdir(parents=True)
    (tmp_path / "shop" / "migrations" / "versions").mkdir(parents=True)
    described = tmp_path / "shop" / "shop" / "description.py"
    assert migrations_of(str(described)) == tmp_path / "shop" / "migrations"


def test_installed_migrations_are_found_by_the_packages_name(tmp_path: Path) -> None:
    described = tmp_path / "site-packages" / "shop" / "description.py"
    below = Path(sysconfig.get_path("data")) / "share" / "rapport" / "shop" / "migrations"
    assert migrations_of(str(described)) == below
