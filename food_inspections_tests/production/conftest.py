"""Servers a production deployment stands on, started on this machine."""

from collections.abc import Iterator

import pytest

from food_inspections_tests.production import postgresql_server, redis_server
from food_inspections_tests.production.postgresql_server import PostgresqlServer, running_postgresql_server
from food_inspections_tests.production.redis_server import running_redis
from food_inspections_tests.production.s3_server import S3Server, running_s3_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """The machine's own PostgreSQL; skipped where it has none."""
    binaries = postgresql_server.binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server under /usr/lib/postgresql: apt-get install postgresql")
    with running_postgresql_server(binaries) as server:
        yield server


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis of the machine's own; skipped where it has none."""
    program = redis_server.program()
    if program is None:
        pytest.skip("no redis-server: apt-get install redis-server")
    with running_redis(program) as url:
        yield url


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    """An S3 server with a bucket."""
    with running_s3_server() as server:
        yield server
