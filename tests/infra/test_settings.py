"""Every setting of `infra/config.py` as neither environment has it: it deploys, and does what it says."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from infra.config import ENVIRONMENTS, SocialLogin

from tests.infra.conftest import Synthesised, linted, methods, ours, synthesise

ORIGINS = ("https://app.example.com", "https://stocks.example.com")
OTHER = replace(
    ENVIRONMENTS["prod"],
    name="other",
    protected=False,
    database_multi_az=False,
    backup_days=14,
    log_days=30,
    market_cache_seconds=0,
    anonymous_access=False,
    canary=False,
    sentiment_image=False,
    sentiment_provisioned=1,
    sentiment_rollout="finbert:10",
    prediction_rollout="original:90",
    snap_start=("Api", "Auth", "Market", "Predict", "Schedule", "Sentiment", "Uploads"),
    firewall=False,
    monthly_budget_usd=99,
    alarm_email="ops@example.com",
    web_origins=ORIGINS,
    social_logins=(SocialLogin("google", "client-id", "google-secret"),),
    mail_from="hello@example.com",
)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return synthesise(OTHER, tmp_path_factory.mktemp("other"))


def test_no_setting_is_left_out() -> None:
    same = {
        each.name
        for each in fields(OTHER)
        if getattr(OTHER, each.name) == getattr(ENVIRONMENTS["prod"], each.name)
    }

    assert same == {"database"}  # of which there are two, and both are environments


def test_it_has_no_finding_and_passes_the_linter(other: Synthesised) -> None:
    assert other.findings == ()
    assert linted(other) == ""


def test_who_is_told_of_alarms(other: Synthesised) -> None:
    (subscription,) = other.of_type("AWS::SNS::Subscription").values()

    assert (subscription["Properties"]["Protocol"], subscription["Properties"]["Endpoint"]) == (
        "email",
        "ops@example.com",
    )


def test_the_named_origins_are_told_that_they_may_whoever_answers(other: Synthesised) -> None:
    """CloudFront says it, so refusals of the gateway can be read by the page as well."""
    (distribution,) = other.of_type("AWS::CloudFront::Distribution").values()
    policies = other.of_type("AWS::CloudFront::ResponseHeadersPolicy")
    for behavior in distribution["Properties"]["DistributionConfig"]["CacheBehaviors"]:
        policy = policies[behavior["ResponseHeadersPolicyId"]["Ref"]]["Properties"][
            "ResponseHeadersPolicyConfig"
        ]
        said = policy["CorsConfig"]
        assert said["AccessControlAllowOrigins"] == {"Items": [*ORIGINS]}
        assert said["AccessControlAllowCredentials"] is True
        assert said["OriginOverride"] is True
    asked_first = [
        method
        for method in other.of_type("AWS::ApiGateway::Method").values()
        if method["Properties"]["HttpMethod"] == "OPTIONS"
    ]
    assert len(asked_first) >= len({path for _, path in methods(other)})


def test_without_a_key_nobody_is_told_of_the_market(other: Synthesised) -> None:
    keyed = {path for (_, path), method in methods(other).items() if method.get("ApiKeyRequired")}

    assert keyed == {
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
    # Else whoever has none would be given what was answered to those who have.
    assert not other.of_type("AWS::CloudFront::CachePolicy")
    (refusal,) = [
        answer["Properties"]
        for answer in other.of_type("AWS::ApiGateway::GatewayResponse").values()
        if answer["Properties"]["ResponseType"] == "INVALID_API_KEY"
    ]
    assert refusal["StatusCode"] == "401"
    assert json.loads(refusal["ResponseTemplates"]["application/json"])["error"] == "AUTHENTICATION_REQUIRED"


def test_a_hosted_login_is_there_before_the_client_that_names_it(other: Synthesised) -> None:
    (provider_id,) = other.of_type("AWS::Cognito::UserPoolIdentityProvider")
    (client,) = other.of_type("AWS::Cognito::UserPoolClient").values()

    assert provider_id in client["DependsOn"]
    assert client["Properties"]["SupportedIdentityProviders"] == ["Google"]
    assert client["Properties"]["CallbackURLs"] == [*ORIGINS]
    assert len(other.of_type("AWS::Cognito::UserPoolDomain")) == 1
    secret = json.dumps(other.of_type("AWS::Cognito::UserPoolIdentityProvider"))
    assert "{{resolve:secretsmanager:" in secret
    assert "google-secret" in secret


def test_mail_comes_from_the_named_sender(other: Synthesised) -> None:
    (pool,) = other.of_type("AWS::Cognito::UserPool").values()

    assert pool["Properties"]["EmailConfiguration"]["EmailSendingAccount"] == "DEVELOPER"
    assert "hello@example.com" in pool["Properties"]["EmailConfiguration"]["From"]


def test_functions_start_from_a_snapshot_or_are_kept_warm(other: Synthesised) -> None:
    functions: dict[str, Any] = ours(other)
    from_snapshot = {name for name, function in functions.items() if "SnapStart" in function}
    warm = [
        alias["Properties"]["ProvisionedConcurrencyConfig"]["ProvisionedConcurrentExecutions"]
        for alias in other.of_type("AWS::Lambda::Alias").values()
        if "ProvisionedConcurrencyConfig" in alias["Properties"]
    ]

    assert from_snapshot == {"api", "auth", "market", "predict", "schedule", "uploads"}
    assert warm == [1]  # `sentiment`, which therefore has no snapshot


def test_functions_learn_which_share_another_engine_has(other: Synthesised) -> None:
    variables = {name: function["Environment"]["Variables"] for name, function in ours(other).items()}

    assert variables["sentiment"]["FOLIOLENS_SENTIMENT_ROLLOUT"] == "finbert:10"
    assert variables["predict"]["FOLIOLENS_PREDICTION_ROLLOUT"] == "original:90"


def test_without_the_firewall_callers_are_told_apart_all_the_same(other: Synthesised) -> None:
    (api,) = other.of_type("AWS::ApiGateway::RestApi").values()

    assert not other.of_type("AWS::WAFv2::WebACL")
    assert api["Properties"]["Policy"]["Statement"][1]["Effect"] == "Deny"
    for function in ours(other).values():
        variables = function["Environment"]["Variables"]
        assert variables["FOLIOLENS_AWS_VIEWER_ADDRESS_HEADER"] == "x-viewer-address"
