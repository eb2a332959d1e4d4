from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InternalError

from food_inspections.domain.decisions import Asked, DecisionsRefusedError, Made, Standing, Word
from food_inspections.domain.weeks import monday_of
from food_inspections.settings import Settings
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import plan_decisions
from food_inspections.storage.warehouse import Warehouse
from food_inspections_tests.chicago import CALENDAR
from food_inspections_tests.plan_rows import insert_plan

WEEK = date(2024, 6, 3)
PLACES = tuple(str(number) for number in range(1, 13))


@pytest.fixture
def planned(engine: Engine) -> Engine:
    with engine.begin() as connection:
        insert_plan(connection, WEEK, {"ann": PLACES[:6], "bob": PLACES[6:], "cid": []})
    return engine


def decide(engine: Engine, *asked: Asked, week: date = WEEK, by: str = "office") -> list[Made]:
    with engine.begin() as connection:
        return plan_decisions.decide(connection, week, asked, by, CALENDAR.today())


def standing(engine: Engine) -> Standing:
    with engine.connect() as connection:
        return plan_decisions.standing_of(connection, WEEK)


def kept(engine: Engine, week: date = WEEK) -> list[Made]:
    with engine.connect() as connection:
        return plan_decisions.decisions_of(connection, week)


def test_a_decision_is_kept_with_who_and_when(planned: Engine) -> None:
    (made,) = decide(planned, Asked("1", "done", "key-0001"))
    assert (made.inspector, made.is_override, made.decided_by, made.reason) == ("ann", False, "office", None)
    assert kept(planned) == [made]


def test_sent_again_it_is_kept_once_and_answered_the_same(planned: Engine) -> None:
    asked = [Asked("1", "done", "key-0001"), Asked("2", "skipped", "key-0002", reason="no time")]
    first = decide(planned, *asked)
    assert decide(planned, *asked) == first
    assert decide(planned, Asked("3", "done", "key-0003"), *asked)[1:] == first
    assert len(kept(planned)) == 3
    with pytest.raises(DecisionsRefusedError, match="another sender's"):
        decide(planned, *asked, by="somebody else")


def test_one_that_is_refused_keeps_all_sent_with_it_out(planned: Engine) -> None:
    with pytest.raises(DecisionsRefusedError, match="not on the plan"):
        decide(planned, Asked("1", "done", "key-0001"), Asked("99", "done", "key-0002"))
    assert kept(planned) == []


def test_a_week_without_an_accepted_plan_has_nothing_to_decide(planned: Engine) -> None:
    coming = WEEK + timedelta(7)
    with planned.begin() as connection:
        insert_plan(connection, coming, {"ann": PLACES}, status="pending")
    with pytest.raises(DecisionsRefusedError, match="has no plan"):
        decide(planned, Asked("1", "done", "key-0001"), week=coming)


def test_a_swap_moves_the_line_and_only_a_swap_does(planned: Engine) -> None:
    decide(planned, Asked("1", "swapped", "key-0001", "cid", "ann is ill"))
    (done,) = decide(planned, Asked("1", "done", "key-0002"))
    assert (done.inspector, done.is_override) == ("cid", False)
    (other,) = decide(planned, Asked("2", "done", "key-0003", "bob", "was next door"))
    assert other.is_override
    lines = standing(planned).lines or {}
    assert (lines["1"].inspector, lines["2"].inspector, lines["3"].inspector) == ("cid", "ann", "ann")


def test_the_newest_accepted_version_of_the_plan_counts(planned: Engine) -> None:
    with planned.begin() as connection:
        insert_plan(connection, WEEK, {"dan": PLACES[:3]}, version=2)
        insert_plan(connection, WEEK, {"eve": PLACES[:3]}, version=3, status="rejected")
    found = standing(planned)
    lines = found.lines or {}
    assert {place: line.inspector for place, line in lines.items() if line.is_planned} == dict.fromkeys(
        PLACES[:3], "dan"
    )
    assert found.working_days == {"dan": {WEEK + timedelta(day) for day in range(5)}}


def test_what_was_wrongly_found_closed_is_corrected_after_the_week_was_planned_again(planned: Engine) -> None:
    decide(planned, Asked("1", "closed", "key-0001"))
    with planned.begin() as connection:
        insert_plan(connection, WEEK, {"bob": PLACES[1:]}, version=2)
    (made,) = decide(planned, Asked("1", "done", "key-0002", "ann"))
    assert (made.inspector, made.is_override, made.planned_day) == ("ann", False, WEEK)
    with pytest.raises(DecisionsRefusedError, match="no longer planned"):
        decide(planned, Asked("1", "swapped", "key-0003", "bob", "ann is ill"))


def test_a_later_version_of_the_plan_outlives_the_swaps_before_it(planned: Engine) -> None:
    decide(planned, Asked("1", "swapped", "key-0001", "cid", "ann is ill"))
    with planned.begin() as connection:
        insert_plan(connection, WEEK, {"bob": PLACES, "cid": []}, version=2)
    assert (standing(planned).lines or {})["1"].inspector == "bob"
    decide(planned, Asked("1", "swapped", "key-0002", "cid", "bob is ill"))
    assert (standing(planned).lines or {})["1"].inspector == "cid"


