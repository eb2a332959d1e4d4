"""Weeks x assets as lanes: one line an asset, weeks from left to right, equal neighbours drawn as one piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from itertools import groupby

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
    of_asset = rows[rows["asset"] == asset]
    found = dict(zip(of_asset["week"], zip(of_asset["status"], of_asset["row_count"], strict=True), strict=True))
    states = [(week, *found.get(week, ("missing", 0))) for week in weeks]
    for state, members in groupby(states, key=lambda one: one[1]):
        run = list(members)
        yield Piece(state, run[0][0], run[-1][0], len(run), sum(int(one[2]) for one in run))


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
