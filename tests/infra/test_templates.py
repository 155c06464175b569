"""What would hurt if a template said otherwise."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from foliolens.adapters.aws.emf_metrics import NAMES
from tests.infra.conftest import NODE, Synthesised


def test_every_finding_of_the_nag_packs_is_mended_or_accepted(synthesised: Synthesised) -> None:
    assert synthesised.findings == ()


def test_the_templates_pass_the_linter(synthesised: Synthesised) -> None:
    linted = subprocess.run(
        [
            Path(sys.executable).with_name("cfn-lint"),
            "--non-zero-exit-code=warning",
            # CDK's own habits: dependencies said twice, and the list that CloudFront's log writer needs.
            "--ignore-checks=W3005,W3045",
            "--",
            *synthesised.paths,
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert linted.stdout == ""
    assert linted.returncode == 0


def test_no_template_names_an_account(synthesised: Synthesised) -> None:
    for template in synthesised.templates.values():
        assert not _twelve_digits(json.dumps(template))


class TestStorage:
    def test_no_bucket_is_public(self, synthesised: Synthesised) -> None:
        buckets = synthesised.of_type("AWS::S3::Bucket")

        assert len(buckets) == 3
        for bucket in buckets.values():
            assert bucket["Properties"]["PublicAccessBlockConfiguration"] == {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            }

    def test_everything_is_encrypted(self, synthesised: Synthesised) -> None:
        for bucket in synthesised.of_type("AWS::S3::Bucket").values():
            assert "BucketEncryption" in bucket["Properties"]
        for queue in synthesised.of_type("AWS::SQS::Queue").values():
            assert queue["Properties"]["SqsManagedSseEnabled"] is True
        for table in synthesised.of_type("AWS::DynamoDB::Table").values():
            assert table["Properties"]["SSESpecification"]["SSEEnabled"] is True
        for topic in synthesised.of_type("AWS::SNS::Topic").values():
            assert "KmsMasterKeyId" in topic["Properties"]
        for kind in ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance"):
            for database in synthesised.of_type(kind).values():
                # An instance of a cluster has the cluster's storage.
                if "DBClusterIdentifier" not in database["Properties"] or kind.endswith("DBCluster"):
                    assert database["Properties"]["StorageEncrypted"] is True

    def test_a_given_up_upload_lands_in_the_dead_letters(self, synthesised: Synthesised) -> None:
        redriven = [
            queue["Properties"]["RedrivePolicy"]["maxReceiveCount"]
            for queue in synthesised.of_type("AWS::SQS::Queue").values()
            if "RedrivePolicy" in queue["Properties"]
        ]

        assert redriven == [5]

    def test_an_order_of_prices_is_tried_three_times_by_itself_and_holds_up_no_other(
        self, synthesised: Synthesised
    ) -> None:
        (stream,) = [
            source["Properties"]
            for source in synthesised.of_type("AWS::Lambda::EventSourceMapping").values()
            if "StartingPosition" in source["Properties"]
        ]
        (table,) = synthesised.of_type("AWS::DynamoDB::Table").values()

        assert table["Properties"]["StreamSpecification"] == {"StreamViewType": "KEYS_ONLY"}
        assert "MarketAlias" in json.dumps(stream["FunctionName"])
        assert (stream["BatchSize"], stream["MaximumRetryAttempts"]) == (1, 2)
        assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert "LostEvents" in json.dumps(stream["DestinationConfig"]["OnFailure"])
        (chosen,) = stream["FilterCriteria"]["Filters"]
        assert json.loads(chosen["Pattern"]) == {
            "eventName": ["INSERT"],
            "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "wanted#"}]}}},
        }

    def test_what_is_protected_survives_its_stack(self, synthesised: Synthesised) -> None:
        uploads = synthesised.of_type("AWS::S3::Bucket")
        policies = {name: bucket["DeletionPolicy"] for name, bucket in uploads.items() if "Uploads" in name}

        assert set(policies.values()) == {"Retain" if synthesised.environment == "prod" else "Delete"}


class TestDatabase:
    def test_it_signs_functions_in_by_iam_and_demands_tls(self, synthesised: Synthesised) -> None:
        databases = [
            *synthesised.of_type("AWS::RDS::DBCluster").values(),
            *(
                instance
                for instance in synthesised.of_type("AWS::RDS::DBInstance").values()
                if "DBClusterIdentifier" not in instance["Properties"]
            ),
        ]

        assert len(databases) == 1
        assert databases[0]["Properties"]["EnableIAMDatabaseAuthentication"] is True
        for kind in ("AWS::RDS::DBClusterParameterGroup", "AWS::RDS::DBParameterGroup"):
            for group in synthesised.of_type(kind).values():
                assert group["Properties"]["Parameters"]["rds.force_ssl"] == "1"

    def test_only_our_functions_reach_it(self, synthesised: Synthesised) -> None:
        ingress = synthesised.of_type("AWS::EC2::SecurityGroupIngress")

        assert len(ingress) == 1
        assert all("SourceSecurityGroupId" in rule["Properties"] for rule in ingress.values())

    def test_there_is_no_way_to_the_internet(self, synthesised: Synthesised) -> None:
        assert not synthesised.of_type("AWS::EC2::NatGateway")
        assert not synthesised.of_type("AWS::EC2::InternetGateway")


class TestPermissions:
    def test_no_function_may_do_everything_with_data(self, synthesised: Synthesised) -> None:
        for name, policy in synthesised.of_type("AWS::IAM::Policy").items():
            if "CDKBucketDeployment" in name or "BucketNotificationsHandler" in name:
                continue  # CDK's own, accepted in writing
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                actions = _list(statement["Action"])
                data = [a for a in actions if a.split(":")[0] in {"s3", "dynamodb", "sqs", "rds-db"}]
                assert not any("*" in action for action in data), (name, data)
                if set(data) - {"dynamodb:ListStreams"}:  # names streams, and has no narrower resource
                    assert "*" not in _list(statement["Resource"]), (name, data)

    def test_only_who_speaks_to_providers_reads_the_stream_and_their_keys(
        self, synthesised: Synthesised
    ) -> None:
        allowed = {
            (action, name.partition("Role")[0])
            for name, policy in synthesised.of_type("AWS::IAM::Policy").items()
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            for action in _list(statement["Action"])
            if "ProviderKeys" in json.dumps(statement["Resource"]) or action == "dynamodb:GetRecords"
        }

        assert allowed == {
            ("dynamodb:GetRecords", "Market"),
            ("secretsmanager:DescribeSecret", "Market"),
            ("secretsmanager:GetSecretValue", "Market"),
        }

    def test_functions_call_one_another_where_they_must_and_nowhere_else(
        self, synthesised: Synthesised
    ) -> None:
        calls = {
            (name.partition("Role")[0], called)
            for name, policy in synthesised.of_type("AWS::IAM::Policy").items()
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if "lambda:InvokeFunction" in _list(statement["Action"])
            for called in re.findall(r'"(Api|Sentiment|MigrateRun)(?:Alias|Function)', json.dumps(statement))
        }

        assert {("Market", "Sentiment"), ("Auth", "Api"), ("MigrateStart", "MigrateRun")} <= calls
        assert {caller for caller, called in calls if called == "Sentiment"} == {"Market"}
        assert {caller for caller, called in calls if called == "Api"} == {"Auth"}

    @pytest.mark.parametrize(
        ("action", "functions"),
        [("Scan", {"Schedule"}), ("Query", {"Api", "Auth"})],
        ids=["whole", "a person's"],
    )
    def test_few_read_more_of_the_table_than_they_know_the_keys_of(
        self, synthesised: Synthesised, action: str, functions: set[str]
    ) -> None:
        reads = {
            name.partition("Role")[0]
            for name, policy in synthesised.of_type("AWS::IAM::Policy").items()
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if f"dynamodb:{action}" in _list(statement["Action"])
        }

        assert reads == functions

    def test_no_secret_stands_in_plain_text(self, synthesised: Synthesised) -> None:
        for function in synthesised.of_type("AWS::Lambda::Function").values():
            variables = function["Properties"].get("Environment", {}).get("Variables", {})
            for name, value in variables.items():
                assert not name.endswith(("_KEY", "_PASSWORD", "_TOKEN")), name
                assert "resolve:secretsmanager" not in json.dumps(value), name


class TestApi:
    OPEN = frozenset(
        {
            "auth/{proxy+}",
            "shared/{proxy+}",
            "health",
            "ready",
            "stocks",
            "search",
            "news",
            "market/{proxy+}",
            "tiingo/{proxy+}",
            "v2/reference/news",
            "sentiment",
            "sentiment/batch",
            "predict",
        }
    )

    def test_every_private_route_has_the_authorizer(self, synthesised: Synthesised) -> None:
        methods = _methods(synthesised)
        private = {asked: method for asked, method in methods.items() if asked[1] not in self.OPEN}

        assert {path.partition("/")[0] for _, path in private} == {
            "portfolios",
            "uploads",
            "upload",
            "user",
            "ops",
        }
        for asked, method in private.items():
            assert method["AuthorizationType"] == "COGNITO_USER_POOLS", asked
            assert method["AuthorizationScopes"] == ["aws.cognito.signin.user.admin"], asked

    def test_who_leaves_is_asked_for_the_password_by_the_function_that_can(
        self, synthesised: Synthesised
    ) -> None:
        methods = _methods(synthesised)
        served_by = {
            asked: re.search(r'"(Api|Auth)Alias', json.dumps(methods[asked]["Integration"]["Uri"]))
            for asked in (("DELETE", "user"), ("ANY", "user"), ("ANY", "auth/{proxy+}"))
        }

        assert {asked: found and found.group(1) for asked, found in served_by.items()} == {
            ("DELETE", "user"): "Auth",
            ("ANY", "user"): "Api",
            ("ANY", "auth/{proxy+}"): "Auth",
        }

    def test_the_client_keeps_what_people_state_and_nobody_makes_themselves_an_operator(
        self, synthesised: Synthesised
    ) -> None:
        (client,) = synthesised.of_type("AWS::Cognito::UserPoolClient").values()
        stated = {
            "given_name",
            "family_name",
            "custom:user_type",
            "custom:experience",
            "custom:risk_tolerance",
            "custom:marketing",
        }

        assert set(client["Properties"]["WriteAttributes"]) == {"email", *stated}
        assert set(client["Properties"]["ReadAttributes"]) == {"email", "email_verified", *stated}

    def test_the_costly_posts_are_validated_before_a_function_wakes(self, synthesised: Synthesised) -> None:
        methods = _methods(synthesised)

        for path in ("sentiment", "sentiment/batch", "predict"):
            assert "RequestValidatorId" in methods["POST", path]
            assert "application/json" in methods["POST", path]["RequestModels"]

    def test_the_firewall_is_attached_and_counts_to_a_hundred(self, synthesised: Synthesised) -> None:
        (acl,) = synthesised.of_type("AWS::WAFv2::WebACL").values()
        limits = [
            rule["Statement"]["RateBasedStatement"]["Limit"]
            for rule in acl["Properties"]["Rules"]
            if "RateBasedStatement" in rule["Statement"]
        ]

        assert len(synthesised.of_type("AWS::WAFv2::WebACLAssociation")) == 1
        assert limits == [100, 1000]

    def test_the_gateway_is_reached_through_our_distribution_alone(self, synthesised: Synthesised) -> None:
        """Its own address is no secret, and who came by it could state any caller's address."""
        (acl,) = synthesised.of_type("AWS::WAFv2::WebACL").values()
        first = min(acl["Properties"]["Rules"], key=lambda rule: rule["Priority"])
        asked = first["Statement"]["NotStatement"]["Statement"]["ByteMatchStatement"]
        (distribution,) = synthesised.of_type("AWS::CloudFront::Distribution").values()
        added = [
            header
            for origin in distribution["Properties"]["DistributionConfig"]["Origins"]
            for header in origin.get("OriginCustomHeaders", ())
        ]

        assert "Block" in first["Action"]
        assert asked["PositionalConstraint"] == "EXACTLY"
        assert added == [
            {
                "HeaderName": asked["FieldToMatch"]["SingleHeader"]["Name"],
                "HeaderValue": asked["SearchString"],
            }
        ]
        assert "{{resolve:secretsmanager:" in json.dumps(asked["SearchString"])

    def test_callers_are_counted_by_the_address_that_the_distribution_states(
        self, synthesised: Synthesised
    ) -> None:
        (acl,) = synthesised.of_type("AWS::WAFv2::WebACL").values()
        counted = [
            rule["Statement"]["RateBasedStatement"]
            for rule in acl["Properties"]["Rules"]
            if "RateBasedStatement" in rule["Statement"]
        ]
        believed = {
            function["Properties"]["Environment"]["Variables"].get("FOLIOLENS_AWS_VIEWER_ADDRESS_HEADER")
            for function in synthesised.of_type("AWS::Lambda::Function").values()
            if "FOLIOLENS_MODE" in function["Properties"].get("Environment", {}).get("Variables", {})
        }

        assert {rate["AggregateKeyType"] for rate in counted} == {"FORWARDED_IP"}
        assert (
            {rate["ForwardedIPConfig"]["HeaderName"] for rate in counted} == believed == {"x-viewer-address"}
        )

    def test_what_a_caller_states_of_themselves_is_replaced(self, synthesised: Synthesised) -> None:
        """The distribution's function as it is, run by Node: it knows who the caller is."""
        (code,) = [
            function["Properties"]["FunctionCode"]
            for function in synthesised.of_type("AWS::CloudFront::Function").values()
            if "viewer" in function["Properties"]["FunctionCode"]
        ]
        stated = {"x-viewer-address": {"value": "203.0.113.9"}, "x-viewer-host": {"value": "evil.example"}}
        event = {
            "viewer": {"ip": "198.51.100.7"},
            "request": {"headers": {"host": {"value": "app.example.com"}, **stated}},
        }
        program = f"{code}\nconsole.log(JSON.stringify(handler({json.dumps(event)})))"

        ran = subprocess.run([str(NODE), "-e", program], capture_output=True, text=True, check=True)

        assert json.loads(ran.stdout)["headers"] == {
            "host": {"value": "app.example.com"},
            "x-viewer-address": {"value": "198.51.100.7"},
            "x-viewer-host": {"value": "app.example.com"},
        }


