"""The rules of the layout: who may import whom, what must not be imported early, how long a file may be."""

import ast
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("food_inspections", "api", "monitor", "food_inspections_tests", "benchmarks")
LONGEST_FILE = 400

# Folders of the root that are packages within ``food_inspections``, by a link: so they are installed, and so imported.
LINKED = ("api", "monitor")

# From the bottom up: no file imports from a layer above its own.
LAYERS = (
    (
        "food_inspections.errors",
        "food_inspections.worker",
        "food_inspections.home_record",
        # What a city is, which the settings name; what is made of its rows is the domain's.
        "food_inspections.domain.weeks",
        *(
            f"food_inspections.domain.city.{module}"
            for module in ("consistency", "laws", "loading", "profile", "rules", "section", "words")
        ),
    ),
    ("food_inspections.settings", "food_inspections.access"),
    ("food_inspections.domain",),
    ("food_inspections.planning",),
    ("food_inspections.storage", "food_inspections.portal"),
    ("food_inspections.tracking",),
    ("food_inspections.orchestration",),
    ("food_inspections.demo", "food_inspections.rebuild", "food_inspections.api", "food_inspections.monitor"),
    ("food_inspections.cli",),
)

# Package, and what no file of it may import besides.
RULES = [
    ("food_inspections/domain", ("dagster", "flask", "dash", "sqlalchemy", "psycopg2", "boto3", "fsspec", "s3fs")),
    # Records and a graph in, a plan out.
    (
        "food_inspections/planning",
        ("dagster", "flask", "dash", "sqlalchemy", "psycopg2", "boto3", "fsspec", "s3fs", "food_inspections.settings"),
    ),
    ("food_inspections/storage", ("dagster", "flask", "dash", "food_inspections.portal")),
    ("food_inspections/portal", ("dagster", "sqlalchemy", "food_inspections.storage")),
    ("api", ("dagster", "food_inspections.orchestration")),
    ("monitor", ("dagster", "food_inspections.orchestration")),
]


def imports(path: Path, *, for_types: bool = False) -> Iterator[str]:
    """Every module a file imports, wherever in the file; those for the type checker alone only if asked for."""
    tree = ast.parse(path.read_text())
    unseen = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in unseen and not for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def test_the_reader_of_imports_sees_all_kinds(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        "from typing import TYPE_CHECKING\n"
        "import a.b as c\n"
        "from d import e\n"
        "if TYPE_CHECKING:\n    import unseen\n"
        "def f():\n    from g.h import i\n"
    )

    assert list(imports(path)) == ["typing.TYPE_CHECKING", "a.b", "d.e", "g.h.i"]
    assert is_within("dagster._core.x", "dagster")
    assert not is_within("dagster_aws.s3", "dagster")


@pytest.mark.parametrize(("package", "forbidden"), RULES, ids=lambda value: value if isinstance(value, str) else "")
def test_no_layer_imports_one_above_it(package: str, forbidden: tuple[str, ...]) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files

    found = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in files
        for module in imports(path)
        for other in forbidden
        if is_within(module, other)
    ]

    assert found == []


def modules_of_the_program() -> dict[str, Path]:
    """Every module by its name; a package by that of its folder."""
    found = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in ("food_inspections", *LINKED)
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    return {f"food_inspections.{name}" if name.startswith(LINKED) else name: path for name, path in found.items()}


@pytest.mark.parametrize("name", [*LINKED, "sql", "docs", "dagster.yaml", "workspace.yaml", ".env.example"])
def test_what_the_root_shares_with_the_package_is_the_same_in_both(name: str) -> None:
    assert (ROOT / "food_inspections" / name).readlink() == Path("..") / name
    assert (ROOT / "food_inspections" / name).resolve() == ROOT / name


def module_of(imported: str, modules: Iterable[str]) -> str | None:
    """The module that an import reads: ``a.b`` for ``from a.b import name``."""
    while imported and imported not in modules:
        imported = imported.rpartition(".")[0]
    return imported or None


