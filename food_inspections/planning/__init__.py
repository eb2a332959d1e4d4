"""What is missing or out of date: records and a graph in, a plan out.

Pure: no database, no Dagster, no settings. Who calls it reads the records and launches the runs.
"""

from food_inspections.planning.planner import Plan, PlannedRun, make_plan
from food_inspections.planning.scope import Scope
from food_inspections.planning.state import State

__all__ = ["Plan", "PlannedRun", "Scope", "State", "make_plan"]
