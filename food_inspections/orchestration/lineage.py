"""What a week was made from, as one hash: the basis for "out of date".

The hash of a week covers the content hashes of every accepted upstream week that
the asset's own partition mappings reach, so that there is no second list of
dependencies to keep in step with the assets.
"""

import bisect
import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate

import dagster as dg
from sqlalchemy import Connection

from food_inspections.orchestration.partitions import EVER
from food_inspections.settings import Label
from food_inspections.storage import champions, records

# Which model serves is decided by the log of selections, not by the newest selection asset.
CHAMPION_ASSET = "selected_model"


def upstream_hashes(connection: Connection, spec: dg.AssetSpec, weeks: Sequence[date], label: Label) -> dict[date, str]:
    """Hash, for each week, everything the asset would be made from if it were made now.

    Args:
        connection: Transaction to read the records in.
        spec: The asset, with its dependencies and partition mappings.
        weeks: Mondays asked for.
        label: Label whose champion counts.

    Returns:
        SHA-256 hex digest by week.
    """
    parts: dict[date, list[str]] = {week: [spec.code_version or "", label] for week in weeks}
    for dep in sorted(spec.deps, key=lambda dep: dep.asset_key):
        asset = dep.asset_key.to_user_string()
        mapping = dep.partition_mapping
        if not isinstance(mapping, dg.TimeWindowPartitionMapping):
            raise TypeError(f"{spec.key.to_user_string()} depends on {asset} without a time window mapping.")
        if asset == CHAMPION_ASSET and mapping.start_offset < 0:
            digests = {week: champions.model_id_of_champion(connection, week, label) or "" for week in weeks}
        else:
            digests = _reached(connection, asset, weeks, mapping)
        for week in weeks:
            parts[week].append(f"{asset}={digests[week]}")
    return {week: _digest(*texts) for week, texts in parts.items()}


def _reached(
    connection: Connection, asset: str, weeks: Sequence[date], mapping: dg.TimeWindowPartitionMapping
) -> dict[date, str]:
    """Digest of the accepted weeks a mapping reaches, for each week.

    A chain of digests over all weeks makes "everything up to the week" one look-up
    instead of a sum over hundreds of weeks for each of hundreds of weeks.
    """
    accepted = records.accepted_weeks(connection, asset)
    texts = {row.week: f"{row.week}:{row.content_hash}" for row in accepted}
    ordered = sorted(texts)
    if mapping.start_offset == EVER:
        chain = dict(zip(ordered, accumulate((texts[week] for week in ordered), _digest), strict=True))
        return {week: _last_up_to(chain, ordered, week + timedelta(weeks=mapping.end_offset)) for week in weeks}
    reached: dict[date, str] = {}
    for week in weeks:
        first, last = week + timedelta(weeks=mapping.start_offset), week + timedelta(weeks=mapping.end_offset)
        reached[week] = _digest(*(texts[other] for other in ordered if first <= other <= last))
    return reached


def _last_up_to(chain: dict[date, str], ordered: list[date], last: date) -> str:
    position = bisect.bisect_right(ordered, last)
    return chain[ordered[position - 1]] if position else ""


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
