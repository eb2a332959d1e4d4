"""Pipeline: which weeks of which assets were written and accepted, and what the checks saw."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.domain.weeks import week_range
from food_inspections.monitor.components import controls, lanes, notices, pager, panels
from food_inspections.monitor.components.markup import code
from food_inspections.monitor.components.spans import SPANS, since
from food_inspections.monitor.components.status import badge
from food_inspections.monitor.queries import pipeline as queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Control, Page, Region, Request
from food_inspections.monitor.wording import formats

# In the order data flow; assets this list does not know come after it.
ASSETS = (
    "raw_inspections",
    "clean_inspections",
    "inspection_features",
    "establishment_features",
    "xgboost_model",
    "knn_model",
    "logistic_regression_model",
    "blend_model",
    "selected_model",
    "bias_report",
    "predictions",
    "api_predictions",
    "inspection_queue",
    "api_inspection_queue",
    "inspection_plan",
    "score_distributions",
    "drift_report",
    "drift_page",
    "queue_performance",
)
# Made only where somebody asks for it.
OPTIONAL = frozenset({"blend_model", "drift_page"})
CHECKS_A_PAGE = 25
ONLY = {"all": "All", "failed": "Failed", "passed": "Passed"}


def _selection(request: Request, weeks: Sequence[date]) -> tuple[date, date]:
    until = request.view.week("week", weeks, weeks[0])
    return since(until, request.view.choice("span", SPANS, "26")), until


def selected_checks(request: Request, limit: int, offset: int = 0) -> pd.DataFrame:
    """The check results that an address selects, as :func:`queries.checks` gives them."""
    weeks = queries.weeks(request.connection)
    first, until = _selection(request, weeks) if weeks else (date.max, date.max)
    asset = request.view.choice("asset", ASSETS, "") or None
    only = request.view.choice("only", ONLY, "all")
    return queries.checks(request.connection, first, until, asset, only, limit, offset)


def offered(request: Request) -> Sequence[Control] | Component:
    """The weeks, and which checks are listed."""
    weeks = queries.weeks(request.connection)
    if not weeks:
        return notices.notice(
            "Nothing has run yet",
            "The pipeline has written no week of any asset.",
            "Run `food-inspections demo` for a first forecast from an artificial city, or `food-inspections run`.",
        )
    _, until = _selection(request, weeks)
    view = request.view
    return [
        controls.week("week", "Until", weeks, until),
        Control("span", "Shown before it", "segments", view.choice("span", SPANS, "26"), "26", list(SPANS.items())),
        Control(
            "asset", "Checks of", "dropdown", view.choice("asset", ASSETS, ""), "",
            [("", "All assets"), *[(asset, asset) for asset in ASSETS]],
        ),
        Control("only", "Results", "segments", view.choice("only", ONLY, "all"), "all", list(ONLY.items())),
    ]  # fmt: skip


def draw_grid(request: Request) -> list[Component]:
    """Weeks x assets."""
    weeks = queries.weeks(request.connection)
    first, until = _selection(request, weeks)
    rows = queries.grid(request.connection, first, until)
    written = set(rows["asset"])
    shown = _every_week(rows["week"])
    assets = [asset for asset in ASSETS if asset in written or asset not in OPTIONAL] + sorted(written - set(ASSETS))
    counts = rows["status"].value_counts()
    rejected, pending = int(counts.get("rejected", 0)), int(counts.get("pending", 0))
    asked = request.view.missing_week("week", weeks)
    return [
        *([notices.asked_for_another_week(asked, f"until {formats.week(until)}")] if asked else []),
        panels.tiles(
            panels.tile("Accepted", formats.whole(counts.get("accepted", 0)), "Weeks of assets a reader may use."),
            panels.tile(
                "Rejected",
                formats.whole(rejected),
                "A blocking check failed; nothing below used them.",
                "bad" if rejected else "good",
                "Failing" if rejected else "None",
            ),
            panels.tile(
                "Pending",
                formats.whole(pending),
                "Written, but their checks have not finished.",
                "watch" if pending else "good",
                "Waiting" if pending else "None",
            ),
        ),
        panels.panel(
            "Weeks and assets",
            html.A(
                "Open Dagster ↗",
                href=request.settings.dagster_url,
                className="button small corner",
                target="_blank",
                rel="noopener noreferrer",
            ),
            html.Div(
                [
                    html.Span([html.I(className=f"swatch state-{state}"), text], className="map-legend-step")
                    for state, text in (
                        ("accepted", "accepted"),
                        ("pending", "written, checks not finished"),
                        ("rejected", "rejected ✕"),
                        ("missing", "missing"),
                    )
                ],
                className="map-legend",
            ),
            lanes.draw(
                rows,
                assets,
                shown,
                f"{len(assets)} assets over {len(shown)} weeks: {rejected} rejected, {pending} pending.",
            ),
            _rejected_rows(request, rows),
            about="Weeks from left to right. Models are made every few weeks, queues from their first publication "
            "on, so gaps there are in order.",
        ),
    ]


def _every_week(written: pd.Series) -> list[date]:
    """From the first to the last week, those of which nothing was written too."""
    if written.empty:
        return []
    return week_range(written.min(), written.max())


def _rejected_rows(request: Request, rows: pd.DataFrame) -> Component | None:
    bad = rows[rows["status"] != "accepted"].sort_values(["week", "asset"], ascending=[False, True]).head(50)
    if bad.empty:
        return None
    return panels.table(
        ["Asset", "Week", "State", "Rows", "Written", "Run"],
        [
            [
                code(row.asset),
                formats.day(row.week),
                badge("bad", "Rejected") if row.status == "rejected" else badge("watch", "Pending"),
                formats.whole(row.row_count),
                formats.moment(row.created_at),
                _run_link(request, row.run_id),
            ]
            for row in records(bad)
        ],
        numeric=(3,),
        caption="Weeks not accepted",
        is_cards_on_phone=True,
    )


def draw_checks(request: Request) -> Component:
    """The newest results, failures first."""
    number = request.view.number("page", 1, maximum=10_000)
    rows = selected_checks(request, CHECKS_A_PAGE, (number - 1) * CHECKS_A_PAGE)
    total = int(rows["total"].iloc[0]) if len(rows) else 0
    return panels.panel(
        "Newest check results",
        panels.table(
            ["Result", "Asset", "Check", "Week", "Expected", "Seen", "Run"],
            [
                [
                    _verdict(row.passed, row.severity, row.is_blocking),
                    code(row.asset),
                    code(row.check_name),
                    formats.day(row.week),
                    row.expected,
                    row.seen,
                    _run_link(request, row.run_id),
                ]
                for row in records(rows)
            ],
            caption="Newest check results",
            is_cards_on_phone=True,
            csv_url=request.site.href("/checks.csv", request.view.search(page=None)),
        )
        if total
        else html.P("No check result matches.", className="about"),
        pager.draw(request.view, number, -(-total // CHECKS_A_PAGE)),
        about=f"Of every check and week the newest result, failures first, {formats.count(total, 'result')} in all. "
        "A blocking check that fails keeps its week from every reader.",
    )


def _verdict(passed: bool, severity: str, is_blocking: bool) -> Component:
    if passed:
        return badge("good", "Passed")
    return badge("bad", "Blocked" if is_blocking else "Failed") if severity == "ERROR" else badge("watch", "Warning")


def _run_link(request: Request, run_id: str) -> Component:
    return html.A(
        run_id[:8],
        href=f"{request.settings.dagster_url.rstrip('/')}/runs/{run_id}",
        target="_blank",
        rel="noopener noreferrer",
        title=f"Run {run_id} in Dagster",
        className="run",
    )


PAGE = Page(
    path="/pipeline",
    name="Pipeline",
    title="Pipeline",
    lead="Did every step run, and did the data pass their checks?",
    controls=offered,
    regions=[
        Region("pipeline-grid", frozenset({"week", "span"}), draw_grid),
        Region("pipeline-checks", frozenset({"week", "span", "asset", "only", "page"}), draw_checks),
    ],
    resets=["page"],
    group="program",
)
