from dataclasses import replace
from types import ModuleType

import pandas as pd
import pytest

from food_inspections.domain.features import (
    chain,
    establishment,
    inspector,
    kind,
    name,
    neighbourhood,
    season,
    surprise,
)
from food_inspections.domain.features.lookups import Lookups
from food_inspections.orchestration.checks.preparation import (
    CLEAN_INSPECTIONS,
    ESTABLISHMENT_FEATURES,
    INSPECTION_FEATURES,
)
from food_inspections.orchestration.checks.suite import Outcome
from food_inspections.storage.postgres.schema import describe_table
from food_inspections_tests.domain.first_city import build_features
from food_inspections_tests.domain.histories import random_inspections
from food_inspections_tests.orchestration.checks.scopes import DAY, WEEK, StubWarehouse, outcome, rows

FILL = {"text": "x", "date": DAY, "bigint": 1, "integer": 0, "double precision": 41.8, "boolean": False, "smallint": 0}


def clean(**changes: object) -> pd.DataFrame:
    columns = {column.name: [FILL[column.type]] * 2 for column in describe_table("data.clean_inspections")}
    known = {"inspection_id": ["1", "2"], "results": "Pass", "facility_type": "Restaurant", "risk": "Risk 1 (High)"}
    return rows(**columns).assign(week=pd.Timestamp(WEEK), inspection_type="Canvass", **known).assign(**changes)


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        ("no_duplicate_ids", {"inspection_id": "1"}),
        ("dates_in_week", {"inspection_date": pd.Timestamp("2025-01-05")}),
        ("no_nulls_in_required_columns", {"zip": [None, "60601"]}),
        ("only_in_business", {"results": ["Pass", "Out of Business"]}),
        ("facility_type_in_vocabulary", {"facility_type": "TAVERN/BAR"}),
        ("inspection_type_in_vocabulary", {"inspection_type": "canvas"}),
        ("risk_in_vocabulary", {"risk": "Risk 4"}),
    ],
)
def test_each_check_of_clean_rows_passes_on_good_rows_and_fails_on_bad_ones(check: str, bad: dict[str, object]) -> None:
    assert outcome(CLEAN_INSPECTIONS, check, clean()).passed
    assert not outcome(CLEAN_INSPECTIONS, check, clean(**bad)).passed


def test_values_that_no_vocabulary_knows_are_named_and_many_are_pointed_out() -> None:
    names = clean(facility_type=["other", "Restaurant"])
    found = outcome(CLEAN_INSPECTIONS, "few_unmapped_values", names, {"unmapped": {"facility_type": {"TACO HUT": 1}}})
    assert not found.passed
    assert found.seen == "facility_type 50.0%: 'TACO HUT' (1)"
    assert outcome(CLEAN_INSPECTIONS, "few_unmapped_values", clean(), {"unmapped": {}}).passed


def test_rows_in_must_equal_rows_out_plus_dropped() -> None:
    facts = {"rows_in": 5, "rows_kept": 2, "dropped": {"no_entry": 2, "duplicate": 1}}
    assert outcome(CLEAN_INSPECTIONS, "rows_add_up", clean(), facts).passed
    found = outcome(CLEAN_INSPECTIONS, "rows_add_up", clean(), facts | {"rows_in": 6})
    assert not found.passed
    assert found.seen == "2 kept + 3 dropped (duplicate 1, no_entry 2)"


def history() -> pd.DataFrame:
    days = pd.to_datetime(["2025-01-02", "2025-01-03", "2025-01-08", "2025-01-08"])
    frame = pd.concat([clean(), clean()], ignore_index=True).assign(
        inspection_id=["1", "2", "3", "4"], inspection_date=days, establishment_id=["a", "b", "a", "b"], latitude=41.9,
        longitude=-87.6, is_failure=[True, False, False, True], results=["Fail", "Pass", "Pass", "Fail"],
    )  # fmt: skip
    return frame.assign(week=frame["inspection_date"] - pd.to_timedelta(frame["inspection_date"].dt.weekday, unit="D"))


def week_of_features() -> pd.DataFrame:
    past = history()
    return build_features(past[past["week"] == pd.Timestamp(WEEK)], past)


