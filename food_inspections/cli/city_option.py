"""The option that names another city than the settings do."""

import click

CITY = click.option(
    "--city", help="Name of a city's profile, or the path of one; FOOD_INSPECTIONS_CITY, or the home's, by default."
)
FILE_HELP = "CSV file, plain or gzip, with the portal's field names or headings; may be repeated."
