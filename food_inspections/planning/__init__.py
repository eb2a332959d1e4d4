"""What is missing or out of date, from the records alone: for the command line, schedules and sensors.

Needs SQL only, no Dagster, so that "up to date" is said in a moment. Nothing here
launches anything.
"""

from food_inspections.planning.planner import Plan, make_plan
from food_inspections.planning.request import Request
from food_inspections.planning.state import State, load_state
from food_inspections.planning.tasks import Task

__all__ = ["Plan", "Request", "State", "Task", "load_state", "make_plan"]
