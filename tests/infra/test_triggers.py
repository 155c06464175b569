"""The trigger of the user pool, and that the pool calls it."""

from __future__ import annotations

from infra.triggers import claims

from tests.infra.conftest import Synthesised


def test_access_tokens_say_what_the_account_states_and_nothing_else() -> None:
    attributes = {
        "sub": "a",
        "email": "ada@example.com",
        "custom:risk_tolerance": "moderate",
        "phone_number": "+1",
    }

    answered = claims.handler({"request": {"userAttributes": attributes}, "response": {}}, None)

    assert answered["response"] == {
        "claimsAndScopeOverrideDetails": {
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {"email": "ada@example.com", "custom:risk_tolerance": "moderate"}
            }
        }
    }


def test_the_user_pool_calls_it_for_every_token(synthesised: Synthesised) -> None:
    (pool,) = synthesised.of_type("AWS::Cognito::UserPool").values()
    configured = pool["Properties"]["LambdaConfig"]["PreTokenGenerationConfig"]

    assert configured["LambdaVersion"] == "V2_0"
    assert configured["LambdaArn"]["Fn::GetAtt"][0] in synthesised.of_type("AWS::Lambda::Function")
    assert pool["Properties"]["UserPoolTier"] == "ESSENTIALS"
