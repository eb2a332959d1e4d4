"""Evidently's page shows what our table says, and computes no verdict of its own."""

import re

import numpy as np
import pandas as pd

from food_inspections.domain.monitoring import evidently_page
from food_inspections.domain.monitoring.evidently_page import evidently_html


def inspections(rows: int, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "score": generator.random(rows),
            "outcome": generator.integers(0, 2, rows),
            "moved": generator.normal(size=rows),
            "light": generator.normal(size=rows),
            "kind": generator.choice(["a", "b"], rows),
        }
    )


def table() -> pd.DataFrame:
    columns = ["kind", "name", "statistic", "value", "threshold", "is_drifted", "importance"]
    return pd.DataFrame(
        [
            ("score", "score", "psi", 0.05, 0.2, False, None),
            ("outcome", "outcome", "deviations", 1.0, 3.1, False, None),
            ("outcome", "outcome", "ratio", 1.1, 1.15, False, None),
            # The rows are alike: only the table can say that it moved.
            ("feature", "moved", "jensen_shannon", 0.4, 0.2, True, 0.5),
            ("feature", "kind", "jensen_shannon", 0.1, 0.2, False, 0.3),
            ("feature", "light", "jensen_shannon", 0.1, 0.2, False, 0.01),
        ],
        columns=columns,
    )


def test_the_page_stands_alone_and_says_what_the_table_says(monkeypatch) -> None:
    monkeypatch.setattr(evidently_page, "REPORTED_FEATURES", 2)
    page = evidently_html(table(), inspections(200, 0), inspections(100, 1), ["moved", "light"], is_changed=False)
    assert "Drift is detected for 25.0% of columns (1 out of 4)." in page
    assert "Dataset Drift is NOT detected" in page
    assert ("moved" in page, "light_" in page) == (True, False)
    loaded = re.findall(r"<(?:script|link|img)[^>]*\s(?:src|href)=[\"']?(?!data:)([^\"'\s>]+)", page)
    assert not [address for address in loaded if "//" in address]
