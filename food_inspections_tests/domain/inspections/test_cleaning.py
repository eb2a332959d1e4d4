import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from food_inspections.domain.inspections import cleaning
from food_inspections.errors import DataError
from food_inspections_tests.domain.first_city import CITY, clean
from food_inspections_tests.domain.raw_rows import raw_frame


def test_a_good_row_keeps_its_values_and_gains_what_is_worked_out():
    row = clean(raw_frame({})).inspections.iloc[0]

    assert row["week"] == pd.Timestamp("2025-01-06")
    assert row["inspection_id"] == "1001"
    assert row["inspection_date"] == pd.Timestamp("2025-01-08")
    assert row["establishment_id"] == "2766694"
    assert row["chain_key"] == "SUBWAY"
    assert row["address"] == "1100 W TAYLOR ST"
    assert row["city"] == "CHICAGO"
    assert row["violations"] == "22. PROPER COLD HOLDING TEMPERATURES - Comments: PRIORITY VIOLATION"
    assert row["latitude"] == 41.86956628158364
    assert row["critical_violations"] == row["topic_temperature"] == row["violation_count"] == 1
    assert row["is_failure"] is True or bool(row["is_failure"])
    assert bool(row["is_critical"])


def test_columns_and_types_are_those_of_the_table():
    cleaned = clean(raw_frame({}, {"results": "Out of Business"}))

    assert tuple(cleaned.inspections.columns) == cleaning.INSPECTION_COLUMNS
    assert tuple(cleaned.closures.columns) == cleaning.CLOSURE_COLUMNS
    kinds = cleaned.inspections.dtypes.astype(str).to_dict()
    assert kinds["week"] == kinds["inspection_date"] == "datetime64[ns]"
    assert kinds["topic_pests"] == "int64"
    assert kinds["is_failure"] == kinds["is_critical"] == "bool"
    assert kinds["inspection_id"] == kinds["dba_name"] == kinds["zip"] == "object"
    assert not cleaned.inspections.drop(columns="points").isna().to_numpy().any()


def test_an_empty_week_is_valid_and_has_the_same_columns_and_types():
    empty, full = clean(raw_frame({}).iloc[:0]), clean(raw_frame({}, {"results": "Out of Business"}))

    assert empty.inspections.empty
    assert empty.inspections.dtypes.equals(full.inspections.dtypes)
    assert empty.closures.dtypes.equals(full.closures.dtypes)
    assert empty.dropped.empty


def test_what_is_missing_is_filled():
    gaps = dict.fromkeys(("aka_name", "facility_type", "risk", "city", "state", "zip", "inspection_type", "violations"))
    row = clean(raw_frame({**gaps, "address": None})).inspections.iloc[0]

    assert {row[column] for column in [*gaps, "address"]} == {"unknown"}
    assert row["violation_count"] == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"inspection_id": None}, "malformed_inspection_id"),
        ({"inspection_id": "12x"}, "malformed_inspection_id"),
        ({"inspection_date": None}, "malformed_inspection_date"),
        ({"inspection_date": "2025-02-30T00:00:00.000"}, "malformed_inspection_date"),
        ({"inspection_date": "soon"}, "malformed_inspection_date"),
        ({"latitude": None}, "missing_coordinates"),
        ({"longitude": "west"}, "missing_coordinates"),
        ({"latitude": "141.8"}, "missing_coordinates"),
        ({"latitude": "nan"}, "missing_coordinates"),
        ({"longitude": "inf"}, "missing_coordinates"),
        ({"latitude": "0", "longitude": "0.0"}, "missing_coordinates"),
        ({"license_": "0", "dba_name": None}, "no_identity"),
        ({"license_": None, "address": " "}, "no_identity"),
        ({"results": "Out of Business"}, "out_of_business"),
        ({"results": "Business Not Located"}, "business_not_located"),
        ({"results": "No Entry"}, "no_entry"),
        ({"results": "Not Ready"}, "not_ready"),
        ({"results": None}, "unknown_result"),
        ({"results": "Perhaps"}, "unknown_result"),
        ({"inspection_type": "NON-INSPECTION"}, "non_inspection"),
        ({"inspection_id": "x", "latitude": None, "results": "No Entry"}, "malformed_inspection_id"),
    ],
)
def test_each_reason_to_drop(change, reason):
    cleaned = clean(raw_frame({}, {**change, **({} if "inspection_id" in change else {"inspection_id": "7"})}))

    assert cleaned.inspections["inspection_id"].tolist() == ["1001"]
    assert cleaned.dropped[["reason", "row_count"]].to_numpy().tolist() == [[reason, 1]]


def test_a_missing_licence_takes_name_and_address():
    inspections = clean(raw_frame({"license_": "0"}, {"license_": None})).inspections

    assert inspections["establishment_id"].str.startswith("n-").all()
    assert inspections["establishment_id"].nunique() == 1


