"""One establishment: why it stands where it stands, and what was found before."""

import math
from collections.abc import Sequence
from typing import Any, TypedDict

import pandas as pd

from food_inspections.monitor.figures import base
from food_inspections.monitor.figures.base import Figure
from food_inspections.monitor.wording import formats

_CHANCES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.97)
_RESULTS = {
    "Fail": (base.ORANGE, "diamond"),
    "Pass w/ Conditions": (base.AMBER, "square"),
    "Pass": (base.BLUE, "circle"),
}


class Reason(TypedDict):
    """An item of the column ``reasons``; the effect is in log-odds."""

    feature: str
    text: str
    value: Any
    effect: float


def reasons_waterfall(score: float, reasons: Sequence[Reason]) -> Figure:
    """How the strongest reasons lead to the score.

    Effects add up in log-odds, so that is the scale; its ticks are written as chances. It starts
    from what the reasons do not explain: the average place and all weaker reasons.

    Args:
        score: Probability of the label.
        reasons: The strongest first.
    """
    end = _log_odds(score)
    levels = [end - sum(reason["effect"] for reason in reasons)]
    for reason in reasons:
        levels.append(levels[-1] + reason["effect"])
    low, high = min(levels) - 0.25, max(levels) + 0.25
    labels = ["All else", *[_wrapped(reason["text"]) for reason in reasons], "Score"]
    # Drawn as bars with a base of their own: Plotly's waterfall can only start at 0.
    starts = [low, *levels[:-1], low]
    lengths = [levels[0] - low, *[reason["effect"] for reason in reasons], end - low]
    colours = [base.GREY, *[base.ORANGE if reason["effect"] > 0 else base.BLUE for reason in reasons], base.GREY]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(labels))),
        "x": lengths,
        "base": starts,
        "marker": {"color": colours},
        "customdata": [
            [label.replace("<br>", " "), formats.percent(_chance(level), 1)]
            for label, level in zip(labels, [*levels, end], strict=True)
        ],
        "hovertemplate": "%{customdata[0]}<br>up to here: %{customdata[1]}<extra></extra>",
    }
    connectors = [
        {
            "type": "line", "x0": level, "x1": level, "y0": place + 0.3, "y1": place + 0.7, "layer": "below",
            "line": {"color": base.GREY, "width": 1, "dash": "dot"},
        }
        for place, level in enumerate(levels)
    ]  # fmt: skip
    tips = [max(start, start + length) for start, length in zip(starts, lengths, strict=True)]
    words = [formats.percent(_chance(levels[0]))]
    words += ["raises" if reason["effect"] > 0 else "lowers" for reason in reasons]
    words.append(formats.percent(score, 1))
    ticks = [chance for chance in _CHANCES if low <= _log_odds(chance) <= high]
    if len(ticks) < 2:
        ticks = sorted({_chance(low), _chance(high)})
    return base.figure(
        bars,
        shapes=connectors,
        names=labels,
        notes=[
            base.note(word, x=tip, y=place, yanchor="middle", xshift=5)
            for place, (word, tip) in enumerate(zip(words, tips, strict=True))
        ],
        height=64 + 42 * len(labels),
        bargap=0.4,
        margin={"r": 54},
        xaxis={
            "title": "Chance to fail",
            "tickvals": [_log_odds(chance) for chance in ticks],
            "ticktext": [formats.percent(chance) for chance in ticks],
            "range": [low, high],
        },
        yaxis={"autorange": "reversed", "showgrid": False, "tickvals": list(range(len(labels))), "ticktext": labels},
    )


def visits_over_time(history: pd.DataFrame) -> Figure:
    """Earlier visits as marks in time, higher for more violations, shaped and coloured by result.

    Args:
        history: inspection_date, results, violation_count, inspection_type.
    """
    traces = []
    for result in sorted(set(history["results"])):
        rows = history[history["results"] == result]
        colour, symbol = _RESULTS.get(result, (base.GREY, "x"))
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": rows["inspection_date"].tolist(),
                "y": rows["violation_count"].tolist(),
                "name": result,
                "marker": {"color": colour, "symbol": symbol, "size": 10},
                "customdata": rows["inspection_type"].tolist(),
                "hovertemplate": "%{x|%-d %b %Y}: %{fullData.name}<br>%{customdata}, %{y} violations<extra></extra>",
            }
        )
    top = max([4, *history["violation_count"]])
    return base.figure(
        *traces,
        showlegend=True,
        xaxis={"type": "date", "nticks": 4, "tickangle": 0, "tickformat": "%b %Y", "showgrid": False},
        yaxis={"title": "Violations", "range": [-0.06 * top, 1.1 * top], "nticks": 5, "tickformat": "d"},
    )


def _log_odds(chance: float) -> float:
    held = min(max(chance, 0.001), 0.999)
    return math.log(held / (1 - held))


def _chance(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _wrapped(text: str, width: int = 30) -> str:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "<br>".join([*lines, line])
