"""``food-inspections up``: every service of the deployment on this machine."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from food_inspections.cli.services import Service, Supervisor
from food_inspections.demo import demo_data
from food_inspections.settings import Settings, instance_folder
from food_inspections.storage.postgres import database

HOST = "127.0.0.1"


@click.command("up")
@click.option("--dagster-port", default=3000, show_default=True, help="Port of the Dagster UI.")
@click.option("--api-port", default=8000, show_default=True, help="Port of the HTTP API.")
@click.option("--monitor-port", default=8050, show_default=True, help="Port of the dashboard.")
@click.option("--portal-port", default=8070, show_default=True, help="Port of the sample city's portal, after a demo.")
def command(dagster_port: int, api_port: int, monitor_port: int, portal_port: int) -> None:
    """Start the Dagster UI and daemon, the API and the monitor; Ctrl-C stops all of them.

    After `food-inspections demo` the sample city's portal is served as well, unless
    FOOD_INSPECTIONS_PORTAL_URL names another one.
    """
    settings = Settings.from_environment()
    database.upgrade(settings)
    services = _services(dagster_port, api_port, monitor_port)
    environment = _environment(settings, services)
    sample = demo_data(settings.home)
    if sample.exists() and "FOOD_INSPECTIONS_PORTAL_URL" not in os.environ:
        portal = Service("Portal", _own("portal", "--data", str(sample), "--port", str(portal_port)), HOST, portal_port)
        services.append(portal)
        environment["FOOD_INSPECTIONS_PORTAL_URL"] = f"http://{HOST}:{portal_port}"
    for number in (signal.SIGTERM, signal.SIGHUP):
        # The services are in process groups of their own: when the terminal closes, nobody else tells them.
        # Under nohup they are to stay.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)
    with Supervisor(environment) as supervisor:
        try:
            for service in services:
                supervisor.start(service)
            supervisor.wait_until_up()
            for service in services:
                click.echo(f"{service.name:<10} {service.address}")
            click.echo("Ctrl-C stops all of them.")
            supervisor.wait()
        except KeyboardInterrupt:
            click.echo("Stopping.")


def _services(dagster_port: int, api_port: int, monitor_port: int) -> list[Service]:
    dagster = [sys.executable, "-m", "dagster", "dev", "-m", "food_inspections.definitions", "--log-level", "warning"]
    return [
        Service("Dagster", [*dagster, "-h", HOST, "-p", str(dagster_port)], HOST, dagster_port),
        Service("API", _own("api", "--host", HOST, "--port", str(api_port)), HOST, api_port, "/docs"),
        Service("Monitor", _own("monitor", "--host", HOST, "--port", str(monitor_port)), HOST, monitor_port),
    ]


def _own(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("food-inspections")), *arguments]


def _environment(settings: Settings, services: list[Service]) -> dict[str, str]:
    """What the services are told: one home, and where the others are."""
    environment = dict(os.environ)
    environment["FOOD_INSPECTIONS_HOME"] = str(settings.home)
    environment.setdefault("DAGSTER_HOME", str(instance_folder(os.environ)))
    for variable, service in zip(("DAGSTER_URL", "API_URL", "MONITOR_URL"), services, strict=True):
        environment.setdefault(f"FOOD_INSPECTIONS_{variable}", f"http://{service.host}:{service.port}")
    return environment


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
