"""The decorator every asset is made with: weekly partitions, and the policy of its group."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import dagster as dg

from food_inspections.orchestration.io import sources
from food_inspections.orchestration.io.frame_types import weekly_rows
from food_inspections.orchestration.partitions import WEEKS
from food_inspections.orchestration.policies import OWNER, POLICIES, retrying_lost_connections
from food_inspections.storage.postgres.schema import describe_table
from food_inspections.storage.warehouse import Warehouse


def weekly_asset(
    *,
    group: str,
    io_manager: str,
    table: str | None = None,
    ins: Mapping[str, dg.AssetIn] | None = None,
    deps: Sequence[dg.AssetDep] = (),
    config_schema: Any = None,
    code_version: str = "1",
    metadata: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Declare a weekly asset named after the function and described by its docstring.

    Args:
        group: Group of the asset; :data:`~food_inspections.orchestration.policies.POLICIES` holds what follows from it.
        io_manager: Key of the IO manager that keeps the asset.
        table: ``schema.table`` the asset is kept in; its columns and comments become the column schema.
        ins: Upstream assets the body takes as values.
        deps: Upstream assets the body reads itself, or that are lineage only.
        config_schema: Run config of the step.
        code_version: To be raised whenever the same input gives another output.
        metadata: Further definition metadata.
        tags: Further tags.
    """
    policy = POLICIES[group]
    known: dict[str, Any] = dict(metadata or {})
    if table is not None:
        known |= {"table": table, "dagster/table_name": table, "dagster/column_schema": _column_schema(table)}
    declare = dg.asset(
        group_name=group,
        partitions_def=WEEKS,
        backfill_policy=policy.backfill,
        pool=policy.pool,
        kinds=set(policy.kinds),
        owners=[OWNER],
        io_manager_key=io_manager,
        dagster_type=None if table is None else weekly_rows(table),
        ins=ins,
        deps=list(deps),
        config_schema=config_schema,
        code_version=code_version,
        metadata=known,
        tags=tags,
        op_tags=policy.step_tags,
    )

    def decorate(function: Callable[..., Any]) -> dg.AssetsDefinition:
        body = function if ins or not deps else _noting_sources(function)
        return declare(retrying_lost_connections()(body))

    return decorate


def _noting_sources(function: Callable[..., Any]) -> Callable[..., Any]:
    """For a body that reads all its upstream assets itself; the others note theirs when an input is loaded."""

    @wraps(function)
    def body(context: dg.AssetExecutionContext, warehouse: Warehouse, **values: Any) -> Any:
        sources.note(warehouse, context.get_step_execution_context())
        return function(context, warehouse=warehouse, **values)

    return body


def _column_schema(table: str) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                type=column.type,
                description=column.comment,
                constraints=dg.TableColumnConstraints(nullable=column.is_nullable),
            )
            for column in describe_table(table)
        ]
    )
