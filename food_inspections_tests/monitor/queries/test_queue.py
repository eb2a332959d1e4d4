from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection, text

from food_inspections.monitor.queries import overview, queue
from food_inspections.monitor.queries.queue import Filters, Order, Publication
from food_inspections.monitor.queries.reading import read
from food_inspections.monitor.routing.view import View
from food_inspections.storage.postgres import database
from food_inspections_tests.monitor.conftest import Filled


@pytest.fixture
def shown(connection: Connection) -> Publication:
    found = queue.publication(connection)
    assert found is not None
    return found


@pytest.fixture
def rows(connection: Connection, shown: Publication) -> pd.DataFrame:
    return read(
        connection,
        "SELECT * FROM api.inspection_queue WHERE week = :week AND version = :version ORDER BY rank",
        week=shown.week,
        version=shown.version,
    )


def test_the_newest_publication_is_shown_unless_another_week_is_asked_for(
    connection: Connection, filled: Filled, shown: Publication
) -> None:
    newest = filled.seeded.weeks[-1] + timedelta(weeks=1)
    assert (shown.week, shown.version, shown.row_count) == (newest, 1, 400)
    before = queue.publication(connection, str(newest - timedelta(weeks=1)))
    assert before is not None
    # The second newest week was published twice: its newest version counts.
    assert (before.week, before.version) == (newest - timedelta(weeks=1), 2)
    assert queue.publication(connection, "1999-01-04") == shown
    assert queue.publication(connection, "'; DROP TABLE api.queue_publications") == shown
    assert queue.weeks(connection) == [newest - timedelta(weeks=back) for back in range(3)]


@pytest.mark.parametrize("status", ["rejected", "pending"])
def test_a_publication_that_was_not_accepted_is_not_shown(filled: Filled, status: str) -> None:
    newest = filled.seeded.weeks[-1] + timedelta(weeks=1)
    before = str(newest - timedelta(weeks=1))
    with database.engine(filled.settings).connect() as connection:
        connection.execute(
            text(
                """
                UPDATE metadata.materializations AS m SET status = :status
                FROM api.queue_publications AS p
                WHERE m.asset = 'api_inspection_queue' AND m.week = p.week AND m.content_hash = p.content_hash
                  AND (p.version = 2 OR p.week = :newest)
                """
            ),
            {"status": status, "newest": newest},
        )
        shown = queue.publication(connection)
        assert shown is not None
        assert (str(shown.week), shown.version) == (before, 1)
        assert queue.publication(connection, before) == shown
        assert newest not in queue.weeks(connection)
        assert overview.newest_publication(connection)[["week", "version"]].to_numpy().tolist() == [[shown.week, 1]]
        place = queue.page_rows(connection, shown, Filters(), Order(), 1, 0)["establishment_id"].iloc[0]
        assert queue.past_ranks(connection, place)["week"].iloc[0] == shown.week
        connection.rollback()


@pytest.mark.parametrize(
    ("search", "keeps"),
    [
        ("", lambda row: row.is_on_list),
        ("show=all", lambda row: True),
        ("show=random", lambda row: row.is_random_draw),
        ("show=reinspection", lambda row: row.is_reinspection_open),
        ("show=all&type=Bakery", lambda row: row.facility_type == "Bakery"),
        ("show=all&zip=60605", lambda row: row.zip == "60605"),
        ("show=all&risk=Risk 3 (Low)", lambda row: row.risk == "Risk 3 (Low)"),
        ("show=all&search=golden", lambda row: "golden" in row.dba_name.lower()),
        ("show=all&search=n elm", lambda row: "n elm" in row.address.lower()),
        ("show=all&search=1000007", lambda row: row.establishment_id == "1000007"),
        ("show=all&search=O'Neill", lambda row: "O'Neill" in row.dba_name),
        ("show=all&search=%", lambda row: False),
        ("show=all&search=_", lambda row: False),
        ("show=all&search=\\", lambda row: False),
        (
            "show=all&search=golden&type=Restaurant",
            lambda r: "Golden" in r.dba_name and r.facility_type == "Restaurant",
        ),
    ],
)
def test_filters_keep_what_they_say(
    connection: Connection, shown: Publication, rows: pd.DataFrame, search: str, keeps: object
) -> None:
    filters = Filters.of(View.of(search.replace("%", "%25")))
    expected = [row.establishment_id for row in rows.itertuples() if keeps(row)]  # type: ignore[operator]
    found = queue.page_rows(connection, shown, filters, Order(), 500, 0)
    assert list(found["establishment_id"]) == expected
    summary = queue.summary(connection, shown, filters).iloc[0]
    assert summary["matching"] == len(expected)
    # What is drawn last lies on top.
    assert list(queue.points(connection, shown, filters)["establishment_id"]) == expected[::-1]
    assert list(queue.all_rows(connection, shown, filters, Order())["establishment_id"]) == expected


