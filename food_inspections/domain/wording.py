"""What a manager reads instead of a column's name.

Columns are named by a grammar (whose, what, over how many days), and so are the phrases: one
template per pattern of names. A feature without a template falls back to its
description in the registry, so that a new one never goes without words.
"""

import calendar
import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from food_inspections.domain.city.profile import Wording
from food_inspections.domain.evaluation.amounts import compared, counted, number, span
from food_inspections.domain.features import FEATURES

Row = Mapping[str, Any]
Template = Callable[[re.Match[str], float, Row], str]

COMMON_WORDS = Wording()

# Days after which the features stop counting.
LONG_AGO_DAYS = 1095
TEN_YEARS_DAYS = 3650
USED_TO_CODE_DAYS = 730
NEVER_VISITED = "never visited before"
NO_FULL_VISIT = "no full visit on record"
PLACES = {
    "zip": "places in its postal code",
    "near": "its neighbourhood",
    "kind": "places of its kind",
    "chain": "other branches of its name",
    "premises": "other businesses at its address",
    "zip_risk": "places of its risk class in its postal code",
}

POINTS_PLACES = {
    "premises": "other businesses at its address",
    "chain": "other branches of its name",
    "zip": "places in its postal code",
    "kind": "places of its kind",
    "city": "places of the whole city",
}

MEASURED = {
    "critical": "visits with a critical violation",
    "failure": "failures",
    "conditions": "passes with conditions",
}
# The same for every visit of a day: part of the score, but nobody's reason.
NO_REASONS = ("visit_is_newest_code", "visit_days_of_code")


def phrase(name: str, value: float | str, row: Row, words: Wording = COMMON_WORDS) -> str:
    """One feature of one row in words.

    Args:
        name: Column of the feature.
        value: What it is for the row.
        row: Input columns of the row, for phrases that need the count beside the rate.
        words: The city's own words.
    """
    if isinstance(value, str):
        template = CATEGORIES.get(name, f"{_description(name)}: {{}}")
        return template.format(value, **_words(words))
    found = _template(name)
    if found is None:
        return f"{_description(name)}: {number(value)}"
    match, phrased = found
    text = phrased(match, value, row)
    for name_of_word, word in _words(words).items():
        text = text.replace(f"{{{name_of_word}}}", word)
    return text


def visits_behind(name: str) -> str:
    """The column that counts the visits a rate is of; the rate's own name where there is none."""
    if name.startswith("own_"):
        return name if "_rate" not in name else "own_full_visits"
    counts = re.sub(r"_(failure|critical)_rate", "_visits", name)
    return f"{counts}_1095" if counts == "premises_visits" else counts


def _words(words: Wording) -> dict[str, str]:
    """The city's words by the names under which templates hold them in braces."""
    article = "an" if words.first_look[0].lower() in "aeiou" else "a"
    return {
        "first_look": words.first_look,
        "a_first_look": f"{article} {words.first_look}",
        "risk": words.risk,
        "points": words.points,
    }


CATEGORIES = {
    "facility_type": "it is of the type {}",
    "risk": "the city's {risk} is {}",
    "inspection_type": "the visit is of the type {}",
}


def _recent_failures(_: re.Match[str], value: float, row: Row) -> str:
    looks = int(row.get("own_recent_full_visits", 3))
    if looks == 1:
        return "failed its last full visit" if value else "did not fail its last full visit"
    return f"failed {number(value)} of its last {counted(looks, 'full visit')}"


def _failures(match: re.Match[str], value: float, row: Row) -> str:
    is_failure = match["what"] == "failures"
    within = f" in {span(match['days'])}" if match["days"] else ""
    if not value:
        return f"{'did not fail' if is_failure else 'had no critical violation'}{within or ' so far'}"
    of = "" if match["days"] else f" of its {counted(row.get('own_visits', value), 'visit')}"
    count = number(value) if of else counted(value, "visit")
    return f"failed {count}{of}{within}" if is_failure else f"had critical violations at {count}{of}{within}"


