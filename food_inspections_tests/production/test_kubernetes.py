"""What the cluster is told: one image, no rights, secrets by reference, and steps as large as their asset group."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from food_inspections.orchestration.build import build_defs
from food_inspections.orchestration.policies import POLICIES
from food_inspections.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
VALUES: dict[str, Any] = yaml.safe_load((FOLDER / "values.yaml").read_text())
DOCUMENTS: list[dict[str, Any]] = list(yaml.safe_load_all((FOLDER / "services.yaml").read_text()))
WORKLOADS = [document for document in DOCUMENTS if document["kind"] in ("Job", "Deployment")]
OF_THE_CHART = {
    "webserver": VALUES["dagsterWebserver"],
    "daemon": VALUES["dagsterDaemon"],
    "code": VALUES["dagster-user-deployments"]["deployments"][0],
}


def test_runs_are_kubernetes_jobs_with_the_settings_of_the_code_location() -> None:
    assert VALUES["runLauncher"]["type"] == "K8sRunLauncher"
    assert OF_THE_CHART["code"]["includeConfigInLaunchedRuns"] == {"enabled": True}
    assert OF_THE_CHART["code"]["env"]["FOOD_INSPECTIONS_EXECUTOR"] == "k8s"


def test_dagsters_records_lie_where_the_program_puts_them() -> None:
    assert VALUES["postgresql"]["enabled"] is False
    assert VALUES["postgresql"]["postgresqlParams"]["options"] == "-csearch_path=dagster"


def test_the_instance_is_that_of_dagster_yaml() -> None:
    ours = yaml.safe_load((ROOT / "dagster.yaml").read_text())
    theirs, daemon = VALUES["additionalInstanceConfig"], VALUES["dagsterDaemon"]

    assert theirs == {name: ours[name] for name in ("concurrency", "freshness", "retention")}
    assert daemon["runMonitoring"]["pollIntervalSeconds"] == ours["run_monitoring"]["poll_interval_seconds"]
    assert daemon["runMonitoring"]["startTimeoutSeconds"] == ours["run_monitoring"]["start_timeout_seconds"]
    assert daemon["runRetries"]["maxRetries"] == ours["run_retries"]["max_retries"]
    # Dagster's default is to submit every failed run again.
    assert daemon["runRetries"]["retryOnAssetOrOpFailure"] is ours["run_retries"]["retry_on_asset_or_op_failure"]


def test_containers_have_dagsters_own_classes_and_the_same_rules() -> None:
    ours = yaml.safe_load((ROOT / "dagster.yaml").read_text())
    theirs = yaml.safe_load((ROOT / "deploy" / "dagster.yaml").read_text())
    classes = ("storage", "compute_logs", "run_launcher")

    assert "food_inspections" not in str([theirs.pop(name) for name in classes])
    assert theirs["run_monitoring"].pop("max_runtime_seconds") == 6 * 60 * 60
    assert theirs == {name: rule for name, rule in ours.items() if name not in classes}
    logs = VALUES["computeLogManager"]["config"]["s3ComputeLogManager"]
    assert logs == {"bucket": {"env": "DAGSTER_S3_BUCKET"}, "prefix": "compute_logs", "uploadInterval": 30}


@pytest.mark.parametrize("name", OF_THE_CHART)
def test_the_charts_pods_may_do_little(name: str) -> None:
    pod = OF_THE_CHART[name]

    assert pod["podSecurityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["envSecrets"] == [{"name": "food-inspections"}]
    assert "memory" in pod["resources"]["limits"]


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda document: document["metadata"]["name"])
def test_our_own_pods_may_do_little(workload: dict[str, Any]) -> None:
    pod = workload["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["envFrom"] == [{"secretRef": {"name": "food-inspections"}}]


def test_there_is_one_image() -> None:
    images = {f"{pod['image']['repository']}:{pod['image']['tag']}" for pod in OF_THE_CHART.values()}
    images |= {workload["spec"]["template"]["spec"]["containers"][0]["image"] for workload in WORKLOADS}

    assert len(images) == 1


def test_every_step_brings_the_size_of_its_pod(tmp_path: Path) -> None:
    settings = Settings.from_environment({"FOOD_INSPECTIONS_HOME": str(tmp_path), "FOOD_INSPECTIONS_EXECUTOR": "k8s"})
    dagster_k8s = pytest.importorskip("dagster_k8s.job")
    defs = build_defs(settings)
    graph = defs.resolve_asset_graph()

    for key in graph.materializable_asset_keys:
        asset = defs.resolve_assets_def(key)
        resources = dagster_k8s.get_user_defined_k8s_config(asset.op.tags).container_config["resources"]
        policy = POLICIES[graph.get(key).group_name]
        assert resources["limits"] == {"memory": policy.memory}
        assert resources["requests"] == {"memory": policy.memory, "cpu": policy.cpu}
