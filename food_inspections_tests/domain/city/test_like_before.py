"""Chicago through its profile gives what cleaning makes of its rows without one."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from food_inspections.domain.city.canonical import canonical
from food_inspections.domain.city.findings import COUNT_COLUMNS
from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.city.tables import Canonical
from food_inspections.domain.features.lookups import COMPLAINTS, FIRST_LOOKS
from food_inspections.domain.inspections.cleaning import DROP_REASONS, clean
from food_inspections.portal.sample_city import make_inspections

SAME = (
    "week",
    "inspection_date",
    "establishment_id",
    "dba_name",
    "aka_name",
    "facility_type",
    "risk",
    "address",
    "city",
    "state",
    "zip",
    "inspection_type",
    "results",
    "violations",
    "latitude",
    "longitude",
)
REAL_FILES = (
    "window_2025-01_2025-03.csv.gz",
    "window_2013-02_2013-03.csv.gz",
    "window_2010-01.csv.gz",
    "spread_2010_2016.csv.gz",
    "all_types_2015-11_2016-06_no_text.csv.gz",
    "pull_2025-04-22.csv.gz",
)


def assert_alike(raw: pd.DataFrame) -> Canonical:
    """The inspections that cleaning keeps are the same, value for value, in their canonical columns."""
    found = canonical(raw, load_profile("chicago"))
    cleaned = clean(raw)
    expected = cleaned.inspections.assign(inspection_id=cleaned.inspections["inspection_id"].astype(str))
    seen = found.inspections.set_index(["week", "inspection_id"], drop=False)
    kept = seen.loc[list(zip(expected["week"], expected["inspection_id"], strict=True))].reset_index(drop=True)

    pd.testing.assert_frame_equal(kept[list(SAME)], expected[list(SAME)], check_exact=True)
    flags = ["is_failure", "is_critical", *COUNT_COLUMNS]
    dtypes = {**dict.fromkeys(COUNT_COLUMNS, "int64"), "is_failure": "bool", "is_critical": "bool"}
    pd.testing.assert_frame_equal(kept[flags].astype(dtypes), expected[flags])
    assert kept["report_number"].astype("int64").eq(cleaned.inspections["inspection_id"]).all()
    types = expected["inspection_type"]
    assert kept["is_first_look"].eq(types.eq("Canvass")).all()
    assert kept["is_full_visit"].eq(types.isin(FIRST_LOOKS)).all()
    assert kept["is_complaint"].eq(types.isin(COMPLAINTS)).all()
    assert kept["is_reinspection"].eq(types.str.contains("Re-Inspection")).all()
    assert kept["is_conditional"].eq(expected["results"].eq("Pass w/ Conditions")).all()
    assert_same_losses(found, cleaned.dropped)
    values = found.unmapped_values.merge(kept[["week", "inspection_id"]])
    unmapped = values.groupby(["week", "column", "value"]).size().rename("row_count").reset_index()
    pd.testing.assert_frame_equal(unmapped, cleaned.unmapped, check_dtype=False)
    return found


def assert_same_losses(found: Canonical, dropped: pd.DataFrame) -> None:
    """What never becomes an inspection is counted as cleaning counts it."""
    early = dropped[dropped["reason"].isin(DROP_REASONS[:3])].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.dropped, early, check_dtype=False)


def test_a_sample_city_is_the_same(small_city_rows: pd.DataFrame) -> None:
    found = assert_alike(small_city_rows)

    assert len(found.inspections) > 2_000
    assert found.violations["severity"].value_counts()["minor"] > 100
    assert found.contradictions == {}


def test_both_codes_of_law_are_the_same() -> None:
    raw = make_inspections(3, date(2018, 5, 7), date(2018, 9, 2), establishments=300, inspections_per_week=40)

    found = assert_alike(raw)

    by_law = found.violations.merge(found.inspections[["inspection_id", "inspection_date"]])
    assert set(by_law.loc[by_law["inspection_date"] >= "2018-07-01", "severity"]) == {"critical", "serious", "minor"}


def test_copies_and_broken_rows_are_the_same(small_city_rows: pd.DataFrame) -> None:
    raw = small_city_rows.iloc[:60].copy()
    copies = raw.iloc[:10].assign(aka_name=None, results="Fail")
    updated = raw.iloc[10:20].assign(results="Pass", portal_updated_at="2020-01-01T00:00:00Z")
    broken = raw.iloc[20:24].assign(inspection_id=["0", None, "x1", "9999.0"])
    undated = raw.iloc[24:27].assign(
        inspection_id=["900001", "900002", "900003"], inspection_date=[None, "2013-13-01", "02/14/2013"]
    )
    raw = raw.assign(portal_updated_at="2019-01-01T00:00:00Z")
    everything = pd.concat([raw, copies, updated, broken, undated], ignore_index=True).astype(object)
    everything = everything.where(everything.notna(), None).assign(week=pd.Timestamp("2016-01-04"))

    found = assert_alike(everything)

    assert found.inspections["raw_row_count"].sum() + found.dropped["row_count"].sum() == len(everything)
    assert set(found.dropped["reason"]) == set(DROP_REASONS[:3])


@pytest.mark.real_data
@pytest.mark.parametrize("name", REAL_FILES)
def test_real_rows_are_the_same(real_data: Path, name: str) -> None:
    raw = pd.read_csv(real_data / name, dtype=str).astype(object)

    found = assert_alike(raw.where(raw.notna(), None))

    assert len(found.inspections) > 500
