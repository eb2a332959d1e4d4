"""What the overview says of the published lists, and of all findings together."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import pytest
from sqlalchemy import Connection

from food_inspections.monitor.components.status import Status
from food_inspections.monitor.pages import findings, overview
from food_inspections.monitor.pages.findings import Finding
from food_inspections.monitor.queries import drift, performance
from food_inspections.monitor.routing.flattening import to_html
from food_inspections_tests.monitor.conftest import Filled


@pytest.mark.parametrize(
    ("answers", "word", "end"),
    [
        (("kept", "kept"), "Kept", "of the visits."),
        (("kept", "below"), "Below", "Below the promise: Found in the first half."),
        (("broken", "kept"), "Broken", "Below the promise: AUC."),
        (("cannot_tell", "kept"), "Cannot tell", "of the visits."),
    ],
)
def test_what_is_below_its_promise_is_named(
    monkeypatch: pytest.MonkeyPatch, filled: Filled, connection: Connection, answers: Sequence[str], word: str, end: str
) -> None:
    rows = pd.DataFrame({"metric": ["roc_auc", "first_half"], "answer": answers})
    rows = rows.assign(value=0.66, promise=0.67, weeks=8)
    monkeypatch.setattr(performance, "promises", lambda *_: rows)
    finding = findings.performance_finding(filled.request(connection))
    assert finding.word == word
    assert finding.note.endswith(end)


def test_the_newest_judged_weeks_are_told(filled: Filled, connection: Connection) -> None:
    finding = findings.performance_finding(filled.request(connection))
    assert finding.note.startswith("Last 8 judged weeks, 0.672 promised.")


@pytest.mark.parametrize(
    ("answers", "word", "value"),
    [
        (("holds", "holds", "holds", "holds"), "Holds", "No change"),
        (("holds", "cannot_tell", "holds", "cannot_tell"), "Cannot tell all", "No change in 2 of 4"),
        (("cannot_tell",) * 4, "Cannot tell", "Too early to say"),
        (("holds", "changed", "cannot_tell", "holds"), "Changed", "Outcomes changed"),
    ],
)
def test_drift_holds_only_where_every_question_does(
    monkeypatch: pytest.MonkeyPatch,
    filled: Filled,
    connection: Connection,
    answers: Sequence[str],
    word: str,
    value: str,
) -> None:
    rows = pd.DataFrame({"question": ["scores", "outcomes", "ranking", "features"], "answer": answers})
    rows = rows.assign(statement="So it is.", current_from=date(2025, 1, 6), current_to=date(2025, 1, 31))
    monkeypatch.setattr(drift, "verdicts", lambda *_: rows)
    finding = findings.drift_finding(filled.request(connection))
    assert (finding.word, finding.value) == (word, value)


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (("good", "good"), "Everything holds: the list can be used as it is."),
        (("good", "watch"), "The forecast can be used. Keep an eye on: b."),
        (
            ("good", "unknown"),
            "Nothing speaks against the list. Cannot tell yet, for want of visits or weeks: b.",
        ),
        (("bad", "unknown"), "Needs attention: a. Cannot tell yet, for want of visits or weeks: b."),
    ],
)
def test_what_cannot_be_told_is_called_so(statuses: Sequence[Status], said: str) -> None:
    found = [Finding(name, status, "", "", "", "/") for name, status in zip("AB", statuses, strict=True)]
    assert f"<p>{said}</p>" in to_html(overview._verdict(found))
