"""Raw rows and a profile in, inspections that know no city out.

Nothing that comes after this looks at a portal's columns or at a city's words: what a word means stands
beside it as a flag. Where a city does not publish something its column is missing, never zero.
"""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.city import findings, identifiers
from food_inspections.domain.city.labels import judged
from food_inspections.domain.city.places import Places, sane_coordinates
from food_inspections.domain.city.profile import Profile
from food_inspections.domain.city.rules import Rule
from food_inspections.domain.city.tables import INSPECTION_COLUMNS, TEXT_COLUMNS, VIOLATION_COLUMNS, Canonical
from food_inspections.domain.city.texts import ObjectArray, Texts, whole_number
from food_inspections.domain.city.visits import Visits, group_rows
from food_inspections.domain.city.words import NOTHING_INSPECTED, OTHER, Word, word_of
from food_inspections.domain.inspections.identity import UNKNOWN
from food_inspections.domain.inspections.texts import postal_codes
from food_inspections.domain.weeks import monday_of


def canonical(raw: pd.DataFrame, profile: Profile) -> Canonical:
    """Inspections from a portal's rows.

    Each week is treated as if it were alone, so that any set of weeks gives the same inspections.

    Args:
        raw: Text or None in the portal's own columns. ``portal_updated_at`` decides between copies of an
            inspection, ``week`` says with which pull a row came; both may be absent, other columns are ignored.
        profile: What the columns mean.

    Raises:
        DataError: A column that the profile names is not there.
    """
    visits = group_rows(raw, profile)
    order = identifiers.in_order(visits.days, visits.ids)
    return _Reading(visits, profile, len(raw), np.asarray(order)).canonical()