def _own_rate(match: re.Match[str], value: float, row: Row) -> str:
    if not row.get("own_full_visits", 1):
        return f"{_no_look(row)} (the city's rate stands in, {value:.0%})"
    what = "fails" if match["what"] == "failure" else "has critical violations at"
    return f"{what} about {value:.0%} of its full visits"


def _days_since(match: re.Match[str], value: float, row: Row) -> str:
    event = {
        "visit": "visit",
        "first_look": "{first_look}",
        "failure": "failed visit",
        "critical": "critical violation",
    }[match["what"]]
    return f"no {event} in three years" if value >= LONG_AGO_DAYS else f"last {event} {counted(value, 'day')} ago"


def _area_rate(match: re.Match[str], value: float, row: Row) -> str:
    place, days = match["place"], match["days"]
    visits = row.get(visits_behind(match[0]), 1)
    within = f" in {span(days)}" if days else ""
    if not visits:
        return f"{PLACES[place]} had no visits{within} (the city's rate stands in, {value:.0%})"
    if match["what"] == "failure":
        return f"{PLACES[place]} failed {value:.0%} of visits{within}"
    return f"{PLACES[place]} had critical violations at {value:.0%} of visits{within}"


def _area_visits(match: re.Match[str], value: float, _: Row) -> str:
    within = f" in {span(match['days'])}" if match["days"] else ""
    return f"{counted(round(value), 'visit')} to {PLACES[match['place']]}{within}"


def _near_visits(match: re.Match[str], value: float, _: Row) -> str:
    much = "hardly" if value < 0.5 else "little" if value < 2 else "often"
    return f"{much} visited neighbourhood in {span(match['days'])}"


def _surprise(match: re.Match[str], value: float, _: Row) -> str:
    what = MEASURED.get(match["what"], match["what"].replace("_", " "))
    return f"{compared(value, 'many', what)} expected of its kind"


def _name_words(match: re.Match[str], value: float, _: Row) -> str:
    what = "fail" if match["what"] == "failure" else "have critical violations"
    return f"places with such a name {what} {compared(value, 'often')} expected"


def _inspectors(match: re.Match[str], value: float, _: Row) -> str:
    what = "failures" if match["what"] == "failure" else "critical violations"
    return f"inspectors in the area report {what} {compared(value, 'often')} usual in {span(match['days'])}"


def _inspector_style(match: re.Match[str], value: float, _: Row) -> str:
    what = MEASURED.get(match["what"], match["what"].replace("_", " "))
    return f"inspectors in the area lately report {compared(value, 'many', what)} usual"


def _topic(match: re.Match[str], value: float, _: Row) -> str:
    about = "about other things" if match["topic"] == "other" else f"about {match['topic']}"
    return f"{counted(value, 'violation')} {about} at its last full visit"


def _severity(match: re.Match[str], value: float, row: Row) -> str:
    what = f"{match['severity']} violation"
    if match["when"] == "last":
        return f"{counted(value, what)} at its last full visit"
    looks = int(row.get("own_recent_full_visits", 3))
    return f"{counted(value, what)} at its last {'full visit' if looks == 1 else counted(looks, 'full visit')}"


def _season(_: re.Match[str], value: float, row: Row) -> str:
    sine, cosine = float(row.get("season_sin", value)), float(row.get("season_cos", value))
    turn = math.atan2(sine, cosine) / (2 * math.pi) % 1
    return f"the time of the year ({calendar.month_name[1 + min(11, int(turn * 12))]})"


def _city(match: re.Match[str], value: float, _: Row) -> str:
    what = "failed" if match["what"] == "failure" else "found critical violations"
    return f"{value:.0%} of the city's visits {what} in {span(match['days'] or '365')}"


def _yes_no(yes: str, no: str) -> Template:
    return lambda _match, value, _row: yes if value else no


