"""Fitted models as bytes: skops files with a fixed list of trusted types.

Nothing in a file is run that the list does not name, so a file from a stranger can
at worst be refused. A model fitted with other library versions is refused as well:
it might load and score otherwise than it was judged.
"""

import hashlib
import io
import json
import zipfile
from datetime import date
from importlib.metadata import version
from typing import Any

from food_inspections.domain.inputs import ModelInputs
from food_inspections.domain.learning.bounds import Uncertainty
from food_inspections.domain.learning.calibration import Calibration
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.recipes.registry import trusted_types
from food_inspections.errors import ModelError

FORMAT = 1
LIBRARIES = ("numpy", "pandas", "scikit-learn", "skops", "xgboost")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def library_versions() -> dict[str, str]:
    """Versions of the libraries a model depends on."""
    return {name: version(name) for name in LIBRARIES}


def checksum(content: bytes) -> str:
    """SHA-256 of a model file, in hex."""
    return hashlib.sha256(content).hexdigest()


def model_id(model: FittedModel, content: bytes) -> str:
    """recipe-label-cutoff-hash, where the hash is the start of the file's checksum."""
    return f"{model.recipe}-{model.label}-{model.cutoff.isoformat()}-{checksum(content)[:12]}"


def dump_model(model: FittedModel) -> bytes:
    """The model as a skops file; equal models give equal bytes."""
    import skops.io  # noqa: PLC0415 - takes a second to import, and most steps have no model to store

    state = {
        "format": FORMAT,
        "library_versions": library_versions(),
        "recipe": model.recipe,
        "label": model.label,
        "cutoff": model.cutoff.isoformat(),
        "numeric": list(model.inputs.numeric),
        "categorical": list(model.inputs.categorical),
        "parameters": dict(model.parameters),
        "seed": model.seed,
        "slope": model.calibration.slope,
        "intercept": model.calibration.intercept,
        "threshold": model.threshold,
        "uncertainty": model.uncertainty and model.uncertainty.as_stored(),
        "estimator": model.estimator,
    }
    return _canonical(skops.io.dumps(state))


def load_model(content: bytes, expected_checksum: str) -> FittedModel:
    """Read a model.

    Args:
        content: A file made by :func:`dump_model`.
        expected_checksum: SHA-256 recorded when it was stored.

    Raises:
        ModelError: The content was changed, holds a type that is not trusted, or
            was made with other library versions.
    """
    import skops.io  # noqa: PLC0415 - as above
    from skops.io.exceptions import UntrustedTypesFoundException  # noqa: PLC0415

    if checksum(content) != expected_checksum:
        raise ModelError(
            f"The model file has the checksum {checksum(content)[:12]}, recorded was {expected_checksum[:12]}: "
            "it was changed or cut short. Train again, or restore the object store."
        )
    try:
        # Our own classes only. What skops trusts by itself (numpy arrays, scikit-learn's estimators, plain containers)
        # needs no mention; never take a list from the file.
        state = skops.io.loads(content, trusted=trusted_types())
    except UntrustedTypesFoundException as error:
        raise ModelError(f"The model file holds types that are not trusted, so it is not loaded: {error}") from error
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError, ImportError) as error:
        raise ModelError(f"The model file cannot be read ({error}): train again.") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise ModelError("The model file was written by another version of this program: train again.")
    _require_versions(state["library_versions"])
    return FittedModel(
        recipe=state["recipe"],
        label=state["label"],
        cutoff=date.fromisoformat(state["cutoff"]),
        inputs=ModelInputs(tuple(state["numeric"]), tuple(state["categorical"])),
        parameters=state["parameters"],
        seed=state["seed"],
        estimator=state["estimator"],
        calibration=Calibration(state["slope"], state["intercept"]),
        threshold=state["threshold"],
        uncertainty=Uncertainty.stored(state.get("uncertainty")),
    )


def _require_versions(recorded: dict[str, str]) -> None:
    here = library_versions()
    others = [
        f"{name} {recorded.get(name, 'unknown')} (here {here[name]})"
        for name in LIBRARIES
        if recorded.get(name) != here[name]
    ]
    if others:
        raise ModelError(f"The model was made with {', '.join(others)}: train again, or install those versions.")


def _canonical(content: bytes) -> bytes:
    """The same skops file without what differs from one process to the next.

    skops names objects and array files by their address in memory and stamps the
    time on every member; here they are numbered in the order of the schema. Of texts the
    same are one: whether two are the same object says nothing of a model.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(members.pop("schema.json"))
    numbers: dict[object, int] = {}
    files: dict[str, str] = {}
    _renumber(schema, numbers, files)
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("schema.json", _EPOCH), json.dumps(schema), zipfile.ZIP_DEFLATED)
        for old, new in files.items():
            archive.writestr(zipfile.ZipInfo(new, _EPOCH), members[old], zipfile.ZIP_DEFLATED)
    return result.getvalue()


def _renumber(node: Any, numbers: dict[object, int], files: dict[str, str]) -> None:
    if isinstance(node, list):
        for item in node:
            _renumber(item, numbers, files)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("__id__"), int):
        is_text = (node["__loader__"], node["__class__"]) == ("JsonNode", "str")
        known_by = node["content"] if is_text else node["__id__"]
        node["__id__"] = numbers.setdefault(known_by, len(numbers))
    if isinstance(node.get("file"), str):
        suffix = node["file"].rpartition(".")[2]
        node["file"] = files.setdefault(node["file"], f"{len(files)}.{suffix}")
    for key in node:
        _renumber(node[key], numbers, files)