@dataclass(frozen=True)
class _Reading:
    visits: Visits
    profile: Profile
    raw_row_count: int
    order: npt.NDArray[np.int64]

    def canonical(self) -> Canonical:
        places = self._places()
        texts = self._texts(places)
        words, unmapped = self._words(texts)
        violations = self._violations()
        counts = findings.counted(violations, len(self.visits.ids), self.profile.violations)
        frame = pd.DataFrame(
            {
                **self._identity(texts),
                **self._columns(words),
                **self._place_columns(words, places),
                **self._meanings(words),
                **self._points(),
                **self._texts_of_violations(violations),
                **counts,
            }
        )
        frame = self._without_silent_days(frame)
        frame = frame.assign(**self._labels(words, frame))
        inspections = frame[list(INSPECTION_COLUMNS)].iloc[self.order].reset_index(drop=True)
        return Canonical(
            inspections=inspections,
            violations=self._long_form(violations),
            unmapped_values=self._unmapped(unmapped),
            dropped=self.visits.dropped,
            contradictions=self.visits.contradictions,
            raw_row_count=self.raw_row_count,
        )

    def _without_silent_days(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Violations that the source left out are not known, instead of none."""
        rules = self.profile.violations
        if rules is None or rules.unpublished_from is None or frame.empty:
            return frame
        is_visited = frame["is_inspection"] & ~frame["result_meaning"].isin(NOTHING_INSPECTED)
        is_silent = findings.silent_days(
            frame["violation_count"], frame["inspection_date"], is_visited, rules.unpublished_from
        )
        return frame.assign(**{name: frame[name].mask(is_silent) for name in findings.COUNT_COLUMNS})

    def _text(self, column: str | None) -> Texts | None:
        return None if column is None else self.visits.header[column]

    def _places(self) -> Places | None:
        column = self.profile.columns.location
        return None if column is None else Places.of(self.visits.as_given[column])

    def _texts(self, places: Places | None) -> dict[str, Texts | None]:
        """The tidy text of every canonical text column; ``None`` where the city publishes none."""
        columns = self.profile.columns
        named = {
            "dba_name": columns.name,
            "aka_name": columns.other_name,
            "facility_type": columns.kind,
            "risk": columns.risk,
            "city": columns.city,
            "state": columns.state,
            "zip": columns.zip,
            "area": columns.area,
            "inspection_type": columns.inspection_type,
            "results": columns.result,
        }
        texts: dict[str, Texts | None] = {name: self._text(column) for name, column in named.items()}
        texts["address"] = self._address()
        if places is not None and columns.location_holds == "address_and_coordinates":
            for name in ("address", "city", "state"):
                if texts[name] is None:
                    texts[name] = places.part(name)
        return texts

    def _address(self) -> Texts | None:
        parts = [self.visits.header[column].values("") for column in self.profile.columns.address]
        if len(parts) <= 1:
            return self.visits.header[self.profile.columns.address[0]] if parts else None
        joined = pd.Series(
            [" ".join(" ".join(texts).split()) or None for texts in zip(*parts, strict=True)], dtype=object
        )
        return Texts.of(joined)

    def _words(self, texts: dict[str, Texts | None]) -> tuple[dict[str, Texts | None], dict[str, Texts]]:
        """Vocabularies applied, and the texts that none of them knows."""
        profile = self.profile
        vocabularies: dict[str, list[Word]] = {
            "facility_type": list(profile.kinds),
            "risk": list(profile.risks),
            "city": list(profile.towns),
            "inspection_type": list(profile.inspection_types),
            "results": list(profile.results),
        }
        words, unmapped = dict(texts), {}
        for name, vocabulary in vocabularies.items():
            text = texts[name]
            if text is None or not vocabulary:
                continue
            known = {str(word): word_of(str(word), vocabulary) for word in text.words}
            words[name] = text.map(known.__getitem__)
            strange = {spelling: spelling if word == OTHER else None for spelling, word in known.items()}
            unmapped[name] = text.map(strange.__getitem__)
        return words, unmapped

    def _identity(self, texts: dict[str, Texts | None]) -> dict[str, object]:
        visits, columns = self.visits, self.profile.columns
        own = self._text(columns.establishment_id)
        source_ids = _none(len(visits.ids)) if own is None else own.values(None)
        names, addresses = (self._values(texts[name], None) for name in ("dba_name", "address"))
        return {
            "week": monday_of(visits.days),
            "pull_week": visits.pull_weeks,
            "inspection_id": visits.ids,
            "inspection_date": visits.days,
            "source_establishment_id": source_ids,
            "establishment_id": identifiers.establishment_ids(source_ids, names, addresses),
            "raw_row_count": visits.row_counts,
            "portal_updated_at": visits.updated_at,
            "report_number": self._report_numbers(),
        }

    def _report_numbers(self) -> pd.Series:
        text = self._text(self.profile.columns.report_number)
        if text is None:
            return pd.Series(pd.NA, index=range(len(self.visits.ids)), dtype="Int64")
        numbers = text.map(whole_number).values(None)
        return pd.Series([pd.NA if number is None else int(number) for number in numbers], dtype="Int64")

    def _columns(self, words: dict[str, Texts | None]) -> dict[str, ObjectArray]:
        return {name: self._values(words[name], UNKNOWN) for name in TEXT_COLUMNS if name not in ("zip", "area")}

    def _values(self, text: Texts | None, missing: str | None) -> ObjectArray:
        return _none(len(self.visits.ids)) if text is None else text.values(missing)

    def _place_columns(self, words: dict[str, Texts | None], places: Places | None) -> dict[str, object]:
        columns = self.profile.columns
        zips = self._zips(words["zip"])
        if places is not None and columns.location_holds == "address_and_coordinates":
            found = self._zips(places.part("zip"))
            zips = found if words["zip"] is None else np.where(zips == UNKNOWN, found, zips)
        latitude, longitude = self._coordinates(places)
        area = self._values(words["area"], UNKNOWN) if columns.area is not None else zips
        state = self._values(words["state"], UNKNOWN)
        upper = {value: value if value == UNKNOWN else value.upper() for value in set(state) if value is not None}
        return {
            "zip": zips,
            "area": area,
            "state": np.array([upper.get(value) for value in state], dtype=object),
            "latitude": latitude,
            "longitude": longitude,
        }

    def _zips(self, text: Texts | None) -> ObjectArray:
        if text is None:
            return _none(len(self.visits.ids))
        return text.map(lambda code: _postal_code(code, self.profile.columns.zip_pattern)).values(UNKNOWN)

    def _coordinates(self, places: Places | None) -> tuple[pd.Series, pd.Series]:
        nothing = np.full(len(self.visits.ids), np.nan)
        latitude, longitude = (
            nothing if text is None else text.numbers()
            for text in (self._text(self.profile.columns.latitude), self._text(self.profile.columns.longitude))
        )
        if places is not None:
            other_latitude, other_longitude = places.coordinates()
            is_without = np.isnan(latitude) | np.isnan(longitude)
            latitude = np.where(is_without, other_latitude, latitude)
            longitude = np.where(is_without, other_longitude, longitude)
        return sane_coordinates(latitude, longitude)

    def _meanings(self, words: dict[str, Texts | None]) -> dict[str, object]:
        profile, count = self.profile, len(self.visits.ids)
        types, results = words["inspection_type"], words["results"]
        meanings = {word.word: word.meaning for word in profile.inspection_types}
        full = {word.word for word in profile.inspection_types if word.is_full_visit}
        outcome = {word.word: word.meaning for word in profile.results}
        if types is None:
            # Without types every visit is taken for a scheduled first look.
            type_word = np.full(count, profile.first_look_type, dtype=object)
            meaning = np.full(count, "first_look", dtype=object)
            is_full = np.ones(count, dtype=np.bool_)
        else:
            type_word = types.values(UNKNOWN)
            meaning = types.map(lambda word: meanings.get(word, "other")).values("other")
            is_full = types.map(lambda word: "yes" if word in full else None).codes >= 0
        result = (
            np.full(count, "other", dtype=object)
            if results is None
            else results.map(lambda word: outcome.get(word, "other")).values("other")
        )
        return {
            "inspection_type": type_word,
            "result_meaning": result,
            "is_inspection": meaning != "not_an_inspection",
            "is_first_look": meaning == "first_look",
            "is_full_visit": is_full,
            "is_reinspection": meaning == "follow_up",
            "is_complaint": meaning == "complaint",
            "is_conditional": result == "conditional",
            "is_closure": result == "closed",
        }

    def _points(self) -> dict[str, pd.Series]:
        points = self.profile.points
        if points is None:
            return {"points": pd.Series(np.nan, index=range(len(self.visits.ids)))}
        numbers = self.visits.header[points.column].numbers()
        return {"points": pd.Series(points.best - numbers if points.direction == "lower_is_worse" else numbers)}

    def _violations(self) -> pd.DataFrame:
        rules, visits = self.profile.violations, self.visits
        if rules is None:
            return pd.DataFrame({name: pd.Series(dtype=object) for name in findings.COLUMNS}).astype(
                {"inspection": int}
            )
        if rules.form == "text":
            return findings.from_text(rules, visits.as_given[str(rules.column)].values(None), visits.days)
        return findings.from_rows(rules, visits.row_visits, visits.row_days, visits.row_findings)

    def _texts_of_violations(self, violations: pd.DataFrame) -> dict[str, object]:
        """The text as given, or one made of the rows."""
        rules, count = self.profile.violations, len(self.visits.ids)
        if rules is None:
            return {"violations": _none(count)}
        given = (
            list(self.visits.as_given[str(rules.column)].values(None))
            if rules.form == "text"
            else findings.as_text(violations, count)
        )
        return {"violations": np.array([UNKNOWN if text is None else text for text in given], dtype=object)}

    def _long_form(self, violations: pd.DataFrame) -> pd.DataFrame:
        place = np.empty(len(self.order), dtype=np.int64)
        place[self.order] = np.arange(len(self.order))
        inspections = violations["inspection"].to_numpy()
        ordered = violations.iloc[np.argsort(place[inspections], kind="stable")]
        ids = self.visits.ids.to_numpy()[ordered["inspection"].to_numpy()]
        return ordered.assign(inspection_id=ids)[list(VIOLATION_COLUMNS)].reset_index(drop=True)

    def _labels(self, words: dict[str, Texts | None], frame: pd.DataFrame) -> dict[str, pd.Series]:
        numbers = {"points": "points", "violations": "violation_count"}
        texts = {
            "result": "results",
            "inspection_type": "inspection_type",
            "kind": "facility_type",
            "risk": "risk",
        }

        def values(rule: Rule) -> Texts | npt.NDArray[np.float64]:
            if rule.column is not None:
                return self.visits.header[rule.column]
            field = str(rule.field)
            if field in texts:
                word = words[texts[field]]
                # What no vocabulary knows says nothing, neither yes nor no.
                return Texts.of(frame[texts[field]]) if word is None else word.map(lambda w: None if w == OTHER else w)
            return frame[numbers.get(field, field)].to_numpy(dtype=np.float64, na_value=np.nan)

        critical = self.profile.labels.critical
        nothing = pd.Series(pd.NA, index=range(len(frame)), dtype="boolean")
        return {
            "is_failure": judged(self.profile.labels.fail, values),
            "is_critical": nothing if critical is None else judged(critical, values),
        }

    def _unmapped(self, unmapped: dict[str, Texts]) -> pd.DataFrame:
        days = monday_of(self.visits.days)
        parts = [
            pd.DataFrame(
                {"week": days, "inspection_id": self.visits.ids, "column": name, "value": text.values(None)}
            ).iloc[self.order][~text.is_missing[self.order]]
            for name, text in unmapped.items()
        ]
        columns = ["week", "inspection_id", "column", "value"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns, dtype=object)


def _none(count: int) -> ObjectArray:
    return np.full(count, None, dtype=object)


def _postal_code(text: str, pattern: str | None) -> str | None:
    if pattern is not None:
        found = re.search(pattern, text, re.IGNORECASE)
        return found[0].upper() if found else None
    code = postal_codes(pd.Series([text])).iloc[0]
    return None if code == UNKNOWN else str(code)