def _if_visited(template: Template) -> Template:
    """For phrases that tell a past: a place that was never visited has none."""
    return lambda match, value, row: template(match, value, row) if row.get("own_has_visit", 1) else NEVER_VISITED


def _if_looked_at(template: Template) -> Template:
    """For phrases about full visits, first looks and complaints, of which there may be none."""
    return lambda match, value, row: template(match, value, row) if row.get("own_full_visits", 1) else _no_look(row)


def _no_look(row: Row) -> str:
    return NO_FULL_VISIT if row.get("own_has_visit", 1) else NEVER_VISITED


def _last_was(match: re.Match[str], value: float, _: Row) -> str:
    if match["what"] == "complaint":
        return "a complaint led to its last visit" if value else "no complaint led to its last visit"
    one, none = {
        "first_look": ("{a_first_look}", "no {first_look}"),
        "reinspection": ("a re-inspection", "no re-inspection"),
    }[match["what"]]
    return f"its last visit was {one if value else none}"


def _plain(text: str, unit: str = "visit") -> Template:
    return lambda _match, value, _row: text.format(counted(value, unit))


def _age(_: re.Match[str], value: float, _row: Row) -> str:
    if value >= TEN_YEARS_DAYS:
        return "on record for ten years or more"
    return f"on record for {value / 365:.1f} years" if value else "not on record before"


def _days_of_code(_: re.Match[str], value: float, _row: Row) -> str:
    long = "two years or more" if value >= USED_TO_CODE_DAYS else counted(value, "day")
    return f"the code of law has been in force for {long}"


def _streak(_: re.Match[str], value: float, _row: Row) -> str:
    if not value:
        return "passed its last visit, so that the next is no re-inspection"
    return f"failed its last {counted(value, 'visit')} in a row"


def _since_failure(_: re.Match[str], value: float, row: Row) -> str:
    if not row.get("own_has_failure", 1):
        return f"never failed in {counted(value, 'visit')}"
    return f"{counted(value, 'visit')} since its last failure"


def _visits_in(match: re.Match[str], value: float, _: Row) -> str:
    return f"{counted(value, 'visit')} in the last {match['days']} days"


def _alike_visits(_: re.Match[str], value: float, _row: Row) -> str:
    return f"{counted(value, 'visit')} of this type in its postal code lately"


def _alike_rate(match: re.Match[str], value: float, row: Row) -> str:
    if not row.get(visits_behind(match[0]), 1):
        return f"no visits of this type in its postal code lately (the city's rate stands in, {value:.0%})"
    what = "failed" if match["what"] == "failure" else "found critical violations"
    return f"{value:.0%} of the visits of this type in its postal code {what} lately"


def _weekday(_: re.Match[str], value: float, _row: Row) -> str:
    return f"the visit is on a {calendar.day_name[int(value) % 7]}"


def _points(match: re.Match[str], value: float, row: Row) -> str:
    what, amount = match["what"], f"{value:.0f} {{points}}"
    if not row.get("points_visits", 1):
        return f"never scored (the city's mean stands in, {amount})"
    return {
        "last": f"{amount} at its last full visit",
        "last_of_any_kind": f"{amount} at its last visit",
        "mean": f"about {amount} at its full visits",
        "mean_365": f"about {amount} at its full visits in a year",
        "recent_mean": f"about {amount} at its last full visits",
        "recent_worst": f"up to {amount} at its last full visits",
    }[what]


def _points_around(match: re.Match[str], value: float, _: Row) -> str:
    amount = f"about {value:.0f} {{points}} at"
    return f"{amount} {POINTS_PLACES[match['what']]} in {span(match['days'])}"


def _points_trend(_: re.Match[str], value: float, _row: Row) -> str:
    return f"{compared(value, 'many', '{points}')} before at its last full visit"


def _points_beyond(_: re.Match[str], value: float, _row: Row) -> str:
    return f"{compared(value, 'many', '{points}')} expected of its kind and postal code"


