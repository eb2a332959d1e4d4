"""Small made-up feature frames for tests of models: something to learn, and no more than that."""

from datetime import date

import numpy as np
import pandas as pd

from food_inspections.domain.inputs import FloatArray, ModelInputs, outcomes
from food_inspections.domain.learning.model import TrainingRows

INPUTS = ModelInputs(
    numeric=("own_rate", "area_rate", "noise", "days_since"), categorical=("facility_type", "risk", "inspection_type")
)
FIRST_DAY = date(2013, 1, 7)


def feature_rows(rows: int = 2_000, weeks: int = 40, seed: int = 0, first_day: date = FIRST_DAY) -> pd.DataFrame:
    """Feature rows whose first two numbers tell something about both outcomes."""
    generator = np.random.default_rng(seed)
    hidden = generator.normal(size=rows)
    offsets = np.sort(generator.integers(0, 7 * weeks, rows))
    days = pd.Timestamp(first_day) + pd.to_timedelta(offsets, unit="D")
    frame = pd.DataFrame(
        {
            "inspection_id": [f"{number:05d}" for number in range(1, rows + 1)],
            "inspection_date": days,
            "establishment_id": generator.integers(0, rows // 3, rows).astype(str),
            "facility_type": generator.choice(["Restaurant", "Grocery Store", "School"], rows, p=[0.6, 0.25, 0.15]),
            "risk": generator.choice(["Risk 1 (High)", "Risk 2 (Medium)"], rows),
            "zip": generator.choice(["60601", "60622", "60647"], rows),
            "inspection_type": generator.choice(["Canvass", "Complaint"], rows),
            "own_rate": hidden + generator.normal(size=rows),
            "area_rate": 0.5 * hidden + generator.normal(size=rows),
            "noise": generator.normal(size=rows),
            "days_since": generator.integers(0, 900, rows),
        }
    )
    frame.insert(0, "week", frame["inspection_date"] - pd.to_timedelta(frame["inspection_date"].dt.weekday, unit="D"))
    for label, shift in (("fail", -1.3), ("critical", -1.6)):
        probability = 1 / (1 + np.exp(-(shift + 1.2 * hidden)))
        frame[f"label_{label}"] = (generator.random(rows) < probability).astype("int16")
    frame["serious_found"] = generator.poisson(np.exp(0.4 * hidden - 0.5)).astype("int16")
    return frame


def training_rows(frame: pd.DataFrame, age_days: FloatArray | None = None) -> TrainingRows:
    """What an estimator learns the label fail from."""
    return TrainingRows(
        inputs=INPUTS.frame(frame),
        outcome=outcomes(frame, "fail"),
        age_days=np.zeros(len(frame)) if age_days is None else age_days,
        serious=frame["serious_found"].to_numpy().astype(np.float64),
    )
