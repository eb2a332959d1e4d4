import re
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from food_inspections import home_record, settings
from food_inspections.access import digest_of
from food_inspections.environment import PREFIX, READ_ELSEWHERE
from food_inspections.errors import SettingsError
from food_inspections.settings import Settings

GIVEN: list[tuple[str, str, str, Any]] = [
    ("HOME", "/somewhere/else", "home", Path("/somewhere/else")),
    ("OBJECT_STORE", "s3://bucket/prefix", "object_store", "s3://bucket/prefix"),
    ("DATABASE_URL", "postgresql://u:p@h/d", "database_url", "postgresql://u:p@h/d"),
    ("CITY", "new_york", "city", "new_york"),
    ("FIRST_WEEK", "2012-01-02", "first_week", date(2012, 1, 2)),
    ("PORTAL_URL", "http://127.0.0.1:8070/", "portal_url", "http://127.0.0.1:8070"),
    ("DATASET", "abcd-1234", "dataset", "abcd-1234"),
    ("APP_TOKEN", "token", "app_token", "token"),
    ("PORTAL_POLL_SECONDS", "60", "portal_poll_s", 60),
    ("PORTAL_PAGING", "batches", "portal_paging", "batches"),
    ("PORTAL_BATCH_PATH", "/data?group=9", "portal_batch_path", "/data?group=9"),
    ("PORTAL_RESET_PATH", "/restart", "portal_reset_path", "/restart"),
    ("EXECUTOR", "multiprocess", "executor", "multiprocess"),
    ("CELERY_BROKER", "rediss://h:6379/1", "celery_broker", "rediss://h:6379/1"),
    ("CELERY_LEASE_SECONDS", "2", "celery_lease_s", 2),
    ("LABEL", "critical", "label", "critical"),
    ("WEEKLY_CAPACITY", "120", "weekly_capacity", 120),
    ("RANDOM_SHARE", "0", "random_share", 0.0),
    ("INSPECTORS", "/etc/inspectors.csv", "inspectors_file", Path("/etc/inspectors.csv")),
    ("TRAVEL_TIMES", "/etc/travel.csv", "travel_file", Path("/etc/travel.csv")),
    ("TRAVEL_KMH", "18", "travel_kmh", 18.0),
    ("STREET_FACTOR", "1.4", "street_factor", 1.4),
    ("VISIT_MINUTES", "45; School=90", "visit_minutes", (("visit", 45), ("School", 90))),
    ("PLAN_SCORE", "net_score", "plan_score", "net_score"),
    ("AREA_FLOOR", "0.8", "area_floor", 0.8),
    ("MUST_SHARE", "1", "must_share", 1.0),
    ("KNOWLEDGE_LAG_DAYS", "3", "knowledge_lag_days", 3),
    ("SELECTION_MARGIN", "0.01", "selection_margin", 0.01),
    ("RETRAINING_WEEKS", "8", "retraining_weeks", 8),
    ("API_KEYS", "one, two,,", "api_keys", ("one", "two")),
    (
        "API_WRITERS",
        "miller:one-of-16-letters, jones:another:of-16-ones,,",
        "api_writers",
        (("miller", "one-of-16-letters"), ("jones", "another:of-16-ones")),
    ),
    ("API_PRIVATE", "Yes", "is_api_private", True),
    ("API_RATE_LIMIT", "10 per second; 100 per 2 hours", "api_rate_limit", "10 per second; 100 per 2 hours"),
    ("API_SCORING_RATE_LIMIT", "none", "api_scoring_rate_limit", None),
    ("API_ANONYMOUS_LOG", "50 per hour", "api_anonymous_log", "50 per hour"),
    ("API_LOG_DAYS", "30", "api_log_days", 30),
    ("API_RATE_LIMIT_STORAGE", "redis://h:6379", "api_rate_limit_storage", "redis://h:6379"),
    ("API_PROXY_HOPS", "1", "api_proxy_hops", 1),
    ("API_CORS_ORIGINS", "https://a.example, http://b:81", "api_cors_origins", ("https://a.example", "http://b:81")),
    ("API_CONTACT", "food@city.example", "api_contact", "food@city.example"),
    ("API_MAX_BODY_BYTES", "1024", "api_max_body_bytes", 1024),
    ("WEBHOOK_URL", "https://h/hook", "webhook_url", "https://h/hook"),
    ("PUBLICATION_WEBHOOK_URL", "https://h/new", "publication_webhook_url", "https://h/new"),
    (
        "WEBHOOK_SECRET",
        "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
        "webhook_secret",
        b"0123456789abcdef01234567",
    ),
    ("MAP_BOUNDARIES", "/city/areas.geojson", "map_boundaries", "/city/areas.geojson"),
    ("MAP_TILES_URL", "https://h/{z}/{x}/{y}.png", "map_tiles_url", "https://h/{z}/{x}/{y}.png"),
    ("DAGSTER_URL", "https://dagster.example", "dagster_url", "https://dagster.example"),
    ("API_URL", "https://api.example", "api_url", "https://api.example"),
    ("MONITOR_URL", "https://monitor.example", "monitor_url", "https://monitor.example"),
]

