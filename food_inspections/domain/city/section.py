"""What every part of a profile shares: no unknown keys, and scalars where a list of them may stand."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Section(BaseModel):
    """A table of a profile. A key that nobody knows is a spelling mistake, and is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _as_list(value: object) -> object:
    """One value as a list of one, and dates and numbers as the text that a portal would hold."""
    values = value if isinstance(value, list) else [value]
    return [str(one) if isinstance(one, int | float) or hasattr(one, "isoformat") else one for one in values]


Texts = Annotated[list[str], BeforeValidator(_as_list)]
"""A list of texts; a single text, a number or a day may stand for itself."""
