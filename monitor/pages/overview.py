"""Overview: what holds and what does not, in one glance, each a link to its page."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from dash import dcc, html
from dash.development.base_component import Component

from food_inspections.monitor.components import panels, worklist
from food_inspections.monitor.components.status import badge, worst
from food_inspections.monitor.pages import findings
from food_inspections.monitor.pages.findings import Finding
from food_inspections.monitor.queries import overview as queries
from food_inspections.monitor.routing.page import Page, Region, Request, Site
from food_inspections.monitor.wording.vocabulary import METRICS


def draw(request: Request) -> list[Component]:
    """The verdict, the findings and the ways to the services."""
    today = datetime.now(UTC).date()
    weeks = list(queries.newest_weeks(request.connection)["week"])
    this_week = today - timedelta(days=today.weekday())
    found = [
        findings.queue_finding(request),
        findings.champion_finding(request, max([*weeks, this_week])),
        findings.performance_finding(request),
        findings.drift_finding(request),
        findings.bias_finding(request),
        findings.checks_finding(request, max(weeks, default=this_week)),
        findings.freshness_finding(request, today),
    ]
    return [
        *filter(None, [worklist.draw(request)]),
        html.H2("Whether the forecast holds", className="section"),
        _verdict(found),
        html.Div([_card(request.site, finding) for finding in found], className="cards"),
        _services(request.site),
        _glossary(),
    ]


def _verdict(found: list[Finding]) -> Component:
    status = worst([finding.status for finding in found])
    named = {
        each: ", ".join(finding.name.lower() for finding in found if finding.status == each)
        for each in ("bad", "watch", "unknown")
    }
    text = " ".join(
        said
        for said in (
            f"Needs attention: {named['bad']}." if named["bad"] else "",
            "Everything holds: the list can be used as it is." if status == "good" else "",
            "The forecast can be used." if status == "watch" else "",
            f"Keep an eye on: {named['watch']}." if named["watch"] else "",
            "Nothing speaks against the list." if status == "unknown" else "",
            f"Cannot tell yet, for want of visits or weeks: {named['unknown']}." if named["unknown"] else "",
        )
        if said
    )
    word = {"bad": "Act", "watch": "Watch", "unknown": "Cannot tell all", "good": "Good"}[status]
    return html.Div([badge(status, word), html.P(text)], className=f"verdict {status}", role="status")


def _card(site: Site, finding: Finding) -> Component:
    return dcc.Link(
        [
            html.Span(
                [html.Span(finding.name, className="tile-label"), badge(finding.status, finding.word)],
                className="card-head",
            ),
            html.Span(finding.value, className="card-value"),
            html.Span(finding.note, className="card-note"),
            html.Span(f"{findings.PAGE_NAMES[finding.path]} →", className="card-link"),
        ],
        href=site.href(finding.path),
        className=f"card {finding.status}",
    )


def _services(site: Site) -> Component:
    settings = site.settings
    swagger = f"{settings.api_url.rstrip('/')}/docs"
    services = [
        ("Dagster", settings.dagster_url, "The asset graph: runs, schedules, checks and logs."),
        ("API and Swagger", swagger, "The published results over HTTP, to read and to try."),
    ]
    # A tracking store may also be a folder or a database, which no browser can open.
    if settings.mlflow_url and settings.mlflow_url.startswith(("http://", "https://")):
        services.append(
            ("MLflow", _without_user(settings.mlflow_url), "Every candidate with its parameters and metrics.")
        )
    links = [
        html.A(
            [
                html.Span(f"{name} ↗", className="service-name"),
                html.Span(about, className="service-about"),
                html.Span(url, className="service-url"),
            ],
            href=url,
            className="service",
            target="_blank",
            rel="noopener noreferrer",
        )
        for name, url, about in services
    ]
    return panels.panel("Services", html.Div(links, className="services"))


def _glossary() -> Component:
    terms = [
        ("Score", "the estimated chance, from 0 to 100%, that an establishment fails its next inspection"),
        ("Queue", "every establishment in business, ranked by its score for the week; the list is its top"),
        ("Champion", "the model in use; a challenger replaces it only when it is clearly better"),
        ("AUC", METRICS["roc_auc"].meaning),
        ("Drift", "the newest weeks no longer look like those the model was tested on"),
    ]
    return html.Details(
        [
            html.Summary("The words on these pages"),
            html.Dl([part for term, meaning in terms for part in (html.Dt(term), html.Dd(meaning))]),
        ],
        className="glossary panel",
    )


PAGE = Page(
    path="/",
    name="Overview",
    title="This week",
    lead="The list, what became of the last one, and whether the forecast still holds.",
    controls=lambda _request: [],
    group="work",
    regions=[Region("overview", frozenset(), draw)],
)


def _without_user(url: str) -> str:
    """An address without the user and password that programs may need and nobody should see."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
