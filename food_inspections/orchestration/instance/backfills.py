"""What a range of weeks chosen in Dagster's UI means: the chosen weeks of the chosen assets, and no others.

Dagster takes the weeks for those of the first assets of the choice, and from there follows what is made from what. As
features and models are made from all weeks before, two weeks became every week up to the coming one, with a model for
each. Here a backfill is cut to what was chosen before it begins; what could not be made is refused in a sentence, which
the UI shows in place of the launch.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import dagster as dg

from food_inspections.domain.weeks import WEEK, monday_of
from food_inspections.errors import DataError
from food_inspections.orchestration.instance import run_tags
from food_inspections.orchestration.partitions import CALENDAR
from food_inspections.planning.choice import NO_MODEL, what_lacks
from food_inspections.planning.graph import Graph
from food_inspections.planning.state import CLEAN, FEATURES, RAW, TRAINING, State
from food_inspections.planning.target import QUEUE_ASSETS

MOST_CUTOFFS = 4
"""Weeks for which models are made in one backfill: each takes minutes, and a year of them is hardly meant."""


def as_chosen(backfill: Any, state: State) -> Any:
    """The backfill with the chosen weeks of each chosen asset.

    Args:
        backfill: Dagster's ``PartitionBackfill``. One of a job, and one that takes up what another left, say
            themselves which weeks they are about.
        state: The store.

    Raises:
        DataError: Some of it could not be made.
    """
    data = backfill.asset_backfill_data
    if data is None or run_tags.PARENT_BACKFILL in backfill.tags:
        return backfill
    reached = data.target_subset.partitions_subsets_by_asset_key
    chosen = _chosen({key.to_user_string(): subset for key, subset in reached.items()})
    assets = [key.to_user_string() for key in backfill.asset_selection]
    reason = why_not(assets, [date.fromisoformat(key) for key in chosen.get_partition_keys()], state)
    if reason is not None:
        raise DataError(reason)
    target = type(data.target_subset)(
        partitions_subsets_by_asset_key=dict.fromkeys(backfill.asset_selection, chosen),
        non_partitioned_asset_keys=set(),
    )
    return backfill._replace(asset_backfill_data=data._replace(target_subset=target))


def require_as_chosen(context: dg.AssetExecutionContext) -> None:
    """Refuse to begin with a backfill that makes weeks nobody chose; storage of Dagster's own cuts none.

    Raises:
        DataError: The run belongs to such a backfill; the message says what to launch instead.
    """
    name = context.run.tags.get(run_tags.BACKFILL)
    backfill = None if name is None else context.instance.get_backfill(name)
    data = None if backfill is None else backfill.asset_backfill_data
    if data is None or run_tags.PARENT_BACKFILL in context.run.tags:
        return
    reached = data.target_subset.partitions_subsets_by_asset_key
    chosen = _chosen({key.to_user_string(): subset for key, subset in reached.items()})
    further = sorted(key.to_user_string() for key, subset in reached.items() if subset != chosen)
    if further:
        raise DataError(
            f"Backfill {name} reaches other weeks than those chosen of {', '.join(further)}; nothing of it was made. "
            "Cancel it, and launch the jobs pull, refresh, training or publish over the weeks: see docs/dagster.md."
        )


def _chosen(reached: Mapping[str, Any]) -> Any:
    """The weeks of the first assets: what follows has the same first week and more, or a later first one."""
    weeks = {asset: sorted(subset.get_partition_keys()) for asset, subset in reached.items()}
    earliest = min(keys[0] for keys in weeks.values() if keys)
    return reached[min((asset for asset in weeks if weeks[asset][:1] == [earliest]), key=lambda each: len(weeks[each]))]


def why_not(assets: Sequence[str], weeks: Sequence[date], state: State) -> str | None:
    """Why some assets cannot be made for all of some weeks, in a sentence; ``None`` where they can.

    Args:
        assets: Names of assets.
        weeks: Mondays.
        state: The store.
    """
    newest, graph = max(weeks), state.graph
    others = [asset for asset in assets if asset not in graph.by_name]
    if others:
        return f"{', '.join(others)} is made by no run: leave it out. Nothing was launched."
    reason = CALENDAR.why_no_week(str(newest), state.today)
    if reason is not None:
        return reason
    early = {asset: last for asset in assets if (last := _last_week(asset, graph, state.today)) < newest}
    if early:
        return (
            f"{newest} is too early for {', '.join(early)}: choose weeks up to {min(early.values())}, or leave these "
            "assets out. Nothing was launched."
        )
    models = [asset for asset in assets if graph.by_name[asset].group == TRAINING]
    if models and len(weeks) > MOST_CUTOFFS:
        return (
            f"This would make {', '.join(models)} for each of {len(weeks)} weeks: leave group:training out, or choose "
            f"at most {MOST_CUTOFFS} weeks. Nothing was launched."
        )
    return next((_in_words(asset, lack, weeks) for asset, lack in what_lacks(state, assets, weeks).items()), None)


def _in_words(asset: str, lack: Mapping[str, Sequence[date]], weeks: Sequence[date]) -> str:
    """What lacks first of an asset, and what to choose instead."""
    what, without = next(iter(lack.items()))
    period = str(without[0]) if len(without) == 1 else f"{without[0]} to {without[-1]}"
    possible = sorted(set(weeks).difference(*lack.values()))
    remedy = "train earlier" if what == NO_MODEL else f"choose {what.rpartition(' ')[2]} as well"
    instead = f"choose other weeks, such as {possible[0]} to {possible[-1]}" if possible else "choose other weeks"
    return (
        f"{asset} cannot be made for {len(without)} of these weeks, {period}: {what}. {remedy.capitalize()}, or "
        f"{instead}. Nothing was launched."
    )


def _last_week(asset: str, graph: Graph, today: date) -> date:
    """The last week an asset can be made for: most need it to be over."""
    under_way = monday_of(today)
    if asset in QUEUE_ASSETS:
        return under_way + WEEK
    # Models learn from the weeks before theirs.
    begun = asset in (RAW, CLEAN, FEATURES) or graph.by_name[asset].group == TRAINING
    return under_way if begun else under_way - WEEK
