"""Rows from CSV exports, as a portal's API would give them: text, under field names."""

import gzip
import re
import unicodedata
from itertools import compress
from pathlib import Path

import pandas as pd

from food_inspections.domain.city.consistency import OF_PULLS
from food_inspections.errors import DataError

_SEPARATORS = ",;\t|"
_FIELD_NAME = re.compile(r":?@?[a-z_][a-z0-9_]*")
_GZIP = b"\x1f\x8b"


def read_csv_file(path: Path) -> pd.DataFrame:
    """Rows of a file, plain or gzip, whose values are separated by commas, semicolons, tabs or bars.

    Returns:
        Text, NaN where a field is empty, in columns named by :func:`field_names`; without those that a pull adds.

    Raises:
        DataError: It is no CSV in UTF-8, or two of its headings are one field.
    """
    try:
        separator = _separator(path)
        frame = pd.read_csv(
            path,
            sep=separator,
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            encoding="utf-8-sig",
            compression="gzip" if _is_gzip(path) else None,
        )
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not written in UTF-8 ({error}): save it as 'CSV UTF-8'.") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, OSError, EOFError) as error:
        raise DataError(f"{path} cannot be read as CSV ({error}): give a plain or gzip CSV file.") from error
    headings = [str(name) for name in frame.columns]
    names = field_names(headings)
    # Such columns say something else in a pull.
    is_own = [name not in OF_PULLS for name in names]
    frame, headings, names = frame.loc[:, is_own], list(compress(headings, is_own)), list(compress(names, is_own))
    for place, name in enumerate(names):
        if name in names[:place]:
            twice = headings[names.index(name)], headings[place]
            raise DataError(f"{path} has two columns {name!r} ({' and '.join(map(repr, twice))}): rename one.")
    return frame.set_axis(names, axis=1)


def field_names(headings: list[str]) -> list[str]:
    """Headings as a portal writes them in its API: ``Date of Visit`` is ``date_of_visit``, ``Año`` is ``ano``.

    What is a field name already stays as it is.
    """
    return [name if _FIELD_NAME.fullmatch(name) else _field_name(name, place) for place, name in enumerate(headings, 1)]


def _field_name(heading: str, place: int) -> str:
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    if not name:
        return f"column_{place}"
    return f"_{name}" if name[0].isdigit() else name


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_GZIP)) == _GZIP


def _separator(path: Path) -> str:
    """What stands most often between the headings."""
    with gzip.open(path, "rb") if _is_gzip(path) else path.open("rb") as file:
        headings = file.readline().decode("utf-8-sig")
    return max(_SEPARATORS, key=headings.count)
