import pytest

from food_inspections.monitor.components.status import Status, result_statuses


@pytest.mark.parametrize(
    ("city", "result", "status"),
    [
        ("chicago", "Fail", "bad"),
        ("chicago", "Pass w/ Conditions", "watch"),
        ("chicago", "Pass", "good"),
        ("new_york", "No violations", "good"),
        ("new_york", "Closed", "bad"),
    ],
)
def test_a_result_is_taken_as_its_city_means_it(city: str, result: str, status: Status) -> None:
    assert result_statuses(city)[result] == status
