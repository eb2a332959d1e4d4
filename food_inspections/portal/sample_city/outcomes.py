"""What an inspector finds at a visit, and the result that follows from it."""

from dataclasses import dataclass

import numpy as np

from food_inspections.portal.sample_city.hygiene import BASE
from food_inspections.portal.sample_city.randomness import stream

TYPE_EFFECTS = {
    "Canvass": 0.0,
    "License": -0.1,
    "Complaint": 0.4,
    "Suspected Food Poisoning": 0.3,
    "Short Form Complaint": -1.5,
    "Consultation": -0.6,
    "Tag Removal": -1.0,
    "Task Force Liquor 1475": -0.8,
    "Special Events (Festivals)": -1.0,
}
RE_INSPECTION_EFFECT = -1.5
CRITICAL_SHARE = 0.5
"""Of the grave violations; the others are serious."""
SURPRISE = 0.012
"""How often a result is not what the violations say, in either direction."""
NO_ENTRY_SHARE = 0.04
NOT_READY_SHARE = 0.12
NOT_LOCATED_SHARE = 0.07


@dataclass
class Outcomes:
    """Arrays of one length, a visit each.

    Attributes:
        inspection_type: Kind of visit; ``Non-Inspection`` for some that came to nothing.
        result: As published.
        critical, serious, minor: Violations found.
        corrected_critical, corrected_serious: How many of them were corrected on the spot.
        probability, critical_probability: The chance of a failure, and of a critical violation, before the visit.
    """

    inspection_type: np.ndarray
    result: np.ndarray
    critical: np.ndarray
    serious: np.ndarray
    minor: np.ndarray
    corrected_critical: np.ndarray
    corrected_serious: np.ndarray
    probability: np.ndarray
    critical_probability: np.ndarray


def look(
    seed: int, week: int, visited: np.ndarray, types: np.ndarray, rates: np.ndarray, *, is_closed: np.ndarray
) -> Outcomes:
    """Inspect: draw violations at the establishments' rates, and decide.

    A grave violation that is not corrected on the spot fails the establishment, one that is
    makes it pass with conditions, and minor ones let it pass.
    """
    size = len(visited)

    def draw(purpose: str) -> np.random.Generator:
        return stream(seed, purpose, week)

    effects = {kind: _type_effect(kind) for kind in set(types)}
    log_rate = rates + np.array([effects[kind] for kind in types], dtype=float)
    rate = np.exp(np.minimum(log_rate, 1.5))
    corrected_rate = np.exp(-1.6 + 0.45 * (log_rate - BASE))
    remaining = draw("remaining").poisson(rate)
    corrected = draw("corrected").poisson(corrected_rate)
    critical = draw("critical").binomial(remaining, CRITICAL_SHARE)
    corrected_critical = draw("corrected critical").binomial(corrected, CRITICAL_SHARE)
    minor = draw("minor").poisson(np.exp(0.72 + 0.5 * (log_rate - BASE)))

    surprise = draw("surprise").random(size)
    result = np.select(
        [(remaining > 0) ^ (surprise < SURPRISE), remaining + corrected > 0], ["Fail", "Pass w/ Conditions"], "Pass"
    ).astype(object)
    reached = draw("reached").random(size)
    result[(reached < NO_ENTRY_SHARE) & np.isin(types, ["Canvass", "Complaint"])] = "No Entry"
    result[(reached < NOT_READY_SHARE) & (types == "License")] = "Not Ready"
    result[is_closed] = np.where(reached < NOT_LOCATED_SHARE, "Business Not Located", "Out of Business")[is_closed]
    is_nothing = np.isin(result, ["No Entry", "Not Ready", "Business Not Located", "Out of Business"])
    is_renamed = is_nothing & (types == "Canvass") & (draw("renamed").random(size) < 0.6)
    clean = np.exp(-rate)
    return Outcomes(
        inspection_type=np.where(is_renamed, "Non-Inspection", types),
        result=result,
        critical=np.where(is_nothing, 0, critical + corrected_critical),
        serious=np.where(is_nothing, 0, remaining + corrected - critical - corrected_critical),
        minor=np.where(is_nothing, 0, minor),
        corrected_critical=np.where(is_nothing, 0, corrected_critical),
        corrected_serious=np.where(is_nothing, 0, corrected - corrected_critical),
        probability=(1 - clean) * (1 - SURPRISE) + clean * SURPRISE,
        critical_probability=1 - np.exp(-CRITICAL_SHARE * (rate + corrected_rate)),
    )


def _type_effect(kind: str) -> float:
    return RE_INSPECTION_EFFECT if kind.endswith("Re-Inspection") else TYPE_EFFECTS.get(kind, 0.0)