def test_features_computed_from_the_past_alone_pass() -> None:
    warehouse = StubWarehouse({"data.clean_inspections": history()})
    assert outcome(INSPECTION_FEATURES, "free_of_the_future", week_of_features(), warehouse=warehouse).passed


def test_a_feature_that_knows_the_result_of_the_day_is_found() -> None:
    warehouse = StubWarehouse({"data.clean_inspections": history()})
    leaking = week_of_features()
    name = "own_visits"
    leaking[name] = leaking[name] + leaking["label_fail"]
    found = outcome(INSPECTION_FEATURES, "free_of_the_future", leaking, warehouse=warehouse)
    assert not found.passed
    assert name in found.seen


def looking_ahead(family: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a family know what is found in the week after each visit."""
    compute = family.compute
    monkeypatch.setattr(family, "compute", lambda context: compute(replace(context, knowledge_lag_days=-7)))


def surprises_looking_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let past visits be compared with what was found after them."""
    monkeypatch.setattr(surprise, "Lookups", lambda visits, history, profile: Lookups(visits, history, profile, -7))


def made_by_this_code() -> Outcome:
    """What the check says of a week whose features were made by the very code that makes them again."""
    past = random_inspections(120, seed=1, days=28)
    monday = past["week"].sort_values().iloc[60]
    made = build_features(past[past["week"] == monday], past)
    warehouse = StubWarehouse({"data.clean_inspections": past})
    return outcome(INSPECTION_FEATURES, "free_of_the_future", made, warehouse=warehouse, week=monday.date())


@pytest.mark.parametrize(
    "family", [establishment, chain, name, neighbourhood, inspector, kind, season], ids=lambda family: family.FAMILY
)
def test_a_family_that_looks_ahead_is_found(family: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert made_by_this_code().passed
    looking_ahead(family, monkeypatch)
    found = made_by_this_code()
    assert not found.passed
    assert any(f"{feature.name} on " in found.seen for feature in family.FEATURES)


def test_surprises_that_look_ahead_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    surprises_looking_ahead(monkeypatch)
    assert not made_by_this_code().passed


def test_a_missing_inspection_and_one_too_many_are_both_named() -> None:
    warehouse = StubWarehouse({"data.clean_inspections": history().iloc[2:]})
    frame = week_of_features()
    assert outcome(INSPECTION_FEATURES, "complete", frame, warehouse=warehouse).passed
    other = frame.assign(inspection_id=["3", "99"])
    found = outcome(INSPECTION_FEATURES, "complete", other, warehouse=warehouse)
    assert (found.passed, found.seen) == (False, "2 rows, 1 missing, 1 too many")


def test_a_feature_that_is_not_a_finite_number_is_named() -> None:
    frame = week_of_features()
    assert outcome(INSPECTION_FEATURES, "all_finite", frame).passed
    broken = frame.astype({"own_visits": "float64"})
    broken.loc[0, "own_visits"] = float("inf")
    found = outcome(INSPECTION_FEATURES, "all_finite", broken)
    assert (found.passed, found.seen) == (False, "1 not finite, in own_visits")


def establishments(**changes: object) -> pd.DataFrame:
    return rows(establishment_id=["a", "b"], last_visit=pd.Timestamp("2025-01-03")).assign(**changes)


def test_an_establishment_visited_in_the_week_itself_is_from_the_future() -> None:
    assert outcome(ESTABLISHMENT_FEATURES, "visited_before_the_week", establishments()).passed
    late = establishments(last_visit=pd.Timestamp(WEEK))
    assert not outcome(ESTABLISHMENT_FEATURES, "visited_before_the_week", late).passed


def closures(day: str) -> StubWarehouse:
    closed = pd.DataFrame({"week": pd.Timestamp("2024-12-30"), "establishment_id": ["b"], "inspection_date": day})
    return StubWarehouse({"data.closures": closed.astype({"inspection_date": "datetime64[ns]"})})


def test_an_establishment_found_closed_since_its_last_visit_is_not_queued() -> None:
    good = outcome(ESTABLISHMENT_FEATURES, "only_in_business", establishments(), warehouse=closures("2025-01-02"))
    bad = outcome(ESTABLISHMENT_FEATURES, "only_in_business", establishments(), warehouse=closures("2025-01-04"))
    assert good.passed
    assert (bad.passed, bad.seen) == (False, "b")
