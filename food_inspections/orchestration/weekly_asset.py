"""The decorator every asset is made with: weekly partitions, the policy of its group, and what its body may read."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

import dagster as dg

from food_inspections.errors import DataError
from food_inspections.orchestration.graph import SETTINGS
from food_inspections.orchestration.instance.backfills import require_as_chosen
from food_inspections.orchestration.io.frame_types import weekly_rows
from food_inspections.orchestration.io.outputs import Output
from food_inspections.orchestration.io.upstream import COLUMN_LINEAGE, SIDE_TABLES, TABLE, Upstream, table_of
from food_inspections.orchestration.partitions import WEEKS
from food_inspections.orchestration.policies import OWNER, POLICIES, retrying_lost_connections
from food_inspections.storage.postgres.schema import describe_table
from food_inspections.storage.warehouse import Warehouse

Body = Callable[..., Output]


def weekly_asset(
    *,
    group: str,
    io_manager: str,
    table: str | None = None,
    side_tables: Sequence[str] = (),
    deps: Mapping[dg.AssetsDefinition, dg.TimeWindowPartitionMapping] | None = None,
    published_from: dg.AssetsDefinition | None = None,
    settings: Sequence[str] = (),
    kinds: frozenset[str] | None = None,
    code_version: str = "1",
) -> Callable[[Body], dg.AssetsDefinition]:
    """Declare a weekly asset named after the function and described by its docstring.

    The body takes what it needs by name: ``context``, ``config``, resources, and ``upstream``
    (:class:`~food_inspections.orchestration.io.upstream.Upstream`) where it is made from other assets.

    Args:
        group: Group of the asset; :data:`~food_inspections.orchestration.policies.POLICIES` holds what follows from it.
        io_manager: Key of the IO manager that keeps the asset.
        table: ``schema.table`` the asset is kept in; its columns and comments become the column schema.
        side_tables: Further tables that are written with it.
        deps: Upstream assets, each with the weeks of it that a week is made from.
        published_from: Upstream asset whose columns are published as they are.
        settings: Settings that the content depends on: where one is changed, the weeks are out of date.
        kinds: Technologies shown in the UI, where they are not those of the group.
        code_version: To be raised whenever the same input gives another output.
    """
    policy = POLICIES[group]
    mappings = deps or {}
    metadata: dict[str, Any] = {SETTINGS: list(settings)} if settings else {}
    if table is not None:
        metadata |= {TABLE: table, "dagster/column_schema": column_schema(table)}
    if side_tables:
        metadata |= {SIDE_TABLES: list(side_tables)}
    if table is not None and published_from is not None:
        metadata |= {COLUMN_LINEAGE: _same_columns(table, published_from)}

    def decorate(function: Body) -> dg.AssetsDefinition:
        declare = dg.asset(
            group_name=group,
            partitions_def=WEEKS,
            backfill_policy=policy.backfill,
            pool=policy.pool,
            kinds=set(policy.kinds if kinds is None else kinds),
            owners=[OWNER],
            io_manager_key=io_manager,
            dagster_type=None if table is None else weekly_rows(table),
            deps=[dg.AssetDep(asset, partition_mapping=mapping) for asset, mapping in mappings.items()],
            code_version=code_version,
            metadata=metadata | {"dagster/code_references": _code_references(function)},
            op_tags=policy.step_tags,
        )
        return declare(
            retrying_lost_connections()(_of_what_was_chosen(reading_upstream(function) if mappings else function))
        )

    return decorate


def reading_upstream(function: Body) -> Body:
    """Give a body ``upstream``, made before its first read, and its output the hashes of what it is made from.

    Raises:
        TypeError: The body takes the warehouse, past which nobody knows what it reads.
    """
    taken = inspect.signature(function)
    if "warehouse" in taken.parameters:
        raise TypeError(f"{function.__name__} is made from other assets: it takes `upstream`, not the warehouse.")

    @wraps(function)
    def body(context: dg.AssetExecutionContext, warehouse: Warehouse, **others: Any) -> Output:
        upstream = Upstream(context, warehouse)
        given = {"context": context, "upstream": upstream}
        output = function(**{name: value for name, value in given.items() if name in taken.parameters}, **others)
        return replace(output, upstream_hashes=upstream.hashes)

    # What Dagster has to give: the warehouse in place of what is made from it.
    others = [parameter for name, parameter in taken.parameters.items() if name not in ("context", "upstream")]
    body.__signature__ = taken.replace(  # type: ignore[attr-defined]
        parameters=[_parameter("context", dg.AssetExecutionContext), _parameter("warehouse", _WAREHOUSE), *others]
    )
    return body


def _of_what_was_chosen(function: Body) -> Body:
    """The body, which begins with no week that a person did not choose.

    Raises:
        DataError: No week was chosen: a range goes backwards.
    """

    @wraps(function)
    def body(context: dg.AssetExecutionContext, **others: Any) -> Output:
        require_as_chosen(context)
        if not context.partition_keys:
            raise DataError("The range has no week: give the earlier Monday first.")
        return function(context, **others)

    return body


_WAREHOUSE = dg.ResourceParam[Warehouse]


def _parameter(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation)


def _code_references(function: Body) -> dg.CodeReferencesMetadataValue:
    """Where the body stands; Dagster's own look would find the decorators around it."""
    file, line = inspect.getsourcefile(function), function.__code__.co_firstlineno
    return dg.CodeReferencesMetadataValue(
        code_references=[dg.LocalFileCodeReference(file_path=str(file), line_number=line, label=function.__name__)]
    )


def column_schema(table: str) -> dg.TableSchema:
    """The table's columns with their types and comments, as Dagster shows them."""
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


def _same_columns(table: str, upstream: dg.AssetsDefinition) -> dg.TableColumnLineage:
    """Lineage of the columns that both tables have."""
    source = table_of(upstream)
    names = {column.name for column in describe_table(source)} if source else set()
    return dg.TableColumnLineage(
        deps_by_column={
            column.name: [dg.TableColumnDep(asset_key=upstream.key, column_name=column.name)]
            for column in describe_table(table)
            if column.name in names
        }
    )
