"""What a portal says of its data set's columns, against what the profile names."""

from typing import Any

import pandas as pd
import pytest

from food_inspections.errors import PermanentPortalError
from food_inspections.portal.client import PortalClient
from food_inspections_tests.portal.faulty_portal import Fault, FaultyPortal, html, rows, status
from food_inspections_tests.portal.test_client import MONDAY, SUNDAY


def _place(document: dict[str, Any], name: str) -> int:
    return [column["fieldName"] for column in document["columns"]].index(name)


def test_a_column_missing_from_the_metadata_is_an_error(client: PortalClient, portal: FaultyPortal) -> None:
    portal.spoil(rows(lambda document: document["columns"].pop(_place(document, "license_")) and None))

    with pytest.raises(PermanentPortalError, match=r"no column 'license_'.* Correct chicago, or check that"):
        client.fetch(MONDAY, SUNDAY)


def test_a_column_that_is_renamed_while_the_program_runs_is_named_with_its_new_name(
    client: PortalClient, portal: FaultyPortal, inspections: pd.DataFrame
) -> None:
    client.fetch(MONDAY, SUNDAY)
    portal.replace(inspections.rename(columns={"results": "result"}))

    with pytest.raises(PermanentPortalError, match="no column 'results', but 'result': was it renamed"):
        client.fetch(MONDAY, SUNDAY)


def test_days_that_are_text_on_the_portal_cannot_be_asked_for(client: PortalClient, portal: FaultyPortal) -> None:
    def as_text(document: dict[str, Any]) -> None:
        document["columns"][_place(document, "inspection_date")]["dataTypeName"] = "text"

    portal.spoil(rows(as_text))

    with pytest.raises(PermanentPortalError, match=r"'inspection_date' are text on this portal.*portal --data FILE"):
        client.fetch(MONDAY, SUNDAY)


@pytest.mark.parametrize(("fault", "times"), [(status(404), 1), (status(400), 1), (status(501), 1), (html, 6)])
def test_metadata_that_are_not_there_are_done_without(
    client: PortalClient, portal: FaultyPortal, fault: Fault, times: int
) -> None:
    portal.spoil(fault, times)

    assert len(client.fetch(MONDAY, SUNDAY)) > 0


def test_metadata_are_asked_for_once(client: PortalClient, portal: FaultyPortal) -> None:
    client.fetch(MONDAY, SUNDAY)
    client.fetch(MONDAY, SUNDAY)

    assert [request.path for request in portal.requests].count("/api/views/4ijn-s7e5.json") == 1
