"""Locks and small files of the server's folder."""

import fcntl
import os
from pathlib import Path


def try_lock(descriptor: int, operation: int) -> bool:
    """Take a lock unless somebody else has it."""
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_same_file(path: Path, descriptor: int) -> bool:
    """Whether the path still leads to an open file: its folder may have been deleted or replaced."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def write(path: Path, text: str) -> None:
    """Write a private file as a whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.chmod(0o600)
    draft.replace(path)
