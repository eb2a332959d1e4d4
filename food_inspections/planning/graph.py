"""The asset graph without Dagster: which weeks of which assets a week is made from."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

EVER = -1560
"""Offset that reaches every week so far: thirty years, clipped by Dagster at the first partition.

Dagster counts such a way back week by week, for each upstream asset of each step: a hundred years took seconds a run.
What is read goes by :meth:`Dependency.reached`, which knows no bound.
"""

# Which model serves is decided by the log of selections, not by the newest selection asset.
CHAMPION_ASSET = "selected_model"


@dataclass(frozen=True)
class Dependency:
    """An upstream asset and the weeks of it that a week reaches, as offsets in weeks, both included."""

    asset: str
    start_offset: int
    end_offset: int

    @property
    def is_champion(self) -> bool:
        """Whether it stands for the model that serves the week."""
        return self.asset == CHAMPION_ASSET and self.start_offset < 0

    def reached(self, first: date, last: date | None = None) -> tuple[date, date]:
        """First and last Monday that a week, or a range of weeks, reaches."""
        start = date.min if self.start_offset <= EVER else first + timedelta(weeks=self.start_offset)
        return start, (last or first) + timedelta(weeks=self.end_offset)


@dataclass(frozen=True)
class Node:
    """What an asset declares about where it comes from.

    Attributes:
        asset: Asset name.
        group: Its group.
        code_version: Version of its code.
        dependencies: Upstream assets.
        settings: Names of the settings that its content depends on.
    """

    asset: str
    group: str
    code_version: str
    dependencies: tuple[Dependency, ...]
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Graph:
    """All assets, every one after those it is made from."""

    nodes: tuple[Node, ...]

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """The nodes by asset name."""
        return {node.asset: node for node in self.nodes}

    def in_group(self, *groups: str) -> list[Node]:
        """The assets of some groups, in order."""
        return [node for node in self.nodes if node.group in groups]
