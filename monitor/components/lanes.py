"""Weeks x assets as lanes: one line an asset, weeks from left to right, equal neighbours drawn as one piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from itertools import pairwise

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.routing.flattening import Markup
from food_inspections.monitor.wording import formats

MEANINGS = {
    "missing": "nothing written",
    "pending": "written, checks not finished",
    "accepted": "accepted",
    "rejected": "a check failed",
}
_MOST_TICKS = 8


@dataclass(frozen=True)
class Piece:
    """Neighbouring weeks of one state.

    Attributes:
        state: A key of :data:`MEANINGS`.
        first: The first of the weeks.
        last: The last of them.
        weeks: How many they are.
        rows: Rows written in them.
    """

    state: str
    first: date
    last: date
    weeks: int
    rows: int

    @property
    def words(self) -> str:
        """What it stands for, in a line."""
        until = formats.day(self.last + timedelta(days=6))
        when = formats.week(self.first) if self.weeks == 1 else f"{formats.day(self.first)} to {until}"
        written = "" if self.state == "missing" else f", {formats.count(self.rows, 'row')}"
        return f"{when}: {MEANINGS[self.state]}{written}"


def pieces(rows: pd.DataFrame, asset: str, weeks: Sequence[date]) -> Iterator[Piece]:
    """An asset's weeks, as few pieces as its states allow.

    Args:
        rows: asset, week, status, row_count.
        asset: One of them; any other is missing in every week.
        weeks: From left to right.
    """
    if not weeks:
        return
    of_asset = rows[rows["asset"] == asset].set_index("week")
    states = of_asset["status"].reindex(list(weeks), fill_value="missing").to_numpy(dtype=object)
    written = of_asset["row_count"].reindex(list(weeks), fill_value=0).to_numpy()
    changes = 1 + np.flatnonzero(states[1:] != states[:-1])
    for first, end in pairwise([0, *map(int, changes), len(weeks)]):
        yield Piece(states[first], weeks[first], weeks[end - 1], end - first, int(written[first:end].sum()))


def draw(rows: pd.DataFrame, assets: Sequence[str], weeks: Sequence[date], summary: str) -> Component:
    """The lanes with the months below them.

    Args:
        rows: asset, week, status, row_count.
        assets: From top to bottom.
        weeks: From left to right.
        summary: What it shows, for those who cannot see it.
    """
    lanes = [part for asset in assets for part in (html.Code(asset), _lane(list(pieces(rows, asset, weeks))))]
    return html.Div(
        [*lanes, html.Span(), _ticks(weeks)],
        className="lanes",
        role="img",
        **attributes({"aria-label": summary}),
    )


def _lane(parts: Sequence[Piece]) -> Component:
    # A thousand of them over fifteen years.
    drawn = (
        f'<i class="state-{part.state}" style="flex-grow:{part.weeks}" title="{escape(part.words)}">'
        f"{'✕' if part.state == 'rejected' else ''}</i>"
        for part in parts
    )
    return html.Div(Markup("".join(drawn)), className="lane")


def _ticks(weeks: Sequence[date]) -> Component:
    step = max(1, -(-len(weeks) // _MOST_TICKS))
    return html.Div(
        [html.Span(f"{week.day} {week:%b %y}", style={"flex-grow": str(step)}) for week in weeks[::step]],
        className="lane-ticks",
    )
