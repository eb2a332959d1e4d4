"""Writes the violations text of the sample city's inspections, under the code of law of the day."""

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from food_inspections.portal.sample_city.findings import AREAS, ARTICLES, Finding
from food_inspections.portal.sample_city.food_code import FOOD_CODE
from food_inspections.portal.sample_city.older_code import OLDER_CODE
from food_inspections.portal.sample_city.randomness import stream

FOOD_CODE_DAY = date(2018, 7, 1)
SEVERITIES = ("critical", "serious", "minor")
_ADVICE = ("INSTRUCTED TO CORRECT AND MAINTAIN.", "MUST CORRECT.", "INSTRUCTED MANAGER TO CORRECT BY NEXT VISIT.", "")
_GAPS = (" ", " ", " ", " ", " ", " ", "  ", "\n", " \n", " ")


def write_violations(seed: int, visits: pd.DataFrame) -> list[str | None]:
    """The text of each visit, ``None`` where nothing was found.

    Args:
        seed: Of the wording.
        visits: ``day``, the counts by severity and how many of them were corrected.
    """
    entries = _entries(seed, visits)
    texts = _texts(entries)
    bounds = np.searchsorted(entries["visit"].to_numpy(), np.arange(len(visits) + 1))
    return [" | ".join(texts[start:end]) or None for start, end in pairwise(bounds)]


def _entries(seed: int, visits: pd.DataFrame) -> pd.DataFrame:
    """One row per violation, in the order of visit and number."""
    counts = visits[list(SEVERITIES)].to_numpy()
    total = counts.sum()
    # Position of the first entry of each visit and severity, to tell the corrected ones: they come first.
    starts = np.concatenate([[0], np.cumsum(counts.ravel())[:-1]])
    group = np.repeat(np.arange(counts.size), counts.ravel())
    corrected = np.column_stack([visits["corrected_critical"], visits["corrected_serious"], np.zeros(len(visits))])
    is_corrected = np.arange(total) - starts[group] < corrected.ravel()[group]
    visit, severity = np.divmod(group, len(SEVERITIES))
    is_food_code = (visits["day"] >= pd.Timestamp(FOOD_CODE_DAY)).to_numpy()[visit]
    finding = np.empty(total, dtype=int)
    draws = stream(seed, "finding").random(total)
    codes = (*OLDER_CODE, *FOOD_CODE)
    for is_new, offset, code in ((False, 0, OLDER_CODE), (True, len(OLDER_CODE), FOOD_CODE)):
        for number, name in enumerate(SEVERITIES):
            chosen = (is_food_code == is_new) & (severity == number)
            finding[chosen] = offset + _pick(code, name, draws[chosen])
    numbers = np.array([entry.number for entry in codes])[finding]
    return pd.DataFrame(
        {
            "visit": visit,
            "number": numbers,
            "finding": finding,
            "is_food_code": is_food_code,
            "is_corrected": is_corrected,
            "area": stream(seed, "area").integers(0, len(AREAS), total),
            "amount": stream(seed, "amount").integers(2, 40, total),
            "style": stream(seed, "style").integers(0, len(_ADVICE) * len(_GAPS), total),
        }
    ).sort_values(["visit", "number"], kind="stable", ignore_index=True)


def _pick(code: tuple[Finding, ...], severity: str, draws: np.ndarray) -> np.ndarray:
    positions = np.array([i for i, finding in enumerate(code) if finding.severity == severity])
    shares = np.cumsum([code[i].weight for i in positions])
    picks = np.searchsorted(shares / shares[-1], draws, side="right").clip(max=len(positions) - 1)
    return np.asarray(positions[picks])


def _texts(entries: pd.DataFrame) -> list[str]:
    codes = (*OLDER_CODE, *FOOD_CODE)
    heads = [f"{finding.number}. {finding.title} - Comments: " for finding in codes]
    texts = []
    columns = ("finding", "is_food_code", "is_corrected", "area", "amount", "style")
    for row in zip(*(entries[column].tolist() for column in columns), strict=True):
        number, is_food_code, is_corrected, area, amount, style = row
        finding = codes[number]
        comment = finding.comment.format(area=AREAS[area], warm=42 + amount, pounds=amount // 2, many=amount)
        parts = [comment, _ADVICE[style % len(_ADVICE)]]
        if is_corrected:
            parts.append("CORRECTED ON SITE.")
        parts.append(_citation(finding.severity, amount, is_food_code=is_food_code))
        gap = _GAPS[style // len(_ADVICE)]
        texts.append(heads[number] + gap.join(part for part in parts if part))
    return texts


def _citation(severity: str, pick: int, *, is_food_code: bool) -> str:
    """The words by which the newer code tells severities, and the older one's."""
    article = ARTICLES[severity][pick % len(ARTICLES[severity])]
    if severity == "minor":
        return ""
    if is_food_code:
        words = "PRIORITY VIOLATION" if severity == "critical" else "PRIORITY FOUNDATION VIOLATION"
        return f"{words} {article}. CITATION ISSUED."
    return f"{severity.upper()} VIOLATION {article}."
