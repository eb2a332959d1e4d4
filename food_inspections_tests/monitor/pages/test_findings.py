"""What the overview says of the published lists."""

import pytest
from sqlalchemy import Connection

from food_inspections.monitor.judgement.promises import Realised
from food_inspections.monitor.pages import findings
from food_inspections_tests.monitor.conftest import Filled


@pytest.mark.parametrize(
    ("auc", "half", "word", "end"),
    [
        (0.66, 0.68, "Keeps its promise", "of the visits."),
        (0.66, 0.58, "Below promise", "Below the promise: Found in the first half."),
        (0.40, 0.68, "Broken promise", "Below the promise: AUC."),
    ],
)
def test_what_is_below_its_promise_is_named(
    monkeypatch: pytest.MonkeyPatch,
    filled: Filled,
    connection: Connection,
    auc: float,
    half: float,
    word: str,
    end: str,
) -> None:
    found = [
        Realised("roc_auc", auc, 0.67, 0.04, 2_800, 8, 0.085),
        Realised("first_half", half, 0.68, 0.05, 2_800, 8, 0.09),
    ]
    monkeypatch.setattr(findings, "headlines", lambda _series: found)
    finding = findings.performance_finding(filled.request(connection))
    assert finding.word == word
    assert finding.note.endswith(end)


def test_the_newest_judged_weeks_are_told(filled: Filled, connection: Connection) -> None:
    finding = findings.performance_finding(filled.request(connection))
    assert finding.note.startswith("Last 8 judged weeks, 0.672 promised.")
