"""What the table of drift says, as one answer to each question."""

from typing import Any

import pandas as pd

from food_inspections.domain.monitoring.verdicts import Answer, Verdict

QUESTIONS = ("scores", "features", "outcomes", "ranking")

IMPORTANT_SHARE = 0.10
"""Features have changed where those that moved carry at least this share of the model's effects."""


def answers(table: pd.DataFrame) -> list[Verdict]:
    """The verdict on scores, features, outcomes and ranking.

    Args:
        table: Rows of monitoring.drift of one week.
    """
    kinds = dict(iter(table.groupby("kind")))
    return [
        _scores(kinds.get("score")),
        _features(kinds.get("feature")),
        _outcomes(kinds.get("outcome")),
        _ranking(kinds.get("ranking")),
    ]


def _scores(rows: pd.DataFrame | None) -> Verdict:
    if rows is None or rows["is_drifted"].isna().any():
        return Verdict("scores", "cannot_tell", _value(rows), None, "Scores: the history is too short to say.")
    row = _only(rows)
    if row.is_drifted:
        said = f"The scores have moved: PSI {row.value:.2f}, by themselves they reach {row.threshold:.2f}."
        return Verdict("scores", "changed", row.value, row.threshold, said)
    said = f"The scores move no further than by themselves: PSI {row.value:.2f}, bound {row.threshold:.2f}."
    return Verdict("scores", "holds", row.value, row.threshold, said)


def _features(rows: pd.DataFrame | None) -> Verdict:
    if rows is None or rows["is_drifted"].isna().any():
        return Verdict("features", "cannot_tell", None, IMPORTANT_SHARE, "Features: the history is too short to say.")
    moved = rows[rows["is_drifted"].astype(bool)]
    share = float(moved["importance"].sum())
    of = f"{len(moved)} of {len(rows)} features moved further than by themselves"
    carried = f"they carry {share:.0%} of the model's effects, {IMPORTANT_SHARE:.0%} would matter"
    if share >= IMPORTANT_SHARE:
        names = moved.sort_values("importance", ascending=False)["name"].head(3)
        return Verdict("features", "changed", share, IMPORTANT_SHARE, f"{of}: {', '.join(names)}; {carried}.")
    return Verdict("features", "holds", share, IMPORTANT_SHARE, f"{of}; {carried}." if len(moved) else f"{of}.")


def _outcomes(rows: pd.DataFrame | None) -> Verdict:
    if rows is None:
        return Verdict("outcomes", "cannot_tell", None, None, "Outcomes: none is known yet.")
    deviations, ratio = (_only(rows[rows["statistic"] == name]) for name in ("deviations", "ratio"))
    said = (
        f"Found: {ratio.value:.2f} times what the scores promised, {deviations.value:.1f} standard deviations apart; "
        f"up to {deviations.threshold:.1f} is chance."
    )
    answer: Answer = "changed" if deviations.is_drifted else "holds"
    return Verdict("outcomes", answer, deviations.value, deviations.threshold, said)


def _ranking(rows: pd.DataFrame | None) -> Verdict:
    if rows is None:
        said = "Ranking: the AUC is not defined where all or none failed."
        return Verdict("ranking", "cannot_tell", None, None, said)
    row = _only(rows)
    said = f"AUC {row.value:.2f}; from {row.threshold:.2f} on it agrees with what was promised."
    return Verdict("ranking", "changed" if row.is_drifted else "holds", row.value, row.threshold, said)


def _value(rows: pd.DataFrame | None) -> float | None:
    return None if rows is None else float(rows["value"].iloc[0])


def _only(rows: pd.DataFrame) -> Any:
    return next(rows.itertuples(index=False))
