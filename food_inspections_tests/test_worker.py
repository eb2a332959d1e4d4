import subprocess
import sys

from food_inspections import worker


def test_this_process_is_alive() -> None:
    assert worker.is_alive(worker.this_worker())


def test_a_process_that_was_killed_is_not(tmp_path) -> None:
    code = "from food_inspections import worker; print(worker.this_worker(), flush=True); import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        named = process.stdout.readline()
        assert worker.is_alive(named)
        process.kill()
        # Not waited for yet: what is left of it in the process table does not live.
        while process.poll() is None:
            pass
    assert not worker.is_alive(named)


def test_another_process_of_the_same_number_is_another_one() -> None:
    named = worker.this_worker().replace('"started": "', '"started": "9')
    assert not worker.is_alive(named)


def test_a_process_of_another_machine_counts_as_alive() -> None:
    named = worker.this_worker().replace('"host": "', '"host": "elsewhere-')
    assert worker.is_alive(named)


def test_a_run_that_names_no_process_was_not_killed() -> None:
    killed = worker.this_worker().replace('"started": "', '"started": "9')

    assert worker.was_killed({worker.TAG: killed})
    assert not worker.was_killed({worker.TAG: worker.this_worker()})
    assert not worker.was_killed({})
