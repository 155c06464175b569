/** The account: who one is, how the app looks, how signing in is protected, and what is held. */

import { useState } from "preact/hooks";
import { call } from "../api/client.ts";
import type { Profile } from "../api/schema.ts";
import { sessionEnded, user } from "../api/session.ts";
import { forget, useData } from "../app/data.ts";
import { moment } from "../app/format.ts";
import { hideAmounts, prefer, theme } from "../app/preferences.ts";
import { navigate } from "../app/router.ts";
import { word } from "../app/words.ts";
import { Button, Card, Failure, Field, LinkButton, Segments, Select, Skeleton } from "../ui/parts.tsx";
import { say } from "../ui/toast.tsx";
import { SecondFactor } from "./settings/second-factor.tsx";
import { DeleteAccount, Export } from "./settings/your-data.tsx";

export default function Settings() {
  const profile = useData("profile", (signal) => call("GET /v1/user/profile", { signal }));
  return (
    <>
      <header class="page-head">
        <div>
          <h1 tabIndex={-1}>Account</h1>
          <p class="lead">{profile.data?.email ?? "\u00a0"}</p>
        </div>
        <div class="actions">
          {user.value?.operator && (
            <LinkButton icon="market" href="/operations">
              Operations
            </LinkButton>
          )}
          <SignOut />
        </div>
      </header>
      <div class="grid">
        <Card title="About you" className="half">
          {profile.data ? (
            <About key={profile.data.updatedAt} profile={profile.data} onSaved={profile.replace} />
          ) : profile.error ? (
            <Failure error={profile.error} retry={profile.reload} />
          ) : (
            <Skeleton lines={6} />
          )}
        </Card>
        <div class="half stack">
          <Appearance />
          <SecondFactor />
          <Card title="Your data">
            <div class="stack">
              <Export />
              <DeleteAccount />
            </div>
          </Card>
        </div>
      </div>
    </>
  );
}

function SignOut() {
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    try {
      await call("POST /v1/auth/logout", {});
      forget();
      sessionEnded(true);
      navigate("/sign-in");
    } catch (error) {
      say((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <Button busy={busy} onClick={leave} title="Ends your session on every device">
      Sign out everywhere
    </Button>
  );
}

const CHOICES = {
  userType: ["individual", "professional", "advisor", "institution"],
  investmentExperience: ["beginner", "intermediate", "advanced", "expert"],
  riskTolerance: ["conservative", "moderate", "aggressive"],
} as const;

function About({ profile, onSaved }: { profile: Profile; onSaved: (profile: Profile) => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<
      string,
      string
    >;
    setBusy(true);
    setError(undefined);
    try {
      const chosen = <T extends string>(name: keyof typeof CHOICES) => (values[name] || null) as T | null;
      const saved = await call("PUT /v1/user/profile", {
        body: {
          firstName: values.firstName,
          lastName: values.lastName,
          userType: chosen("userType"),
          investmentExperience: chosen("investmentExperience"),
          riskTolerance: chosen("riskTolerance"),
          marketingConsent: values.marketingConsent === "on",
        },
      });
      onSaved(saved.profile);
      say(saved.updatedFields.length ? "Saved." : "Nothing had changed.");
    } catch (reason) {
      setError(reason as Error);
    } finally {
      setBusy(false);
    }
  };
  const select = (name: keyof typeof CHOICES, label: string) => (
    <Select
      label={label}
      name={name}
      value={profile[name] ?? ""}
      options={[["", "Not stated"], ...CHOICES[name].map((choice) => [choice, word(choice)] as const)]}
    />
  );
  return (
    <form class="form" onSubmit={save}>
      <div class="form-pair">
        <Field
          label="First name"
          name="firstName"
          required
          maxLength={100}
          autocomplete="given-name"
          defaultValue={profile.firstName}
        />
        <Field
          label="Last name"
          name="lastName"
          required
          maxLength={100}
          autocomplete="family-name"
          defaultValue={profile.lastName}
        />
      </div>
      {select("userType", "You are")}
      {select("investmentExperience", "Experience with investing")}
      {select("riskTolerance", "Risk you are at ease with")}
      <label class="check">
        <input type="checkbox" name="marketingConsent" defaultChecked={profile.marketingConsent} />
        <span>Write to me about news of FolioLens</span>
      </label>
      {error && <Failure error={error} />}
      <div class="actions">
        <Button kind="primary" type="submit" busy={busy}>
          Save
        </Button>
      </div>
      <p class="hint">Member since {moment(profile.createdAt)}.</p>
    </form>
  );
}

function Appearance() {
  return (
    <Card title="Appearance">
      <div class="form">
        <Segments
          label="Colours"
          value={theme.value}
          options={[
            ["system", "As my device"],
            ["light", "Light"],
            ["dark", "Dark"],
          ]}
          onChange={(chosen) => prefer({ theme: chosen })}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={hideAmounts.value}
            onChange={(event) => prefer({ hideAmounts: event.currentTarget.checked })}
          />
          <span>
            Hide amounts
            <span class="hint"> Percentages stay visible.</span>
          </span>
        </label>
      </div>
    </Card>
  );
}
