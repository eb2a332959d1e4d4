"""schemathesis over the whole specification.

For other seeds and more examples: ``schemathesis run http://127.0.0.1:8000/openapi.json``
against ``food-inspections api``.
"""

from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from food_inspections.api import create_app
from food_inspections.settings import Settings
from food_inspections_tests.api.conftest import City

EXAMPLES = {schemathesis.GenerationMode.POSITIVE: 20, schemathesis.GenerationMode.NEGATIVE: 20}
OPERATIONS = [
    (path, method)
    for path, methods in schemathesis.openapi.from_wsgi("/openapi.json", create_app(Settings.from_environment({})))
    .raw_schema["paths"]
    .items()
    for method in methods
    if method != "parameters"
]


@pytest.fixture(scope="session")
def specification(city: City) -> schemathesis.BaseSchema:
    app = create_app(replace(city.settings, api_rate_limit=None, api_scoring_rate_limit=None))
    answer = app.wsgi_app

    def without_gzip(environment: dict[str, Any], start_response: Any) -> Any:
        # schemathesis asks a WSGI app for gzip, but does not unpack what it gets.
        environment.pop("HTTP_ACCEPT_ENCODING", None)
        return answer(environment, start_response)

    app.wsgi_app = without_gzip  # type: ignore[method-assign]
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


@pytest.mark.parametrize("mode", EXAMPLES, ids=lambda mode: mode.value)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_as_specified(
    specification: schemathesis.BaseSchema, path: str, method: str, mode: schemathesis.GenerationMode
) -> None:
    operation = specification[path][method]
    # The conditions on headers are texts of any kind, so no value of them is wrong.
    arguments = [each for each in operation.iter_parameters() if each.location.value != "header"]
    if mode is schemathesis.GenerationMode.NEGATIVE and not operation.body and not arguments:
        pytest.skip("it takes no argument that could be wrong")

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES[mode],
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate()

    check()
