"""Drafts the profile of an unknown city: every guess is marked, and the draft can be loaded at once."""

import json
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from food_inspections.domain.city.draft_fields import Column, guess_date_format, guess_fields, is_place_named, reason
from food_inspections.domain.city.draft_meanings import best_points, grave_flags, meanings_of, points_in
from food_inspections.domain.city.places import read_location
from food_inspections.domain.city.texts import read_days
from food_inspections.domain.weeks import monday_of
from food_inspections.errors import DataError

GUESSED = "# guessed:"

# From west to east: the longitude where the next zone of the United States roughly begins.
_ZONES = ((-114.0, "US/Pacific"), (-101.5, "US/Mountain"), (-86.5, "US/Central"), (-60.0, "US/Eastern"))
_NO_ZONE = "UTC"
_WANTED_RATE = 0.15


def draft_profile(
    columns: Iterable[Column], sample: pd.DataFrame, name: str, portal: tuple[str, str] | None = None
) -> str:
    """The text of a profile.

    Args:
        columns: Columns as the portal describes them.
        sample: Rows, text or None.
        name: The city's name.
        portal: Address of the portal and id of the data set.

    Raises:
        DataError: Something without which there is no profile cannot be found.
    """
    fields = guess_fields(columns, sample)
    _require(fields, sample)
    sentinels = _sentinels(fields, sample)
    sections = [
        f"# {name}: a draft. Look at every line with '{GUESSED}', correct it or leave it, and delete its mark.\n"
        f"# 'food-inspections city check' says what is still to be decided; docs/cities.md explains every key.\n",
        _city(fields, sample, name),
        _portal(portal),
        _rows(fields, sample),
        _columns(fields, sample),
        sentinels,
        _points(fields, sample),
        _labels(fields, sample),
        _violations(fields, sample),
        _map(fields, sample),
        _types(fields, sample),
        _results(fields, sample),
    ]
    return "\n".join(section for section in sections if section)


def _require(fields: dict[str, str], sample: pd.DataFrame) -> None:
    there = (
        f"the columns are {', '.join(map(str, sample.columns))}. Where one is, write the profile by hand: "
        "docs/cities.md has a whole one to begin with."
    )
    if "date" not in fields:
        raise DataError(f"No column looks like the day of an inspection: {there}")
    if not is_place_named(fields):
        raise DataError(f"No column looks like the id or the name and address of a place: {there}")
    if not {"result", "points", "code", "text"} & fields.keys():
        raise DataError(f"No column looks like a result, a score or violations, so nothing can be forecast: {there}")


def _guess(line: str, why: str) -> str:
    return f"{line}  {GUESSED} {why}"


def _text(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)


