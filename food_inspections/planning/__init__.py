"""What is missing or out of date: records and a graph in, a plan out.

Pure: no database, no Dagster, no settings. Who calls it reads the records and launches the runs.
"""

from food_inspections.planning.planner import PlannedRun, RunPlan, make_plan
from food_inspections.planning.state import State
from food_inspections.planning.target import Target

__all__ = ["PlannedRun", "RunPlan", "State", "Target", "make_plan"]
