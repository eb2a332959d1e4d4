"""``food-inspections models``: list, compare, promote and roll back models."""

import getpass
from collections.abc import Sequence
from datetime import date, datetime
from typing import cast, get_args

import click
from tabulate import tabulate

from food_inspections.domain.evaluation.metrics import METRICS
from food_inspections.domain.learning.explanations import importance
from food_inspections.domain.weeks import monday_of
from food_inspections.errors import DataError
from food_inspections.settings import Label, Settings
from food_inspections.storage.models import decisions
from food_inspections.storage.models.champions import find_champion
from food_inspections.storage.models.decisions import KnownModel
from food_inspections.storage.warehouse import Warehouse
from food_inspections.tracking import experiments

COMPARED_WEEKS = 8
_DAY = click.DateTime(["%Y-%m-%d"])
_LABEL = click.option(
    "--label", type=click.Choice(get_args(Label)), help="What the models forecast; FOOD_INSPECTIONS_LABEL by default."
)
_WEEK = click.option("--week", type=_DAY, help="A day of the first week it serves; this week by default.")
_BY = click.option("--by", "decided_by", help="Who decides; the user of this machine by default.")


@click.group()
def command() -> None:
    """List, compare, promote and roll back models.

    The log of decisions is only ever appended to: the champion of a week is the last decision for it
    or an earlier week, by a run whose checks accepted it or by hand.
    """


@command.command(name="list")
@_LABEL
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="Decisions shown.")
@click.option("--all", "is_all", is_flag=True, help="Every model on record instead of the decisions.")
def list_(label: str | None, limit: int, is_all: bool) -> None:
    """Print the newest decisions; * marks the champion of this week."""
    warehouse, label_ = _open(label)
    week = _monday(warehouse, None)
    with warehouse.snapshot() as connection:
        champion = find_champion(connection, week, label_)
        known = decisions.known_models(connection, label_)
        logged = decisions.decisions(connection, label_, limit)
    if not known:
        raise DataError(f"There is no model for label {label_!r}: food-inspections run trains the first.")
    serving = None if champion is None else champion.model_id
    if is_all:
        _print_models(known, serving)
        return
    lines = [
        (
            str(row.selection_id),
            "*" if champion is not None and row.selection_id == champion.selection_id else "",
            f"{row.effective_week}",
            row.model_id,
            f"{row.decided_at:%Y-%m-%d %H:%M}",
            row.decided_by,
            row.reason,
        )
        for row in logged
    ]
    header = ("decision", "", "from week", "model", "decided", "by", "reason")
    click.echo(tabulate(lines, header, disable_numparse=True))


@command.command()
@click.argument("model")
@_LABEL
@_WEEK
@_BY
@click.option("--reason", required=True, help="Why; kept in the log.")
def promote(model: str, label: str | None, week: datetime | None, decided_by: str | None, reason: str) -> None:
    """Let MODEL, an id or its beginning, serve from a week on."""
    warehouse, label_ = _open(label)
    with warehouse.snapshot() as connection:
        chosen = decisions.find_model(connection, model, label_)
    _decide(warehouse, chosen, week, decided_by, reason)


@command.command()
@_LABEL
@_WEEK
@_BY
@click.option("--reason", required=True, help="Why; kept in the log.")
def rollback(label: str | None, week: datetime | None, decided_by: str | None, reason: str) -> None:
    """Let the model that served before the present champion serve again."""
    warehouse, label_ = _open(label)
    with warehouse.snapshot() as connection:
        chosen = decisions.predecessor(connection, _monday(warehouse, week), label_)
    _decide(warehouse, chosen, week, decided_by, reason)


@command.command()
@click.argument("first")
@click.argument("second")
@_LABEL
@click.option("--top", type=click.IntRange(1), default=15, show_default=True, help="Inputs shown.")
def compare(first: str, second: str, label: str | None, top: int) -> None:
    """Print validation metrics and importance of two models side by side.

    Metrics are those of each model's validation weeks, which it had not seen. Importance is the mean size of an
    input's effect on the log-odds (SHAP) over the inspections of the newest eight accepted weeks.
    """
    warehouse, label_ = _open(label)
    with warehouse.snapshot() as connection:
        pair = [decisions.find_model(connection, name, label_) for name in (first, second)]
        features = decisions.recent_features(connection, date.max, COMPARED_WEEKS)
    models = [warehouse.load_model(each.object_key, each.checksum) for each in pair]
    facts = [
        ("recipe", *(each.recipe for each in pair)),
        ("cutoff", *(str(each.cutoff) for each in pair)),
        ("judged as", *(each.candidate_id for each in pair)),
        ("threshold", *(f"{each.threshold:.4f}" for each in pair)),
        *((metric.title, *(_number(each.metrics.get(name)) for each in pair)) for name, metric in METRICS.items()),
    ]
    click.echo(tabulate(facts, ("", *(each.model_id for each in pair)), disable_numparse=True))
    if features.empty:
        click.echo("There are no accepted features to compare importance on.", err=True)
        return
    shares = [importance(model, features).set_index("feature")["mean_effect_size"] for model in models]
    names = list(dict.fromkeys([*shares[0].index[:top], *shares[1].index[:top]]))
    ordered = sorted(names, key=lambda name: (-max(share.get(name, 0.0) for share in shares), name))
    lines = [(name, *(_number(share.get(name)) for share in shares)) for name in ordered[:top]]
    click.echo()
    click.echo(tabulate(lines, ("importance (log-odds)", *(each.model_id for each in pair)), disable_numparse=True))


def _open(label: str | None) -> tuple[Warehouse, Label]:
    settings = Settings.from_environment()
    return Warehouse(settings), cast(Label, label or settings.label)


def _monday(warehouse: Warehouse, week: datetime | None) -> date:
    return monday_of(warehouse.settings.calendar.today() if week is None else week.date())


def _decide(
    warehouse: Warehouse, model: KnownModel, week: datetime | None, decided_by: str | None, reason: str
) -> None:
    # A model that cannot be loaded must not be decided for: the error says why.
    warehouse.load_model(model.object_key, model.checksum)
    monday = _monday(warehouse, week)
    with warehouse.transaction() as connection:
        decisions.decide_by_hand(connection, model, monday, decided_by or getpass.getuser(), reason)
    click.echo(f"{model.model_id} serves from week {monday} on.")
    experiments.track_champion(warehouse, model.label)


def _print_models(known: Sequence[KnownModel], serving: str | None) -> None:
    lines = [
        (
            model.model_id,
            "*" if model.model_id == serving else "",
            model.recipe,
            str(model.cutoff),
            "candidate" if model.is_candidate else f"refit of {model.candidate_id}",
            _number(model.metrics.get("roc_auc")),
            _number(model.metrics.get("average_precision")),
            _number(model.metrics.get("days_earlier")),
        )
        for model in known
    ]
    header = ("model", "", "recipe", "cutoff", "kind", "AUC", "average precision", "days earlier")
    click.echo(tabulate(lines, header, disable_numparse=True))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
