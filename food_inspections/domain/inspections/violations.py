"""What an inspection found: counts by severity and topic from the violations text.

The text reads ``N. TITLE - Comments: TEXT | N. TITLE ...``. Two codes of law use the
same numbers for different things: the city's older code until 2018-06-30, the FDA Food
Code since 2018-07-01. Severities and topics span both; the raw numbers do not.
"""

import re
from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from food_inspections.domain.inspections.violation_codes import (
    FOOD_CODE_TOPICS,
    OLDER_CODE_TOPICS,
    TOPICS,
    is_official_title,
)

FOOD_CODE_DAY = date(2018, 7, 1)

SEVERITY_COLUMNS = ("critical_violations", "serious_violations", "minor_violations")
TOPIC_COLUMNS = tuple(f"topic_{topic}" for topic in TOPICS)
COLUMNS = ("violation_count", *SEVERITY_COLUMNS, *TOPIC_COLUMNS)

_CRITICAL, _SERIOUS, _MINOR = range(3)

# A bar may also stand inside a comment: whether it starts an entry is decided in `_entries`.
_BOUNDARY = re.compile(r"\|\s*(?=\d{1,2}\.\s)")
_ENTRY = re.compile(r"\s*(\d{1,2})\.\s+(.{0,40})", re.DOTALL)
_COMMENTS = re.compile(r"-\s*Comments\s*:", re.IGNORECASE)

# The rule is literal. Inspectors also write "PRIORITY 7-38-005" or misspell the words, and
# those stay core: one exact rule beats a guess, and they are under one in ten.
_PRIORITY = re.compile(r"PRIORITY\s+VIOLATION")
_PRIORITY_FOUNDATION = re.compile(r"PRIORITY\s+FOUNDATION")


def count_violations(texts: pd.Series, days: pd.Series) -> pd.DataFrame:
    """Violations of each inspection, counted by severity and by topic.

    Every entry has exactly one severity and one topic, so the severities and the topics
    both add up to ``violation_count``. A number listed twice counts twice.

    Args:
        texts: Violations as the portal gives them; text without an entry has none.
        days: Day of each inspection, which decides the code of law.

    Returns:
        int64 columns :data:`COLUMNS` on the index of ``texts``.
    """
    entries = _entries(texts.to_list())
    is_food_code = (days >= pd.Timestamp(FOOD_CODE_DAY)).to_numpy()[entries["row"]]
    numbers = entries["number"].to_numpy()
    severities = np.where(
        is_food_code, _food_code_severities(entries["text"], is_food_code), _older_severities(numbers)
    )
    topics = np.where(is_food_code, _topic_table(FOOD_CODE_TOPICS)[numbers], _topic_table(OLDER_CODE_TOPICS)[numbers])
    by_severity = _count(entries["row"].to_numpy(), severities, len(texts), len(SEVERITY_COLUMNS))
    by_topic = _count(entries["row"].to_numpy(), topics, len(texts), len(TOPICS))
    counts = np.column_stack([by_severity.sum(axis=1), by_severity, by_topic])
    return pd.DataFrame(counts, columns=list(COLUMNS), index=texts.index)


def _entries(texts: list[object]) -> pd.DataFrame:
    """One row per violation: ``row`` (position in ``texts``), ``number`` and whole ``text``.

    A piece after a bar is an entry of its own where it has comments, bears the official
    title of its number, or follows an entry without comments; otherwise it is a comment
    that happens to hold ``| 2. ``.
    """
    rows: list[int] = []
    pieces: list[str] = []
    for row, text in enumerate(texts):
        if isinstance(text, str) and text:
            split = _BOUNDARY.split(text)
            rows.extend([row] * len(split))
            pieces.extend(split)
    starts = [_ENTRY.match(piece) for piece in pieces]
    frame = pd.DataFrame(
        {
            "row": np.asarray(rows, dtype="int64"),
            "number": np.asarray([int(start[1]) if start else -1 for start in starts], dtype="int64"),
            "text": np.asarray(pieces, dtype=object),
        }
    )
    frame = frame.loc[frame["number"] >= 0].reset_index(drop=True)
    has_comments = np.fromiter(map(_has_comments, frame["text"]), bool, len(frame))
    is_first = ~frame["row"].duplicated().to_numpy()
    is_sure = is_first | has_comments | _has_known_title([start for start in starts if start])
    last_sure = np.maximum.accumulate(np.where(is_sure, np.arange(len(frame)), 0))
    entries: pd.DataFrame = frame.loc[is_sure | ~has_comments[last_sure]].reset_index(drop=True)
    return entries


def _has_comments(text: str) -> bool:
    return "- Comments:" in text or _COMMENTS.search(text) is not None


def _has_known_title(starts: list[re.Match[str]]) -> np.ndarray:
    known: dict[tuple[str, str], bool] = {}
    flags = np.empty(len(starts), dtype=bool)
    for i, start in enumerate(starts):
        key = (start[1], start[2])
        if key not in known:
            known[key] = is_official_title(int(start[1]), start[2])
        flags[i] = known[key]
    return flags


def _older_severities(numbers: np.ndarray) -> np.ndarray:
    """1-14 critical, 15-29 serious, the rest (30-45 and 70) minor."""
    return np.select([numbers <= 14, numbers <= 29], [_CRITICAL, _SERIOUS], _MINOR)


def _food_code_severities(texts: pd.Series, is_food_code: np.ndarray) -> np.ndarray:
    """The gravest of the severities that the text names; core where it names none."""
    severities = np.full(len(texts), _MINOR)
    new_texts: list[str] = texts[is_food_code].to_list()
    severities[is_food_code] = [_food_code_severity(text) for text in new_texts]
    return severities


def _food_code_severity(text: str) -> int:
    upper = text.upper()
    if "PRIORITY" not in upper:
        return _MINOR
    return _CRITICAL if _PRIORITY.search(upper) else _SERIOUS if _PRIORITY_FOUNDATION.search(upper) else _MINOR


def _topic_table(topics: Mapping[str, tuple[int, ...]]) -> np.ndarray:
    """Number of a violation -> position of its topic."""
    table = np.full(100, TOPICS.index("other"))
    for topic, numbers in topics.items():
        table[list(numbers)] = TOPICS.index(topic)
    return table


def _count(rows: np.ndarray, groups: np.ndarray, row_count: int, group_count: int) -> np.ndarray:
    flat = np.bincount(rows * group_count + groups, minlength=row_count * group_count)
    return flat.reshape(row_count, group_count).astype("int64")
