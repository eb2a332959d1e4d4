"""Tables of plain text, as wide as what they hold."""

from collections.abc import Sequence

import click


def print_table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Print rows under a header, in columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(header, *lines, strict=True)]
    for line in (header, ["-" * width for width in widths], *lines):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