def test_the_layers_of_the_program_lie_one_above_the_other() -> None:
    level = {package: number for number, packages in enumerate(LAYERS) for package in packages}

    def level_of(module: str) -> int | None:
        return next((number for package, number in level.items() if is_within(module, package)), None)

    upward = [
        f"{module} imports {imported}"
        for module, path in modules_of_the_program().items()
        for imported in imports(path)
        if (own := level_of(module)) is not None and (other := level_of(imported)) is not None and other > own
    ]

    assert upward == []


def test_no_module_imports_itself_through_others() -> None:
    """Imports inside functions included: a circle that is hidden there is a circle all the same."""
    modules = modules_of_the_program()
    reads = {
        module: {other for imported in imports(path) if (other := module_of(imported, modules)) not in (None, module)}
        for module, path in modules.items()
    }
    assert sum(map(len, reads.values())) > len(modules), "the imports were read"

    try:
        list(TopologicalSorter(reads).static_order())
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")


def test_no_file_is_longer_than_it_may_be() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }

    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_only_settings_reads_the_programs_own_variables() -> None:
    """Whatever sets them for a child process may name them; nothing else reads them."""
    found = [
        str(path.relative_to(ROOT))
        for package in ("food_inspections", "api", "monitor")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if _reads_own_variable(node)
    ]

    assert found == []


def _reads_own_variable(node: ast.AST) -> bool:
    """``os.environ["FOOD_INSPECTIONS_..."]``, ``os.environ.get(...)`` or ``os.getenv(...)``."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        source, name = ast.unparse(node.value), node.slice
    elif isinstance(node, ast.Call) and node.args:
        source, name = ast.unparse(node.func), node.args[0]
    else:
        return False
    reads = source in ("os.environ", "os.environ.get", "os.getenv")
    return reads and isinstance(name, ast.Constant) and str(name.value).startswith("FOOD_INSPECTIONS_")


def test_the_definitions_load_without_the_libraries_that_take_seconds(tmp_path: Path) -> None:
    heavy = (
        *("aequitas", "evidently", "optuna", "dash", "flask", "mlflow", "shap", "matplotlib", "skops"),
        *("scipy", "sklearn", "xgboost", "pyvrp"),
    )
    code = (
        "import sys; import food_inspections.definitions; "
        f"print('imported:', [name for name in {heavy!r} if name in sys.modules])"
    )
    environment = {"FOOD_INSPECTIONS_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    shown = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, cwd=ROOT
    )

    assert shown.stdout == "imported: []\n"
    assert list(tmp_path.iterdir()) == [], "loading the definitions starts and writes nothing"


def test_the_picture_of_the_architecture_is_that_of_the_code() -> None:
    described = runpy.run_path(str(ROOT / "docs" / "draw_architecture.py"))

    assert (ROOT / "docs" / "architecture.md").read_text() == described["page"](), "run make architecture"


def test_the_changelog_has_the_version_that_is_being_made() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    titles = re.findall(r"^## (\S+?),?(?: |$)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)

    assert version in titles


def test_only_profiles_name_a_city() -> None:
    """The sample city publishes as the default city does, and the settings say which one that is."""
    named = re.compile(r"chicago|illinois|canvass|austin|cityof|4ijn-s7e5", re.IGNORECASE)
    known = {"food_inspections.settings"}
    found = {
        f"{module}: {node.value[:60]!r}"
        for module, path in modules_of_the_program().items()
        if module not in known and "portal.sample_city" not in module and module != "food_inspections.cli.sample_city"
        for node in ast.walk(without_docstrings(ast.parse(path.read_text())))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and named.search(node.value)
    }

    # What an unknown city is likely to call its scheduled visits.
    assert [text.partition(":")[0] for text in found] == ["food_inspections.domain.city.draft_meanings"], sorted(found)


def without_docstrings(tree: ast.Module) -> ast.Module:
    """The same without texts that stand alone."""

    def is_text(node: ast.stmt) -> bool:
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)

    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [each for each in node.body if not is_text(each)]
    return tree
