import logging
from contextlib import closing
from dataclasses import replace

import pytest

from food_inspections.errors import PortalError
from food_inspections.portal.soda import BusyPortalError, Patience, RefusedError, SodaPortal, TransientPortalError
from food_inspections_tests.portal.faulty_portal import Answer, FaultyPortal, status

DATASET = "4ijn-s7e5"


class Impatience(list[float]):
    """Stands in for sleep, and keeps what was asked for."""

    def patience(self, **limits: float) -> Patience:
        return replace(Patience(sleep=self.append), **limits)


@pytest.fixture
def waits() -> Impatience:
    return Impatience()


def test_waits_grow_and_are_bounded(portal: FaultyPortal, waits: Impatience) -> None:
    portal.spoil(status(500), times=100)

    with (
        closing(SodaPortal(portal.url, None, waits.patience(attempts=10, longest_wait_s=4))) as soda,
        pytest.raises(BusyPortalError),
    ):
        soda.rows(DATASET, limit=1)

    assert len(portal.requests) == 10
    lower = [0.5, 1, 2, 4, 4, 4, 4, 4, 4]
    assert all(low <= wait <= low + 0.5 for low, wait in zip(lower, waits, strict=True))


def test_retry_after_is_honoured(portal: FaultyPortal, waits: Impatience) -> None:
    portal.spoil(status(429, Retry_After="17"))

    with closing(SodaPortal(portal.url, None, waits.patience())) as soda:
        soda.rows(DATASET, limit=1)

    assert waits == [17]


def test_a_retry_after_beyond_patience_ends_the_attempt(portal: FaultyPortal, waits: Impatience) -> None:
    portal.spoil(status(429, Retry_After="3600"))

    with (
        closing(SodaPortal(portal.url, None, waits.patience())) as soda,
        pytest.raises(PortalError, match="It asks to wait 3600 s"),
    ):
        soda.rows(DATASET, limit=1)

    assert waits == []


def test_a_retry_after_that_is_a_date_falls_back_on_our_own_wait(portal: FaultyPortal, waits: Impatience) -> None:
    portal.spoil(status(503, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"))

    with closing(SodaPortal(portal.url, None, waits.patience())) as soda:
        soda.rows(DATASET, limit=1)

    assert 0.5 <= waits[0] <= 1


def test_a_portal_that_never_answers_runs_into_the_read_limit(portal: FaultyPortal, waits: Impatience) -> None:
    def silent(answer: Answer) -> Answer:
        portal.released.wait(timeout=30)
        return answer

    portal.spoil(silent)

    with closing(SodaPortal(portal.url, None, waits.patience(read_s=0.2))) as soda:
        assert len(soda.rows(DATASET, limit=1)) == 1

    assert len(waits) == 1


def test_a_dribbling_portal_runs_into_the_limit_for_the_answer(portal: FaultyPortal, waits: Impatience) -> None:
    with (
        closing(SodaPortal(portal.url, None, waits.patience(answer_s=0, attempts=2))) as soda,
        pytest.raises(TransientPortalError, match="no whole answer within 0 s"),
    ):
        soda.rows(DATASET, limit=1)


def test_numbers_keep_their_text(portal: FaultyPortal) -> None:
    portal.spoil(lambda answer: Answer(200, b'[{"a": 41.80, "b": 1e3, "c": 2610018, "d": true, "e": null}]', {}))

    with closing(SodaPortal(portal.url, None, Patience())) as soda:
        assert soda.rows(DATASET) == [{"a": "41.80", "b": "1e3", "c": "2610018", "d": True, "e": None}]


def test_a_refusal_carries_its_status(portal: FaultyPortal) -> None:
    with closing(SodaPortal(portal.url, None, Patience())) as soda, pytest.raises(RefusedError) as caught:
        soda.rows(DATASET, where="nothing = 1")

    assert caught.value.status == 400
    assert "No such column: nothing" in str(caught.value)


def test_the_token_does_not_follow_a_redirect(portal: FaultyPortal) -> None:
    portal.spoil(status(302, Location=f"{portal.url}/elsewhere"))

    with (
        closing(SodaPortal(portal.url, "secret", Patience())) as soda,
        pytest.raises(RefusedError, match="has moved to"),
    ):
        soda.rows(DATASET)

    assert len(portal.requests) == 1


@pytest.mark.parametrize(
    "url", ["https://data.example.org", "https://data.example.org/", "https://proxy.example.org/chicago"]
)
def test_addresses(url: str) -> None:
    with closing(SodaPortal(url, None, Patience())) as soda:
        assert soda.url == url.rstrip("/")


def test_a_password_in_the_address_is_sent_but_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with closing(SodaPortal("https://user:hidden@data.example.org", None, Patience())) as soda:
        assert soda.session.auth == ("user", "hidden")
        assert "hidden" not in soda.url
    assert "hidden" not in caplog.text


def test_proxies_are_for_other_machines(portal: FaultyPortal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    with closing(SodaPortal(portal.url, None, Patience())) as soda:
        assert len(soda.rows(DATASET, limit=1)) == 1
    with closing(SodaPortal("https://data.example.org", None, Patience())) as soda:
        assert soda.session.trust_env


def test_retries_are_logged_with_their_reason(
    portal: FaultyPortal, waits: Impatience, caplog: pytest.LogCaptureFixture
) -> None:
    portal.spoil(status(500))

    with closing(SodaPortal(portal.url, None, waits.patience())) as soda:
        soda.rows(DATASET, limit=1)

    assert "Attempt 1 of 6 failed" in caplog.text
    assert "answered 500" in caplog.text
