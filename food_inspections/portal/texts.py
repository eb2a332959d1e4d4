"""Characters that JSON can spell and neither a table nor a Parquet object can hold."""

import re
from typing import Any

# As spelt in JSON: NUL and halves of surrogate pairs; whole pairs match as well and are left alone below.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_HALF_PAIR = re.compile("[\ud800-\udfff]")
REPLACEMENT = "\ufffd"


def is_suspect(content: bytes) -> bool:
    """Whether a JSON document may hold such characters: a quick look, since hardly any does."""
    return _SUSPECT.search(content) is not None


def storable(value: Any) -> Any:
    """The parsed JSON value without NULs, and with ``U+FFFD`` for half a surrogate pair.

    One odd character in a name must not keep its week out for ever.
    """
    if isinstance(value, str):
        return _HALF_PAIR.sub(REPLACEMENT, value.replace("\0", ""))
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(name): storable(item) for name, item in value.items()}
    return value
