"""`python -m deploy.tools.charts`: writes what follows from the code into the charts, and packages them."""

import argparse
import sys
import tempfile
from pathlib import Path

from helm_python import HelmError

from deploy.tools.charts.building import packaged
from deploy.tools.charts.layout import ServiceChart, service_charts
from deploy.tools.charts.schemas import dump, schema_of
from deploy.tools.charts.tables import NoTable, with_table

ROOT = Path(__file__).resolve().parents[3]


def written(chart: ServiceChart) -> dict[Path, str]:
    """The files of a chart that follow from others, as they are to be. Raises `NoTable`."""
    readme = chart.folder / "README.md"
    return {
        chart.folder / "values.schema.json": dump(schema_of(chart)) + "\n",
        readme: with_table(readme.read_text(encoding="utf-8"), chart),
    }


def main() -> int:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m deploy.tools.charts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("write", help="write schemas and tables of values anew")
    write.add_argument("chart", nargs="*", help="only of these; of all unless given")
    package = commands.add_parser("package", help="make an archive of each chart")
    package.add_argument("--to", type=Path, default=ROOT / "dist", help="the folder for them")
    given = parser.parse_args()
    try:
        if given.command == "write":
            _write(given.chart)
        else:
            _package(given.to)
    except (NoTable, HelmError) as error:
        sys.stderr.write(f"charts: {error}\n")
        return 1
    return 0


def _write(names: list[str]) -> None:
    for chart in service_charts(ROOT):
        if names and chart.name not in names:
            continue
        for path, text in written(chart).items():
            path.write_text(text, encoding="utf-8")


def _package(target: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        for archive in packaged(ROOT, Path(work), target):
            print(archive)


if __name__ == "__main__":
    sys.exit(main())