class TestOperations:
    def test_every_alarm_tells_somebody(self, synthesised: Synthesised) -> None:
        alarms = synthesised.of_type("AWS::CloudWatch::Alarm")

        assert len(alarms) >= 20
        for name, alarm in alarms.items():
            assert alarm["Properties"].get("AlarmActions"), name

    def test_what_is_shown_and_watched_of_our_own_is_what_functions_write(
        self, synthesised: Synthesised
    ) -> None:
        functions = synthesised.of_type("AWS::Lambda::Function").values()
        variables = [f["Properties"].get("Environment", {}).get("Variables", {}) for f in functions]
        spaces = {each.get("FOLIOLENS_AWS_METRICS_NAMESPACE") for each in variables} - {None}
        looked_at = json.dumps([*synthesised.of_type("AWS::CloudWatch::Dashboard").values()]) + json.dumps(
            [*synthesised.of_type("AWS::CloudWatch::Alarm").values()]
        )
        plain = looked_at.replace("\\", "")

        assert spaces == {f"FolioLens/{synthesised.environment}"}
        shown = set(re.findall(r'"FolioLens/\w+","(\w+)"', plain))
        watched = set(re.findall(r'"MetricName": "(\w+)", "Namespace": "FolioLens/', plain))
        assert shown == NAMES
        assert watched == {"ColdStart"}

    def test_alarms_and_the_budget_get_through_to_the_topic(self, synthesised: Synthesised) -> None:
        (topic_policy,) = synthesised.of_type("AWS::SNS::TopicPolicy").values()
        (key,) = synthesised.of_type("AWS::KMS::Key").values()
        (budget,) = synthesised.of_type("AWS::Budgets::Budget").values()

        alerting = {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}
        assert _allowed(topic_policy["Properties"]["PolicyDocument"], "sns:Publish") == alerting
        for action in ("kms:Decrypt", "kms:GenerateDataKey*"):
            assert _allowed(key["Properties"]["KeyPolicy"], action) == alerting
        thresholds = []
        for alert in budget["Properties"]["NotificationsWithSubscribers"]:
            thresholds.append(alert["Notification"]["Threshold"])
            assert [subscriber["SubscriptionType"] for subscriber in alert["Subscribers"]] == ["SNS"]
        assert thresholds == [50, 80, 100]

    def test_a_new_version_is_tried_out_first_in_production(self, synthesised: Synthesised) -> None:
        configurations = {
            group["Properties"]["DeploymentConfigName"]
            for group in synthesised.of_type("AWS::CodeDeploy::DeploymentGroup").values()
        }

        expected = "Canary10Percent5Minutes" if synthesised.environment == "prod" else "AllAtOnce"
        assert configurations == {f"CodeDeployDefault.Lambda{expected}"}
        for group in synthesised.of_type("AWS::CodeDeploy::DeploymentGroup").values():
            assert group["Properties"]["AlarmConfiguration"]["Enabled"] is True

    def test_the_rules_ask_for_every_group_of_tasks(self, synthesised: Synthesised) -> None:
        rules = {
            json.loads(target["Input"])["task"]: rule["Properties"]["ScheduleExpression"]
            for rule in synthesised.of_type("AWS::Events::Rule").values()
            for target in rule["Properties"]["Targets"]
        }

        assert rules == {
            "clean": "rate(5 minutes)",
            "refresh_prices": "rate(5 minutes)",
            "forget_prices": "cron(30 0 * * ? *)",
        }

    def test_a_task_that_keeps_failing_ends_where_an_alarm_looks(self, synthesised: Synthesised) -> None:
        """The rule's own queue takes what could not be handed over, not what failed afterwards."""
        (told,) = [
            config["Properties"] for config in synthesised.of_type("AWS::Lambda::EventInvokeConfig").values()
        ]
        (rule_queue,) = {
            json.dumps(target["DeadLetterConfig"]["Arn"])
            for rule in synthesised.of_type("AWS::Events::Rule").values()
            for target in rule["Properties"]["Targets"]
        }

        assert "ScheduleFunction" in json.dumps(told["FunctionName"])
        assert "ScheduleAlias" in json.dumps(told["Qualifier"])
        assert told["MaximumRetryAttempts"] == 2
        assert json.dumps(told["DestinationConfig"]["OnFailure"]["Destination"]) == rule_queue
        (may_send,) = [
            statement["Resource"]
            for name, policy in synthesised.of_type("AWS::IAM::Policy").items()
            if name.startswith("ScheduleRole")
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if "sqs:SendMessage" in _list(statement["Action"])
        ]
        assert json.dumps(may_send) == rule_queue

    def test_every_log_ends(self, synthesised: Synthesised) -> None:
        for name, group in synthesised.of_type("AWS::Logs::LogGroup").items():
            assert "RetentionInDays" in group["Properties"], name


def _methods(synthesised: Synthesised) -> dict[tuple[str, str], dict[str, Any]]:
    """What people call, by method and path without the leading slash."""
    resources = synthesised.of_type("AWS::ApiGateway::Resource")

    def path(resource_id: object) -> str:
        if not isinstance(resource_id, dict) or "Ref" not in resource_id:
            return ""
        resource = resources[resource_id["Ref"]]["Properties"]
        return f"{path(resource['ParentId'])}/{resource['PathPart']}"

    return {
        (
            method["Properties"]["HttpMethod"],
            path(method["Properties"]["ResourceId"]).lstrip("/"),
        ): method["Properties"]
        for method in synthesised.of_type("AWS::ApiGateway::Method").values()
        if method["Properties"]["HttpMethod"] != "OPTIONS"
    }


def _allowed(policy: dict[str, Any], action: str) -> set[str]:
    """The services that a policy lets do something."""
    return {
        statement["Principal"]["Service"]
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow"
        and action in _list(statement["Action"])
        and "Service" in statement["Principal"]
    }


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _twelve_digits(text: str) -> bool:
    return re.search(r"(?<![0-9a-fA-F])\d{12}(?![0-9a-fA-F])", text) is not None
