"""Violations in long form, one row each, with the severity and the topic that the law of their day gives them."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.city.laws import SEVERITIES, TOPICS, Finding, Law, Violations
from food_inspections.domain.city.numbered_comments import read_entries, title_of
from food_inspections.domain.city.texts import IntArray, ObjectArray, Texts

COLUMNS = ("inspection", "code", "title", "severity", "topic")

SEVERITY_COLUMNS = tuple(f"{severity}_violations" for severity in SEVERITIES)
TOPIC_COLUMNS = tuple(f"topic_{topic}" for topic in TOPICS)
COUNT_COLUMNS = ("violation_count", *SEVERITY_COLUMNS, *TOPIC_COLUMNS)

_NO_LAW = Law()


def from_text(rules: Violations, texts: ObjectArray, days: pd.Series) -> pd.DataFrame:
    """Violations that stand in one text per inspection.

    Args:
        rules: How this city writes violations.
        texts: The text of each inspection, or something else where there is none.
        days: Day of each inspection, which decides the code of law.

    Returns:
        :data:`COLUMNS`; ``inspection`` is the position in ``texts``.
    """
    entries = read_entries(list(texts), [law.titles for law in rules.laws])
    laws = _law_numbers(rules, days.iloc[entries.rows])
    codes = Texts.of(pd.Series(entries.codes, dtype=object))
    known: dict[str, str] = {}
    titles = [known.setdefault(title, title) for title in map(title_of, entries.texts)]
    judged = {name: np.full(len(entries.rows), "", dtype=object) for name in ("severity", "topic")}
    for number, law in enumerate(rules.laws or [_NO_LAW]):
        places = np.flatnonzero(laws == number)
        for name, judge, looked_at in (
            ("severity", _severity, law.severities),
            ("topic", _topic, law.topics.values()),
        ):
            # Codes are few and texts are many: what codes decide is decided once for each.
            by_code = np.array([judge(law, str(code), "", "") for code in codes.words], dtype=object)
            judged[name][places] = by_code[codes.codes[places]]
            if any(rule.needs_text for rule in looked_at):
                is_open = np.array([_is_open(looked_at, str(code)) for code in codes.words], dtype=np.bool_)
                for place in places[is_open[codes.codes[places]]]:
                    judged[name][place] = judge(law, entries.codes[place], "", entries.texts[place].upper())
    return pd.DataFrame(
        {
            "inspection": entries.rows,
            "code": entries.codes,
            "title": np.array(titles, dtype=object),
            **judged,
        }
    )


def from_rows(rules: Violations, inspections: IntArray, days: pd.Series, columns: Sequence[Texts]) -> pd.DataFrame:
    """Violations that have a row each.

    Args:
        rules: How this city writes violations.
        inspections: Inspection of each row.
        days: Day of each row.
        columns: Code, text and flag of each row.

    Returns:
        :data:`COLUMNS`, without the rows that hold no violation.
    """
    code, text = columns[:2]
    # What has a code or a text is a violation: a flag alone stands on rows that say "none found" too.
    rows = np.flatnonzero(~(code.is_missing & text.is_missing))
    laws = _law_numbers(rules, days.iloc[rows])
    parts = np.column_stack([laws, *(column.codes[rows] for column in columns)])
    alike, place_of = _distinct(parts)
    laws_in_force = [(rules.laws or [_NO_LAW])[law] for law, *_ in alike]
    codes, titles, flags = (
        [str(column.words[ones[place]]) if ones[place] >= 0 else "" for ones in alike]
        for place, column in enumerate(columns, start=1)
    )
    upper = [title.upper() for title in titles]
    kinds = list(zip(laws_in_force, codes, flags, upper, strict=True))
    columns_of = {
        "code": codes,
        "title": titles,
        "severity": [_severity(*kind) for kind in kinds],
        "topic": [_topic(*kind) for kind in kinds],
    }
    taken = {name: np.array(values, dtype=object)[place_of] for name, values in columns_of.items()}
    return pd.DataFrame({"inspection": inspections[rows], **taken}).sort_values(
        ["inspection", "code", "title"], kind="stable", ignore_index=True
    )


def counted(violations: pd.DataFrame, inspection_count: int, rules: Violations | None) -> pd.DataFrame:
    """Violations of each inspection by severity and topic, ``Int64``: missing where the city does not publish them.

    Every violation has one severity and one topic, so that both add up to ``violation_count``.
    """
    columns: dict[str, pd.Series] = {}
    nothing = pd.Series(pd.NA, index=range(inspection_count), dtype="Int64")
    has_some = rules is not None
    inspections = violations["inspection"].to_numpy(dtype=np.int64)
    total = np.bincount(inspections, minlength=inspection_count)
    columns["violation_count"] = pd.Series(total, dtype="Int64") if has_some else nothing
    for kind, values, names in (
        ("severity", SEVERITIES, SEVERITY_COLUMNS),
        ("topic", TOPICS, TOPIC_COLUMNS),
    ):
        is_published = rules is not None and (rules.has_severities if kind == "severity" else rules.has_topics)
        found = violations[kind].to_numpy()
        for value, name in zip(values, names, strict=True):
            counts = np.bincount(inspections[found == value], minlength=inspection_count)
            columns[name] = pd.Series(counts, dtype="Int64") if is_published else nothing
    return pd.DataFrame(columns)


def silent_days(
    violation_count: pd.Series, days: pd.Series, is_visited: pd.Series, fewest: int
) -> npt.NDArray[np.bool_]:
    """Which inspections are of a day whose violations the source left out.

    Where many places were inspected and not one violation is listed, the list is missing, not the violations. A day
    is judged by its own rows alone: what is known on a morning must not depend on a later day.

    Args:
        violation_count: Violations listed of each inspection.
        days: Its day.
        is_visited: Whether something was inspected at all; others say nothing.
        fewest: From how many inspections on a day without any violation counts as one left out.
    """
    counted = pd.DataFrame({"day": days, "visits": is_visited.astype(int), "found": violation_count.astype(float)})
    totals = counted.groupby("day")[["visits", "found"]].transform("sum")
    return np.asarray((totals["visits"] >= fewest) & totals["found"].eq(0))


def as_text(violations: pd.DataFrame, inspection_count: int) -> list[str | None]:
    """``CODE. TITLE | CODE. TITLE`` of each inspection, for people to read."""
    lines: list[list[str]] = [[] for _ in range(inspection_count)]
    for inspection, code, title in zip(violations["inspection"], violations["code"], violations["title"], strict=True):
        lines[inspection].append(f"{code}. {title}" if code and title else code or title)
    return [" | ".join(found) if found else None for found in lines]


def _is_open(rules: Iterable[Finding], code: str) -> bool:
    """Whether the text has a say: a rule that looks at texts stands before any that knows the code."""
    return next((rule.needs_text for rule in rules if rule.needs_text or rule.catches(code, "", "")), False)


def _severity(law: Law, code: str, flag: str, upper_text: str) -> str:
    """How grave the law says a violation is."""
    caught = (rule.severity for rule in law.severities if rule.catches(code, flag, upper_text))
    return next(caught, law.other_severity)


def _topic(law: Law, code: str, flag: str, upper_text: str) -> str:
    """What the law says a violation is about."""
    return next((topic for topic, rule in law.topics.items() if rule.catches(code, flag, upper_text)), "other")


def _law_numbers(rules: Violations, days: pd.Series) -> IntArray:
    """Which law is in force on each day."""
    starts = [pd.Timestamp(law.starts) for law in rules.laws if law.starts is not None]
    return np.searchsorted(
        np.array(starts, dtype="datetime64[ns]"), days.to_numpy(dtype="datetime64[ns]"), side="right"
    ).astype(np.int64)


def _distinct(parts: IntArray) -> tuple[list[list[int]], IntArray]:
    """The distinct rows of whole numbers, and which of them each row is."""
    frame = pd.DataFrame(parts)
    kind = np.asarray(frame.groupby(list(frame.columns), sort=False).ngroup(), dtype=np.int64)
    first = np.unique(kind, return_index=True)[1]
    distinct: list[list[int]] = parts[first].tolist()
    return distinct, kind