BAD = [
    ("DATABASE_URL", "mysql://h/d", "the scheme 'mysql': use an address that starts with postgresql://"),
    ("PORTAL_URL", "data.cityofchicago.org", "the scheme 'none': use an address that starts with http://"),
    ("WEBHOOK_SECRET", "hush", "is no key: make one with echo"),
    ("WEBHOOK_SECRET", "whsec_c2hvcnQ=", "is no key: make one with echo"),
    ("PORTAL_POLL_SECONDS", "1", "'1': set it to a whole number of at least 5"),
    ("PORTAL_PAGING", "pages", "'pages': choose one of soda, batches"),
    ("PORTAL_BATCH_PATH", "data", "'data': write the path on the portal, beginning with a slash"),
    ("EXECUTOR", "dask", "'dask': choose one of in_process, multiprocess, celery, k8s"),
    ("CELERY_BROKER", "amqp://h", "the scheme 'amqp': use an address that starts with redis://"),
    ("CELERY_LEASE_SECONDS", "1", "'1': set it to a whole number of at least 2"),
    ("LABEL", "pass", "'pass': choose one of fail, critical"),
    ("API_WRITERS", "miller:one-of-16-letters, two", "entry 2 is not NAME:KEY"),
    ("API_WRITERS", "miller:", "entry 1 is not NAME:KEY"),
    ("API_WRITERS", "miller:one-of-16-letters,miller:another-of-them", "names miller twice"),
    ("API_WRITERS", "miller:15-letters-here", "the key of entry 1 is short enough to be guessed"),
    ("API_WRITERS", "miller:one-of-16-letters,jones:one-of-16-letters", "miller and jones have the same key"),
    (
        "API_WRITERS",
        f"miller:one-of-16-letters,jones:{digest_of('one-of-16-letters')}",
        "miller and jones have the same key",
    ),
    ("WEEKLY_CAPACITY", "0", "'0': set it to a whole number of at least 1"),
    ("WEEKLY_CAPACITY", "many", "'many': set it to a whole number of at least 1"),
    ("RANDOM_SHARE", "1", "'1': set it to a number from 0.0 to below 1.0"),
    ("RANDOM_SHARE", "-0.1", "'-0.1': set it to a number from 0.0"),
    ("RANDOM_SHARE", "nan", "'nan': set it to a number from 0.0"),
    ("TRAVEL_KMH", "0", "'0': set it to a number from 1.0"),
    ("STREET_FACTOR", "0.5", "'0.5': set it to a number from 1.0"),
    ("VISIT_MINUTES", "60; School=long", "'School=long': write minutes, such as '60; re-inspection=30'"),
    ("AREA_FLOOR", "-1", "'-1': set it to a number from 0.0"),
    ("MUST_SHARE", "2", "'2': set it to a number from 0.0"),
    ("KNOWLEDGE_LAG_DAYS", "-1", "'-1': set it to a whole number of at least 0"),
    ("SELECTION_MARGIN", "some", "'some': set it to a number from 0.0"),
    ("SELECTION_MARGIN", "inf", "'inf': set it to a number from 0.0"),
    ("FIRST_WEEK", "2012-01-03", "'2012-01-03' is a Tuesday: weeks begin on Mondays"),
    ("FIRST_WEEK", "soon", "'soon': write a Monday like 2012-01-02"),
    ("RETRAINING_WEEKS", "1.5", "'1.5': set it to a whole number of at least 1"),
    ("API_PRIVATE", "perhaps", "'perhaps': set it to 1 or 0"),
    ("API_RATE_LIMIT", "lots", "'lots': write '100 per second'"),
    ("API_SCORING_RATE_LIMIT", "0 per second", "'0 per second': write '100 per second'"),
    ("API_PROXY_HOPS", "+1", "'+1': set it to a whole number of at least 0"),
    ("API_CORS_ORIGINS", "https://a.example/path", "'https://a.example/path': list web origins"),
    ("API_CORS_ORIGINS", "*", "'*': list web origins"),
    ("API_MAX_BODY_BYTES", "10", "'10': set it to a whole number of at least 1024"),
    ("WEBHOOK_URL", "file:///etc/passwd", "the scheme 'file': use an address that starts with http://"),
    ("DAGSTER_URL", "127.0.0.1:3000", "use an address that starts with http://"),
]


