import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from food_inspections.cli.main import COMMANDS, cli, main
from food_inspections.errors import FoodInspectionsError, SettingsError


def failing_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the command line with a command that raises the error."""

    @click.command("fails")
    def command() -> None:
        raise error

    monkeypatch.setitem(COMMANDS, "fails", (__name__, "Fails."))
    monkeypatch.setattr(sys.modules[__name__], "command", command, raising=False)
    monkeypatch.setattr(sys, "argv", ["food-inspections", "fails"])
    main()


def test_an_error_a_user_can_act_on_is_one_line_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        failing_with(SettingsError("FOOD_INSPECTIONS_LABEL='x':\n  choose one of\n\nfail, critical."), monkeypatch)

    assert end.value.code == 1
    shown = capsys.readouterr()
    assert shown.err == "Error: FOOD_INSPECTIONS_LABEL='x': choose one of fail, critical.\n"
    assert shown.out == ""


@pytest.mark.parametrize("kind", FoodInspectionsError.__subclasses__())
def test_every_error_of_the_program_is_such_an_error(
    kind: type[FoodInspectionsError], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        failing_with(kind("what, and what to do"), monkeypatch)
    assert capsys.readouterr().err == "Error: what, and what to do\n"


def test_a_programming_error_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError):
        failing_with(ZeroDivisionError("a bug"), monkeypatch)


def test_help_names_every_command_with_its_summary() -> None:
    result = CliRunner().invoke(cli, ["--help"], terminal_width=200)

    assert result.exit_code == 0
    for name, (_, summary) in COMMANDS.items():
        assert name in result.output
        assert summary in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_resolves_and_prints_its_help(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])

    assert result.exit_code == 0
    assert f"cli {name} [OPTIONS]" in result.output
    explained = result.output.split("Options:", maxsplit=1)[0].split("\n\n", maxsplit=1)[1]
    assert len(explained.strip()) > 20


def test_an_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(cli, ["forecast"])

    assert result.exit_code == 2
    assert "No such command 'forecast'" in result.output


def test_help_is_said_without_importing_what_takes_seconds() -> None:
    heavy = ("dagster", "pandas", "numpy", "sklearn", "xgboost", "sqlalchemy", "flask", "dash", "sodapy")
    code = (
        "import sys; from food_inspections.cli.main import cli; cli(['--help'], standalone_mode=False); "
        f"print('imported:', [name for name in {heavy!r} if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert "Run the main job on a sample city" in shown.stdout
    assert shown.stdout.endswith("imported: []\n")


def test_the_program_is_installed_under_its_name() -> None:
    program = Path(sys.executable).with_name("food-inspections")

    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603

    assert shown.stdout.startswith("food-inspections, version ")
