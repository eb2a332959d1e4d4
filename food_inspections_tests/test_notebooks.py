"""The notebooks of docs/ run from the first cell to the last, and are stored without what running leaves in them."""

from datetime import date
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from food_inspections.cli.sample_city import write_csv
from food_inspections.portal.sample_city import make_inspections

FOLDER = Path(__file__).parents[1] / "docs" / "notebooks"
NOTEBOOKS = ("exploration", "interpretation")
CELL_SECONDS = 240


@pytest.fixture(scope="module")
def city_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty weeks of a small city, across the change of law."""
    path = tmp_path_factory.mktemp("city") / "city.csv"
    write_csv(make_inspections(5, date(2017, 10, 2), date(2018, 11, 25), 400, inspections_per_week=60), path)
    return path


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_notebook_is_listed() -> None:
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_is_stored_without_outputs(name: str) -> None:
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)

    nbformat.validate(notebook)
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code_cells(notebook))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_runs_on_a_data_file(name: str, city_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOD_INSPECTIONS_NOTEBOOK_DATA", str(city_file))
    monkeypatch.setenv("FOOD_INSPECTIONS_HOME", str(tmp_path / "home"))
    # The kernel's own files belong to this test; its warnings are the reader's to see, not errors.
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.delenv("PYTHONWARNINGS", raising=False)
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)

    NotebookClient(notebook, timeout=CELL_SECONDS, kernel_name="python3", allow_errors=False).execute()

    executed = code_cells(notebook)
    assert [cell.execution_count for cell in executed] == list(range(1, len(executed) + 1))
    shown = [output for cell in executed for output in cell.outputs if "data" in output]
    assert any("image/png" in output.data for output in shown)
    assert not (tmp_path / "home").exists()