@pytest.mark.parametrize(("variable", "text", "attribute", "value"), GIVEN)
def test_a_variable_sets_one_setting_and_no_other(variable: str, text: str, attribute: str, value: Any) -> None:
    home = {f"{PREFIX}HOME": "/home"}
    default, given = Settings.from_environment(home), Settings.from_environment({**home, PREFIX + variable: text})

    assert getattr(given, attribute) == value != getattr(default, attribute)
    follows = {"home": {"object_store"}, "city": {"portal_url", "dataset"}}.get(attribute, set())
    others = [field.name for field in fields(Settings) if field.name not in {attribute, *follows}]
    assert [getattr(given, name) for name in others] == [getattr(default, name) for name in others]


def test_a_city_brings_its_portal_and_its_weeks_and_settings_override_both() -> None:
    city = {f"{PREFIX}HOME": "/home", f"{PREFIX}CITY": "new_york"}
    found = Settings.from_environment(city)
    assert (found.portal_url, found.dataset) == ("https://data.cityofnewyork.us", "43nn-pn8j")
    assert (found.calendar.first_week, str(found.calendar.time_zone)) == (date(2012, 1, 2), "America/New_York")

    given = {f"{PREFIX}PORTAL_URL": "http://127.0.0.1:1", f"{PREFIX}DATASET": "x", f"{PREFIX}FIRST_WEEK": "2014-01-06"}
    found = Settings.from_environment(city | given)
    assert (found.portal_url, found.dataset) == ("http://127.0.0.1:1", "x")
    assert found.calendar.first_week == date(2014, 1, 6)


def test_a_home_remembers_its_city_and_first_week(tmp_path: Path) -> None:
    home = {f"{PREFIX}HOME": str(tmp_path)}
    home_record.remember_city(tmp_path, "austin", "Austin")
    home_record.remember_first_week(tmp_path, date(2014, 1, 6))
    home_record.remember_portal_files(tmp_path, [tmp_path / "austin.csv"])

    found = Settings.from_environment(home)
    assert (found.city, found.calendar.first_week) == ("austin", date(2014, 1, 6))
    assert home_record.read(tmp_path).portal_files == (tmp_path / "austin.csv",)
    assert Settings.from_environment(home | {f"{PREFIX}CITY": "chicago"}).city == "chicago", "refused where it is used"


def test_a_record_of_a_home_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / home_record.NAME).write_text("{")
    with pytest.raises(SettingsError, match=r"city\.json cannot be read .*delete it"):
        Settings.from_environment({f"{PREFIX}HOME": str(tmp_path)})


def test_the_list_above_is_complete() -> None:
    source = Path(settings.__file__).read_text()
    read = set(re.findall(r"source\.[a-z_]+\(\s*\"([A-Z_]+)\"", source))

    assert {variable for variable, *_ in GIVEN} == read