TEMPLATES: tuple[tuple[re.Pattern[str], Template], ...] = tuple(
    (re.compile(pattern), template)
    for pattern, template in (
        (r"own_recent_failures", _if_looked_at(_recent_failures)),
        (r"own_(?P<what>failures|criticals)(?:_(?P<days>\d+))?", _if_visited(_failures)),
        (r"own_(?P<what>failure|critical)_rate", _own_rate),
        (r"own_days_since_(?P<what>visit|first_look|failure|critical)", _if_visited(_days_since)),
        (r"own_surprise_(?P<what>\w+)", _if_looked_at(_surprise)),
        (r"own_last_topic_(?P<topic>\w+)", _if_looked_at(_topic)),
        (r"own_(?P<when>last|recent)_(?P<severity>critical|serious|minor)_violations", _if_looked_at(_severity)),
        (r"own_visits", _plain("{} on record")),
        (r"own_visits_(?P<days>\d+)", _visits_in),
        (r"own_full_visits", _plain("{} on record", "full visit")),
        (r"own_recent_full_visits", _if_looked_at(_plain("{} among the last three looked at", "full visit"))),
        (r"own_complaints_365", _plain("{} in a year", "complaint")),
        (r"own_age_days", _age),
        (r"own_has_visit", _yes_no("visited before", NEVER_VISITED)),
        (r"own_has_failure", _if_visited(_yes_no("failed before", "never failed before"))),
        (
            r"own_has_critical",
            _if_visited(_yes_no("had a critical violation before", "never had a critical violation")),
        ),
        (r"own_visits_since_failure", _if_visited(_since_failure)),
        (r"own_failure_streak", _if_visited(_streak)),
        (r"own_reinspection_open", _yes_no("a re-inspection is due", "no re-inspection is due")),
        (
            r"own_last_conditions",
            _if_visited(_yes_no("passed with conditions last time", "no conditions last time")),
        ),
        (r"own_last_was_(?P<what>first_look|complaint|reinspection)", _if_visited(_last_was)),
        (r"name_(?P<what>failure|critical)", _name_words),
        (r"inspector_(?P<what>failure|critical)_(?P<days>\d+)", _inspectors),
        (r"inspector_style_(?P<what>\w+)", _inspector_style),
        (r"near_visits_(?P<days>\d+)", _near_visits),
        (r"zip_type_visits", _alike_visits),
        (r"zip_type_(?P<what>failure|critical)_rate", _alike_rate),
        (r"(?P<place>zip_risk|zip|kind|chain|premises)_visits(?:_(?P<days>\d+))?", _area_visits),
        (rf"(?P<place>{'|'.join(PLACES)})_(?P<what>failure|critical)_rate(?:_(?P<days>\d+))?", _area_rate),
        (r"points_visits", _plain("{} with a score", "full visit")),
        (r"points_(?P<what>last|last_of_any_kind|mean|mean_365|recent_mean|recent_worst)", _points),
        (r"points_trend", _points_trend),
        (r"points_beyond", _points_beyond),
        (rf"points_(?P<what>{'|'.join(POINTS_PLACES)})_(?P<days>\d+)", _points_around),
        (r"season_(?:sin|cos)", _season),
        (r"city_(?P<what>failure|critical)_rate(?:_(?P<days>\d+))?", _city),
        (r"visit_weekday", _weekday),
        (r"visit_is_newest_code", _yes_no("judged by the newest code of law", "judged by an earlier code of law")),
        (r"visit_days_of_code", _days_of_code),
    )
)  # fmt: skip


@cache
def _template(name: str) -> tuple[re.Match[str], Template] | None:
    for pattern, template in TEMPLATES:
        match = pattern.fullmatch(name)
        if match:
            return match, template
    return None


@cache
def _descriptions() -> dict[str, str]:
    return {feature.name: feature.description.rstrip(".") for feature in FEATURES}


def _description(name: str) -> str:
    return _descriptions().get(name, name.replace("_", " "))
