"""The published queue: pages of it, all of it, and one establishment."""

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection

from food_inspections.monitor.queries.reading import read
from food_inspections.monitor.routing.view import View

# Column of the table to the SQL it is sorted by; the rank settles ties.
ORDERS = {
    "rank": "q.rank",
    "score": "q.score",
    "name": "lower(q.dba_name)",
    "facility_type": "q.facility_type",
    "zip": "q.zip",
    "risk": "q.risk",
    "last_visit": "q.last_visit",
    "last_result": "q.last_result",
}
SELECTIONS = {
    "list": "q.is_on_list",
    "random": "q.is_random_draw",
    "reinspection": "q.is_reinspection_open",
    "all": "true",
}

_COLUMNS = """
    q.rank, q.establishment_id, q.dba_name, q.address, q.zip, q.facility_type, q.risk, q.score, q.score_low,
    q.score_high, q.label, q.threshold, q.is_on_list, q.is_random_draw, q.last_visit, q.days_since_last_visit,
    q.last_result, q.is_reinspection_open
"""
# Where the city gives points: what the last visit came to, looked up for each row.
_LAST_POINTS = """,
    (SELECT i.points
     FROM data.clean_inspections AS i
     WHERE i.establishment_id = q.establishment_id AND i.inspection_date = q.last_visit
       AND EXISTS (SELECT FROM metadata.accepted_weeks AS a WHERE a.asset = 'clean_inspections' AND a.week = i.week)
     ORDER BY length(i.inspection_id) DESC, i.inspection_id DESC
     LIMIT 1) AS last_points
"""

_HAS_KIND = "(:facility_type = '' OR q.facility_type = :facility_type)"
_HAS_ZIP = "(:zips = '' OR q.zip = ANY (string_to_array(:zips, ',')))"
_HAS_RISK = "(:risk = '' OR q.risk = :risk)"


@dataclass(frozen=True)
class Publication:
    """A published version of a week's queue."""

    week: date
    version: int
    published_at: datetime
    row_count: int
    model_id: str


@dataclass(frozen=True)
class Filters:
    """Which establishments are shown; empty means any.

    Attributes:
        selection: A key of :data:`SELECTIONS`.
        search: Part of a name or an address, or an id.
        facility_type: One kind.
        zips: Postal codes with commas between them.
        risk: One risk class.
    """

    selection: str = "list"
    search: str = ""
    facility_type: str = ""
    zips: str = ""
    risk: str = ""

    @classmethod
    def of(cls, view: View) -> "Filters":
        """The filters of an address."""
        return cls(
            selection=view.choice("show", SELECTIONS, "list"),
            search=view.text("search"),
            facility_type=view.text("type"),
            zips=view.text("zip"),
            risk=view.text("risk"),
        )

    @property
    def condition(self) -> str:
        """SQL over the alias ``q`` with the parameters of :attr:`parameters`."""
        return f"{self.scope} AND {_HAS_KIND} AND {_HAS_ZIP} AND {_HAS_RISK}"

    @property
    def scope(self) -> str:
        """The part of :attr:`condition` that is no facet."""
        return f"""
            {SELECTIONS[self.selection]}
            AND (:search = '' OR q.dba_name ILIKE :pattern OR q.address ILIKE :pattern
                 OR q.establishment_id = :search)
        """

    @property
    def parameters(self) -> dict[str, str]:
        """Values for :attr:`condition`."""
        escaped = self.search.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        return {
            "facility_type": self.facility_type,
            "zips": self.zips,
            "risk": self.risk,
            "search": self.search,
            "pattern": f"%{escaped}%",
        }


@dataclass(frozen=True)
class Order:
    """How the table is sorted."""

    column: str = "rank"
    is_descending: bool = False

    @classmethod
    def of(cls, view: View) -> "Order":
        """The order of an address, ``sort=score`` or ``sort=-score``."""
        column = view.text("sort")
        is_descending = column.startswith("-")
        column = column.removeprefix("-")
        return cls(column, is_descending) if column in ORDERS else cls()

    @property
    def sql(self) -> str:
        """The ORDER BY list over the alias ``q``."""
        return f"{ORDERS[self.column]} {'DESC' if self.is_descending else 'ASC'}, q.rank"