@pytest.mark.parametrize(("variable", "text", "message"), BAD)
def test_a_bad_value_names_the_variable_the_value_and_what_to_do(variable: str, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_environment({PREFIX + variable: text})
    assert str(error.value).startswith(PREFIX + variable)
    assert message in str(error.value)


@pytest.mark.parametrize("variable", [variable for variable, *_ in GIVEN])
def test_an_empty_variable_counts_as_not_set(variable: str) -> None:
    home = {f"{PREFIX}HOME": "/home"} if variable != "HOME" else {}

    assert Settings.from_environment({**home, PREFIX + variable: " "}) == Settings.from_environment(home)


def test_a_secret_never_stands_in_an_error() -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_environment({f"{PREFIX}DATABASE_URL": "mysql://user:secret@host/d"})
    assert "secret" not in str(error.value)


def test_the_home_is_in_the_folder_of_dagster_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    checkout = Path(settings.__file__).resolve().parents[1]
    assert Settings.from_environment({}).home == checkout / ".food_inspections"
    assert Settings.from_environment({"DAGSTER_HOME": "/srv"}).home == Path("/srv/.food_inspections")
    assert Settings.from_environment({f"{PREFIX}HOME": "here"}).home == tmp_path / "here"


def test_the_home_of_an_installed_program_is_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "food_inspections"
    package.mkdir(parents=True)
    (package / "dagster.yaml").touch()
    monkeypatch.setattr(settings, "PACKAGE", package)
    monkeypatch.chdir(tmp_path)

    assert settings.instance_folder({}) == package
    assert Settings.from_environment({}).home == tmp_path / ".food_inspections"
    # As its services and runs are told.
    assert Settings.from_environment({"DAGSTER_HOME": str(package)}).home == tmp_path / ".food_inspections"


def test_objects_lie_under_the_home_unless_told_otherwise() -> None:
    assert Settings.from_environment({f"{PREFIX}HOME": "/home"}).object_store == "/home/objects"


def test_mlflow_is_named_by_its_own_variable() -> None:
    assert Settings.from_environment({"MLFLOW_TRACKING_URI": "http://mlflow"}).mlflow_url == "http://mlflow"


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("FOOD_INSPECTIONS_LABLE", "FOOD_INSPECTIONS_LABEL"),
        ("FOOD_INSPECTIONS_RETRAINING_WEEK", "FOOD_INSPECTIONS_RETRAINING_WEEKS"),
        ("FOOD_INSPECTION_DATABASE_URL", "FOOD_INSPECTIONS_DATABASE_URL"),
        ("food_inspections_home", "FOOD_INSPECTIONS_HOME"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_nearest_name(misspelt: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=rf"reads no {misspelt}: did you mean {meant}\b") as error:
        Settings.from_environment({misspelt: "secret"})
    assert "secret" not in str(error.value)


def test_a_variable_like_no_other_is_refused_too() -> None:
    with pytest.raises(SettingsError, match="reads no FOOD_INSPECTIONS_XYZZY: unset it;"):
        Settings.from_environment({f"{PREFIX}XYZZY": "1"})


def test_variables_of_compose_tests_and_other_programs_are_let_be() -> None:
    others = {f"{PREFIX}{name}": "something" for name in READ_ELSEWHERE}
    Settings.from_environment({**others, f"{PREFIX}XYZZY": " ", "FOOD": "1", "DAGSTER_HOME": "/srv"})


def test_every_variable_that_something_else_reads_is_listed() -> None:
    root = Path(settings.__file__).resolve().parents[1]
    texts = [root / "compose.yaml", root / ".env.example", *(root / "food_inspections_tests").rglob("*.py")]
    named = {name for path in texts for name in re.findall(rf"\b{PREFIX}([A-Z_]+[A-Z])\b", path.read_text())}
    tried = {"LABLE", "RETRAINING_WEEK", "XYZZY"} | {
        name for name in named if name.startswith(("API_SERVICE", "API_PORT"))
    }
    assert named - {variable for variable, *_ in GIVEN} - tried == READ_ELSEWHERE


def test_what_kubernetes_tells_of_the_services_is_let_be() -> None:
    service = {
        f"{PREFIX}API_SERVICE_HOST": "10.0.0.1",
        f"{PREFIX}API_SERVICE_PORT": "80",
        f"{PREFIX}API_SERVICE_PORT_HTTP": "80",
        f"{PREFIX}API_PORT": "tcp://10.0.0.1:80",
        f"{PREFIX}API_PORT_80_TCP": "tcp://10.0.0.1:80",
        f"{PREFIX}API_PORT_80_TCP_ADDR": "10.0.0.1",
    }
    Settings.from_environment(service)
    del service[f"{PREFIX}API_SERVICE_HOST"]
    with pytest.raises(SettingsError, match="reads no FOOD_INSPECTIONS_API_PORT and no"):
        Settings.from_environment(service)
