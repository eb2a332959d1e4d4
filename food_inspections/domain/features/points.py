"""How bad earlier visits were in the city's own points, of which more are always worse.

Most cities score. Points say more than whether a line was crossed: a place that always stops just short
of it is another one than a place where nothing is ever found.
"""

from functools import partial

import numpy as np

from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Columns, FloatArray, numeric
from food_inspections.domain.features.history import IntArray, Past
from food_inspections.domain.features.lookups import Lookups

FAMILY = "points"
RECENT_VISITS = 3

_SCALE = 1000
_YEAR, _THREE_YEARS, _SEASON = 365, 1095, 180
_OWN_WEIGHT = 1
_AREA_WEIGHT = 10
_KIND_WEIGHT = 20
_OTHERS_WEIGHT = 4

DESCRIPTIONS = {
    "points_visits": "Full visits to the establishment that were scored.",
    "points_last": "Points of the last of them; the city's mean of the year where there is none.",
    "points_last_of_any_kind": "Points of the last visit that was scored, of whatever kind; the city's mean if none.",
    "points_mean": "Mean points of its full visits, drawn towards the city's mean of the year.",
    "points_mean_365": "The same over the last 365 days, drawn towards its mean so far.",
    "points_recent_mean": f"Mean points of its last {RECENT_VISITS} full visits, drawn towards its mean so far.",
    "points_recent_worst": f"Most points of its last {RECENT_VISITS} full visits; the city's mean if none.",
    "points_trend": "Points of its last full visit, less the mean of those before; 0 where there are none before.",
    "points_beyond": "Points of its full visits beyond what its zip code and kind let expect, on average.",
    "points_premises_1095": "Mean points at others at its address in the last 1095 days, drawn towards the city's.",
    "points_chain_1095": "Mean points at others of its name in the last 1095 days, drawn towards the city's mean.",
    "points_zip_180": "Mean points in the postal code in the last 180 days, drawn towards the city's mean.",
    "points_kind_365": "Mean points at places of the same kind in the last 365 days, drawn towards the city's mean.",
    "points_city_365": "Mean points of the city's full visits in the last 365 days.",
}

FEATURES = numeric(
    FAMILY,
    DESCRIPTIONS,
    ("points",),
    {
        "points_premises_.*": "address",
        "points_chain_.*": "name",
        "points_zip_.*": "zip",
        "points_kind_.*": "facility_type|risk",
    },
)


def compute(context: Context) -> Columns:
    """The family's columns, one value per visit."""
    if "points" not in context.provides:
        return {}
    values = thousandths(context)
    city = city_mean(context, values)
    return {
        **_own(context, values, city),
        **_others(context, values, city),
        **area_means(context, values, city),
        "points_city_365": city,
    }


def thousandths(lookups: Lookups) -> IntArray:
    """Points of each inspection of the history in whole thousandths, so that sums are exact; 0 where not scored."""
    points = lookups.history["points"].to_numpy(dtype=np.float64)
    return np.asarray(np.rint(_SCALE * np.nan_to_num(points)), dtype=np.int64)


def city_mean(lookups: Lookups, values: IntArray) -> FloatArray:
    """Mean points of the city's full visits of the last year; 0 before the first is known."""
    scored = lookups.with_known(lookups.city, "points")
    return np.asarray(scored.sums(values, _YEAR) / (_SCALE * np.maximum(scored.counts(_YEAR), 1)))


def area_means(lookups: Lookups, values: IntArray, city: FloatArray) -> dict[str, FloatArray]:
    """What is usual in the postal code, and at the kind of place."""
    means = {}
    if "zip" in lookups.provides:
        zips = lookups.with_known(lookups.full_visits("zip"), "points")
        means["points_zip_180"] = _mean(zips, values, _SEASON, city, _AREA_WEIGHT)
    kind = [column for column in ("facility_type", "risk") if column in lookups.provides]
    if kind:
        alike = lookups.with_known(lookups.full_visits(*kind), "points")
        means["points_kind_365"] = _mean(alike, values, _YEAR, city, _KIND_WEIGHT)
    return means


def beyond(context: Context) -> IntArray:
    """Points of each inspection less what was to be expected on its own morning, in thousandths; 0 where unknown."""
    past = Lookups(context.history, context.history, context.profile)
    values = thousandths(past)
    city = city_mean(past, values)
    expected = city + sum(mean - city for mean in area_means(past, values, city).values())
    return np.where(past.is_known("points"), values - np.rint(_SCALE * expected).astype(np.int64), 0)


def _own(context: Context, values: IntArray, city: FloatArray) -> Columns:
    visits = context.with_known(context.past("establishment_id"), "points")
    own = visits.only(context.is_full_visit & context.is_known("points"))
    mean = _mean(own, values, None, city, _OWN_WEIGHT)
    at = partial(_points_of, values=values, otherwise=city)
    last = at(own.last())
    recent = own.last_sums(values, RECENT_VISITS) / _SCALE
    count = own.counts()
    before = (own.sums(values) / _SCALE - last) / np.maximum(count - 1, 1)
    return {
        "points_visits": count,
        "points_last": last,
        "points_last_of_any_kind": at(visits.last()),
        "points_mean": mean,
        "points_mean_365": _mean(own, values, _YEAR, mean, _OWN_WEIGHT),
        "points_recent_mean": (recent + _OWN_WEIGHT * mean) / (np.minimum(count, RECENT_VISITS) + _OWN_WEIGHT),
        "points_recent_worst": np.max([_points_of(own.last(back), values, last) for back in range(1, 4)], axis=0),
        "points_trend": np.where(count > 1, last - before, 0.0),
        "points_beyond": own.sums(beyond(context)) / (_SCALE * (count + _OWN_WEIGHT)),
    }


def _others(context: Context, values: IntArray, city: FloatArray) -> Columns:
    columns = {}
    for name, group, need in (("premises", "premises", "address"), ("chain", "chain_key", "name")):
        if need in context.provides:
            everyone = context.with_known(context.full_visits(group), "points")
            itself = context.with_known(context.full_visits(group, "establishment_id"), "points")
            sums = everyone.sums(values, _THREE_YEARS) - itself.sums(values, _THREE_YEARS)
            counts = everyone.counts(_THREE_YEARS) - itself.counts(_THREE_YEARS)
            columns[f"points_{name}_1095"] = (sums / _SCALE + _OTHERS_WEIGHT * city) / (counts + _OTHERS_WEIGHT)
    return columns


def _mean(past: Past, values: IntArray, window_days: int | None, prior: FloatArray, weight: int) -> FloatArray:
    return (past.sums(values, window_days) / _SCALE + weight * prior) / (past.counts(window_days) + weight)


def _points_of(events: IntArray, values: IntArray, otherwise: FloatArray) -> FloatArray:
    """Points of the found events."""
    if not len(values):
        return otherwise
    return np.where(events >= 0, values[np.maximum(events, 0)] / _SCALE, otherwise)
