"""What must agree between the tables of a profile; what one table must be stands with the table."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from food_inspections.domain.city.words import OTHER, UNKNOWN, Word

OF_PULLS = ("week", "portal_row_id", "portal_updated_at")
"""Columns that a pull adds to the portal's own, whose names no column of a portal can have."""

if TYPE_CHECKING:
    from food_inspections.domain.city.profile import Profile


def problems(profile: "Profile") -> Iterator[str]:
    """Sentences, without their full stop, about tables that contradict each other."""
    yield from _rows(profile)
    yield from _required(profile)
    yield from _words(profile)
    yield from _labels(profile)
    yield from _groups(profile)


def _rows(profile: "Profile") -> Iterator[str]:
    is_in_rows = profile.violations is not None and profile.violations.form == "rows"
    if profile.rows.grain == "violation" and profile.violations is None:
        yield "rows.grain is 'violation', but nothing says where the violations are: add [violations]"
    elif profile.rows.grain == "violation" and not is_in_rows:
        yield "rows.grain is 'violation', so violations.form must be 'rows': change one of them"
    elif is_in_rows and profile.rows.grain != "violation":
        yield "violations.form is 'rows', so rows.grain must be 'violation': change one of them"
    for name in profile.portal_columns:
        if name in OF_PULLS:
            yield f"the column {name!r} has a name that the program keeps for itself: give it another one in an export"
    for key, names in (
        ("rows.whole_numbers", profile.rows.whole_numbers),
        ("missing.columns", profile.missing.columns),
    ):
        for name in names:
            if name not in profile.portal_columns:
                yield f"{key} names {name!r}, a column that nothing else in the profile uses: correct its name"


def _required(profile: "Profile") -> Iterator[str]:
    for field in profile.rows.required:
        if (
            field not in profile.provides
            and {"kind": "facility_type", "result": "results"}.get(field) not in profile.provides
        ):
            yield f"rows.required names {field!r}, which no column provides: take it out or name its column"
    if profile.report_numbers is not None and profile.columns.report_number is None:
        yield "[report_numbers] needs the column of the numbers: name it as columns.report_number"


def _words(profile: "Profile") -> Iterator[str]:
    for name, column, words in _vocabularies(profile):
        known = [word.word for word in words]
        if words and getattr(profile.columns, column) is None:
            yield f"[[{name}]] gives words to a column that is not there: name it as columns.{column}"
        for twice in (word for place, word in enumerate(known) if word in known[:place]):
            yield f"[[{name}]] has the word {twice!r} twice: put all its spellings into one table"
        for kept in (word for word in known if word in (OTHER, UNKNOWN)):
            yield f"[[{name}]] uses the word {kept!r}, which the program keeps for itself: choose another one"
    types = profile.inspection_types
    if profile.columns.inspection_type is not None and not any(word.meaning == "first_look" for word in types):
        yield "no table of [[inspection_types]] means 'first_look': say which visits are scheduled first looks"


def _vocabularies(profile: "Profile") -> tuple[tuple[str, str, Sequence[Word]], ...]:
    """Table, the column it is for, and its words."""
    return (
        ("inspection_types", "inspection_type", profile.inspection_types),
        ("results", "result", profile.results),
        ("kinds", "kind", profile.kinds),
        ("risks", "risk", profile.risks),
        ("towns", "city", profile.towns),
    )


def _labels(profile: "Profile") -> Iterator[str]:
    known = {column: [word.word for word in words] for _, column, words in _vocabularies(profile)}
    for rule in (single for label in profile.label_rules() for single in label.comparisons()):
        if rule.field is None:
            continue
        if not _has_value(profile, rule.field):
            yield f"a label compares {rule.field!r}, which the profile does not provide: add its table or column"
        words = known.get(rule.field, [])
        for word in (word for word in [*(rule.is_ or []), *(rule.is_not or [])] if words and word not in words):
            yield f"a label compares {rule.field} with {word!r}, which is none of its words: use {', '.join(words)}"


def _has_value(profile: "Profile", field: str) -> bool:
    if field == "points":
        return profile.points is not None
    if field == "violations":
        return profile.violations is not None
    if field.endswith("_violations"):
        return profile.violations is not None and profile.violations.has_severities
    return getattr(profile.columns, field) is not None


def _groups(profile: "Profile") -> Iterator[str]:
    for name, words in (("kind", profile.kinds), ("risk", profile.risks)):
        reference = getattr(profile.fairness, name)
        known = [word.word for word in words]
        if reference is not None and known and reference not in known:
            yield f"fairness.{name} is {reference!r}, which is none of its words: use one of {', '.join(known)}"
