"""docs/extending.md, tried: a copy of the repository is extended as it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "extending.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"^(?:#|--) file: (\S+)\n")


def extend(copy: Path) -> None:
    """Apply every block of the page to a copy of the repository."""
    for language, block in BLOCKS:
        named = NAMED.match(block)
        if named is not None:
            path = copy / named[1]
            assert not path.exists(), f"{named[1]} is there already"
            path.write_text(block[named.end() :])
        elif language == "diff":
            subprocess.run(["git", "apply", "-"], input=block, text=True, cwd=copy, check=True)  # noqa: S607


def copy_of_the_repository(folder: Path) -> Path:
    """What the program is made of, without what git would not keep."""
    ignored = shutil.ignore_patterns("__pycache__", "images", "notebooks")
    for name in ("food_inspections", "api", "monitor", "sql", "docs"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignored)
    for name in ("dagster.yaml", "workspace.yaml", ".env.example"):
        shutil.copy(ROOT / name, folder)
    return folder


def run(copy: Path, environment: dict[str, str], *command: str) -> str:
    """Run the copy's program; nothing of the checkout's own is found before it."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("FOOD_INSPECTIONS", "DAGSTER"))}
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *command],
        cwd=copy,
        env=own | environment | {"PYTHONPATH": str(copy), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def test_the_page_extends_in_all_four_ways() -> None:
    titles = re.findall(r"^## (.*)$", PAGE, flags=re.MULTILINE)
    assert titles == ["A feature", "A check", "A recipe", "An asset"]
    assert sum(NAMED.match(block) is not None for _, block in BLOCKS) == 5


def test_every_block_fits_the_program_and_the_schema_takes_it(tmp_path: Path) -> None:
    copy = copy_of_the_repository(tmp_path)
    extend(copy)
    before = (copy / "sql" / "schema.csv").read_text()

    run(copy, {}, "-m", "food_inspections.storage.postgres.catalogue")

    added = set((copy / "sql" / "schema.csv").read_text().splitlines()) - set(before.splitlines())
    assert {line.split(",")[1] for line in added} >= {"inspection_features", "establishment_features"}
    run(copy, {}, "-c", "from food_inspections.orchestration.build import build_defs; build_defs()")
