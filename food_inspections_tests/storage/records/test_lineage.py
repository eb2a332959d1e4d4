"""What a week is made from, read from the records: its hash differs with each part of it, and with nothing else."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine

from food_inspections.planning.graph import EVER, Dependency, Node
from food_inspections.settings import Settings
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records.lineage import upstream_hashes
from food_inspections.storage.records.materializations import Materialization
from food_inspections_tests.storage.model_rows import NEXT, WEEK, select

NODE = Node(
    "predictions",
    "prediction",
    "1",
    (Dependency("inspection_features", 0, 0), Dependency("selected_model", EVER, 0)),
    ("knowledge_lag_days",),
)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def write_features(connection: Connection, content: str, *, is_accepted: bool = True) -> None:
    rows = [Materialization(f"run of {content}", "inspection_features", WEEK, 3, "1", content, "up")]
    records.write(connection, rows)
    if is_accepted:
        records.decide(connection, "inspection_features", records.latest(connection, "inspection_features"), [])


def test_the_content_of_an_upstream_week_counts_once_it_is_accepted(connection: Connection, settings: Settings) -> None:
    seen = [upstream_hashes(connection, NODE, [WEEK, NEXT], settings)]
    for content in ("one", "two"):
        write_features(connection, content)
        seen.append(upstream_hashes(connection, NODE, [WEEK, NEXT], settings))

    assert len({hashes[WEEK] for hashes in seen}) == 3
    assert len({hashes[NEXT] for hashes in seen}) == 1, "it is made from another week"
    write_features(connection, "pending", is_accepted=False)
    assert upstream_hashes(connection, NODE, [WEEK], settings)[WEEK] == seen[0][WEEK], "as if it had no features"


def test_the_model_that_serves_the_week_counts(connection: Connection, settings: Settings) -> None:
    before = upstream_hashes(connection, NODE, [WEEK, NEXT], settings)
    select(connection, "a-model", NEXT)
    after = upstream_hashes(connection, NODE, [WEEK, NEXT], settings)

    assert after[WEEK] == before[WEEK], "it serves from the next week on"
    assert after[NEXT] != before[NEXT]


def test_the_label_the_code_and_the_settings_it_names_count(connection: Connection, settings: Settings) -> None:
    usual = upstream_hashes(connection, NODE, [WEEK], settings)
    others = [
        upstream_hashes(connection, NODE, [WEEK], replace(settings, label="critical")),
        upstream_hashes(connection, NODE, [WEEK], replace(settings, knowledge_lag_days=7)),
        upstream_hashes(connection, replace(NODE, code_version="2"), [WEEK], settings),
    ]
    assert len({usual[WEEK], *(other[WEEK] for other in others)}) == 4
    assert upstream_hashes(connection, NODE, [WEEK], replace(settings, random_share=0.5)) == usual