def weeks(connection: Connection) -> list[date]:
    """Weeks with a published queue, the newest first."""
    rows = read(connection, "SELECT DISTINCT week FROM api.published_queues ORDER BY week DESC")
    return list(rows["week"])


def publication(connection: Connection, week: str = "") -> Publication | None:
    """The newest version of a week's queue; of the newest week where the week has none."""
    rows = read(
        connection,
        """
        SELECT week, version, published_at, row_count, model_id
        FROM api.published_queues
        ORDER BY (to_char(week, 'YYYY-MM-DD') = :week) DESC, week DESC, version DESC
        LIMIT 1
        """,
        week=week,
    )
    return None if rows.empty else next(Publication(*row) for row in rows.itertuples(index=False, name=None))


def summary(connection: Connection, shown: Publication, filters: Filters) -> pd.DataFrame:
    """One row: establishments that match, those of them on the list, and their mean score."""
    return read(
        connection,
        f"""
        SELECT count(*) AS matching, count(*) FILTER (WHERE q.is_on_list) AS on_list, avg(q.score) AS mean_score,
               sum(q.score) FILTER (WHERE q.is_on_list) AS expected
        FROM api.inspection_queue AS q
        WHERE q.week = :week AND q.version = :version AND {filters.condition}
        """,  # noqa: S608 - constants of this module; every value is a parameter
        week=shown.week,
        version=shown.version,
        **filters.parameters,
    )


def page_rows(
    connection: Connection,
    shown: Publication,
    filters: Filters,
    order: Order,
    limit: int,
    offset: int,
    *,
    with_points: bool = False,
) -> pd.DataFrame:
    """One page of the table, in the columns a manager needs, and as ``reason`` the first one that raises the score.

    Args:
        connection: Database.
        shown: Whose rows.
        filters: Which of them.
        order: How they are sorted.
        limit: Rows of a page.
        offset: Rows of the pages before it.
        with_points: Whether ``last_points`` is there too, which only a city that gives points has values for.
    """
    return read(
        connection,
        f"""
        SELECT {_COLUMNS}{_LAST_POINTS if with_points else ""},
               CASE WHEN (q.reasons -> 0 ->> 'effect')::float8 > 0 THEN q.reasons -> 0 ->> 'text' END AS reason
        FROM api.inspection_queue AS q
        WHERE q.week = :week AND q.version = :version AND {filters.condition}
        ORDER BY {order.sql}
        LIMIT :limit OFFSET :offset
        """,  # noqa: S608 - constants of this module; every value is a parameter
        week=shown.week,
        version=shown.version,
        limit=limit,
        offset=offset,
        **filters.parameters,
    )


def all_rows(
    connection: Connection, shown: Publication, filters: Filters, order: Order, *, with_points: bool = False
) -> pd.DataFrame:
    """Every matching row, for a file: the table's columns, position and the reasons that raise the score as text."""
    return read(
        connection,
        f"""
        SELECT {_COLUMNS}{_LAST_POINTS if with_points else ""}, q.latitude, q.longitude, q.model_id, q.week, q.version,
               (SELECT string_agg(reason ->> 'text', '; ')
                FROM jsonb_array_elements(q.reasons) AS reason
                WHERE (reason ->> 'effect')::float8 > 0) AS reasons
        FROM api.inspection_queue AS q
        WHERE q.week = :week AND q.version = :version AND {filters.condition}
        ORDER BY {order.sql}
        """,  # noqa: S608 - constants of this module; every value is a parameter
        week=shown.week,
        version=shown.version,
        **filters.parameters,
    )


def points(connection: Connection, shown: Publication, filters: Filters) -> pd.DataFrame:
    """What the map needs, the highest score last so that it is drawn on top.

    Returns:
        establishment_id, dba_name, latitude, longitude, score, rank, is_on_list.
    """
    rows = read(
        connection,
        f"""
        SELECT q.establishment_id, q.dba_name, q.latitude, q.longitude, q.score, q.rank, q.is_on_list
        FROM api.inspection_queue AS q
        WHERE q.week = :week AND q.version = :version AND {filters.condition}
        """,  # noqa: S608 - constants of this module; every value is a parameter
        week=shown.week,
        version=shown.version,
        **filters.parameters,
    )
    # Asked to sort, PostgreSQL follows the ranks from page to page, which takes ten times as long as reading all.
    return rows.sort_values("rank", ascending=False, ignore_index=True)


