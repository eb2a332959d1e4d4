"""What differs from the plan of the week before, and what else a plan's page asks for, on plans of a few lines."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, text

from food_inspections.monitor.queries import plan
from food_inspections_tests.monitor.conftest import Filled
from food_inspections_tests.plan_rows import insert_plan


@pytest.fixture
def later(filled: Filled) -> date:
    """A Monday after all plans there are."""
    return filled.seeded.weeks[-1] + timedelta(weeks=10)


def decide(connection: Connection, week: date, place: str, decision: str, inspector: str = "Ann") -> None:
    connection.execute(
        text(
            "INSERT INTO api.plan_decisions (week, establishment_id, planned_day, inspector, decision, reason, "
            "is_override, decided_by, idempotency_key) "
            "VALUES (:week, :place, :week, :inspector, :decision, 'so', true, 'somebody', :place || :decision)"
        ),
        {"week": week, "place": place, "inspector": inspector, "decision": decision},
    )


def visit(connection: Connection, place: str, day: date) -> None:
    """An accepted inspection of a place."""
    week = day - timedelta(days=day.weekday())
    connection.execute(
        text(
            "INSERT INTO data.clean_inspections SELECT (r).* FROM (SELECT jsonb_populate_record(i, "
            "jsonb_build_object('week', :week, 'inspection_id', :place, 'inspection_date', :day, "
            "'establishment_id', :place)) AS r FROM data.clean_inspections AS i LIMIT 1) AS made"
        ),
        {"week": str(week), "day": str(day), "place": place},
    )
    connection.execute(
        text(
            "INSERT INTO metadata.materializations (run_id, asset, week, status, row_count, code_version, "
            "content_hash, upstream_hash) VALUES ('visits', 'clean_inspections', :week, 'accepted', 1, '1', 'x', '')"
        ),
        {"week": week},
    )


def changes(connection: Connection, week: date) -> dict[str, tuple[str, str | None, str | None]]:
    rows = plan.changes(connection, week).astype("object")
    rows = rows.where(rows.notna(), None)
    told = rows[["change", "before", "now"]].itertuples(index=False)
    return dict(zip(rows["establishment_id"], map(tuple, told), strict=True))


def test_new_dropped_and_moved_places_are_told_and_what_stays_is_not(writing: Connection, later: date) -> None:
    week = later + timedelta(weeks=1)
    insert_plan(writing, later, {"Ann": ["stays", "moves", "leaves"], "Bob": ["goes over"]})
    insert_plan(writing, week, {"Ann": ["stays", "goes over", *"abcd", "moves"], "Bob": []})

    assert changes(writing, week) == {
        **dict.fromkeys("abcd", ("new", None, "Ann, Monday")),
        "moves": ("moved", "Ann, Monday", "Ann, Tuesday"),
        "goes over": ("moved", "Bob, Monday", "Ann, Monday"),
        "leaves": ("dropped", "Ann, Monday", None),
    }


def test_what_was_done_or_visited_since_is_not_dropped(writing: Connection, later: date) -> None:
    week = later + timedelta(weeks=1)
    insert_plan(writing, later, {"Ann": ["done", "skipped", "visited", "visited before", "left"]})
    insert_plan(writing, week, {"Ann": ["another"]})
    decide(writing, later, "done", "done")
    decide(writing, later, "skipped", "skipped")
    visit(writing, "visited", later)
    visit(writing, "visited before", later - timedelta(days=1))

    dropped = {place for place, (change, _, _) in changes(writing, week).items() if change == "dropped"}

    assert dropped == {"skipped", "visited before", "left"}


def test_who_has_a_place_is_who_it_was_swapped_to(writing: Connection, later: date) -> None:
    week = later + timedelta(weeks=1)
    insert_plan(writing, later, {"Ann": ["swapped"]})
    insert_plan(writing, week, {"Ann": ["swapped"]})
    decide(writing, week, "swapped", "swapped", "Bob")

    assert changes(writing, week) == {"swapped": ("moved", "Ann, Monday", "Bob, Monday")}


def test_the_week_before_is_the_last_one_with_a_plan_and_the_first_plan_has_none(
    writing: Connection, later: date, filled: Filled
) -> None:
    week = later + timedelta(weeks=3)
    insert_plan(writing, later - timedelta(weeks=1), {"Ann": ["older"]})
    insert_plan(writing, later, {"Ann": ["older", "last"]})
    insert_plan(writing, week, {"Ann": ["older", "new"]})

    assert changes(writing, week) == {
        "new": ("new", None, "Ann, Monday"),
        "last": ("dropped", "Ann, Monday", None),
    }
    assert plan.changes(writing, min(plan.weeks(writing))).empty


def test_days_and_version_are_those_of_the_newest_accepted_version(writing: Connection, later: date) -> None:
    insert_plan(writing, later, {"Ann": ["a"]})
    insert_plan(writing, later, {"Bob": ["a"], "Cy": ["b"]}, version=2)
    insert_plan(writing, later, {"Dan": ["a"]}, version=3, status="rejected")

    days = plan.working_days(writing, later)

    assert list(dict.fromkeys(days["inspector"])) == ["Bob", "Cy"]
    assert len(days) == 10
    assert plan.planned_at(writing, later)["version"] == 2


def test_expected_findings_are_the_scores_of_the_newest_version_from_the_first_rank_on(
    writing: Connection, filled: Filled
) -> None:
    ((week, version),) = writing.execute(
        text("SELECT week, max(version) FROM api.published_queues GROUP BY week ORDER BY max(version) DESC LIMIT 1")
    ).all()
    ranked = writing.execute(
        text("SELECT score FROM api.inspection_queue WHERE (week, version) = (:week, :version) ORDER BY rank"),
        {"week": week, "version": version},
    ).scalars()

    found = plan.expected_findings(writing, week, 7)

    assert version > 1
    assert found == list(ranked)[:7]


def test_of_each_place_the_last_visit_before_the_week_that_cited_anything_is_shown(
    writing: Connection, filled: Filled
) -> None:
    visits = filled.seeded.visits
    week = filled.seeded.weeks[-3]
    places = sorted(visits.loc[visits["week"].dt.date == week, "establishment_id"].unique())
    stored = writing.execute(
        text(
            "SELECT establishment_id, inspection_date FROM data.clean_inspections AS i "
            "WHERE inspection_date < :week AND violations <> 'unknown' AND establishment_id = ANY(:places) "
            "AND EXISTS (SELECT FROM metadata.accepted_weeks AS a "
            "WHERE a.asset = 'clean_inspections' AND a.week = i.week)"
        ),
        {"week": week, "places": places},
    ).all()
    newest: dict[str, date] = {}
    for place, day in stored:
        newest[place] = max(day, newest.get(place, day))

    found = plan.last_citations(writing, week, places)

    assert dict(zip(found["establishment_id"], found["inspection_date"], strict=True)) == newest
    assert newest
