import pytest

from food_inspections.monitor.wording.violations import entries


def test_a_violation_has_a_title_to_read_and_what_the_inspector_wrote() -> None:
    text = (
        "55. PHYSICAL FACILITIES INSTALLED, MAINTAINED & CLEAN - Comments: FLOOR UNDER THE SINK. | "
        "38. Insects, rodents - Comments: droppings seen | 10-8. Hand sink"
    )
    assert list(entries(text)) == [
        ("Physical facilities installed, maintained & clean", "FLOOR UNDER THE SINK."),
        ("Insects, rodents", "droppings seen"),
        ("Hand sink", ""),
    ]


@pytest.mark.parametrize("text", [None, "", "unknown", " | "])
def test_nothing_known_is_no_violation(text: str | None) -> None:
    assert list(entries(text)) == []