def places(connection: Connection, shown: Publication) -> pd.DataFrame:
    """Every place of a queue, whatever is filtered: latitude, longitude, zip."""
    return read(
        connection,
        "SELECT latitude, longitude, zip FROM api.inspection_queue WHERE week = :week AND version = :version",
        week=shown.week,
        version=shown.version,
    )


def facets(connection: Connection, shown: Publication, filters: Filters) -> pd.DataFrame:
    """What each filter would leave, given the others: facet (type, zip or risk), value, establishments."""
    return read(
        connection,
        f"""
        SELECT facet, value, sum(places)::bigint AS establishments
        FROM (SELECT q.facility_type, q.zip, q.risk, count(*) AS places
              FROM api.inspection_queue AS q
              WHERE q.week = :week AND q.version = :version AND {filters.scope}
              GROUP BY q.facility_type, q.zip, q.risk) AS q
        CROSS JOIN LATERAL (VALUES ('type', q.facility_type, {_HAS_ZIP} AND {_HAS_RISK}),
                                   ('zip', q.zip, {_HAS_KIND} AND {_HAS_RISK}),
                                   ('risk', q.risk, {_HAS_KIND} AND {_HAS_ZIP})) AS f (facet, value, is_left)
        WHERE is_left
        GROUP BY facet, value
        ORDER BY facet, value
        """,  # noqa: S608 - constants of this module; every value is a parameter
        week=shown.week,
        version=shown.version,
        **filters.parameters,
    )


def establishment(connection: Connection, shown: Publication, establishment_id: str) -> pd.DataFrame:
    """One establishment's row of the queue, with its reasons: at most one row."""
    return read(
        connection,
        f"""
        SELECT {_COLUMNS}, q.reasons, q.model_id, q.model_cutoff
        FROM api.inspection_queue AS q
        WHERE q.week = :week AND q.version = :version AND q.establishment_id = :establishment_id
        """,  # noqa: S608 - a constant list of columns
        week=shown.week,
        version=shown.version,
        establishment_id=establishment_id,
    )


def history(connection: Connection, establishment_id: str, before: date, limit: int = 60) -> pd.DataFrame:
    """Visits to an establishment before a day, the newest first, accepted weeks only.

    Returns:
        inspection_date, inspection_type, results, critical_violations, serious_violations, minor_violations,
        violation_count, violations, points, is_failure, inspection_id.
    """
    return read(
        connection,
        """
        SELECT i.inspection_date, i.inspection_type, i.results, i.critical_violations, i.serious_violations,
               i.minor_violations, i.violation_count, i.violations, i.points, i.is_failure, i.inspection_id
        FROM data.clean_inspections AS i
        WHERE i.establishment_id = :establishment_id AND i.inspection_date < :before
          AND EXISTS (SELECT FROM metadata.accepted_weeks AS a WHERE a.asset = 'clean_inspections' AND a.week = i.week)
        ORDER BY i.inspection_date DESC, length(i.inspection_id) DESC, i.inspection_id DESC
        LIMIT :limit
        """,
        establishment_id=establishment_id,
        before=before,
        limit=limit,
    )


def past_ranks(connection: Connection, establishment_id: str, limit: int = 26) -> pd.DataFrame:
    """Where the newest published queues had it: week, rank, score, is_on_list; the newest first."""
    return read(
        connection,
        """
        SELECT DISTINCT ON (q.week) q.week, q.rank, q.score, q.is_on_list
        FROM api.inspection_queue AS q
        JOIN api.published_queues AS p ON p.week = q.week AND p.version = q.version
        WHERE q.establishment_id = :establishment_id
        ORDER BY q.week DESC, q.version DESC
        LIMIT :limit
        """,
        establishment_id=establishment_id,
        limit=limit,
    )
