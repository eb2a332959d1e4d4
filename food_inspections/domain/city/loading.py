"""Reads a profile from its file; what is wrong with it is said in one sentence each, with what to do."""

import difflib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from food_inspections.domain.city.profile import Profile
from food_inspections.errors import SettingsError

SUFFIX = ".toml"
_CITIES = "food_inspections.cities"
_MOST_PROBLEMS = 8


def city_names() -> list[str]:
    """Names of the profiles that come with the program."""
    files = (file.name for file in resources.files(_CITIES).iterdir())
    return sorted(name.removesuffix(SUFFIX) for name in files if name.endswith(SUFFIX))


def load_profile(name_or_path: str | Path) -> Profile:
    """The profile of this name, or in this file.

    Args:
        name_or_path: A name of :func:`city_names`, or a path that has a slash or ends in ``.toml``.

    A file that was changed is read again, so that a process that lives for weeks and a command beside it agree.

    Raises:
        SettingsError: There is no such profile, or something in it cannot be used.
    """
    name = str(name_or_path)
    if not is_path(name):
        return _load(name, None)
    path = Path(name).expanduser()
    try:
        seen = path.stat()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read as a profile ({error}): name an existing TOML file.") from error
    return _load(name, (seen.st_mtime_ns, seen.st_size))


def read_beside(name_or_path: str | Path, named: Callable[[Profile], str | None]) -> str | None:
    """The text of a file that stands beside a profile.

    Args:
        name_or_path: As for :func:`load_profile`.
        named: The field of the profile that names the file.

    Returns:
        Nothing where the profile names none.

    Raises:
        SettingsError: There is no such profile, or the file cannot be read.
    """
    name = named(load_profile(name_or_path))
    if name is None:
        return None
    folder = Path(name_or_path).expanduser().parent if is_path(str(name_or_path)) else resources.files(_CITIES)
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name} cannot be read ({error}): put it beside the profile.") from error


def is_path(name_or_path: str) -> bool:
    """Whether a city is named by the path of its profile."""
    return "/" in name_or_path or name_or_path.endswith(SUFFIX)


@lru_cache(maxsize=8)
def _load(name_or_path: str, _version: tuple[int, int] | None) -> Profile:
    if is_path(name_or_path):
        path = Path(name_or_path).expanduser()
        try:
            return read_profile(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path} cannot be read as a profile ({error}): name an existing TOML file.") from error
    if name_or_path not in city_names():
        close = difflib.get_close_matches(name_or_path, city_names(), 1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise SettingsError(
            f"There is no city {name_or_path!r}: {hint}choose one of {', '.join(city_names())}, "
            "or give the path of a profile ending in .toml."
        )
    file = resources.files(_CITIES) / f"{name_or_path}{SUFFIX}"
    return read_profile(file.read_text(encoding="utf-8"), file.name)


def read_profile(text: str, name: str) -> Profile:
    """A profile from the text of its file.

    Args:
        text: TOML.
        name: What to call the file in errors.

    Raises:
        SettingsError: Something in it cannot be used.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name} is no TOML ({error}): correct that line.") from error
    try:
        return Profile.model_validate(document)
    except ValidationError as error:
        problems = list(dict.fromkeys(_sentence(problem) for problem in error.errors()))
        more = f" (and {len(problems) - _MOST_PROBLEMS} more)" if len(problems) > _MOST_PROBLEMS else ""
        raise SettingsError("\n".join(f"{name}: {problem}" for problem in problems[:_MOST_PROBLEMS]) + more) from error


def _sentence(problem: Mapping[str, Any]) -> str:
    """One problem of pydantic's: the key, the value, what is allowed."""
    location, kind = tuple(problem["loc"]), problem["type"]
    path = _path(location)
    if kind == "missing":
        return f"{path} is missing: add {_description(location)}."
    if kind == "extra_forbidden":
        known = _keys(location[:-1])
        close = difflib.get_close_matches(str(location[-1]), known, 1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        return f"{path} is no key of a profile: {hint}allowed here are {', '.join(known)}."
    if kind == "value_error":
        return f"{path + ': ' if path else ''}{problem['ctx']['error']}."
    if kind == "literal_error":
        return f"{path} is {problem['input']!r}: choose {problem['ctx']['expected']}."
    return f"{path} is {_shown(problem['input'])}: it must be {_description(location)}."


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _path(location: Sequence[str | int]) -> str:
    text = ""
    for part in location:
        if part == "[key]":
            continue
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _description(location: Sequence[str | int]) -> str:
    """What the profile's model says of the key; of a value in a list, what it says of the list."""
    keys = [part for part in location if isinstance(part, str) and part != "[key]"]
    model: type[BaseModel] | None = Profile
    description = "a value of another kind"
    for key in keys:
        fields = {(field.alias or name): field for name, field in model.model_fields.items()} if model else {}
        if key not in fields:
            continue
        description = fields[key].description or description
        model = _model_in(fields[key].annotation)
    return description


def _keys(location: Sequence[str | int]) -> list[str]:
    """The keys that the model knows at a place."""
    model: type[BaseModel] = Profile
    for key in location:
        fields = {(field.alias or name): field for name, field in model.model_fields.items()}
        if isinstance(key, str) and key in fields:
            model = _model_in(fields[key].annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model that an annotation holds, such as that of ``list[Word]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part)) is not None), None)
