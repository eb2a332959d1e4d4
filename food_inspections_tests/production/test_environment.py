"""The documented variables are those the program reads, and they carry no secret into sight."""

import re
from pathlib import Path

from food_inspections import settings
from food_inspections.environment import PREFIX
from food_inspections.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {"FOOD_INSPECTIONS_IMAGE", "FOOD_INSPECTIONS_TEST_DATA"}
"""Variables of compose and of the tests, which the program itself does not read."""


def read_by_the_program() -> set[str]:
    source = Path(settings.__file__).read_text()
    return {PREFIX + name for name in re.findall(r"source\.[a-z_]+\(\s*\"([A-Z_]+)\"", source)}


def documented() -> set[str]:
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))


def test_every_variable_is_documented_once() -> None:
    names = [name for name in documented() if name.startswith(PREFIX)]

    assert set(names) - ELSEWHERE == read_by_the_program()


def test_every_variable_of_compose_is_documented() -> None:
    used = set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "compose.yaml").read_text()))

    assert used - documented() == set()


def test_the_examples_are_accepted() -> None:
    lines = re.findall(rf"^# ({PREFIX}[A-Z_]+)=(.+)$", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)

    assert Settings.from_environment(dict(lines)).executor == "in_process"


def test_settings_can_be_printed_without_their_secrets() -> None:
    planted = Settings.from_environment(
        {
            "FOOD_INSPECTIONS_HOME": "/nowhere",
            "FOOD_INSPECTIONS_DATABASE_URL": "postgresql://food:planted-1@127.0.0.1/food",
            "FOOD_INSPECTIONS_APP_TOKEN": "planted-2",
            "FOOD_INSPECTIONS_API_KEYS": "planted-3",
            "FOOD_INSPECTIONS_WEBHOOK_URL": "http://127.0.0.1/planted-4",
            "FOOD_INSPECTIONS_CELERY_BROKER": "redis://:planted-5@127.0.0.1/0",
            "FOOD_INSPECTIONS_API_RATE_LIMIT_STORAGE": "redis://:planted-6@127.0.0.1/0",
        }
    )

    assert "planted" not in repr(planted)