def test_what_was_kept_is_answered_when_the_plan_has_no_stops_any_more(planned: Engine) -> None:
    first = decide(planned, Asked("1", "closed", "key-0001"))
    with planned.begin() as connection:
        insert_plan(connection, WEEK, {"ann": []}, version=2)
    assert decide(planned, Asked("1", "closed", "key-0001")) == first


def test_days_are_counted_by_the_calendar_of_the_city(planned: Engine) -> None:
    zones = ("Pacific/Kiritimati", "Pacific/Niue")
    found = []
    with planned.connect() as connection:
        for zone in zones:
            connection.execute(text("DELETE FROM metadata.city"))
            connection.execute(
                text("INSERT INTO metadata.city (name, profile, time_zone) VALUES ('a', 'a', :zone)"), {"zone": zone}
            )
            found.append(connection.execute(text("SELECT api.today()")).scalar_one())
        now = connection.execute(text("SELECT now()")).scalar_one()
        connection.rollback()
    assert found == [now.astimezone(ZoneInfo(zone)).date() for zone in zones]
    assert found[0] > found[1], "25 hours apart they never have the same day"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE api.plan_decisions SET reason = 'better'",
        "DELETE FROM api.plan_decisions",
        "TRUNCATE api.plan_decisions",
    ],
)
def test_nothing_decided_is_changed_or_taken_back(planned: Engine, statement: str) -> None:
    before = decide(planned, Asked("1", "done", "key-0001"))
    with pytest.raises(InternalError, match="append-only"), planned.begin() as connection:
        connection.execute(text(statement))
    assert kept(planned) == before


def test_assets_read_decisions_by_a_record_that_moves_with_each(planned: Engine, settings: Settings) -> None:
    hashes = []
    for number in (1, 2):
        decide(planned, Asked(str(number), "done", f"key-000{number}"))
        with planned.connect() as connection:
            (record,) = records.accepted_weeks(connection, plan_decisions.ASSET)
        assert (record.week, record.row_count) == (WEEK, number)
        hashes.append(record.content_hash)
    decide(planned, Asked("1", "done", "key-0001"))
    with planned.connect() as connection:
        (record,) = records.accepted_weeks(connection, plan_decisions.ASSET)
    assert hashes[0] != hashes[1] == record.content_hash, "what was sent again changes nothing"
    read = Warehouse(settings).read_table(plan_decisions.ASSET, plan_decisions.TABLE, [WEEK])
    assert list(read.frame["establishment_id"]) == ["1", "2"]


def test_visits_done_during_the_week_set_off_nothing_and_places_found_gone_do(planned: Engine) -> None:
    week = monday_of(CALENDAR.today())
    with planned.begin() as connection:
        insert_plan(connection, week, {"ann": PLACES})

    def hash_after(number: int, word: Word, place: str) -> str:
        decide(planned, Asked(place, word, f"running-{number}"), week=week)
        with planned.connect() as connection:
            (record,) = records.accepted_weeks(connection, plan_decisions.ASSET)
        return record.content_hash

    first = hash_after(1, "done", "1")
    assert hash_after(2, "done", "2") == first
    gone = hash_after(3, "closed", "3")
    assert gone != first
    assert hash_after(4, "done", "4") == gone
    assert hash_after(5, "done", "3") != gone, "it is open after all"


def test_writers_at_the_same_time_lose_nothing_and_double_nothing(planned: Engine) -> None:
    """Eight writers decide on the same twelve lines, each line with a key of its own writer and one shared key."""

    def work(writer: int) -> list[str]:
        answers = []
        for place in PLACES:
            for key in (f"shared-key-{place}", f"writer-{writer}-{place}"):
                try:
                    decide(planned, Asked(place, "done", key), by=f"writer-{writer}")
                    answers.append("kept")
                except DecisionsRefusedError as error:
                    answers.append(error.kind)
        return answers

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(work, range(8)))
    rows = kept(planned)
    assert sorted(made.establishment_id for made in rows) == sorted(PLACES), "one decision a line: all said the same"
    assert {answer for of_writer in answers for answer in of_writer} == {"kept", "conflict"}
    assert sum(of_writer.count("kept") for of_writer in answers) >= len(PLACES)
    with planned.connect() as connection:
        (record,) = records.accepted_weeks(connection, plan_decisions.ASSET)
    assert record.row_count == len(rows), "the last record covers every writer's rows"


def test_a_database_killed_before_the_commit_keeps_nothing_and_after_it_all(planned: Engine) -> None:
    asked = [Asked("1", "done", "key-0001"), Asked("2", "closed", "key-0002")]

    def decide_on_a_connection_that_dies() -> None:
        with planned.begin() as connection:
            plan_decisions.decide(connection, WEEK, asked, "office", CALENDAR.today())
            _kill(planned, connection)

    with pytest.raises(DBAPIError):
        decide_on_a_connection_that_dies()
    assert kept(planned) == []
    with planned.connect() as connection:
        assert records.accepted_weeks(connection, plan_decisions.ASSET) == []
    made = decide(planned, *asked)
    assert decide(planned, *asked) == made == kept(planned)


def _kill(engine: Engine, victim: Connection) -> None:
    pid = victim.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
