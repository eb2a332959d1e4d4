"""What the program's names are called on the pages, and what they mean in plain words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A name's title and its explanation."""

    title: str
    meaning: str


# Keys are the stems of the columns of data.bias_report: fpr, fpr_disparity, is_fpr_parity.
RATES = {
    "fpr": Word("False positive rate", "of the places that would have passed, the share flagged all the same"),
    "fdr": Word("False discovery rate", "of the places flagged, the share that then passed"),
    "tpr": Word("True positive rate", "of the places that failed, the share flagged"),
    "fnr": Word("False negative rate", "of the places that failed, the share not flagged"),
    "for": Word("False omission rate", "of the places not flagged, the share that then failed"),
    "precision": Word("Precision", "of the places flagged, the share that failed"),
    "tnr": Word("True negative rate", "of the places that would have passed, the share not flagged"),
    "npv": Word("Negative predictive value", "of the places not flagged, the share that passed"),
    "pprev": Word("Predicted prevalence", "the share of the group that is flagged"),
    "ppr": Word("Predicted positive ratio", "the group's share of all places flagged"),
}
# Words of SQL cannot be columns: these two carry an underscore in the table.
RATE_COLUMNS = {rate: f"{rate}_" if rate in ("for", "precision") else rate for rate in RATES}

METRICS = {
    "roc_auc": Word(
        "AUC",
        "how often a place that fails is ranked above one that passes: 0.5 is a coin toss, 1 is perfect",
    ),
    "first_half": Word(
        "Found in the first half",
        "share of the failures found by the first half of the visits, in the order of the scores",
    ),
    "days_earlier": Word(
        "Days earlier",
        "by how many days failures are found sooner when the same visits are made in the order of the scores",
    ),
    "precision_at_capacity": Word(
        "Precision at capacity", "share of the visits within the week's list that find a failure"
    ),
    "calibration_error": Word(
        "Calibration error", "how far a score of, say, 30% is from three failures in ten; 0 is exact"
    ),
    "brier_score": Word("Brier score", "mean squared distance of score and result; 0 is exact"),
    "average_precision": Word("Average precision", "precision averaged over every length of list"),
    "precision": Word("Precision", "share of the places flagged that failed"),
    "recall": Word("Recall", "share of the failures that were flagged"),
    "accuracy": Word("Accuracy", "share of the visits whose label was right"),
    "f1": Word("F1", "balance of precision and recall"),
}
LOWER_IS_BETTER = frozenset({"brier_score", "calibration_error"})
PERCENTAGES = frozenset({"first_half", "precision_at_capacity", "precision", "recall", "accuracy"})

SOURCES = {
    "queue": Word("Published queue", "the first published queue of the week, joined to the visits that followed"),
    "random_share": Word(
        "Random share",
        "only those drawn at random from the places below the list's top: few, but free of the ranking's own choice",
    ),
    "predictions": Word(
        "Morning of the visit",
        "each visit scored as of its own morning: every visit counts, but it knows a few days more",
    ),
}
VALIDATION = "validation"
ESTIMATED = "estimated"

QUESTIONS = {
    "scores": Word("Scores", "are the newest places scored like those the champion was tested on, in the same season?"),
    "outcomes": Word("Outcomes", "do as many fail as the scores promise?"),
    "ranking": Word("Ranking", "are those that fail still ranked above those that pass?"),
    "features": Word("Features", "did what the model looks at move, by the weight it carries?"),
}
# What is charted of each question, by the kind of its row: the statistic's title and meaning.
STATISTICS = {
    "psi": Word("PSI", "population stability index of the scores, the season held still; 0 is alike"),
    "deviations": Word("Deviations", "found against promised, in standard deviations"),
    "auc": Word("AUC", "of the newest weeks; its bound is the lowest that agrees with what was promised"),
    "jensen_shannon": Word("Distance", "Jensen-Shannon distance of the two histograms, from 0 to 1"),
}
HEADLINES = ("roc_auc", "first_half", "days_earlier", "precision_at_capacity", "calibration_error")
"""Metrics with a promise, in the order of the pages."""
PROMISES = {"kept": "Kept", "below": "Below", "broken": "Broken", "cannot_tell": "Cannot tell"}
EVENNESS = {"even": "Even", "uneven": "Uneven", "cannot_tell": "Cannot tell"}
ANSWERS = {"holds": "Holds", "changed": "Changed", "cannot_tell": "Cannot tell"}

MOVE_STATISTICS = {
    "mean": "Mean",
    "standard_deviation": "Deviation",
    "median": "Median",
    "upper_quartile": "Upper quartile",
}

RULES = {
    "score_drift": "Scores drifted",
    "performance": "Below the promise",
    "outcome_drift": "Outcomes drifted",
    "feature_drift": "Features moved",
    "too_early": "Too early to say",
    "cool_down": "Just retrained",
    "none": "No rule fired",
}

WHYS = {
    "score": "High score",
    "overdue": "Overdue",
    "reinspection": "Re-inspection",
    "random": "Random draw",
    "floor": "Area floor",
}
"""Why a visit is in the plan."""


def why_planned(why: str, days_overdue: float | None) -> str:
    """Why a visit is in the plan, with how long it has been overdue where that is why."""
    is_known = why == "overdue" and days_overdue is not None and days_overdue > 0
    return f"Overdue by {days_overdue:,.0f} days" if is_known else WHYS.get(why, why)


DECISIONS = {
    "done": "Done",
    "postponed": "Postponed",
    "skipped": "Skipped",
    "closed": "Found closed",
    "wrong_address": "Wrong address",
    "swapped": "Swapped",
}
"""What was decided on a line of the plan."""
