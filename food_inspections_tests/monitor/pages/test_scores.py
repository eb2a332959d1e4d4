import pandas as pd
import pytest
from dash import html
from sqlalchemy import Connection

from food_inspections.monitor.pages import scores
from food_inspections.monitor.queries import drift
from food_inspections.monitor.queries import scores as queries
from food_inspections.monitor.routing.flattening import to_html
from food_inspections_tests.monitor.conftest import Filled


def test_a_week_without_scores_says_so_and_quotes_the_verdict_all_the_same(
    monkeypatch: pytest.MonkeyPatch, filled: Filled, connection: Connection
) -> None:
    histograms = queries.histograms

    def without_scores(*asked: object) -> pd.DataFrame:
        return histograms(*asked).assign(count=0)  # type: ignore[arg-type]

    monkeypatch.setattr(queries, "histograms", without_scores)
    said = to_html(html.Div(scores.draw_main(filled.request(connection))))
    verdicts = drift.verdicts(connection, queries.weeks(connection)[0]).set_index("question")
    assert "Nothing to compare" in said
    assert verdicts.loc["scores", "statement"] in said