@pytest.mark.parametrize("column", queue.ORDERS)
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_order_sorts_the_whole_and_ranks_settle_ties(
    connection: Connection, shown: Publication, rows: pd.DataFrame, column: str, sign: str
) -> None:
    order = Order.of(View({"sort": sign + column}))
    assert order == Order(column, is_descending=sign == "-")
    pages = [queue.page_rows(connection, shown, Filters("all"), order, 150, offset) for offset in (0, 150, 300)]
    found = pd.concat(pages, ignore_index=True)
    assert sorted(found["rank"]) == list(range(1, 401))
    key = {"name": "dba_name"}.get(column, column)
    values = found[key].str.lower() if column == "name" else found[key]
    # The database compares text by its own rules, which need not be Python's: equal neighbours are enough.
    if column not in ("name", "facility_type", "risk", "last_result"):
        assert values.is_monotonic_decreasing if sign else values.is_monotonic_increasing
    same = values.eq(values.shift())
    assert (found["rank"].diff()[same] > 0).all()
    if column in ("facility_type", "risk", "last_result"):
        assert (values.ne(values.shift())).sum() == values.nunique()


def test_an_unknown_order_is_the_rank() -> None:
    assert Order.of(View({"sort": "rank; DROP TABLE"})) == Order()
    assert Order.of(View({})) == Order("rank", is_descending=False)


def test_facets_count_every_establishment_once(connection: Connection, shown: Publication, rows: pd.DataFrame) -> None:
    facets = queue.facets(connection, shown, Filters("all"))
    for facet, column in (("type", "facility_type"), ("zip", "zip"), ("risk", "risk")):
        counted = facets[facets["facet"] == facet].set_index("value")["establishments"].to_dict()
        assert counted == rows[column].value_counts().to_dict()


def test_a_facet_counts_what_choosing_it_would_leave(connection: Connection, shown: Publication) -> None:
    filters = Filters("list", facility_type="Restaurant", zips="60605,60610,60612")
    facets = queue.facets(connection, shown, filters).groupby("facet")
    chosen = {"type": "facility_type", "zip": "zips", "risk": "risk"}
    for facet, rows in facets:
        for row in rows.itertuples():
            left = queue.summary(connection, shown, replace(filters, **{chosen[str(facet)]: row.value}))
            assert left["matching"].iloc[0] == row.establishments > 0


def test_several_zips_are_all_of_them(connection: Connection, shown: Publication, rows: pd.DataFrame) -> None:
    found = queue.page_rows(connection, shown, Filters("all", zips="60605,60610"), Order(), 500, 0)
    assert set(found["zip"]) == {"60605", "60610"}
    assert len(found) == rows["zip"].isin(["60605", "60610"]).sum()


def test_one_establishment_with_its_reasons_and_history(
    connection: Connection, filled: Filled, shown: Publication, rows: pd.DataFrame
) -> None:
    visited = filled.seeded.visits["establishment_id"].value_counts().index[0]
    row = queue.establishment(connection, shown, visited).iloc[0]
    assert row["reasons"][0].keys() == {"feature", "text", "value", "effect", "points"}
    assert row["rank"] == rows.set_index("establishment_id").loc[visited, "rank"]
    history = queue.history(connection, visited, shown.week)
    visits = filled.seeded.visits[filled.seeded.visits["establishment_id"] == visited]
    assert sorted(history["inspection_id"]) == sorted(visits["inspection_id"])
    assert history["inspection_date"].is_monotonic_decreasing
    middle = filled.seeded.weeks[15]
    assert (queue.history(connection, visited, middle)["inspection_date"] < middle).all()
    assert queue.establishment(connection, shown, "nobody").empty
    assert queue.history(connection, "nobody", shown.week).empty


def test_earlier_ranks_are_those_of_the_newest_versions(connection: Connection, rows: pd.DataFrame) -> None:
    first = rows["establishment_id"][0]
    ranks = queue.past_ranks(connection, first)
    assert len(ranks) == 3
    assert list(ranks["week"]) == sorted(ranks["week"], reverse=True)
    assert ranks["rank"][0] == 1
    second_week: date = ranks["week"][1]
    version_two = read(
        connection,
        "SELECT rank FROM api.inspection_queue WHERE week = :week AND version = 2 AND establishment_id = :id",
        week=second_week,
        id=first,
    )
    assert ranks["rank"][1] == version_two["rank"][0]


def test_the_points_of_the_last_visit_stand_beside_its_result(filled: Filled, shown: Publication) -> None:
    with database.engine(filled.settings).connect() as connection:
        row = queue.page_rows(connection, shown, Filters("all"), Order(), 1, 0, with_points=True).iloc[0]
        assert pd.isna(row["last_points"])
        place = {"place": row["establishment_id"], "day": row["last_visit"]}
        change = (
            "UPDATE data.clean_inspections SET points = {} WHERE establishment_id = :place AND inspection_date {} :day"
        )
        connection.execute(text(change.format(24, "=")), place)
        # What was found there earlier is not its last visit's.
        connection.execute(text(change.format(3, "<")), place)
        page = queue.page_rows(connection, shown, Filters("all"), Order(), 2, 0, with_points=True)
        everything = queue.all_rows(connection, shown, Filters("all"), Order(), with_points=True)
        # They cost a look for each row, which only a city that gives points has a use for.
        assert "last_points" not in queue.page_rows(connection, shown, Filters("all"), Order(), 2, 0)
        assert "last_points" not in queue.all_rows(connection, shown, Filters("all"), Order())

    assert page["last_points"].iloc[0] == 24
    assert pd.isna(page["last_points"].iloc[1])
    assert everything["last_points"].iloc[0] == 24
