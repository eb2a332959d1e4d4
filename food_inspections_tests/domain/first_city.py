"""The steps of the domain with the profile of the city that most tests are about."""

from functools import partial

import pandas as pd

from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.evaluation import backtest
from food_inspections.domain.features import build
from food_inspections.domain.inspections import cleaning

CITY = load_profile("chicago")

clean = partial(cleaning.clean, profile=CITY)
build_features = partial(build.build_features, profile=CITY)
build_establishment_features = partial(build.build_establishment_features, profile=CITY)
run_backtest = partial(backtest.run_backtest, profile=CITY)
lag_backtests = partial(backtest.lag_backtests, profile=CITY)

_TYPES = {visit.word: visit for visit in CITY.inspection_types}


def with_meanings(inspections: pd.DataFrame) -> pd.DataFrame:
    """Made-up inspections with the columns that follow from the words and the numbers of their reports."""
    types = [_TYPES.get(word) for word in inspections["inspection_type"]]
    return inspections.assign(
        inspection_id=inspections["inspection_id"].astype(str),
        area=inspections["zip"],
        is_first_look=[visit is not None and visit.meaning == "first_look" for visit in types],
        is_full_visit=[visit is not None and visit.is_full_visit for visit in types],
        is_reinspection=[visit is not None and visit.meaning == "follow_up" for visit in types],
        is_complaint=[visit is not None and visit.meaning == "complaint" for visit in types],
        is_conditional=inspections["results"].eq("Pass w/ Conditions"),
        points=float("nan"),
        report_number=inspections["inspection_id"].astype("int64"),
    )
