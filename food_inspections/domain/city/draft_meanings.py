"""What the values of an unknown portal's columns seem to mean: kinds of visits, results, points, flags."""

import re

import pandas as pd

_MOST_WORDS = 40
_MEANINGS_OF_TYPES = (
    ("follow_up", r"RE-?\s?INSP|RE-?VISIT|FOLLOW|RECHECK|REOPEN|SECOND|RETURN|AGAIN"),
    ("complaint", r"COMPLAINT|POISON|ILLNESS"),
    ("not_an_inspection", r"NON-?\s?INSPECTION|CONSULT|EDUCATION|TRAINING|OFFICE"),
    ("first_look", r"ROUTINE|INITIAL|CANVASS|REGULAR|UNANNOUNCED|STANDARD|SCHEDULED|PROGRAM|PLANNED"),
)
_MEANINGS_OF_RESULTS = (
    ("out_of_business", r"OUT OF BUSINESS"),
    ("not_located", r"NOT LOCATED|NOT FOUND"),
    ("no_entry", r"NO ENTRY|NO ACCESS|INACCESSIBLE"),
    ("not_ready", r"NOT READY|INCOMPLETE"),
    ("reopened", r"RE-?OPEN"),
    ("closed", r"CLOS|SUSPEN"),
    ("conditional", r"CONDITION|W/|NEEDS"),
    ("pass", r"NO VIOL"),
    ("fail", r"FAIL|UNSAT|NOT IN COMPLIANCE|OUT OF COMPLIANCE"),
    ("pass", r"PASS|SATISF|COMPLIANCE|APPROV|COMPLETE|NO VIOL|^OK$"),
)
_GRADE = re.compile(r"[A-F][+-]?", re.IGNORECASE)
_GRAVE = re.compile(
    r"^(?!.*(NOT|NON)\b).*(CRITICAL|CRUCIAL|RED|MAJOR|HIGH|PRIORITY|GRAVE|\*\*)|^(1|Y|YES|TRUE)$",
    re.IGNORECASE,
)


def meanings_of(fields: dict[str, str], sample: pd.DataFrame, field: str) -> list[tuple[str, str]]:
    """The values of a column, the most frequent first, each with what it seems to mean."""
    if field not in fields:
        return []
    meanings = _MEANINGS_OF_TYPES if field == "inspection_type" else _MEANINGS_OF_RESULTS
    texts = sample[fields[field]].dropna().astype(str).map(lambda text: " ".join(text.split()))
    counts = texts[(texts != "") & ~texts.str.lower().isin(["other", "unknown"])].value_counts()
    # The same word in other capitals is one word.
    values = list({str(value).upper(): str(value) for value in reversed(counts.index[:_MOST_WORDS])}.values())[::-1]
    found = [(v, next((m for m, p in meanings if re.search(p, v, re.IGNORECASE)), "other")) for v in values]
    if field == "result" and len(values) > 1 and all(_GRADE.fullmatch(value) for value in values):
        letters = sorted(values)
        found = [(v, {letters[0]: "pass", letters[-1]: "fail"}.get(v, "conditional")) for v in values]
    if field == "inspection_type" and found and not any(meaning == "first_look" for _, meaning in found):
        found[0] = (found[0][0], "first_look")
    return found


def points_in(fields: dict[str, str], sample: pd.DataFrame) -> pd.Series:
    """The points; what lies below 0 stands for none."""
    numbers = pd.to_numeric(sample[fields["points"]], errors="coerce")
    return numbers[numbers >= 0]


def best_points(fields: dict[str, str], sample: pd.DataFrame) -> float | None:
    """What a perfect inspection seems to have where more points are better; ``None`` where they are worse."""
    numbers = points_in(fields, sample)
    if numbers.empty:
        return None
    is_out_of_hundred = numbers.max() <= 105 and numbers.median() >= 75
    low, high = numbers.quantile([0.01, 0.99])
    if is_out_of_hundred or numbers.median() > (low + high) / 2:
        return 100.0 if 95 <= numbers.max() <= 105 else float(numbers.max())
    return None


def grave_flags(fields: dict[str, str], sample: pd.DataFrame) -> list[str]:
    """What a portal seems to write of its gravest violations, the most frequent first."""
    values = sample[fields["flag"]].dropna().astype(str).str.strip().value_counts().index[:_MOST_WORDS]
    return [value for value in values if _GRAVE.search(value)]
