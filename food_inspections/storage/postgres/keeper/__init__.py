"""The keeper: a small process that runs the embedded PostgreSQL and stops it when its last user has gone.

:mod:`food_inspections.storage.postgres.embedded` starts it by path with ``python -I -S``, so it may import the standard
library only, and it stays quick to start. Everything it knows is in the server's folder:

============ =======================================================================================
holders.lock every process that uses the server holds a shared ``flock``; the kernel drops it however
             the process dies, so an exclusive one is proof that the last has gone
keeper.lock  exclusive for the life of the keeper: two started at once sort themselves out
server.lock  exclusive, inherited by PostgreSQL and all its processes: while it is taken the data are
             in use, once it is free a ``postmaster.pid`` is a leftover, whatever it says
address.json where the server listens
password     the server's password, generated
pinned       the server stays although nobody uses it (``food-inspections db start``)
stop         the server is to stop although somebody uses it (``food-inspections db stop --force``)
data, log, socket  PostgreSQL's own
============ =======================================================================================

Should the keeper be killed, PostgreSQL is told to stop by the kernel, and the next user starts both again.
"""

USER = DATABASE = "food_inspections"
START_SECONDS = 120
STOP_SECONDS = 60


class KeeperError(Exception):
    """The server cannot be started; the message goes to whoever asked."""
