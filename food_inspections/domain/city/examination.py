"""What a person must see before trusting a profile: what it makes of rows, and whether that is sane."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from food_inspections.domain.city.canonical import canonical
from food_inspections.domain.city.profile import Profile
from food_inspections.domain.city.tables import Canonical
from food_inspections.domain.city.visits import DUPLICATE, NO_DATE, NO_ID

# The label is the city's decision, but a forecast of what hardly ever or nearly always happens is of no use.
LEAST_RATE, MOST_RATE = 0.02, 0.5
MOST_LOST_SHARE = 0.05
MOST_DOUBLED_SHARE = 0.01
MOST_TORN_SHARE = 0.01
MOST_UNMAPPED_SHARE = 0.05
MOST_UNKNOWN_LABELS = 0.1
FEWEST_FIRST_LOOKS = 200
FEWEST_DAYS = 365
LONGEST_SILENCE_DAYS = 60
FEWEST_VISITS_A_PLACE = 1.2
LEAST_FILLED_SHARE = 0.5

FIELDS = (
    "establishment_id",
    "dba_name",
    "aka_name",
    "address",
    "city",
    "state",
    "zip",
    "area",
    "latitude",
    "facility_type",
    "risk",
    "inspection_type",
    "results",
    "points",
    "violations",
    "violation_count",
    "critical_violations",
    "topic_other",
    "report_number",
    "is_failure",
    "is_critical",
)


@dataclass(frozen=True)
class Examination:
    """What a profile makes of rows.

    Attributes:
        raw_row_count, inspection_count: Rows in, inspections out.
        dropped: Rows of no inspection, by reason.
        contradictions: Inspections whose rows disagree, by column.
        filled: Share of the inspections that have a value, by field; only fields the city publishes.
        first_day, last_day: Of the inspections; ``None`` where there are none.
        early_count, late_count: Inspections before the first week, and after the day of the examination.
        unmapped: ``column``, ``value``, ``inspection_count``.
        by_year: ``year``, ``first_looks``, ``unknown``, ``failure_rate`` of first looks.
        by_type: ``inspection_type``, ``inspections``, ``unknown``, ``failure_rate``.
        points: Least, median and most points; ``None`` without points.
        visits_per_place: Inspections per establishment.
        problems: Why it is not to be trusted, each with what to do.
        remarks: What is worth a look.
    """

    raw_row_count: int
    inspection_count: int
    dropped: dict[str, int]
    contradictions: dict[str, int]
    filled: dict[str, float]
    first_day: date | None
    last_day: date | None
    early_count: int
    late_count: int
    unmapped: pd.DataFrame
    by_year: pd.DataFrame
    by_type: pd.DataFrame
    points: tuple[float, float, float] | None
    visits_per_place: float
    problems: list[str]
    remarks: list[str]

    @property
    def is_trusted(self) -> bool:
        """Whether nothing speaks against using the profile."""
        return not self.problems


def examine(raw: pd.DataFrame, profile: Profile, today: date) -> Examination:
    """Examine a profile on rows.

    Args:
        raw: Rows as the portal gives them.
        profile: The profile.
        today: What lies after this day has not happened yet.
    """
    found = canonical(raw, profile)
    inspections = found.inspections
    days = inspections["inspection_date"]
    looks = inspections[inspections["is_first_look"]]
    known = pd.Series(days.dt.date)
    has_some = len(inspections) > 0
    facts = {
        "raw_row_count": len(raw),
        "inspection_count": len(inspections),
        "dropped": {str(k): int(v) for k, v in found.dropped.groupby("reason")["row_count"].sum().items()},
        "contradictions": found.contradictions,
        "filled": _filled(inspections, profile),
        "first_day": known.min() if has_some else None,
        "last_day": known.max() if has_some else None,
        "early_count": int((days < pd.Timestamp(profile.city.first_week)).sum()),
        "late_count": int((days > pd.Timestamp(today)).sum()),
        "unmapped": found.unmapped,
        "by_year": _rates(looks, looks["inspection_date"].dt.year, "year", "first_looks"),
        "by_type": _rates(inspections, inspections["inspection_type"], "inspection_type", "inspections"),
        "points": _range(inspections["points"]),
        "visits_per_place": len(inspections) / max(1, inspections["establishment_id"].nunique()),
    }
    draft = Examination(**facts, problems=[], remarks=[])  # type: ignore[arg-type]  # the dictionary's values differ
    return Examination(
        **facts,  # type: ignore[arg-type]
        problems=list(_problems(draft, found, profile)),
        remarks=list(_remarks(draft, profile, today)),
    )


def _filled(inspections: pd.DataFrame, profile: Profile) -> dict[str, float]:
    asked = {
        "latitude": profile.columns.has_coordinates,
        "points": profile.points is not None,
        "report_number": profile.columns.report_number is not None,
        "is_critical": profile.labels.critical is not None,
    }
    shares = {}
    for field in FIELDS:
        values = inspections[field]
        has_value = values.notna() & values.astype(object).ne("unknown").fillna(value=True).astype(bool)
        if asked.get(field, has_value.any() or field in ("establishment_id", "is_failure")):
            shares[field] = float(has_value.mean()) if len(values) else 0.0
    return shares


def _rates(inspections: pd.DataFrame, groups: pd.Series, name: str, count: str) -> pd.DataFrame:
    """How often inspections failed in each group, and of how many it is not known."""
    failed = inspections["is_failure"].astype("Float64")
    frame = pd.DataFrame({name: groups.to_numpy(), "failed": failed.to_numpy(dtype=float, na_value=float("nan"))})
    grouped = frame.groupby(name)["failed"]
    table = pd.DataFrame({count: grouped.size(), "known": grouped.count(), "failure_rate": grouped.mean()})
    # Where hardly anything is known, what is known is no sample: a closure is told even of visits without points.
    table["failure_rate"] = table["failure_rate"].where(table["known"] >= LEAST_FILLED_SHARE * table[count])
    return table.assign(unknown=table[count] - table["known"]).drop(columns="known").reset_index()


def _range(points: pd.Series) -> tuple[float, float, float] | None:
    known = points.dropna()
    return (float(known.min()), float(known.median()), float(known.max())) if len(known) else None


def _problems(seen: Examination, found: Canonical, profile: Profile) -> Iterator[str]:
    if seen.inspection_count == 0:
        yield "No row became an inspection: check rows.key and columns.date."
        return
    yield from _problems_of_rows(seen, profile)
    yield from _problems_of_values(seen, found, profile)
    yield from _problems_of_the_label(found)


def _problems_of_rows(seen: Examination, profile: Profile) -> Iterator[str]:
    rows = max(1, seen.raw_row_count)
    if seen.dropped.get(NO_ID, 0) / rows > MOST_LOST_SHARE:
        yield f"{seen.dropped[NO_ID]:,} rows have no usable key: check rows.key and rows.whole_numbers."
    if seen.dropped.get(NO_DATE, 0) / rows > MOST_LOST_SHARE:
        yield f"{seen.dropped[NO_DATE]:,} rows have no readable date: check columns.date and rows.date_format."
    if profile.rows.grain == "inspection" and seen.dropped.get(DUPLICATE, 0) / rows > MOST_DOUBLED_SHARE:
        yield (
            f"{seen.dropped[DUPLICATE]:,} rows have the key of another row: add a column to rows.key, or set "
            "rows.grain to 'violation'."
        )
    torn = max(seen.contradictions.values(), default=0)
    if torn / max(1, seen.inspection_count) > MOST_TORN_SHARE:
        column = max(seen.contradictions, key=lambda name: seen.contradictions[name])
        yield f"In {torn:,} inspections the rows disagree on {column!r}: a column is missing from rows.key."
    if seen.visits_per_place < FEWEST_VISITS_A_PLACE:
        yield (
            f"There are {seen.visits_per_place:.2f} inspections per establishment: columns.establishment_id must name "
            "the place, not the visit, and the sample must be long enough to meet places again."
        )


def _problems_of_values(seen: Examination, found: Canonical, profile: Profile) -> Iterator[str]:
    columns = {"facility_type": "kinds", "risk": "risks", "inspection_type": "inspection_types", "results": "results"}
    counts = found.unmapped_values.groupby("column").size()
    for column, table in columns.items():
        share = int(counts.get(column, 0)) / seen.inspection_count
        if share > MOST_UNMAPPED_SHARE:
            yield f"{share:.0%} of the inspections have a {column} that [[{table}]] does not know: add words for it."
    if seen.filled["establishment_id"] < 1 - MOST_LOST_SHARE:
        yield "Many inspections are of no known establishment: check columns.establishment_id, name and address."
    for field in profile.rows.required:
        name = {"coordinates": "latitude", "kind": "facility_type", "result": "results"}.get(field, field)
        if seen.filled.get(name, 0.0) < LEAST_FILLED_SHARE:
            yield f"rows.required asks for {field!r}, which most inspections lack: take it out."


def _problems_of_the_label(found: Canonical) -> Iterator[str]:
    looks = found.inspections[found.inspections["is_first_look"]]
    if len(looks) < FEWEST_FIRST_LOOKS:
        yield (
            f"There are {len(looks):,} scheduled first looks: check which [[inspection_types]] mean 'first_look', "
            "or take more rows."
        )
        return
    unknown = float(looks["is_failure"].isna().mean())
    if unknown > MOST_UNKNOWN_LABELS:
        yield f"Of {unknown:.0%} of the first looks it cannot be said whether they failed: check labels.fail."
    known = looks["is_failure"].dropna()
    rate = float(known.mean()) if len(known) else 0.0
    if not LEAST_RATE <= rate <= MOST_RATE:
        yield (
            f"{rate:.1%} of the first looks fail, which is too {'few' if rate < LEAST_RATE else 'many'} to rank places "
            f"by (wanted are {LEAST_RATE:.0%} to {MOST_RATE:.0%}): choose another rule for labels.fail."
        )


def _remarks(seen: Examination, profile: Profile, today: date) -> Iterator[str]:
    if seen.first_day is None or seen.last_day is None:
        return
    yield from _remarks_on_days(seen, seen.first_day, seen.last_day, today)
    repeated = seen.dropped.get(DUPLICATE, 0)
    if profile.rows.grain == "violation" and repeated / seen.raw_row_count > MOST_DOUBLED_SHARE:
        yield (
            f"{repeated:,} rows say what another one says, word for word, and count once: like violations of one "
            "inspection are told apart where the export numbers its rows, and in pulls from the portal."
        )
    if profile.rows.grain == "violation" and seen.inspection_count == seen.raw_row_count:
        yield "Every inspection has one row only: rows.grain may be 'inspection'."
    for field, share in seen.filled.items():
        if share < LEAST_FILLED_SHARE:
            yield f"Only {share:.0%} of the inspections have {field}."
    years = seen.by_year[seen.by_year["first_looks"] >= FEWEST_FIRST_LOOKS]["failure_rate"].dropna()
    if len(years) > 1 and years.max() > 2 * max(years.min(), 0.001):
        yield f"The label's rate moves from {years.min():.1%} to {years.max():.1%} between years: has the rule changed?"
    if profile.points is not None and seen.points is not None and seen.points[0] < 0:
        yield f"The least points are {seen.points[0]:g}, below a perfect inspection: check points.best and [missing]."


def _remarks_on_days(seen: Examination, first_day: date, last_day: date, today: date) -> Iterator[str]:
    if seen.early_count:
        yield f"{seen.early_count:,} inspections are from before city.first_week and would not be used."
    if seen.late_count:
        yield f"{seen.late_count:,} inspections are dated after {today}: name such a date in [missing.columns]."
    if (last_day - first_day).days < FEWEST_DAYS:
        yield "The rows cover less than a year: a portal that keeps no more teaches little about most places."
    if last_day < today - timedelta(days=LONGEST_SILENCE_DAYS):
        yield f"The newest inspection is of {last_day}: see whether the data set still gets rows."