def test_american_dates_and_times_of_day_are_understood():
    days = clean(raw_frame({"inspection_date": "01/08/2025"}, {"inspection_date": "2025-01-08T13:45:00"})).inspections

    assert days["inspection_date"].tolist() == [pd.Timestamp("2025-01-08")] * 2


def test_closures_keep_what_the_queue_needs_even_without_coordinates():
    cleaned = clean(raw_frame({"results": "Out of Business", "latitude": None}, {"results": "No Entry"}))

    assert cleaned.closures[["inspection_id", "results"]].to_numpy().tolist() == [["1001", "Out of Business"]]
    assert cleaned.dropped.set_index("reason")["row_count"].to_dict() == {"missing_coordinates": 1, "no_entry": 1}


def duplicates(*updated):
    return raw_frame(
        *({"inspection_id": "5", "aka_name": f"v{i}", "portal_updated_at": at} for i, at in enumerate(updated))
    )


@pytest.mark.parametrize(
    ("updated", "kept"),
    [
        (("2025-01-09T00:00:00.000Z", "2025-01-10T00:00:00.000Z"), "v1"),
        (("2025-01-11T00:00:00.000Z", "2025-01-10T00:00:00.000Z"), "v0"),
        ((None, "2025-01-10T00:00:00.000Z"), "v1"),
    ],
)
def test_the_newest_copy_of_an_inspection_is_kept(updated, kept):
    cleaned = clean(duplicates(*updated))

    assert cleaned.inspections["aka_name"].tolist() == [kept]
    assert cleaned.dropped[["reason", "row_count"]].to_numpy().tolist() == [["duplicate_inspection_id", 1]]


def test_copies_of_one_age_are_decided_by_gaps_then_content_in_any_order():
    raw = pd.concat([duplicates(None, None), raw_frame({"inspection_id": "5", "aka_name": None})], ignore_index=True)

    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        assert clean(raw.iloc[order]).inspections["aka_name"].tolist() == ["v0"]


def test_the_newest_copy_counts_even_when_it_is_then_dropped():
    raw = duplicates("2025-01-09T00:00:00.000Z", "2025-01-10T00:00:00.000Z")
    raw.loc[1, "results"] = "Out of Business"

    cleaned = clean(raw)

    assert cleaned.inspections.empty
    assert len(cleaned.closures) == 1


def test_unmapped_spellings_are_counted():
    cleaned = clean(raw_frame({"facility_type": "CELL PHONE STORE"}, {"facility_type": "CELL PHONE STORE"}, {}))

    assert cleaned.inspections["facility_type"].tolist() == ["other", "other", "Restaurant"]
    assert cleaned.unmapped[["column", "value", "row_count"]].to_numpy().tolist() == [
        ["facility_type", "CELL PHONE STORE", 2]
    ]


def test_a_row_without_a_date_is_counted_in_the_week_it_was_pulled_with():
    raw = raw_frame({}, {"inspection_date": None}).assign(week="2025-01-06")

    assert clean(raw).dropped["week"].tolist() == [pd.Timestamp("2025-01-06")]
    assert clean(raw.drop(columns="week")).dropped["week"].isna().tolist() == [True]


def test_a_missing_column_is_an_error_that_names_it():
    with pytest.raises(DataError, match="latitude"):
        clean(raw_frame({}).drop(columns="latitude"))


rows = st.fixed_dictionaries(
    {},
    optional={
        "inspection_id": st.sampled_from(["1", "2", "3", None, "x"]),
        "license_": st.sampled_from(["0", "5", None]),
        "dba_name": st.sampled_from(["A", None]),
        "inspection_date": st.sampled_from(["2025-01-08", "2025-01-14", "2018-06-30", None, "bad"]),
        "results": st.sampled_from(["Pass", "Fail", "No Entry", "Out of Business", None]),
        "inspection_type": st.sampled_from(["Canvass", "Non-Inspection", None]),
        "latitude": st.sampled_from(["41.9", None, "999"]),
        "portal_updated_at": st.sampled_from(["2025-01-09T00:00:00.000Z", "2025-02-09T00:00:00.000Z", None]),
    },
)


@settings(max_examples=25, deadline=None)
@given(st.lists(rows, max_size=12), st.randoms(use_true_random=False))
def test_rows_in_are_rows_out_and_dropped_in_any_order_and_by_week(changes, random):
    raw = raw_frame(*changes)
    cleaned = clean(raw)
    order = list(range(len(raw)))
    random.shuffle(order)

    assert len(raw) == len(cleaned.inspections) + cleaned.dropped["row_count"].sum()
    assert set(cleaned.dropped["reason"]) <= set(cleaning.drop_reasons(CITY))
    pd.testing.assert_frame_equal(clean(raw.iloc[order]).inspections, cleaned.inspections)
    days = pd.to_datetime(raw["inspection_date"].astype("string").str.slice(0, 10), errors="coerce", format="%Y-%m-%d")
    alone = [clean(raw[days == day]).inspections for day in sorted(days.dropna().unique())]
    if alone:
        pd.testing.assert_frame_equal(pd.concat(alone, ignore_index=True), cleaned.inspections)
