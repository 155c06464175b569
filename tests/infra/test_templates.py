"""What would hurt if a template said otherwise."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from infra.permissions import OBJECT_ACTIONS

from foliolens import errors
from foliolens.adapters.aws.emf_metrics import NAMES
from foliolens.kit.contract import SECURITY_HEADERS
from tests.infra.conftest import NODE, Synthesised, linted, methods, ours

DATA = {"s3", "ssm", "dynamodb", "sqs", "rds-db", "secretsmanager", "cognito-idp", "lambda"}
STATUSES = {
    (error.code, error.status)
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, errors.FolioLensError)
}
"""The contract's codes, each with its status."""
DOCUMENT = json.loads((Path(__file__).parents[2] / "openapi.json").read_text(encoding="utf-8"))


def test_every_finding_of_the_nag_packs_is_mended_or_accepted(synthesised: Synthesised) -> None:
    assert synthesised.findings == ()


def test_the_templates_pass_the_linter(synthesised: Synthesised) -> None:
    assert linted(synthesised) == ""


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

    def test_buckets_that_go_with_their_stack_are_emptied_first(self, synthesised: Synthesised) -> None:
        """One with files in it would stop the removal of the stack."""
        emptied = {
            emptier["Properties"]["BucketName"]["Ref"]
            for emptier in synthesised.of_type("Custom::S3AutoDeleteObjects").values()
        }
        going = {
            name
            for name, bucket in synthesised.of_type("AWS::S3::Bucket").items()
            if bucket["DeletionPolicy"] == "Delete"
        }

        assert emptied == going
        assert len(going) == (1 if synthesised.environment == "prod" else 3)

    def test_what_is_protected_survives_its_stack(self, synthesised: Synthesised) -> None:
        uploads = synthesised.of_type("AWS::S3::Bucket")
        policies = {name: bucket["DeletionPolicy"] for name, bucket in uploads.items() if "Uploads" in name}

        assert set(policies.values()) == {"Retain" if synthesised.environment == "prod" else "Delete"}

    def test_pages_of_any_origin_may_send_a_signed_form_and_files_go_after_a_week(
        self, synthesised: Synthesised
    ) -> None:
        (uploads,) = [
            bucket["Properties"]
            for bucket in synthesised.of_type("AWS::S3::Bucket").values()
            if "CorsConfiguration" in bucket["Properties"]
        ]
        (rule,) = uploads["CorsConfiguration"]["CorsRules"]

        assert (rule["AllowedMethods"], rule["AllowedOrigins"]) == (["POST"], ["*"])
        assert {
            rule["Prefix"]: rule["ExpirationInDays"] for rule in uploads["LifecycleConfiguration"]["Rules"]
        } == {"uploads/": 7, "dead-letters/": 14}

    def test_an_arrived_file_is_told_to_the_queue(self, synthesised: Synthesised) -> None:
        (told,) = synthesised.of_type("Custom::S3BucketNotifications").values()
        (told_of,) = told["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
        rules = {rule["Name"]: rule["Value"] for rule in told_of["Filter"]["Key"]["FilterRules"]}

        assert told_of["Events"] == ["s3:ObjectCreated:*"]
        assert "Arrivals" in json.dumps(told_of["QueueArn"])
        assert rules == {"prefix": "uploads/", "suffix": ".csv"}


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
                data = [a for a in actions if a.split(":")[0] in DATA]
                assert not any("*" in action for action in data), (name, data)
                if set(data) - {"dynamodb:ListStreams"}:  # names streams, and has no narrower resource
                    assert "*" not in _list(statement["Resource"]), (name, data)

    def test_who_asks_for_an_object_is_told_when_there_is_none(self, synthesised: Synthesised) -> None:
        """And not that it is forbidden, which S3 says to who may not list the bucket."""
        allowed: dict[str, set[str]] = {}
        for name, policy in synthesised.of_type("AWS::IAM::Policy").items():
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                if "StorageUploads" in json.dumps(statement["Resource"]):
                    allowed.setdefault(name.partition("Role")[0], set()).update(_list(statement["Action"]))
        ours = {name: actions for name, actions in allowed.items() if name in OBJECT_ACTIONS}

        assert set(ours) == {"Api", "Uploads", "Schedule"}
        for name, actions in ours.items():
            written = {f"s3:{action}" for each in OBJECT_ACTIONS[name].values() for action in each}
            assert actions == {"s3:ListBucket"} | written, name

    def test_only_who_speaks_to_providers_reads_the_stream_and_their_keys(
        self, synthesised: Synthesised
    ) -> None:
        allowed = {
            (action, name.partition("Role")[0])
            for name, policy in synthesised.of_type("AWS::IAM::Policy").items()
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            for action in _list(statement["Action"])
            if "provider-keys" in json.dumps(statement["Resource"]) or action == "dynamodb:GetRecords"
        }

        assert allowed == {
            ("dynamodb:GetRecords", "Market"),
            ("ssm:GetParameter", "Market"),
        }

    def test_the_key_of_known_devices_is_of_who_signs_people_in(self, synthesised: Synthesised) -> None:
        allowed = {
            (action, name.partition("Role")[0])
            for name, policy in synthesised.of_type("AWS::IAM::Policy").items()
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            for action in _list(statement["Action"])
            if action.startswith("ssm:") and "provider-keys" not in json.dumps(statement["Resource"])
        }
        resources = json.dumps([*synthesised.of_type("AWS::IAM::Policy").values()])

        assert allowed == {("ssm:GetParameter", "Auth"), ("ssm:PutParameter", "Auth")}
        assert f":parameter/foliolens/{synthesised.environment}/device-key" in resources
        assert not re.search(r":parameter/[^\"]*\*", resources)

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
        known = methods(synthesised)
        private = {asked: method for asked, method in known.items() if asked[1] not in self.OPEN}

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
        known = methods(synthesised)
        served_by = {
            asked: re.search(r'"(Api|Auth)Alias', json.dumps(known[asked]["Integration"]["Uri"]))
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

    def test_every_route_of_the_document_reaches_a_function(self, synthesised: Synthesised) -> None:
        """And nothing else does: what is served elsewhere on AWS is named here."""
        known = methods(synthesised)

        def served(method: str, path: str) -> bool:
            return any(
                asked in {"ANY", method} and re.fullmatch(re.sub(r"\{proxy\+\}", ".+", resource), path)
                for asked, resource in known
            )

        unserved = {
            (method.upper(), path)
            for path, operations in DOCUMENT["paths"].items()
            for method in operations
            if not served(method.upper(), path.removeprefix("/v1/"))
        }

        assert unserved == {("GET", "/.well-known/jwks.json")}  # Cognito's own, of the pool

    def test_programs_have_a_key_a_plan_and_a_quota(self, synthesised: Synthesised) -> None:
        (plan,) = synthesised.of_type("AWS::ApiGateway::UsagePlan").values()

        assert plan["Properties"]["Throttle"] == {"BurstLimit": 100, "RateLimit": 50}
        assert plan["Properties"]["Quota"] == {"Limit": 100_000, "Period": "DAY"}
        assert len(synthesised.of_type("AWS::ApiGateway::UsagePlanKey")) == 1

    def test_the_whole_gateway_has_a_limit(self, synthesised: Synthesised) -> None:
        (stage,) = synthesised.of_type("AWS::ApiGateway::Stage").values()
        (settings,) = stage["Properties"]["MethodSettings"]

        assert (settings["HttpMethod"], settings["ResourcePath"]) == ("*", "/*")
        assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (500, 1000)

    def test_the_costly_posts_are_validated_before_a_function_wakes(self, synthesised: Synthesised) -> None:
        known = methods(synthesised)

        for path in ("sentiment", "sentiment/batch", "predict"):
            assert "RequestValidatorId" in known["POST", path]
            assert "application/json" in known["POST", path]["RequestModels"]

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
        (api,) = synthesised.of_type("AWS::ApiGateway::RestApi").values()
        allowed, refused = api["Properties"]["Policy"]["Statement"]
        (distribution,) = synthesised.of_type("AWS::CloudFront::Distribution").values()
        ((added,),) = [
            origin["OriginCustomHeaders"]
            for origin in distribution["Properties"]["DistributionConfig"]["Origins"]
            if "OriginCustomHeaders" in origin
        ]

        assert (allowed["Effect"], refused["Effect"]) == ("Allow", "Deny")
        for statement in (allowed, refused):
            assert statement["Principal"] == {"AWS": "*"}
            assert (statement["Action"], statement["Resource"]) == ("execute-api:Invoke", "execute-api:/*")
        # Of a request without the header it is true as well.
        assert refused["Condition"] == {"StringNotEquals": {"aws:Referer": added["HeaderValue"]}}
        assert added["HeaderName"] == "Referer"
        assert "{{resolve:secretsmanager:" in json.dumps(added["HeaderValue"])

    def test_the_firewall_counts_nobody_who_did_not_come_through_our_distribution(
        self, synthesised: Synthesised
    ) -> None:
        """Else a stranger who states an address could use up the limit of whose it is."""
        (acl,) = synthesised.of_type("AWS::WAFv2::WebACL").values()
        (distribution,) = synthesised.of_type("AWS::CloudFront::Distribution").values()
        added = json.dumps(distribution["Properties"]["DistributionConfig"]["Origins"])

        counted = [
            rule["Statement"]["RateBasedStatement"]["ScopeDownStatement"]
            for rule in acl["Properties"]["Rules"]
            if "RateBasedStatement" in rule["Statement"]
        ]

        assert len(counted) == 2
        for scope in counted:
            first, *_ = scope["AndStatement"]["Statements"] if "AndStatement" in scope else [scope]
            asked = first["ByteMatchStatement"]
            assert asked["FieldToMatch"] == {"SingleHeader": {"Name": "referer"}}
            assert asked["PositionalConstraint"] == "EXACTLY"
            assert json.dumps(asked["SearchString"]) in added

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


class TestFunctions:
    """Ours; CDK's own are left out, since CDK decides about them."""

    def test_they_run_on_arm_and_are_traced(self, synthesised: Synthesised) -> None:
        for function in ours(synthesised).values():
            assert function["Architectures"] == ["arm64"]
            assert function["TracingConfig"] == {"Mode": "Active"}

    def test_those_that_hold_a_connection_are_held_to_what_the_database_bears(
        self, synthesised: Synthesised
    ) -> None:
        reserved = {
            name: function["ReservedConcurrentExecutions"]
            for name, function in ours(synthesised).items()
            if "ReservedConcurrentExecutions" in function
        }

        assert reserved == {"api": 40, "uploads": 10}

    def test_the_queue_waits_six_times_as_long_as_its_function_may_take(
        self, synthesised: Synthesised
    ) -> None:
        (waits,) = [
            queue["Properties"]["VisibilityTimeout"]
            for queue in synthesised.of_type("AWS::SQS::Queue").values()
            if "VisibilityTimeout" in queue["Properties"]
        ]

        assert waits == 6 * ours(synthesised)["uploads"]["Timeout"]

    def test_those_that_speak_to_the_database_alone_lie_in_its_network(
        self, synthesised: Synthesised
    ) -> None:
        inside = {name for name, function in ours(synthesised).items() if "VpcConfig" in function}

        assert inside == {"api", "uploads", "schedule", "migraterun"}


class TestFrontend:
    def test_the_files_are_reached_through_the_distribution_alone(self, synthesised: Synthesised) -> None:
        (control,) = synthesised.of_type("AWS::CloudFront::OriginAccessControl").values()
        (distribution,) = synthesised.of_type("AWS::CloudFront::Distribution").values()
        (files,) = [
            origin
            for origin in distribution["Properties"]["DistributionConfig"]["Origins"]
            if "S3OriginConfig" in origin
        ]

        assert control["Properties"]["OriginAccessControlConfig"]["SigningBehavior"] == "always"
        assert "OriginAccessControlId" in files

    def test_the_api_document_lies_beside_the_pages_and_is_never_an_old_one(
        self, synthesised: Synthesised
    ) -> None:
        (deployed,) = synthesised.of_type("Custom::CDKBucketDeployment").values()
        assets = synthesised.paths[0].parent
        described = [path.read_bytes() for path in assets.glob("asset.*/openapi.json")]

        assert len(deployed["Properties"]["SourceObjectKeys"]) == 2
        assert [json.loads(document) for document in described] == [DOCUMENT]
        assert "/openapi.json" in deployed["Properties"]["DistributionPaths"]

    def test_pages_have_the_security_headers(self, synthesised: Synthesised) -> None:
        (distribution,) = synthesised.of_type("AWS::CloudFront::Distribution").values()
        pages = distribution["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]
        policies = synthesised.of_type("AWS::CloudFront::ResponseHeadersPolicy")
        headers = policies[pages["ResponseHeadersPolicyId"]["Ref"]]["Properties"][
            "ResponseHeadersPolicyConfig"
        ]["SecurityHeadersConfig"]

        assert set(headers) == {
            "ContentSecurityPolicy",
            "ContentTypeOptions",
            "FrameOptions",
            "ReferrerPolicy",
            "StrictTransportSecurity",
        }
        policy = json.dumps(headers["ContentSecurityPolicy"]["ContentSecurityPolicy"])
        assert "default-src 'none'; script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "StorageUploads" in policy  # where the page sends files

    def test_every_answer_of_the_api_has_the_contracts_headers(self, synthesised: Synthesised) -> None:
        """Refusals of the gateway and the firewall as well, which no function wrote."""
        (distribution,) = synthesised.of_type("AWS::CloudFront::Distribution").values()
        policies = synthesised.of_type("AWS::CloudFront::ResponseHeadersPolicy")
        for behavior in distribution["Properties"]["DistributionConfig"]["CacheBehaviors"]:
            policy = policies[behavior["ResponseHeadersPolicyId"]["Ref"]]["Properties"][
                "ResponseHeadersPolicyConfig"
            ]
            security = policy["SecurityHeadersConfig"]
            assert {part["Override"] for part in security.values()} == {False}
            assert len(security) + len(policy["CustomHeadersConfig"]["Items"]) == len(SECURITY_HEADERS)
            stated = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
            assert stated == SECURITY_HEADERS["Content-Security-Policy"]
        for refusal in synthesised.of_type("AWS::ApiGateway::GatewayResponse").values():
            headers = {
                name.removeprefix("gatewayresponse.header."): value
                for name, value in refusal["Properties"]["ResponseParameters"].items()
            }
            assert headers["X-Request-Id"] == "context.requestId"
            assert all(re.fullmatch(r"[A-Za-z-]+", name) for name in headers)
            assert "Retry-After" in headers or refusal["Properties"]["StatusCode"] not in {"429", "503"}
            assert "WWW-Authenticate" in headers or refusal["Properties"]["StatusCode"] != "401"
            body = json.loads(refusal["Properties"]["ResponseTemplates"]["application/json"])
            assert set(body) == {"error", "message", "requestId"}
            assert (body["error"], int(refusal["Properties"]["StatusCode"])) in STATUSES

    def test_only_answers_that_are_everybodys_are_kept(self, synthesised: Synthesised) -> None:
        (distribution,) = synthesised.of_type("AWS::CloudFront::Distribution").values()
        config = distribution["Properties"]["DistributionConfig"]
        policies = synthesised.of_type("AWS::CloudFront::CachePolicy")
        kept = [
            behavior["PathPattern"]
            for behavior in config["CacheBehaviors"]
            if isinstance(behavior["CachePolicyId"], dict) and behavior["CachePolicyId"]["Ref"] in policies
        ]
        market = {
            path
            for path, operations in DOCUMENT["paths"].items()
            if {"market"} == set(operations.get("get", {}).get("tags", ()))
        }

        assert {
            path for path in DOCUMENT["paths"] if any(fnmatchcase(path, pattern) for pattern in kept)
        } == market - {"/v1/market/{ticker}/outlook"}
        # All other paths of the API come after, and are never kept.
        last = config["CacheBehaviors"][-1]
        assert last["PathPattern"] == "/v1/*"
        assert last["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's "CachingDisabled"

    def test_nothing_of_a_caller_is_kept_with_an_answer(self, synthesised: Synthesised) -> None:
        (kept,) = synthesised.of_type("AWS::CloudFront::CachePolicy").values()
        (asked,) = synthesised.of_type("AWS::CloudFront::OriginRequestPolicy").values()
        (distribution,) = synthesised.of_type("AWS::CloudFront::Distribution").values()
        key = kept["Properties"]["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]
        sent = asked["Properties"]["OriginRequestPolicyConfig"]

        assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
        assert sent["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
        for part in (key, sent):
            assert part["CookiesConfig"] == {"CookieBehavior": "none"}
        assert sent["HeadersConfig"]["Headers"] == ["x-viewer-host", "x-viewer-address"]
        # Failures are nobody's either: the next caller is answered anew.
        failures = distribution["Properties"]["DistributionConfig"]["CustomErrorResponses"]
        assert {failure["ErrorCachingMinTTL"] for failure in failures} == {0}
        assert {400, 404, 500, 502, 503, 504} <= {failure["ErrorCode"] for failure in failures}


class TestBackup:
    def test_the_database_is_kept_twice_in_production(self, synthesised: Synthesised) -> None:
        plans = synthesised.of_type("AWS::Backup::BackupPlan").values()
        kept = {
            database["Properties"]["BackupRetentionPeriod"]
            for kind in ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")
            for database in synthesised.of_type(kind).values()
            if "BackupRetentionPeriod" in database["Properties"]
        }

        assert kept == ({35} if synthesised.environment == "prod" else {1})
        assert [
            rule["Lifecycle"] for plan in plans for rule in plan["Properties"]["BackupPlan"]["BackupPlanRule"]
        ] == ([{"DeleteAfterDays": 35}] if synthesised.environment == "prod" else [])
        for selection in synthesised.of_type("AWS::Backup::BackupSelection").values():
            assert "DatabaseInstance" in json.dumps(selection["Properties"]["BackupSelection"]["Resources"])


class TestIdentity:
    def test_a_second_factor_is_everybodys_choice_and_never_a_text_message(
        self, synthesised: Synthesised
    ) -> None:
        (pool,) = synthesised.of_type("AWS::Cognito::UserPool").values()

        assert pool["Properties"]["MfaConfiguration"] == "OPTIONAL"
        assert pool["Properties"]["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]

    def test_what_people_state_about_themselves_has_a_place(self, synthesised: Synthesised) -> None:
        (pool,) = synthesised.of_type("AWS::Cognito::UserPool").values()
        own = {each["Name"] for each in pool["Properties"]["Schema"] if "AttributeDataType" in each}

        assert own == {"user_type", "experience", "risk_tolerance", "marketing", "mfa"}

    def test_who_signed_in_may_become_a_role_that_may_do_nothing(self, synthesised: Synthesised) -> None:
        (pool,) = synthesised.of_type("AWS::Cognito::IdentityPool").items()
        (attached,) = synthesised.of_type("AWS::Cognito::IdentityPoolRoleAttachment").values()
        role_id = attached["Properties"]["Roles"]["authenticated"]["Fn::GetAtt"][0]
        role = synthesised.of_type("AWS::IAM::Role")[role_id]["Properties"]
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]

        assert pool[1]["Properties"]["AllowUnauthenticatedIdentities"] is False
        assert set(attached["Properties"]["Roles"]) == {"authenticated"}
        assert trust["Condition"] == {
            "StringEquals": {"cognito-identity.amazonaws.com:aud": {"Ref": pool[0]}},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
        }
        assert not {"ManagedPolicyArns", "Policies"} & set(role)
        for policy in synthesised.of_type("AWS::IAM::Policy").values():
            assert {"Ref": role_id} not in policy["Properties"]["Roles"]


class TestOperations:
    def test_every_alarm_tells_somebody(self, synthesised: Synthesised) -> None:
        for name, alarm in synthesised.of_type("AWS::CloudWatch::Alarm").items():
            assert alarm["Properties"].get("AlarmActions"), name

    def test_there_is_an_alarm_of_each_kind_and_one_of_errors_for_each_function_that_serves(
        self, synthesised: Synthesised
    ) -> None:
        told = Counter(
            alarm["Properties"]["AlarmDescription"].rpartition("'")[0].rpartition("'")[2]
            for alarm in synthesised.of_type("AWS::CloudWatch::Alarm").values()
        )

        kinds = {"ErrorRate", "Latency", "Throttles", "DeadLetters", "LostEvents", "QueueAge", "ColdStarts"}
        kinds |= {"DatabaseCpu", "DatabaseConnections"}
        if synthesised.environment == "prod":  # what Aurora lies on grows by itself
            kinds |= {"DatabaseStorage"}
        serving = ours(synthesised).keys() - {"migratestart", "migraterun"}
        assert told == Counter({**dict.fromkeys(kinds, 1), "Errors": len(serving)})

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

    def test_each_named_thing_is_watched(self, synthesised: Synthesised) -> None:
        pages = {
            re.findall(r"'(\w+)'\.$", alarm["Properties"]["AlarmDescription"])[0]
            for alarm in synthesised.of_type("AWS::CloudWatch::Alarm").values()
        }
        instance = {"DatabaseStorage"} if synthesised.environment == "prod" else set()  # Aurora's grows

        assert pages == {
            "Errors",
            "ErrorRate",
            "Latency",
            "Throttles",
            "DeadLetters",
            "LostEvents",
            "QueueAge",
            "DatabaseCpu",
            "DatabaseConnections",
            "ColdStarts",
            *instance,
        }

    def test_everything_that_can_be_is_tagged(self, synthesised: Synthesised) -> None:
        kinds = ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::EC2::VPC", "AWS::SQS::Queue")
        stored = [each["Properties"] for kind in kinds for each in synthesised.of_type(kind).values()]

        for properties in (*stored, *ours(synthesised).values()):
            tags = {tag["Key"]: tag["Value"] for tag in properties["Tags"]}
            assert tags["application"] == "foliolens"
            assert tags["environment"] == synthesised.environment

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
        """Whoever finds no group to write to makes one without an end: CDK's own functions as well."""
        groups = synthesised.of_type("AWS::Logs::LogGroup")

        for name, group in groups.items():
            assert "RetentionInDays" in group["Properties"], name
        for name, function in synthesised.of_type("AWS::Lambda::Function").items():
            assert function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"] in groups, name
        named = [json.dumps(group["Properties"].get("LogGroupName")) for group in groups.values()]
        assert any("API-Gateway-Execution-Logs_" in name for name in named)
        (database,) = synthesised.of_type("Custom::LogRetention").values()
        assert "postgresql" in json.dumps(database["Properties"]["LogGroupName"])


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
