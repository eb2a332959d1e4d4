import getpass
import re
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from food_inspections.cli import models as cli
from food_inspections.domain.learning.training import fit_candidate, refit
from food_inspections.errors import DataError, ModelError
from food_inspections.storage.models import candidates, decisions
from food_inspections.storage.models.candidates import CandidateRow
from food_inspections.storage.models.champions import SelectionRow, find_champion, log_selection
from food_inspections.storage.models.files import checksum, dump_model, library_versions, model_id
from food_inspections.storage.warehouse import Warehouse
from food_inspections_tests.domain.model_frames import FIRST_DAY, INPUTS, feature_rows

CUTOFF = FIRST_DAY + timedelta(weeks=36)


@pytest.fixture
def warehouse(settings, monkeypatch):
    monkeypatch.setenv("FOOD_INSPECTIONS_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("FOOD_INSPECTIONS_HOME", str(settings.home))
    return Warehouse(settings)


@pytest.fixture(scope="module")
def fitted():
    """A candidate of each of two recipes, the second refitted as well."""
    rows = feature_rows(rows=900)
    pair = [
        fit_candidate(rows, "logistic_regression", "fail", CUTOFF, {"penalty": penalty}, inputs=INPUTS)
        for penalty in (200.0, 5.0)
    ]
    return pair, refit(rows, "logistic_regression", "fail", CUTOFF, {"penalty": 5.0}, inputs=INPUTS)


@pytest.fixture
def stored(warehouse, fitted):
    """Both candidates on record, and the ids of the first, the second and the refitted second."""
    pair, again = fitted
    names = []
    with warehouse.transaction() as connection:
        for candidate in pair:
            model, content = candidate.model, dump_model(candidate.model)
            warehouse.objects.put(f"models/{checksum(content)}", content)
            names.append(model_id(model, content))
            row = CandidateRow(
                model_id=names[-1], week=CUTOFF, run_id="run", recipe=model.recipe, label="fail", cutoff=CUTOFF,
                fit_from=candidate.dates.fit_from, calibrate_from=candidate.dates.calibrate_from,
                validate_from=candidate.dates.validate_from, fit_rows=candidate.fit_rows,
                calibrate_rows=candidate.calibrate_rows, validate_rows=candidate.validate_rows,
                threshold=model.threshold, parameters=dict(model.parameters), seed=0, metrics=candidate.metrics,
                baseline_metrics=candidate.baseline_metrics, feature_columns=list(model.feature_columns),
                library_versions=library_versions(), object_key=f"models/{checksum(content)}",
                checksum=checksum(content),
            )  # fmt: skip
            candidates.write_candidate(connection, row, candidate.validation_scores)
        content = dump_model(again)
        warehouse.objects.put(f"models/{checksum(content)}", content)
        names.append(model_id(again, content))
        log_selection(
            connection,
            SelectionRow(
                effective_week=CUTOFF, label="fail", model_id=names[2], candidate_id=names[1], recipe=again.recipe,
                model_cutoff=CUTOFF, threshold=again.threshold, metric="roc_auc", metrics={},
                object_key=f"models/{checksum(content)}", checksum=checksum(content), run_id=None,
                decided_by="selected_model", reason="the best",
            ),
        )  # fmt: skip
    return names


def run(*arguments):
    return CliRunner().invoke(cli.command, arguments, catch_exceptions=False)


def champion(warehouse, week=CUTOFF):
    with warehouse.snapshot() as connection:
        return find_champion(connection, week, "fail")


def test_list_marks_the_champion(stored):
    output = run("list").output
    assert re.search(rf"\* +{CUTOFF}", output)
    assert stored[2] in output
    assert "the best" in output


def test_list_all_shows_candidates_and_refits(stored):
    output = run("list", "--all").output
    assert output.count("candidate\n") == 0
    for name in stored:
        assert name in output
    assert f"refit of {stored[1]}" in output


def test_promote_appends_a_decision_and_keeps_the_old_one(stored, warehouse):
    result = run("promote", stored[0], "--week", str(CUTOFF), "--reason", "trial", "--by", "ada")
    assert result.output == f"{stored[0]} serves from week {CUTOFF} on.\n"
    assert champion(warehouse).model_id == stored[0]
    with warehouse.snapshot() as connection:
        logged = decisions.decisions(connection, "fail", 10)
        reference = candidates.reference_scores(connection, stored[0])
    assert [row.model_id for row in logged] == [stored[0], stored[2]]
    assert (logged[0].decided_by, logged[0].reason) == ("ada", "trial")
    assert len(reference) > 0


def test_promote_takes_the_beginning_of_an_id_and_the_user_of_the_machine(stored, warehouse):
    run("promote", stored[0][:-2], "--week", str(CUTOFF), "--reason", "trial")
    with warehouse.snapshot() as connection:
        assert decisions.decisions(connection, "fail", 1)[0].decided_by == getpass.getuser()


def test_ambiguous_and_unknown_names_are_refused(stored):
    with pytest.raises(ModelError, match="begins 3 models: write out one of"):
        run("promote", "logistic", "--reason", "trial")
    with pytest.raises(ModelError, match="no model 'nobody' for label 'fail'"):
        run("promote", "nobody", "--reason", "trial")


def test_model_is_not_promoted_for_a_week_it_may_have_seen(stored, warehouse):
    early = CUTOFF - timedelta(weeks=2)
    with pytest.raises(ModelError, match=f"may have seen week {early}: let it serve from {CUTOFF}"):
        run("promote", stored[0], "--week", str(early), "--reason", "trial")
    assert champion(warehouse).model_id == stored[2]


def test_model_whose_file_was_changed_is_not_promoted(stored, warehouse):
    with warehouse.snapshot() as connection:
        key = decisions.find_model(connection, stored[0], "fail").object_key
    warehouse.objects.put(key, b"changed")
    with pytest.raises(ModelError, match="changed or cut short"):
        run("promote", stored[0], "--reason", "trial")
    assert champion(warehouse).model_id == stored[2]


def test_rollback_names_the_model_before(stored, warehouse):
    week = str(CUTOFF)
    run("promote", stored[0], "--week", week, "--reason", "trial")
    assert run("rollback", "--week", week, "--reason", "worse").output.startswith(f"{stored[2]} serves from week")
    assert champion(warehouse).model_id == stored[2]


def test_nothing_to_roll_back_to(stored, warehouse):
    with pytest.raises(ModelError, match="there is nothing to roll back to"):
        run("rollback", "--week", str(CUTOFF), "--reason", "worse")
    with pytest.raises(ModelError, match="there is nothing to roll back"):
        run("rollback", "--week", str(CUTOFF), "--reason", "worse", "--label", "critical")


def test_compare_puts_metrics_and_importance_side_by_side(stored, monkeypatch):
    monkeypatch.setattr(decisions, "recent_features", lambda *_: feature_rows(rows=200))
    output = run("compare", stored[0], stored[2]).output
    for line in ("AUC", "Days earlier", "threshold", "own_rate", "importance (log-odds)"):
        assert line in output
    assert output.index("own_rate") < output.index("noise")


def test_compare_without_features_shows_metrics_alone(stored):
    result = run("compare", stored[0], stored[1])
    assert "AUC" in result.stdout
    assert "no accepted features" in result.stderr


def test_recent_features_are_of_accepted_weeks_only(warehouse):
    with warehouse.snapshot() as connection:
        assert decisions.recent_features(connection, date.max, 8).empty


def test_list_without_models_says_how_to_get_one(warehouse):
    with pytest.raises(DataError, match="no model for label 'fail': food-inspections run trains the first"):
        run("list")
