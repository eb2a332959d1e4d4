"""What the documentation tells people to type, command by command."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import dagster as dg
import pytest
from dagster._cli import create_dagster_cli
from flask import Flask
from sqlalchemy import create_engine, text
from werkzeug.exceptions import HTTPException

from food_inspections.api import create_app
from food_inspections.cli.main import cli
from food_inspections.definitions import defs
from food_inspections.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^ *```(?:sh|bash|console)\n(.*?)^ *```$", flags=re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(?:\.venv/bin/)?(food-inspections [a-z][^`]*)`")
CALL = re.compile(
    r"^(?:\$ )?(?:docker compose exec (?:-T )?\S+ )?(?:\.venv/bin/)?"
    r"(food-inspections|dagster|materialize|make|curl) +(.*)$"
)
OPERATORS = ("&", "&&", "|", "||", ">", "<", ";")
# Programs that are not ours; their commands are tried by hand, or by the workflows.
OF_OTHERS = ("docker", "cp", "sed", "export", "git", "kubectl", "helm", "ssh", "openssl", "celery")


def lines_of(page: Path) -> Iterator[str]:
    """Every line of a page's blocks that is to be typed, continued ones joined."""
    for block in FENCED.findall(page.read_text()):
        whole = ""
        for line in block.replace("\\\n", " ").splitlines():
            whole = f"{whole} {line.strip()}" if whole else line.strip()
            if not is_open(whole):
                if whole and not whole.startswith("#"):
                    yield whole
                whole = ""


def is_open(text: str) -> bool:
    """Whether a quotation goes on in the next line."""
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return True
    return False


def typed(program: str) -> list[tuple[str, list[str]]]:
    """Arguments of every documented call of a program, with the page's name."""
    found = []
    for page in PAGES:
        for line in lines_of(page):
            called = CALL.match(line)
            if called is not None and called[1] == program and "() {" not in line:
                words = shlex.split(called[2], comments=True)
                end = next((number for number, word in enumerate(words) if word in OPERATORS), len(words))
                found.append((page.name, words[:end]))
    return found


def as_test(call: tuple[str, list[str]]) -> object:
    """A call as a parameter, named by what is typed."""
    return pytest.param(call[1], id=f"{call[0]}: {' '.join(call[1])[:70]}")


def resolve(group: click.Command, words: list[str]) -> None:
    """Parse a command line as the program would, without running it.

    Raises:
        click.ClickException: There is no such command or option, or one is missing.
    """
    if isinstance(group, click.Group):
        with click.Context(group) as context:
            command = group.get_command(context, words[0])
        assert command is not None, f"no command {words[0]!r}"
        resolve(command, words[1:])
    else:
        group.make_context(group.name, list(words))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the commands name."""
    for name in (
        "inspections.csv.gz",
        "new_york.csv.gz",
        "canvass.csv.gz",
        "springfield.toml",
        "city.csv.gz",
        "inspector_clusters.csv.gz",
    ):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_page_has_its_lines_read() -> None:
    assert len(typed("food-inspections")) > 10
    assert len(typed("materialize")) > 5
    assert len(typed("curl")) > 10


@pytest.mark.parametrize("words", [as_test(call) for call in typed("food-inspections")])
def test_a_command_of_ours_is_understood(words: list[str], folder: Path) -> None:
    # What stands in brackets may be given or left out.
    resolve(cli, [word.strip("[]") for word in words])


INLINE_CALLS = [
    (page.name, shlex.split(call.partition("|")[0]))
    for page in PAGES
    for call in dict.fromkeys(INLINE.findall(page.read_text()))
    if " --" in call and "..." not in call
]


@pytest.mark.parametrize("words", [as_test(call) for call in INLINE_CALLS])
def test_a_command_within_a_sentence_is_understood(words: list[str], folder: Path) -> None:
    resolve(cli, [word if word not in ("MONDAY", "WEEK") else "2026-11-09" for word in words[1:]])


@pytest.mark.parametrize("words", [as_test(call) for call in typed("dagster")])
def test_a_command_of_dagsters_is_understood(words: list[str]) -> None:
    resolve(create_dagster_cli(), words)


@pytest.mark.parametrize("words", [as_test(call) for call in typed("materialize")])
def test_what_is_to_be_materialized_is_there_and_takes_its_config(words: list[str]) -> None:
    resolve(create_dagster_cli(), ["asset", "materialize", "-m", "food_inspections.definitions", *words])

    # As `dagster asset materialize` reads it: by commas first.
    chosen = dg.AssetSelection.from_coercible(words[words.index("--select") + 1].split(","))
    keys = chosen.resolve(defs.resolve_asset_graph())
    assert keys
    if "--config-json" in words:
        config = json.loads(words[words.index("--config-json") + 1])
        job = defs.resolve_implicit_global_asset_job_def().get_subset(asset_selection=keys)
        assert dg.validate_run_config(job, config)


@pytest.mark.parametrize("words", [as_test(call) for call in typed("make")])
def test_a_target_of_make_is_there(words: list[str]) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)

    assert set(words) <= set(targets)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    home = tmp_path_factory.mktemp("home")
    return create_app(Settings.from_environment({"FOOD_INSPECTIONS_HOME": str(home)}))


@pytest.mark.parametrize("words", [as_test(call) for call in typed("curl")])
def test_an_address_of_the_api_is_served(words: list[str], api: Flask) -> None:
    (address,) = [word for word in words if word.startswith(("http", "$API"))]
    path = re.sub(r"^(?:http://127\.0\.0\.1:8000|\$API)", "", address.replace("$API", "$API/api/v1")).partition("?")[0]
    method = words[words.index("-X") + 1] if "-X" in words else "GET"

    try:
        assert api.url_map.bind("127.0.0.1").match(path.replace("$ID", "1"), method)
    except HTTPException as error:
        pytest.fail(f"{method} {path}: {error}")


QUERIES = [(page, words[2:]) for page, words in typed("food-inspections") if words[:2] == ["db", "query"]]


@pytest.mark.parametrize("words", [as_test(call) for call in QUERIES])
def test_a_documented_query_can_be_asked(words: list[str], database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert connection.execute(text(words[0])).returns_rows
    engine.dispose()


def test_whatever_else_is_typed_is_a_program_of_others() -> None:
    ours = ("food-inspections", "dagster", "materialize", "make", "curl", ".venv/bin/food-inspections")
    unknown = [
        f"{page.name}: {line}"
        for page in PAGES
        for line in lines_of(page)
        if not line.split()[0].startswith((*ours, *OF_OTHERS)) and not re.match(r"^[A-Z_]+=|^[\[{\]]|^\$ ", line)
    ]

    assert unknown == []
