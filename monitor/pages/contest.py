"""The part of the performance page on the champion and its challengers."""

from typing import Any

from dash.development.base_component import Component

from food_inspections.monitor.components import panels
from food_inspections.monitor.components.markup import name_of
from food_inspections.monitor.components.status import badge
from food_inspections.monitor.queries import contest as queries
from food_inspections.monitor.queries import performance
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Request
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.vocabulary import METRICS, PERCENTAGES

SHOWN = ("roc_auc", "average_precision", "first_half", "days_earlier", "calibration_error")


def draw_contest(request: Request) -> Component | list[Component]:
    """Every contender of the newest contest, the winner first, and by how much it leads."""
    weeks = performance.weeks(request.connection)
    week = request.view.week("week", weeks, weeks[0])
    for row in records(queries.contest(request.connection, week, request.settings.label)):
        metrics = [row.metric, *[name for name in SHOWN if name != row.metric]]
        winner = row.metrics.get(row.candidate_id, {})
        contenders = sorted(
            row.metrics.items(), key=lambda item: (item[0] != row.candidate_id, -(item[1].get(row.metric) or 0.0))
        )
        rows = [
            [
                badge("good", "Champion") if name == row.candidate_id else "",
                name_of(name),
                *[_written(metric, values.get(metric)) for metric in metrics],
                "" if name == row.candidate_id else _lead(winner.get(row.metric), values.get(row.metric)),
            ]
            for name, values in contenders
        ]
        titles = [METRICS[name].title if name in METRICS else formats.words(name) for name in metrics]
        return panels.panel(
            "Champion against challengers",
            panels.table(
                ["", "Contender", *titles, f"Champion's lead in {titles[0]}"],
                rows,
                numeric=tuple(range(2, 3 + len(metrics))),
                caption="Champion against challengers",
            ),
            about=f"The contest for {formats.week(row.effective_week)}, on the same {formats.whole(row.visits)} "
            f"validation visits ({formats.whole(row.failures)} failures), seen by none of them: {row.reason}",
        )
    return []


def _lead(champion: Any, other: Any) -> str:
    return formats.MISSING if champion is None or other is None else formats.signed(champion - other, 4)


def _written(metric: str, value: Any) -> str:
    return formats.percent(value) if metric in PERCENTAGES else formats.decimal(value, 3)
