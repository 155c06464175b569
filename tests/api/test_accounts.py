"""Accounts over HTTP: signing up, signing in, profile and preferences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import jwt
import pyotp
import pytest

from .conftest import PASSWORD, User, mailed_code

NEW_PASSWORD = "Another-Horse-8-Battery"


def fresh_email() -> str:
    return f"person-{uuid4().hex[:12]}@example.com"


def registration(email: str, **changes: object) -> dict[str, object]:
    return {"email": email, "password": PASSWORD, "firstName": "Ada", "lastName": "Lovelace", **changes}


def login(client: httpx.Client, email: str, password: str = PASSWORD) -> httpx.Response:
    return client.post("/auth/login", json={"email": email, "password": password})


def assert_error(response: httpx.Response, status: int, code: str) -> dict[str, object]:
    body = response.json()
    assert (response.status_code, body["error"]) == (status, code), response.text
    assert body["requestId"] == response.headers["x-request-id"]
    assert isinstance(body, dict)
    return body


class TestRegistration:
    def test_an_account_is_usable_once_the_code_was_entered(self, client: httpx.Client, outbox: Path) -> None:
        email = fresh_email()
        registered = client.post("/auth/register", json=registration(email))
        assert registered.status_code == 201
        assert registered.json()["verificationRequired"] is True
        UUID(registered.json()["userId"])
        assert_error(login(client, email), 403, "EMAIL_NOT_CONFIRMED")

        code = mailed_code(outbox, email)
        assert client.post("/auth/confirm", json={"email": email, "code": code}).status_code == 200

        assert login(client, email).status_code == 200

    def test_an_address_has_one_account(self, user: User, client: httpx.Client) -> None:
        again = client.post("/auth/register", json=registration(user.email.upper()))

        assert_error(again, 409, "EMAIL_EXISTS")

    def test_everything_a_password_lacks_is_told_at_once(self, client: httpx.Client) -> None:
        refused = client.post("/auth/register", json=registration(fresh_email(), password="short"))

        body = assert_error(refused, 400, "VALIDATION_ERROR")
        (problem,) = body["details"]  # type: ignore[misc]
        assert (problem["field"], problem["code"]) == ("password", "WEAK_PASSWORD")
        for missing in ("12 characters", "upper-case", "digit", "symbol"):
            assert missing in problem["message"]

    def test_every_bad_field_is_told_at_once(self, client: httpx.Client) -> None:
        refused = client.post(
            "/auth/register",
            json=registration("no address", password="x", firstName="", userType="alien", age=3),
        )

        body = assert_error(refused, 400, "VALIDATION_ERROR")
        fields = {problem["field"] for problem in body["details"]}  # type: ignore[attr-defined]
        assert fields == {"email", "password", "firstName", "userType", "age"}

    def test_a_password_is_never_echoed(self, client: httpx.Client) -> None:
        refused = client.post("/auth/register", json=registration(fresh_email(), password="secret-word"))

        assert "secret-word" not in refused.text

    def test_an_idempotency_key_repeats_the_answer(self, client: httpx.Client) -> None:
        body, headers = registration(fresh_email()), {"Idempotency-Key": uuid4().hex}

        first = client.post("/auth/register", json=body, headers=headers)
        second = client.post("/auth/register", json=body, headers=headers)

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()

    def test_an_idempotency_key_is_for_one_request(self, client: httpx.Client) -> None:
        email, headers = fresh_email(), {"Idempotency-Key": uuid4().hex}
        client.post("/auth/register", json=registration(email), headers=headers)

        other = client.post("/auth/register", json=registration(email, firstName="Eve"), headers=headers)

        assert_error(other, 409, "CONFLICT")

    def test_a_wrong_code_is_refused(self, client: httpx.Client, outbox: Path) -> None:
        email = fresh_email()
        client.post("/auth/register", json=registration(email))
        wrong = f"{(int(mailed_code(outbox, email)) + 1) % 1_000_000:06d}"

        refused = client.post("/auth/confirm", json={"email": email, "code": wrong})

        assert_error(refused, 401, "AUTHENTICATION_FAILED")

    def test_resending_a_code_tells_strangers_nothing(self, client: httpx.Client) -> None:
        email = fresh_email()
        client.post("/auth/register", json=registration(email))

        known = client.post("/auth/resend-code", json={"email": email})
        unknown = client.post("/auth/resend-code", json={"email": fresh_email()})

        assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())


class TestSignIn:
    def test_signing_in_gives_tokens_and_the_user(self, user: User, client: httpx.Client) -> None:
        answer = login(client, user.email.upper())

        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        body = answer.json()
        assert set(body) == {"accessToken", "idToken", "refreshToken", "expiresIn", "user"}
        assert body["user"] == {
            "id": user.id,
            "email": user.email,
            "firstName": "Ada",
            "lastName": "Lovelace",
            "userType": None,
            "investmentExperience": None,
            "riskTolerance": None,
            "mfaEnabled": False,
            "operator": False,
        }

    def test_wrong_address_and_wrong_password_get_the_same_answer(
        self, user: User, client: httpx.Client
    ) -> None:
        wrong_password = assert_error(login(client, user.email, NEW_PASSWORD), 401, "AUTHENTICATION_FAILED")
        wrong_address = assert_error(login(client, fresh_email()), 401, "AUTHENTICATION_FAILED")

        wrong_password.pop("requestId")
        wrong_address.pop("requestId")
        assert wrong_password == wrong_address

    def test_failures_count_though_their_requests_fail(self, user: User, client: httpx.Client) -> None:
        for _ in range(5):
            login(client, user.email, NEW_PASSWORD)

        assert_error(login(client, user.email), 401, "AUTHENTICATION_FAILED")

    def test_without_a_token_there_is_a_hint_how_to_send_one(self, client: httpx.Client) -> None:
        refused = client.get("/user/profile")

        assert_error(refused, 401, "AUTHENTICATION_REQUIRED")
        assert refused.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize("kind", ["idToken", "refreshToken"])
    def test_only_the_access_token_opens_the_api(self, user: User, client: httpx.Client, kind: str) -> None:
        headers = {"Authorization": f"Bearer {user.tokens[kind]}"}

        assert_error(client.get("/user/profile", headers=headers), 401, "AUTHENTICATION_FAILED")

    def test_a_refresh_token_is_good_once(self, user: User, client: httpx.Client) -> None:
        first = user.tokens["refreshToken"]
        refreshed = client.post("/auth/refresh", json={"refreshToken": first})
        assert refreshed.status_code == 200

        reused = client.post("/auth/refresh", json={"refreshToken": first})
        assert_error(reused, 401, "AUTHENTICATION_FAILED")

        successor = client.post("/auth/refresh", json={"refreshToken": refreshed.json()["refreshToken"]})
        assert_error(successor, 401, "AUTHENTICATION_FAILED")

    def test_signing_out_ends_access_at_once_and_everywhere(self, user: User, client: httpx.Client) -> None:
        elsewhere = login(client, user.email).json()
        headers = {"Authorization": f"Bearer {elsewhere['accessToken']}"}
        assert client.get("/user/profile", headers=headers).status_code == 200

        assert user.client.post("/auth/logout").status_code == 200

        assert_error(user.client.get("/user/profile"), 401, "AUTHENTICATION_FAILED")
        assert_error(client.get("/user/profile", headers=headers), 401, "AUTHENTICATION_FAILED")
        refreshed = client.post("/auth/refresh", json={"refreshToken": elsewhere["refreshToken"]})
        assert_error(refreshed, 401, "AUTHENTICATION_FAILED")
        assert login(client, user.email).status_code == 200

    def test_a_token_never_used_before_signing_out_ends_too(self, user: User, client: httpx.Client) -> None:
        unused = login(client, user.email).json()["accessToken"]
        user.client.post("/auth/logout")

        headers = {"Authorization": f"Bearer {unused}"}
        assert_error(client.get("/user/profile", headers=headers), 401, "AUTHENTICATION_FAILED")

    def test_a_forgotten_password_is_replaced_by_mail(
        self, user: User, client: httpx.Client, outbox: Path
    ) -> None:
        known = client.post("/auth/forgot-password", json={"email": user.email})
        unknown = client.post("/auth/forgot-password", json={"email": fresh_email()})
        assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())

        reset = client.post(
            "/auth/reset-password",
            json={
                "email": user.email,
                "code": mailed_code(outbox, user.email),
                "newPassword": NEW_PASSWORD,
            },
        )

        assert reset.status_code == 200
        assert_error(user.client.get("/user/profile"), 401, "AUTHENTICATION_FAILED")
        assert_error(login(client, user.email), 401, "AUTHENTICATION_FAILED")
        assert login(client, user.email, NEW_PASSWORD).status_code == 200

    def test_the_key_set_verifies_tokens(self, user: User, client: httpx.Client) -> None:
        key_set = client.get("/auth/jwks")
        well_known = client.get(str(client.base_url.copy_with(path="/.well-known/jwks.json")))
        assert key_set.json() == well_known.json()
        assert "max-age" in key_set.headers["cache-control"]

        token = str(user.tokens["idToken"])
        keys = jwt.PyJWKSet.from_dict(key_set.json())
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(token, key, algorithms=["RS256"], audience="foliolens")
        assert (claims["sub"], claims["email"]) == (user.id, user.email)


class TestSecondFactor:
    def test_signing_in_takes_a_code_once_it_is_on(self, user: User, client: httpx.Client) -> None:
        setup = user.client.post("/auth/mfa/setup").json()
        totp = pyotp.TOTP(setup["secret"])
        assert setup["otpauthUri"].startswith("otpauth://totp/")
        earlier = totp.at(datetime.now(UTC) - timedelta(seconds=30))
        enabled = user.client.post("/auth/mfa/enable", json={"code": earlier})
        assert enabled.json()["mfaEnabled"] is True

        challenge = login(client, user.email).json()
        assert challenge.keys() == {"challenge", "session"}
        assert challenge["challenge"] == "SOFTWARE_TOKEN_MFA"
        answer = {"session": challenge["session"], "code": totp.at(datetime.now(UTC))}
        signed_in = client.post("/auth/mfa/verify", json=answer)

        assert signed_in.json()["user"]["mfaEnabled"] is True
        replay = {"session": login(client, user.email).json()["session"], "code": answer["code"]}
        assert_error(client.post("/auth/mfa/verify", json=replay), 401, "AUTHENTICATION_FAILED")

        disabled = user.client.post("/auth/mfa/disable", json={"password": PASSWORD})
        assert disabled.json()["mfaEnabled"] is False
        assert "accessToken" in login(client, user.email).json()

    def test_it_needs_a_secret_first(self, user: User) -> None:
        assert_error(user.client.post("/auth/mfa/enable", json={"code": "123456"}), 409, "CONFLICT")

    def test_setting_it_up_takes_a_session_that_is_not_revoked(self, user: User) -> None:
        user.client.post("/auth/logout")

        assert_error(user.client.post("/auth/mfa/setup"), 401, "AUTHENTICATION_FAILED")


class TestProfile:
    def test_the_profile_begins_with_what_was_registered(self, client: httpx.Client, outbox: Path) -> None:
        email = fresh_email()
        stated = {
            "userType": "professional",
            "investmentExperience": "expert",
            "riskTolerance": "aggressive",
            "marketingConsent": True,
        }
        client.post("/auth/register", json=registration(email, **stated))
        client.post("/auth/confirm", json={"email": email, "code": mailed_code(outbox, email)})
        token = login(client, email).json()["accessToken"]

        profile = client.get("/user/profile", headers={"Authorization": f"Bearer {token}"}).json()

        expected = {"email": email, "firstName": "Ada", "lastName": "Lovelace", **stated}
        assert {field: profile[field] for field in expected} == expected

    def test_a_change_tells_which_fields_are_different_now(self, user: User) -> None:
        changed = user.client.put(
            "/user/profile", json={"firstName": "Augusta", "lastName": "Lovelace", "userType": "advisor"}
        ).json()

        assert sorted(changed["updatedFields"]) == ["firstName", "userType"]
        assert changed["profile"]["firstName"] == "Augusta"
        assert changed["profile"] == user.client.get("/user/profile").json()

    def test_null_takes_an_answer_back(self, user: User) -> None:
        user.client.put("/user/profile", json={"riskTolerance": "moderate"})

        changed = user.client.put("/user/profile", json={"riskTolerance": None}).json()

        assert changed["updatedFields"] == ["riskTolerance"]
        assert changed["profile"]["riskTolerance"] is None

    def test_nothing_changes_without_fields(self, user: User) -> None:
        before = user.client.get("/user/profile").json()

        unchanged = user.client.put("/user/profile", json={}).json()

        assert unchanged == {"updatedFields": [], "profile": before}

    @pytest.mark.parametrize(
        "change", [{"email": "eve@example.com"}, {"firstName": None}, {"firstName": ""}, {"userType": "x"}]
    )
    def test_a_bad_change_is_refused(self, user: User, change: dict[str, object]) -> None:
        assert_error(user.client.put("/user/profile", json=change), 400, "VALIDATION_ERROR")

    def test_signing_in_shows_the_changed_name(self, user: User, client: httpx.Client) -> None:
        user.client.put("/user/profile", json={"firstName": "Augusta"})

        assert login(client, user.email).json()["user"]["firstName"] == "Augusta"

    def test_users_see_their_own_profile_only(self, new_user: Callable[[], User]) -> None:
        ada, eve = new_user(), new_user()
        eve.client.put("/user/profile", json={"firstName": "Eve"})

        assert ada.client.get("/user/profile").json()["firstName"] == "Ada"


class TestPreferences:
    def test_there_are_defaults(self, user: User) -> None:
        preferences = user.client.get("/user/preferences").json()

        assert preferences == {
            "theme": "system",
            "currency": "USD",
            "hideAmounts": False,
            "defaultBenchmark": "SPY",
            "defaultRange": "1Y",
            "notifications": {"uploads": True, "riskChanges": False, "weeklySummary": False},
        }

    def test_a_change_is_merged_into_the_rest(self, user: User) -> None:
        user.client.put("/user/preferences", json={"theme": "dark"})

        changed = user.client.put(
            "/user/preferences",
            json={"hideAmounts": True, "theme": "dark", "notifications": {"weeklySummary": True}},
        ).json()

        assert changed["updatedFields"] == ["hideAmounts", "notifications.weeklySummary"]
        assert changed["preferences"]["theme"] == "dark"
        assert changed["preferences"]["notifications"] == {
            "uploads": True,
            "riskChanges": False,
            "weeklySummary": True,
        }
        assert user.client.get("/user/preferences").json() == changed["preferences"]

    @pytest.mark.parametrize(
        "change",
        [{"theme": "pink"}, {"hideAmounts": "yes"}, {"currency": "usd"}, {"notifications": {"fax": True}}],
    )
    def test_a_bad_change_is_refused(self, user: User, change: dict[str, object]) -> None:
        assert_error(user.client.put("/user/preferences", json=change), 400, "VALIDATION_ERROR")
