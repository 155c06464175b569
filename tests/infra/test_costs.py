"""What `foliolens cost` says stands in an account is what the templates make."""

from __future__ import annotations

import json
import re
from typing import Any

from foliolens.adapters.aws.emf_metrics import NAMES
from foliolens.operations.costs.bill import Traffic
from foliolens.operations.costs.system import SYSTEMS
from tests.infra.conftest import Synthesised, ours


def test_the_functions_have_the_memory_that_is_counted_with(synthesised: Synthesised) -> None:
    counted, running = SYSTEMS[synthesised.environment], ours(synthesised)

    assert running["sentiment"]["MemorySize"] == counted.sentiment_mb
    assert running["predict"]["MemorySize"] == counted.predict_mb
    assert (running["sentiment"].get("PackageType") == "Image") == (counted.model == "finbert")
    snapshots = [function["MemorySize"] for function in running.values() if "SnapStart" in function]
    assert sum(snapshots) == counted.snapshot_mb


def test_everything_that_stands_is_counted(synthesised: Synthesised) -> None:
    counted = SYSTEMS[synthesised.environment]
    (firewall,) = synthesised.of_type("AWS::WAFv2::WebACL").values()
    secrets = synthesised.of_type("AWS::SecretsManager::Secret")

    assert len(firewall["Properties"]["Rules"]) == counted.firewall_rules
    assert sum(map(_watched, synthesised.of_type("AWS::CloudWatch::Alarm").values())) == counted.alarms
    assert len(synthesised.of_type("AWS::CloudWatch::Dashboard")) == counted.dashboards
    assert len(NAMES) == counted.metrics
    keys = synthesised.of_type("AWS::KMS::Key").values()
    assert len(keys) == counted.keys
    assert {key["Properties"]["RotationPeriodInDays"] for key in keys} == {2560}  # a rotated one costs more
    assert len([name for name in secrets if "Database" not in name]) == counted.secrets
    assert bool(synthesised.of_type("AWS::RDS::DBCluster")) == (counted.database == "cluster")


def test_no_dashboard_shows_more_than_a_free_one_may(synthesised: Synthesised) -> None:
    """Three are free, of fifty metrics each."""
    for dashboard in synthesised.of_type("AWS::CloudWatch::Dashboard").values():
        body = json.dumps(dashboard["Properties"]["DashboardBody"]).replace("\\", "")
        shown = set(re.findall(r'\["(?:AWS|FolioLens)/\w+","\w+"[^\]]*', body))
        assert 0 < len(shown) <= 50


def test_the_database_is_what_is_counted_with(synthesised: Synthesised) -> None:
    instances = synthesised.of_type("AWS::RDS::DBInstance").values()

    if SYSTEMS[synthesised.environment].database == "instances":
        (instance,) = instances
        assert instance["Properties"]["DBInstanceClass"] == "db.t4g.small"
        assert instance["Properties"]["MultiAZ"] is True
        assert instance["Properties"]["AllocatedStorage"] == "20"


def test_as_much_is_traced_as_is_counted_with(synthesised: Synthesised) -> None:
    (rule,) = synthesised.of_type("AWS::XRay::SamplingRule").values()

    assert rule["Properties"]["SamplingRule"]["FixedRate"] == Traffic().traced_share
    assert rule["Properties"]["SamplingRule"]["ReservoirSize"] == 0


def test_the_table_is_paid_by_request_and_its_stream_is_read_by_lambda_alone(
    synthesised: Synthesised,
) -> None:
    (table,) = synthesised.of_type("AWS::DynamoDB::Table").values()
    readers = [
        source
        for source in synthesised.of_type("AWS::Lambda::EventSourceMapping").values()
        if "StartingPosition" in source["Properties"]
    ]

    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
    assert "GlobalSecondaryIndexes" not in table["Properties"]
    assert len(readers) == 1


def test_nothing_that_is_not_counted_costs_by_the_hour(synthesised: Synthesised) -> None:
    for kind in ("AWS::EC2::NatGateway", "AWS::RDS::DBProxy", "AWS::CloudWatch::CompositeAlarm"):
        assert not synthesised.of_type(kind)
    for endpoint in synthesised.of_type("AWS::EC2::VPCEndpoint").values():
        assert endpoint["Properties"]["VpcEndpointType"] == "Gateway"
    for stage in synthesised.of_type("AWS::ApiGateway::Stage").values():
        assert not stage["Properties"].get("CacheClusterEnabled")
        for setting in stage["Properties"].get("MethodSettings", ()):
            assert not setting.get("MetricsEnabled")


def _watched(alarm: dict[str, Any]) -> int:
    """How many metrics an alarm looks at: each is paid for."""
    metrics = alarm["Properties"].get("Metrics")
    return 1 if metrics is None else sum("MetricStat" in metric for metric in metrics)
