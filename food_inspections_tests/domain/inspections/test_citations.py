import pytest

from food_inspections.domain.inspections.citations import in_words


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("unknown", []),
        ("", []),
        (
            "3. POTENTIALLY HAZARDOUS FOOD MEETS TEMPERATURE REQUIREMENT - Comments: Cooler at 50F | 33. FOOD AND "
            "NON-FOOD CONTACT EQUIPMENT CLEAN - Comments: Clean it.",
            ["Potentially hazardous food meets temperature requirement", "Food and non-food contact equipment clean"],
        ),
        ("5. Plumbing - Comments: sink 1 | 5. Plumbing - Comments: sink 2", ["Plumbing"]),
        ("10. HANDWASHING - COMMENTS: said a | b, and left", ["Handwashing"]),
        ("Evidence of mice", ["Evidence of mice"]),
    ],
)
def test_violations_are_told_in_words_without_numbers_and_comments(text: str, titles: list[str]) -> None:
    assert in_words(text) == titles
