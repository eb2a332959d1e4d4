"""A transaction to change rows in."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from food_inspections.storage.postgres import database
from food_inspections_tests.monitor.conftest import Filled


@pytest.fixture
def writing(filled: Filled) -> Iterator[Connection]:
    """A transaction whose changes nobody else sees, and that is undone."""
    with database.engine(filled.settings).connect() as connection:
        yield connection
        connection.rollback()
