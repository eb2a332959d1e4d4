"""The specification's examples are of the city that is served."""

import json
import os
import subprocess
import sys

import pytest

PRINTED = """
import json
from food_inspections.api import create_app
from food_inspections.settings import Settings
print(create_app(Settings.from_environment()).test_client().get("/openapi.json").get_data(as_text=True))
"""


@pytest.mark.parametrize("city", ["new_york", "austin"])
def test_another_city_s_specification_shows_nothing_of_the_first(city: str) -> None:
    environment = {**os.environ, "FOOD_INSPECTIONS_CITY": city}
    printed = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", PRINTED], env=environment, check=True, capture_output=True, text=True, timeout=120
    ).stdout
    specification = json.loads(printed)

    assert specification["paths"]
    for word in ("Chicago", "Canvass", "60614", '"606"', "-87.", "41.92"):
        assert word not in printed
