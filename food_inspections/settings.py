"""Every environment variable the program reads, once.

Nothing else in the program looks at ``os.environ`` for its own settings. The
variables are documented for their users in ``.env.example``.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Literal, cast, get_args

from food_inspections import home_record
from food_inspections.access import named_keys
from food_inspections.domain.city.loading import is_path, load_profile
from food_inspections.domain.city.profile import Profile
from food_inspections.domain.weeks import Calendar
from food_inspections.environment import PREFIX, Source

Label = Literal["fail", "critical"]
PlanScore = Literal["score", "net_score"]
Executor = Literal["in_process", "multiprocess", "celery", "k8s"]
PortalPaging = Literal["soda", "batches"]

DEFAULT_CITY = "chicago"
DEFAULT_DATASET = "inspections"
"""Id of the data set where neither the profile nor a setting names one: files that are served on this machine."""
PACKAGE = Path(__file__).resolve().parent

# High on purpose: by default the limits meet floods, not users or load tests.
DEFAULT_API_RATE_LIMIT = "5000 per second"
DEFAULT_API_SCORING_RATE_LIMIT = "10000 per minute"
DEFAULT_API_ANONYMOUS_LOG = "10000 per day"


@dataclass(frozen=True)
class Settings:
    """The program's settings, read from the environment by :meth:`from_environment`.

    Attributes:
        home: Folder for everything the program keeps on this machine.
        database_url: PostgreSQL address; ``None`` starts the embedded server under ``home``.
        object_store: Folder or ``s3://bucket/prefix``.
        city: Name of the city's profile, or the path of one.
        first_week: Monday of the first week that exists; ``None`` takes the profile's.
        portal_url: Base address of the Socrata portal, the profile's by default; empty where that names none.
        dataset: Socrata id of the inspections, the profile's by default.
        app_token: Application token of the portal; without it requests are throttled.
        portal_poll_s: Seconds between two looks at the portal for late and corrected inspections.
        portal_paging: How the portal hands out rows: as SODA does, or in numbered batches until all are collected.
        portal_batch_path: Where such a portal hands out the next batch; may hold a query.
        portal_reset_path: Where it is made to begin with the first batch again.
        executor: How Dagster executes the steps of a run.
        celery_broker: Redis through which steps reach Celery workers, and their outcomes come back.
        celery_lease_s: Seconds after which the step of a worker that died goes to another one;
            a living worker renews the lease of what it runs.
        label: What the deployment forecasts.
        weekly_capacity: Visits a week the queue is cut to; ``None`` takes the median
            of the last eight complete weeks.
        random_share: Share of the list drawn at random, in [0, 1).
        inspectors_file: CSV or TOML of who visits; ``None`` plans for as many like ones as the capacity implies.
        travel_file: CSV of ways known better than by distance (from, to, minutes, kilometres).
        travel_kmh, street_factor: Speed from door to door, and way by street over the great circle.
        visit_minutes: Minutes of a visit by kind of establishment, ``visit`` for all others.
        plan_score: What the plan goes by: the score, or the score with an average inspector.
        area_floor: Share of what business as usual would find in an area that a plan finds at least.
        must_share: Share of a week's visits that may go to re-inspections and overdue places whatever their score.
        knowledge_lag_days: Inspections of the last so many days count as not yet known.
        selection_margin: How much better a challenger must be, in units of the metric.
        retraining_weeks: Weeks after which a model is due.
        api_keys: SHA-256 hex digests or plain keys that may call the API.
        api_writers: The same for those who may also decide on a plan, each behind the name of who holds it.
        is_api_private: Whether reading also needs a key.
        api_rate_limit: Requests one caller may send, in the notation of ``limits``
            (``100 per second; 10000 per hour``); ``None`` sets no limit.
        api_scoring_rate_limit: Visits one caller may have scored, in the same notation.
        api_anonymous_log: Scores kept in ``api.inference_log`` for callers without a key, together.
        api_log_days: Days after which ``api.inference_log`` forgets.
        api_rate_limit_storage: Where requests are counted; ``memory://`` counts in each
            worker, ``redis://host:6379`` across workers and machines.
        api_proxy_hops: Reverse proxies in front of the API and the monitor whose
            ``X-Forwarded-*`` headers (address, scheme, host, prefix) are believed.
        api_cors_origins: Web origins whose pages may call the API; none by default.
        api_max_body_bytes: Largest request body accepted.
        api_contact: Who answers questions on the API: an address of mail or a page, for its specification.
        webhook_url: Where failures are posted; ``None`` only logs them.
        publication_webhook_url: Where published queues are told of; ``None`` tells nobody.
        webhook_secret: Signs what is posted to either.
        map_boundaries: GeoJSON file drawn under the monitor's maps; ``None`` takes the one the city's profile names.
        map_tiles_url: Tile server of the monitor's map; ``None`` draws on plain ground.
        dagster_url, api_url, monitor_url, mlflow_url: Where the services are linked to.
    """

    home: Path
    object_store: str
    database_url: str | None = field(default=None, repr=False)
    city: str = DEFAULT_CITY
    first_week: date | None = None
    portal_url: str = ""
    dataset: str = DEFAULT_DATASET
    app_token: str | None = field(default=None, repr=False)
    portal_poll_s: int = 300
    portal_paging: PortalPaging = "soda"
    portal_batch_path: str = "/batches/next"
    portal_reset_path: str = "/batches/reset"
    executor: Executor = "in_process"
    celery_broker: str = field(default="redis://127.0.0.1:6379/0", repr=False)
    celery_lease_s: int = 60
    label: Label = "fail"
    weekly_capacity: int | None = None
    random_share: float = 0.05
    inspectors_file: Path | None = None
    travel_file: Path | None = None
    travel_kmh: float = 25.0
    street_factor: float = 1.3
    visit_minutes: tuple[tuple[str, int], ...] = ()
    plan_score: PlanScore = "score"
    area_floor: float = 1.0
    must_share: float = 0.5
    knowledge_lag_days: int = 0
    selection_margin: float = 0.002
    retraining_weeks: int = 4
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    api_writers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    is_api_private: bool = False
    api_rate_limit: str | None = DEFAULT_API_RATE_LIMIT
    api_scoring_rate_limit: str | None = DEFAULT_API_SCORING_RATE_LIMIT
    api_anonymous_log: str | None = DEFAULT_API_ANONYMOUS_LOG
    api_log_days: int = 90
    api_rate_limit_storage: str = field(default="memory://", repr=False)
    api_proxy_hops: int = 0
    api_cors_origins: tuple[str, ...] = ()
    api_max_body_bytes: int = 2 * 1024 * 1024
    api_contact: str | None = None
    webhook_url: str | None = field(default=None, repr=False)
    publication_webhook_url: str | None = field(default=None, repr=False)
    webhook_secret: bytes | None = field(default=None, repr=False)
    map_boundaries: str | None = None
    map_tiles_url: str | None = None
    dagster_url: str = "http://127.0.0.1:3000"
    api_url: str = "http://127.0.0.1:8000"
    monitor_url: str = "http://127.0.0.1:8050"
    mlflow_url: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings.

        Args:
            environment: Variables to read; the process's own by default.

        Raises:
            SettingsError: A variable has a value that cannot be used, or a name that nothing reads.
        """
        source = Source(os.environ if environment is None else environment)
        home = Path(source.text("HOME") or _default_home(source.environment)).expanduser().resolve()
        known = home_record.read(home)
        city = _city_named(source.text("CITY") or known.city or DEFAULT_CITY)
        portal = load_profile(city).portal
        settings = cls(
            home=home,
            object_store=source.text("OBJECT_STORE") or str(home / "objects"),
            database_url=source.url("DATABASE_URL", ("postgresql", "postgres", "postgresql+psycopg2")),
            city=city,
            first_week=source.monday("FIRST_WEEK") or known.first_week,
            portal_url=(source.url("PORTAL_URL", ("http", "https")) or (portal.url if portal else "")).rstrip("/"),
            dataset=source.text("DATASET") or (portal.dataset if portal else DEFAULT_DATASET),
            app_token=source.text("APP_TOKEN"),
            portal_poll_s=source.whole_number("PORTAL_POLL_SECONDS", minimum=5) or cls.portal_poll_s,
            portal_paging=cast(PortalPaging, source.choice("PORTAL_PAGING", get_args(PortalPaging), "soda")),
            portal_batch_path=source.path("PORTAL_BATCH_PATH") or cls.portal_batch_path,
            portal_reset_path=source.path("PORTAL_RESET_PATH") or cls.portal_reset_path,
            executor=cast(Executor, source.choice("EXECUTOR", get_args(Executor), "in_process")),
            celery_broker=source.url("CELERY_BROKER", ("redis", "rediss")) or "redis://127.0.0.1:6379/0",
            celery_lease_s=source.whole_number("CELERY_LEASE_SECONDS", minimum=2) or cls.celery_lease_s,
            label=cast(Label, source.choice("LABEL", get_args(Label), "fail")),
            weekly_capacity=source.whole_number("WEEKLY_CAPACITY", minimum=1),
            random_share=source.number("RANDOM_SHARE", 0.05, minimum=0.0, below=1.0),
            inspectors_file=source.file("INSPECTORS"),
            travel_file=source.file("TRAVEL_TIMES"),
            travel_kmh=source.number("TRAVEL_KMH", 25.0, minimum=1.0),
            street_factor=source.number("STREET_FACTOR", 1.3, minimum=1.0),
            visit_minutes=source.minutes("VISIT_MINUTES"),
            plan_score=cast(PlanScore, source.choice("PLAN_SCORE", get_args(PlanScore), "score")),
            area_floor=source.number("AREA_FLOOR", 1.0, minimum=0.0),
            must_share=source.number("MUST_SHARE", 0.5, minimum=0.0, below=1.000001),
            knowledge_lag_days=source.whole_number("KNOWLEDGE_LAG_DAYS", minimum=0) or 0,
            selection_margin=source.number("SELECTION_MARGIN", 0.002, minimum=0.0),
            retraining_weeks=source.whole_number("RETRAINING_WEEKS", minimum=1) or 4,
            api_keys=tuple(key.strip() for key in (source.text("API_KEYS") or "").split(",") if key.strip()),
            api_writers=named_keys(PREFIX + "API_WRITERS", source.text("API_WRITERS") or ""),
            is_api_private=source.flag("API_PRIVATE"),
            api_rate_limit=source.rate_limit("API_RATE_LIMIT", DEFAULT_API_RATE_LIMIT),
            api_scoring_rate_limit=source.rate_limit("API_SCORING_RATE_LIMIT", DEFAULT_API_SCORING_RATE_LIMIT),
            api_anonymous_log=source.rate_limit("API_ANONYMOUS_LOG", DEFAULT_API_ANONYMOUS_LOG),
            api_log_days=source.whole_number("API_LOG_DAYS", minimum=1) or cls.api_log_days,
            api_rate_limit_storage=source.text("API_RATE_LIMIT_STORAGE") or cls.api_rate_limit_storage,
            api_proxy_hops=source.whole_number("API_PROXY_HOPS", minimum=0) or 0,
            api_cors_origins=source.origins("API_CORS_ORIGINS"),
            api_max_body_bytes=source.whole_number("API_MAX_BODY_BYTES", minimum=1024) or cls.api_max_body_bytes,
            api_contact=source.text("API_CONTACT"),
            webhook_url=source.url("WEBHOOK_URL", ("http", "https")),
            publication_webhook_url=source.url("PUBLICATION_WEBHOOK_URL", ("http", "https")),
            webhook_secret=source.secret("WEBHOOK_SECRET"),
            map_boundaries=source.text("MAP_BOUNDARIES"),
            map_tiles_url=source.text("MAP_TILES_URL"),
            dagster_url=source.url("DAGSTER_URL", ("http", "https")) or cls.dagster_url,
            api_url=source.url("API_URL", ("http", "https")) or cls.api_url,
            monitor_url=source.url("MONITOR_URL", ("http", "https")) or cls.monitor_url,
            mlflow_url=source.environment.get("MLFLOW_TRACKING_URI") or None,
        )
        source.require_no_others()
        return settings

    @property
    def profile(self) -> Profile:
        """What the rows of the deployment's city mean.

        Raises:
            SettingsError: There is no such profile, or something in it cannot be used.
        """
        return load_profile(self.city)

    @property
    def inputs(self) -> dict[str, object]:
        """What tables are made from besides rows, by the names that assets declare.

        The settings, and of the profile :attr:`~food_inspections.domain.city.profile.Profile.parts`.
        """
        return {**vars(self), **self.profile.parts}

    @property
    def calendar(self) -> Calendar:
        """The deployment's weeks."""
        calendar = self.profile.city.calendar
        return replace(calendar, first_week=self.first_week or calendar.first_week)


def choose_city(name: str | None) -> None:
    """Have this process and what it starts serve another city than the environment names; nothing for ``None``."""
    if name is not None:
        os.environ[f"{PREFIX}CITY"] = name


def _city_named(name: str) -> str:
    """The city as every process of the deployment finds it: a path does not depend on the working folder."""
    return str(Path(name).expanduser().resolve()) if is_path(name) else name


def instance_folder(environment: Mapping[str, str]) -> Path:
    """The folder of ``dagster.yaml``: DAGSTER_HOME, else the checkout's, else the installed package's own."""
    if environment.get("DAGSTER_HOME"):
        return Path(environment["DAGSTER_HOME"])
    # In a checkout the package's is a link to that of the root.
    return (PACKAGE / "dagster.yaml").resolve().parent


def _default_home(environment: Mapping[str, str]) -> Path:
    """In the folder of ``dagster.yaml``; of a program that is installed, in the working folder."""
    folder = instance_folder(environment)
    return (Path.cwd() if folder.resolve() == PACKAGE else folder) / ".food_inspections"
