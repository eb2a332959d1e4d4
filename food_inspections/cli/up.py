"""``food-inspections up``: every service of the deployment on this machine."""

import json
import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import NoReturn

import click

from food_inspections import home_record
from food_inspections.cli.services import HOST, Service, Supervisor, require_free
from food_inspections.settings import Settings, instance_folder
from food_inspections.storage.postgres import database
from food_inspections.storage.room import lack_of_room

AT_LEISURE = {
    # Seconds between two looks of the daemon: for runs to submit again, 5 by default, and for assets that are overdue
    # after hours, 30 by default.
    "DAGSTER_EVENT_LOG_CONSUMER_DAEMON_INTERVAL_SECONDS": "15",
    "FRESHNESS_DAEMON_INTERVAL_SECONDS": "300",
}
"""Variables of Dagster's own with which a deployment that has nothing to do costs less; the caller's own come first."""


@click.command("up")
@click.option("--dagster-port", default=3000, show_default=True, help="Port of the Dagster UI.")
@click.option("--api-port", default=8000, show_default=True, help="Port of the HTTP API.")
@click.option("--monitor-port", default=8050, show_default=True, help="Port of the dashboard.")
@click.option("--portal-port", default=8070, show_default=True, help="Port of the demo's portal, after a demo.")
def command(dagster_port: int, api_port: int, monitor_port: int, portal_port: int) -> None:
    """Start the Dagster UI and daemon, the API and the monitor; Ctrl-C stops all of them.

    After `food-inspections demo` the portal of its files is served as well, unless
    FOOD_INSPECTIONS_PORTAL_URL names another one.
    """
    settings = Settings.from_environment()
    stand_in = [path for path in home_record.read(settings.home).portal_files if path.exists()]
    # The code server runs whatever it is told: its socket lies in a folder of this user alone, with a short path.
    with TemporaryDirectory(prefix="food-inspections-") as folder:
        log = settings.home / "dagster" / "code_server.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        services = _services(dagster_port, api_port, monitor_port, Path(folder), log)
        environment = _environment(settings, services)
        if stand_in and "FOOD_INSPECTIONS_PORTAL_URL" not in os.environ:
            files = [argument for path in stand_in for argument in ("--data", str(path))]
            portal = _program("food-inspections", "portal", *files, "--port", str(portal_port))
            # It tells of every request.
            services.append(Service("Portal", portal, portal_port, log=log.with_name("portal.log")))
            environment["FOOD_INSPECTIONS_PORTAL_URL"] = f"http://{HOST}:{portal_port}"
        for service in services:
            if service.port is not None:
                require_free(HOST, service.port, service.name, f"--{service.name.lower()}-port")
        lack = lack_of_room(settings, weeks=1)
        if lack is not None:
            click.echo(f"Note: {lack}")
        database.upgrade(settings)
        for number in (signal.SIGTERM, signal.SIGHUP):
            # The services are in process groups of their own: when the terminal closes, nobody else tells them.
            # Under nohup they are to stay.
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, _interrupt)
        with Supervisor(environment) as supervisor:
            try:
                _run(supervisor, services)
            except KeyboardInterrupt:
                click.echo("Stopping.")


def _run(supervisor: Supervisor, services: list[Service]) -> None:
    for service in services:
        supervisor.start(service)
        if service.socket is not None:
            # Those that follow look for it when they start.
            supervisor.wait_until_up()
    supervisor.wait_until_up()
    for service in services:
        if service.address is not None:
            click.echo(f"{service.name:<10} {service.address}")
        if service.log is not None:
            click.echo(f"{service.name + ' log':<10} {service.log}")
    click.echo("Ctrl-C stops all of them.")
    supervisor.wait()


def _services(dagster_port: int, api_port: int, monitor_port: int, folder: Path, log: Path) -> list[Service]:
    """One code server for the UI and the daemon: `dagster dev` starts a process more, and one that reloads code."""
    socket, workspace = str(folder / "code-server"), folder / "workspace.yaml"
    location = {"host": "localhost", "socket": socket, "location_name": "food_inspections"}
    workspace.write_text(json.dumps({"load_from": [{"grpc_server": location}]}))
    # Only what is wrong, so that the addresses stay in sight; what runs tell goes to the code server's log.
    quiet = ("--log-level", "warning")
    # One process each, with threads: who looks here is one person at a time.
    one = ("--host", HOST, "--workers", "1", "--port")
    api = ("food-inspections", "api", *one, str(api_port))
    monitor = ("food-inspections", "monitor", *one, str(monitor_port))
    code = ("dagster", "api", "grpc", "-m", "food_inspections.definitions", "--socket", socket, *quiet)
    pages = ("dagster-webserver", "-h", HOST, "-p", str(dagster_port), "-w", str(workspace))
    return [
        Service("Code", _program(*code), socket=socket, log=log),
        Service("Dagster", _program(*pages, "--dagster-log-level", "warning"), dagster_port),
        Service("Daemon", _program("dagster-daemon", "run", "-w", str(workspace), *quiet)),
        Service("API", _program(*api), api_port, "/docs"),
        Service("Monitor", _program(*monitor), monitor_port),
    ]


def _program(name: str, *arguments: str) -> list[str]:
    """A program that was installed with this one."""
    return [str(Path(sys.executable).with_name(name)), *arguments]


def _environment(settings: Settings, services: list[Service]) -> dict[str, str]:
    """What the services are told: one home, and where the others are."""
    environment = dict(os.environ)
    environment["FOOD_INSPECTIONS_HOME"] = str(settings.home)
    environment.setdefault("DAGSTER_HOME", str(instance_folder(os.environ)))
    for name, value in AT_LEISURE.items():
        environment.setdefault(name, value)
    for service in services:
        if service.port is not None:
            environment.setdefault(f"FOOD_INSPECTIONS_{service.name.upper()}_URL", f"http://{HOST}:{service.port}")
    return environment


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
