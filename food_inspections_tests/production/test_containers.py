"""The image and the services of compose.yaml, without a container engine: their form, and every command run here."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from food_inspections.settings import Settings
from food_inspections.storage.postgres import database
from food_inspections_tests.production.deployment import dagster_environment, until
from food_inspections_tests.production.postgresql_server import PostgresqlServer, free_port
from food_inspections_tests.production.s3_server import S3Server

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "food-inspections:local" in service["image"]}
ONE_SHOT = {"bucket", "upgrade"}
LONG_RUNNING = ("code-server", "webserver", "daemon", "api", "monitor")
DIGEST = re.compile(r"[^\s@]+:[^\s@]+@sha256:[0-9a-f]{64}")
YAML = ("dagster.yaml", "compose/workspace.yaml")
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_dagsters_instance_has_what_its_yaml_names() -> None:
    named = set(re.findall(r"env: ([A-Z0-9_]+)", "".join((ROOT / "deploy" / path).read_text() for path in YAML)))

    assert named <= set(COMPOSE["x-program"]["environment"])


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_whether_it_is_well(name: str) -> None:
    assert ("healthcheck" in SERVICES[name]) != (name in ONE_SHOT)


@pytest.mark.parametrize("name", sorted(set(SERVICES) - set(OURS)))
def test_images_of_others_are_pinned_by_version_and_digest(name: str) -> None:
    assert DIGEST.fullmatch(SERVICES[name]["image"])


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_do_little(name: str) -> None:
    service = OURS[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", SERVICES)
def test_volumes_and_dependencies_exist(name: str) -> None:
    named = [volume.split(":")[0] for volume in SERVICES[name].get("volumes", ()) if ":" in volume]

    assert set(named) <= set(COMPOSE["volumes"])
    assert set(SERVICES[name].get("depends_on", ())) <= set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_loopback_unless_asked_otherwise(name: str) -> None:
    assert all(port.startswith("${BIND_ADDRESS:-127.0.0.1}:") for port in SERVICES[name].get("ports", ()))


@pytest.mark.parametrize("name", SERVICES)
def test_no_password_has_a_default_or_stands_in_a_command(name: str) -> None:
    service = SERVICES[name]
    texts = [str(value) for value in service.get("environment", {}).values()]
    passwords = re.findall(r"\$\{(?:POSTGRES|S3)_PASSWORD([^}]*)\}", " ".join(texts))

    assert all(rest.startswith(":?") for rest in passwords)
    assert "${" not in str(service.get("command", "")) + str(service.get("healthcheck", ""))


def test_the_programs_of_postgresql_find_its_password_in_the_container() -> None:
    """Without it pg_dump, as docs/operations.md and the workflow call it, asks for one and makes an empty backup."""
    environment = SERVICES["postgres"]["environment"]

    assert environment["PGPASSWORD"] == environment["POSTGRES_PASSWORD"]


def test_a_dump_does_not_read_the_script_it_stands_in() -> None:
    workflow = (ROOT / ".github" / "workflows" / "deploy.yml").read_text()
    called = re.findall(r"^ *(docker compose exec .*)$", workflow, flags=re.MULTILINE)

    assert called
    assert all(line.endswith("< /dev/null") for line in called)


def test_redis_does_not_start_with_the_password_of_this_file(tmp_path: Path) -> None:
    _, _, script = SERVICES["redis"]["command"]
    stub = tmp_path / "redis-server"
    stub.write_text("#!/bin/sh\ncat\n")
    stub.chmod(0o755)

    def start(password: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - from our own file
            ["/bin/sh", "-c", script.replace("$$", "$")],
            env={"PATH": f"{tmp_path}:{os.defpath}", "REDIS_PASSWORD": password},
            capture_output=True,
            text=True,
            check=False,
        )

    assert start("unset").returncode == 1
    assert "Set REDIS_PASSWORD" in start("unset").stderr
    assert start("long").stdout == 'requirepass long\nsave ""\n'


def test_the_image_is_pinned_and_runs_as_nobody_in_particular() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)

    assert len(set(bases)) == 1
    assert DIGEST.fullmatch(bases[0])
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, flags=re.MULTILINE)


def test_what_the_image_copies_is_in_the_build_context() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE)
        for name in shlex.split(line)[:-1]
    }

    assert ignored[1] == "*"
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


@dataclass(frozen=True)
class Running:
    """Services of compose.yaml as processes of this machine."""

    environment: Mapping[str, str]
    ports: Mapping[str, str]
    processes: Mapping[str, subprocess.Popen[bytes]]
    folder: Path

    def health(self, name: str) -> subprocess.CompletedProcess[bytes]:
        """Run a service's health check."""
        _, *command = SERVICES[name]["healthcheck"]["test"]
        return subprocess.run(  # noqa: S603 - from our own file
            translated(command, self.ports), env=dict(self.environment), capture_output=True, check=False, timeout=120
        )


@pytest.fixture(scope="module")
def running(postgresql: PostgresqlServer, s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("containers")
    postgresql.create_database("compose")
    ports = {port: str(free_port()) for port in ("4000", "3000", "8000", "8050")}
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "LANG")},
        **s3.environment,
        "HOME": str(folder),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DAGSTER_HOME": str(ROOT / "deploy"),
        "FOOD_INSPECTIONS_HOME": str(folder / "home"),
        "FOOD_INSPECTIONS_DATABASE_URL": postgresql.url("compose"),
        "FOOD_INSPECTIONS_OBJECT_STORE": "s3://bucket/compose",
        **dagster_environment(postgresql, "compose"),
        "DAGSTER_CODE_SERVER_HOST": "127.0.0.1",
        "DAGSTER_CODE_SERVER_PORT": ports["4000"],
    }
    subprocess.run(OURS["upgrade"]["command"], env=environment, check=True)  # noqa: S603 - from our own file
    processes = {}
    try:
        for name in LONG_RUNNING:
            with (folder / f"{name}.log").open("wb") as log:
                processes[name] = subprocess.Popen(  # noqa: S603 - from our own file
                    translated(OURS[name]["command"], ports),
                    cwd=folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            if name == "code-server":
                # As depends_on says: the others start once it is well.
                running = Running(environment, ports, processes, folder)
                until(lambda: running.health("code-server").returncode == 0, "the code server is well")  # noqa: B023
        yield Running(environment, ports, processes, folder)
    finally:
        for process in processes.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.servers
@pytest.mark.parametrize("name", LONG_RUNNING)
def test_each_service_becomes_well(running: Running, name: str) -> None:
    def is_well() -> bool:
        assert running.processes[name].poll() is None, (running.folder / f"{name}.log").read_text()[-3000:]
        health = running.health(name)
        # 1 is "not yet"; anything else is a command that cannot work.
        assert health.returncode in (0, 1), health.stderr
        return health.returncode == 0

    until(is_well, f"{name} is well")


@pytest.mark.servers
def test_the_upgrade_made_the_schema(running: Running) -> None:
    settings = Settings.from_environment(running.environment)

    assert database.upgrade(settings) == []
    database.engine(settings).dispose()


def translated(command: list[str], ports: Mapping[str, str]) -> list[str]:
    """A container's command for this machine: free ports, the loopback interface, files of the repository."""
    words = []
    for word in command:
        changed = word.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - taken out, not put in
        changed = changed.replace("/app/workspace.yaml", str(ROOT / "deploy" / "compose" / "workspace.yaml"))
        for port, here in ports.items():
            changed = re.sub(rf"(?<![0-9]){port}(?![0-9])", here, changed)
        words.append(changed)
    return words