def _list(values: Sequence[object]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"


def _days(fields: dict[str, str], sample: pd.DataFrame) -> pd.Series:
    days = _all_days(fields, sample).dropna()
    return days[days > pd.Timestamp("1980-01-01")]


def _all_days(fields: dict[str, str], sample: pd.DataFrame) -> pd.Series:
    values = sample[fields["date"]]
    return read_days(values, guess_date_format(values))


def _city(fields: dict[str, str], sample: pd.DataFrame, name: str) -> str:
    days = _days(fields, sample).sort_values().iloc[len(sample) // 1000 :]
    first = monday_of(days.min().date() if len(days) else pd.Timestamp("2010-01-04").date())
    longitudes = _coordinates(fields, sample)[1]
    middle = float(np.nanmedian(longitudes)) if len(longitudes) else float("nan")
    zone = next((zone for border, zone in _ZONES if middle < border), _NO_ZONE)
    why = "from the longitudes" if zone != _NO_ZONE else "write the city's own, such as 'Europe/Lisbon'"
    return "\n".join(
        [
            "[city]",
            _guess(f"name = {_text(name)}", "the name that pages show"),
            _guess(f'time_zone = "{zone}"', why),
            _guess(f"first_week = {first}", "the first Monday from which the sample has rows"),
            "",
        ]
    )


def _portal(portal: tuple[str, str] | None) -> str:
    if portal is None:
        return "# No portal was named: pulls need a table [portal] with url and dataset.\n"
    return f"[portal]\nurl = {_text(portal[0])}\ndataset = {_text(portal[1])}\n"


def _rows(fields: dict[str, str], sample: pd.DataFrame) -> str:
    own = fields.get("inspection_id")
    place = [fields["establishment_id"]] if "establishment_id" in fields else [fields["name"], *_address(fields)]
    composite = [*place, fields["date"], *([fields["inspection_type"]] if "inspection_type" in fields else [])]
    key = [own] if own else composite
    repeated = float(sample.duplicated(key).mean()) if len(sample) else 0.0
    is_violation = repeated > 0.02 and bool({"code", "text"} & fields.keys())
    grain = "violation" if is_violation else "inspection"
    form = guess_date_format(sample[fields["date"]])
    return "\n".join(
        [
            "[rows]",
            *([_guess(f"date_format = {_text(form)}", "all days fit it")] if form else []),
            _guess(f'grain = "{grain}"', f"{repeated:.0%} of the rows have the key of an earlier row"),
            _guess(f"key = {_list(key)}", "what tells inspections apart"),
            "",
        ]
    )


def _address(fields: dict[str, str]) -> list[str]:
    if "address" in fields:
        return [fields["address"]]
    return [fields[part] for part in ("building", "street") if part in fields]


def _columns(fields: dict[str, str], sample: pd.DataFrame) -> str:
    lines = ["[columns]"]
    plain = ("date", "establishment_id", "name", "other_name")
    lines += [
        _guess(f"{field} = {_text(fields[field])}", reason(field, fields[field])) for field in plain if field in fields
    ]
    location = _location(fields, sample)
    address = _address(fields)
    if location is not None and location[1] == "address_and_coordinates":
        lines.append(_guess(f"location = {_text(location[0])}", "it holds an address and coordinates"))
        lines.append('location_holds = "address_and_coordinates"')
        address = [] if address == [location[0]] else address
    elif location is not None and "latitude" not in fields:
        lines.append(_guess(f"location = {_text(location[0])}", "it holds coordinates"))
    if address:
        lines.append(_guess(f"address = {_list(address)}", "joined by blanks"))
    others = ("city", "state", "zip", "area", "kind", "risk", "inspection_type", "result")
    pair = ("latitude", "longitude") if {"latitude", "longitude"} <= fields.keys() else ()
    lines += [_guess(f"{f} = {_text(fields[f])}", "from its name") for f in (*others, *pair) if f in fields]
    return "\n".join([*lines, ""])


def _location(fields: dict[str, str], sample: pd.DataFrame) -> tuple[str, str] | None:
    """A column with coordinates in its text, and whether an address stands there too."""
    for field in ("location", "address"):
        if field in fields:
            values = [read_location(str(text)) for text in sample[fields[field]].dropna().iloc[:500]]
            found = [place for place in values if place.latitude is not None]
            if len(found) > len(values) / 2:
                is_address = sum(place.address is not None for place in found) > len(found) / 2
                return fields[field], "address_and_coordinates" if is_address else "coordinates"
    return None


def _coordinates(fields: dict[str, str], sample: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    if {"latitude", "longitude"} <= fields.keys():
        pair = [pd.to_numeric(sample[fields[name]], errors="coerce") for name in ("latitude", "longitude")]
    else:
        location = _location(fields, sample)
        texts = list(sample[location[0]].dropna().astype(str).iloc[:5000]) if location else []
        places = [read_location(text) for text in texts]
        pair = [
            pd.Series([place.latitude for place in places], dtype=float),
            pd.Series([place.longitude for place in places], dtype=float),
        ]
    is_known = pair[0].notna() & pair[1].notna() & pair[0].ne(0)
    return pair[0][is_known], pair[1][is_known]


def _sentinels(fields: dict[str, str], sample: pd.DataFrame) -> str:
    lines = []
    days = _all_days(fields, sample)
    unreal = sorted({str(day.date()) for day in days[days < pd.Timestamp("1980-01-01")]})
    if unreal:
        lines.append(_guess(f"{_text(fields['date'])} = {_list(unreal)}", "no day of an inspection"))
    if "points" in fields:
        numbers = pd.to_numeric(sample[fields["points"]], errors="coerce")
        negative = sorted({f"{number:g}" for number in numbers[numbers < 0]})[:5]
        if negative:
            lines.append(_guess(f"{_text(fields['points'])} = {_list(negative)}", "no points"))
    return "\n".join(["[missing.columns]", *lines, ""]) if lines else ""


def _points(fields: dict[str, str], sample: pd.DataFrame) -> str:
    if "points" not in fields:
        return ""
    best = best_points(fields, sample)
    direction = "higher_is_worse" if best is None else "lower_is_worse"
    lines = [
        "[points]",
        _guess(f"column = {_text(fields['points'])}", "from its name"),
        _guess(f'direction = "{direction}"', "most places do well, and most have such numbers"),
    ]
    perfect = [] if best is None else [_guess(f"best = {best:g}", "what a perfect inspection has")]
    return "\n".join([*lines, *perfect, ""])


def _labels(fields: dict[str, str], sample: pd.DataFrame) -> str:
    rules = []
    failing = [word for word, meaning in meanings_of(fields, sample, "result") if meaning in ("fail", "closed")]
    if failing:
        rules.append(f'{{ field = "result", is = {_list(failing)} }}')
    if "points" in fields and not any(m == "fail" for _, m in meanings_of(fields, sample, "result")):
        numbers = points_in(fields, sample)
        best = best_points(fields, sample)
        bad = numbers if best is None else best - numbers
        border = round(float(bad.quantile(1 - _WANTED_RATE))) if len(bad) else 1
        rules.append(f'{{ field = "points", at_least = {max(1, border)} }}')
    has_severities = _is_in_rows(fields, sample) and "flag" in fields and bool(grave_flags(fields, sample))
    if not rules:
        rules.append(_last_resort(fields, sample, has_severities))
    critical = ["[labels.critical]", 'field = "critical_violations"', "at_least = 1", ""] if has_severities else []
    why = "the city decides what a failure is"
    return "\n".join(["[labels.fail]", _guess("any = [", why), *(f"    {rule}," for rule in rules), "]", "", *critical])


def _last_resort(fields: dict[str, str], sample: pd.DataFrame, has_severities: bool) -> str:
    """A rule that can be loaded where nothing looks like a failure: a person has to write the right one."""
    if _is_in_rows(fields, sample):
        return f'{{ field = "{"critical_violations" if has_severities else "violations"}", at_least = 2 }}'
    words = [word for word, _ in meanings_of(fields, sample, "result")]
    if words:
        return f'{{ field = "result", is = {_list(words[-1:])} }}'
    return f'{{ column = {_text(fields.get("text") or fields["code"])}, contains = ["critical"] }}'


def _is_in_rows(fields: dict[str, str], sample: pd.DataFrame) -> bool:
    return 'grain = "violation"' in _rows(fields, sample)


def _violations(fields: dict[str, str], sample: pd.DataFrame) -> str:
    if not _is_in_rows(fields, sample):
        return "# Violations in rows of their own were not found; see docs/cities.md for those in one text.\n"
    names = [(key, fields[key]) for key in ("code", "text", "flag") if key in fields]
    lines = ["[violations]", 'form = "rows"', *(_guess(f"{k} = {_text(c)}", "from its name") for k, c in names)]
    if "flag" in fields and grave_flags(fields, sample):
        flags = _list(grave_flags(fields, sample))
        lines += ["", "[[violations.laws]]", _guess("severities = [", "the rest is minor")]
        lines += [f'    {{ severity = "critical", flags = {flags} }},', "]"]
    return "\n".join([*lines, ""])


def _map(fields: dict[str, str], sample: pd.DataFrame) -> str:
    latitudes, longitudes = _coordinates(fields, sample)
    if len(latitudes) < 20:
        return ""
    south, north = latitudes.quantile([0.005, 0.995])
    west, east = longitudes.quantile([0.005, 0.995])
    bounds = {"south": south - 0.02, "west": west - 0.02, "north": north + 0.02, "east": east + 0.02}
    lines = [_guess(f"{name} = {value:.2f}", "from the sample") for name, value in bounds.items()]
    return "\n".join(["[map]", *lines, ""])


def _types(fields: dict[str, str], sample: pd.DataFrame) -> str:
    return _words("inspection_types", meanings_of(fields, sample, "inspection_type"))


def _results(fields: dict[str, str], sample: pd.DataFrame) -> str:
    return _words("results", meanings_of(fields, sample, "result"))


def _words(table: str, meanings: list[tuple[str, str]]) -> str:
    return "\n".join(
        line
        for word, meaning in meanings
        for line in (
            f"[[{table}]]",
            f"word = {_text(word)}",
            f"is = {_list([word])}",
            _guess(f'meaning = "{meaning}"', "from its words"),
            "",
        )
    )


def open_guesses(text: str) -> list[str]:
    """The lines of a profile that still bear the mark of a guess, with their numbers."""
    return [
        f"line {number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), start=1)
        if GUESSED in line and not line.lstrip().startswith("#")
    ]
