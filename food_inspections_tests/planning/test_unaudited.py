"""A training that ended between its selection and what follows from it."""

from dataclasses import replace

import pytest

from food_inspections.planning.graph import Dependency, Graph, Node
from food_inspections_tests.planning.test_planner import FIRST, GRAPH, WEEK, plan_for, row, runs_of, settled


@pytest.mark.parametrize(("report", "reason"), [(None, "missing"), ("pending", "left unfinished")])
def test_an_audit_that_died_with_its_training_is_made_alone(report: str | None, reason: str) -> None:
    audit = Node("bias_report", "training", "1", (Dependency("selected_model", 0, 0),))
    rows = {**settled().records, "selected_model": {FIRST - WEEK: row("older"), FIRST: row("model")}}
    if report is not None:
        rows["bias_report"] = {FIRST: row("report", status=report)}
    seen = replace(settled(), graph=Graph((*GRAPH.nodes, audit)), records=rows)

    plan = plan_for(seen)
    assert runs_of(plan) == [(("bias_report",), FIRST, FIRST)]
    assert plan.runs[0].reason == reason
    assert plan.cutoff is None
    for verdict in ("accepted", "rejected"):
        settled_report = {FIRST: row("report", status=verdict)}
        assert plan_for(replace(seen, records={**rows, "bias_report": settled_report})).is_up_to_date
