import io
import json
import zipfile
from datetime import timedelta

import numpy as np
import pytest
import skops.io

from food_inspections.domain.learning.training import refit
from food_inspections.domain.recipes.registry import RECIPES, trusted_types
from food_inspections.errors import ModelError
from food_inspections.storage.models import files as models
from food_inspections_tests.domain.model_frames import FIRST_DAY, INPUTS, feature_rows
from food_inspections_tests.domain.recipes.test_registry import QUICK

CUTOFF = FIRST_DAY + timedelta(weeks=36)


@pytest.fixture(scope="module", params=sorted(RECIPES))
def model(request):
    return refit(feature_rows(), request.param, "fail", CUTOFF, QUICK.get(request.param), inputs=INPUTS)


@pytest.fixture(scope="module")
def content():
    return models.dump_model(refit(feature_rows(), "logistic_regression", "fail", CUTOFF, inputs=INPUTS))


def changed(content, **replacements):
    """The file with members replaced, as its checksum would then be recorded."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            new.writestr(name, replacements.get(name, old.read(name)))
    return result.getvalue()


def load(content):
    return models.load_model(content, models.checksum(content))


def test_model_read_back_scores_the_same(model):
    again = load(models.dump_model(model))
    assert np.array_equal(again.score(feature_rows()), model.score(feature_rows()))
    assert (again.recipe, again.label, again.cutoff, again.threshold) == (
        model.recipe,
        model.label,
        model.cutoff,
        model.threshold,
    )
    assert again.feature_columns == model.feature_columns
    assert again.parameters == model.parameters


def test_model_read_back_gives_the_same_bytes(model):
    content = models.dump_model(model)
    assert models.dump_model(load(content)) == content


def test_only_listed_types_are_in_the_file(model):
    found = skops.io.get_untrusted_types(data=models.dump_model(model))
    assert set(found) <= set(trusted_types())


def test_id_names_recipe_label_cutoff_and_content(model):
    content = models.dump_model(model)
    assert models.model_id(model, content) == f"{model.recipe}-fail-{CUTOFF}-{models.checksum(content)[:12]}"


def test_changed_content_is_refused(content):
    with pytest.raises(ModelError, match="changed or cut short"):
        models.load_model(content[:-1], models.checksum(content))


def test_other_library_versions_are_refused_by_name(content, monkeypatch):
    monkeypatch.setattr(models, "version", lambda name: "0.0.1")
    with pytest.raises(ModelError, match=r"made with .*xgboost .* \(here 0\.0\.1\)"):
        load(content)


def test_type_that_is_not_trusted_is_refused(content):
    class Stranger:
        pass

    with pytest.raises(ModelError, match="not trusted"):
        load(skops.io.dumps({"format": models.FORMAT, "estimator": Stranger()}))


def test_function_smuggled_into_the_schema_is_refused(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        schema = json.loads(archive.read("schema.json"))
    schema["content"]["recipe"] = {
        "__class__": "system",
        "__module__": "os",
        "__loader__": "FunctionNode",
        "content": {"module_path": "os", "function": "system"},
        "__id__": 10_000,
    }
    with pytest.raises(ModelError):
        load(changed(content, **{"schema.json": json.dumps(schema).encode()}))


@pytest.mark.parametrize("junk", [b"", b"not a zip file at all"])
def test_junk_is_refused(junk):
    with pytest.raises(ModelError, match="cannot be read"):
        load(junk)


def test_skops_file_of_something_else_is_refused():
    with pytest.raises(ModelError, match="another version of this program"):
        load(skops.io.dumps({"format": 999}))
