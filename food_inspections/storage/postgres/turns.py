"""Turns: commands that work on a whole deployment do so one after the other, on whichever machine each was started.

Who has the turn is an advisory lock on a connection of its own. PostgreSQL gives it back with the connection, so it
ends with the process however that dies, and nothing is left to clean up.
"""

import os
import platform
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import psycopg2
from psycopg2.extensions import connection as DriverConnection  # noqa: N812 - the driver's class is in lower case

from food_inspections.errors import StorageError
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database
from food_inspections.storage.postgres.connections import connected

LOCK = 0x7475726E
"""Number of the advisory lock; any number that nothing else in the database uses."""

POLL_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 6 * 3600
"""No run takes as long: what has the turn until then, or a slot of a pool, hangs or was stopped."""

LONGEST_NAME = 63
"""What PostgreSQL keeps of the name under which a connection can be seen."""

_HOLDER = """
SELECT a.application_name FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.objid = %s
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Turn:
    """The turn of one command, for as long as the ``with`` lasts.

    Args:
        settings: The deployment.
        command: The command, as others are told of it.
        say: Takes the line that says for whom this one waits.
    """

    def __init__(self, settings: Settings, command: str, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._command = command
        self._name = f"food-inspections {command}, process {os.getpid()} on {platform.node()}"[:LONGEST_NAME]
        self._say = say
        self._stack = ExitStack()
        self._connection: DriverConnection | None = None

    def __enter__(self) -> Self:
        self.keep()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()
        self._connection = None

    def keep(self) -> None:
        """Have the turn; to be called again before each piece of work, for a restart of the server takes it away.

        Waits, and says so in one line, while another command has it.

        Raises:
            StorageError: The database cannot be reached, or the other command has it for too long.
        """
        if self._connection is not None and _answers(self._connection):
            return
        self._stack.close()
        self._connection = self._stack.enter_context(connected(database.database_url(self._settings)))
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT set_config('application_name', %s, false)", (self._name,))
                has_said = False
                until = time.monotonic() + LONGEST_WAIT_SECONDS
                while not self._is_ours(cursor):
                    has_said = has_said or self._say_who(cursor)
                    if time.monotonic() > until:
                        raise StorageError(
                            f"food-inspections {self._command} has waited {LONGEST_WAIT_SECONDS / 3600:g} hours for "
                            "its turn: end the command that has it, which hangs or was stopped, then run this again."
                        )
                    time.sleep(POLL_SECONDS)
        except psycopg2.Error as error:
            raise StorageError(
                f"food-inspections {self._command} lost the database while it waited for its turn: {str(error).strip()}"
            ) from error

    def _is_ours(self, cursor: psycopg2.extensions.cursor) -> bool:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,))
        return bool(cursor.fetchone() == (True,))

    def _say_who(self, cursor: psycopg2.extensions.cursor) -> bool:
        """Name who has the turn; false where they have just ended."""
        cursor.execute(_HOLDER, (LOCK,))
        holder = cursor.fetchone()
        if holder is not None:
            self._say(f"Waiting: {holder[0] or 'another command'} is at work on this deployment.")
        return holder is not None


def _answers(connection: DriverConnection) -> bool:
    """Whether the connection, and the lock with it, is still there."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error:
        return False
    return True
