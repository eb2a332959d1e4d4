"""Which launcher the environment names, and a whole run on a Celery worker."""

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._core.launcher import LaunchRunContext
from dagster._core.storage.tags import PARTITION_NAME_TAG

from food_inspections.errors import SettingsError
from food_inspections.orchestration.build import build_defs
from food_inspections.orchestration.instance.celery_options import launcher
from food_inspections.orchestration.instance.launch import open_instance
from food_inspections.orchestration.instance.launcher import Launcher
from food_inspections.portal.server import PortalServer
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database
from food_inspections.storage.records import materializations as records
from food_inspections_tests.orchestration.city import FIRST, small_city
from food_inspections_tests.production.deployment import Worker, until

ROOT = Path(__file__).resolve().parents[2]


def test_the_launcher_of_the_code_server_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOOD_INSPECTIONS_LAUNCHER", raising=False)

    assert type(Launcher.from_config_value(None, {})) is Launcher  # type: ignore[arg-type]


def test_runs_and_their_steps_do_not_both_go_to_workers(tmp_path: Path) -> None:
    names = {"FOOD_INSPECTIONS_LAUNCHER": "celery", "FOOD_INSPECTIONS_EXECUTOR": "celery"}

    with pytest.raises(SettingsError, match="set one of the two"):
        launcher(Settings.from_environment({**names, "FOOD_INSPECTIONS_HOME": str(tmp_path)}))


@pytest.mark.servers
def test_a_whole_run_on_a_worker(
    redis_url: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PortalServer(small_city()) as portal:
        environment = {
            "DAGSTER_HOME": str(ROOT),
            "FOOD_INSPECTIONS_HOME": str(tmp_path / "home"),
            "FOOD_INSPECTIONS_DATABASE_URL": database_url,
            "FOOD_INSPECTIONS_OBJECT_STORE": str(tmp_path / "objects"),
            "FOOD_INSPECTIONS_PORTAL_URL": portal.url,
            "FOOD_INSPECTIONS_LAUNCHER": "celery",
            "FOOD_INSPECTIONS_CELERY_BROKER": redis_url,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings = Settings.from_environment()
        worker = Worker("run", tmp_path, environment)
        try:
            with open_instance() as instance:
                run = _created_run(instance, settings)
                instance.run_launcher.launch_run(LaunchRunContext(run, workspace=None))
                until(lambda: _status(instance, run.run_id).is_finished, "the run has ended")
                assert _status(instance, run.run_id).is_success
        finally:
            worker.stop()
    with database.engine(settings).connect() as connection:
        assert [row.run_id for row in records.accepted_weeks(connection, "raw_inspections")] == [run.run_id]
    database.engine(settings).dispose()


def _created_run(instance: dg.DagsterInstance, settings: Settings) -> dg.DagsterRun:
    repository = ReconstructableRepository.for_module("food_inspections.definitions", "defs")
    return instance.create_run_for_job(
        build_defs(settings).resolve_job_def("pull"),
        tags={PARTITION_NAME_TAG: str(FIRST)},
        status=dg.DagsterRunStatus.STARTING,
        job_code_origin=repository.get_reconstructable_job("pull").get_python_origin(),
    )


def _status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRun:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run
