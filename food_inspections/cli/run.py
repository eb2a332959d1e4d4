"""``food-inspections run``: materialize what is missing or out of date."""

from datetime import date, datetime

import click

from food_inspections.domain.weeks import Calendar
from food_inspections.errors import SettingsError
from food_inspections.settings import Settings

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("run")
@click.option("--week", type=DAY, help="Monday of the week; by default the newest complete one.")
@click.option("--from", "first", type=DAY, help="Monday of the first of several weeks.")
@click.option("--to", "last", type=DAY, help="Monday of the last; by default the newest complete one.")
@click.option(
    "--force",
    "is_forced",
    is_flag=True,
    help="Pull and make the weeks again, publication included, whatever the records say. Models are left alone.",
)
@click.option("--dry-run", "is_dry", is_flag=True, help="Say what is missing or out of date, and do nothing.")
def command(
    week: datetime | None, first: datetime | None, last: datetime | None, *, is_forced: bool, is_dry: bool
) -> None:
    """Materialize what is missing or out of date, and nothing else.

    A week that is complete and unchanged costs some seconds: "up to date". A week that was
    pulled is not pulled again: what the portal has changed since is the business of the
    revisions sensor, or of --force. A model is made only where none serves the week, or where
    the newest is older than FOOD_INSPECTIONS_RETRAINING_WEEKS. For the week under way and the
    coming one the queue is made, from what is known before their Mondays.
    """
    if week is not None and (first is not None or last is not None):
        raise SettingsError("--week names one week, --from and --to a range: give one or the other.")
    if last is not None and first is None:
        raise SettingsError("--to needs --from: give the Monday of the first week.")
    # Deferred so that --help stays instant.
    from food_inspections.cli.catch_up import CatchUp  # noqa: PLC0415

    catch_up = CatchUp(Settings.from_environment(), click.echo)
    newest = catch_up.newest_complete
    calendar = catch_up.settings.calendar
    start = _monday(week or first, newest, catch_up.today, calendar)
    end = start if week is not None else _monday(last, newest, catch_up.today, calendar)
    catch_up.run(start, end, is_forced=is_forced, is_dry=is_dry)


def _monday(given: datetime | None, default: date, today: date, calendar: Calendar) -> date:
    if given is None:
        return default
    reason = calendar.why_no_week(str(given.date()), today)
    if reason is not None:
        raise SettingsError(reason)
    return given.date()
