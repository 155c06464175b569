/** The way in: sign in, register, confirm the address, and a new password. */

import { useState } from "preact/hooks";
import { ApiError, call } from "../api/client.ts";
import { answerChallenge, expired, signIn } from "../api/session.ts";
import { navigate, path } from "../app/router.ts";
import { Icon, Mark } from "../ui/icons.tsx";
import { Button, Field, Notice, PasswordField } from "../ui/parts.tsx";

/** Typed once, though it takes two pages: registering, and confirming. */
const typed = { email: "", password: "" };

export default function Gate() {
  return (
    <div class="gate">
      <aside class="gate-pitch">
        <span class="brand">
          <Mark /> FolioLens
        </span>
        <div>
          <p class="tagline">See what your portfolio is really exposed to.</p>
          <ul>
            <li>
              <Icon name="check" /> Drop the CSV your broker gives you. No number is guessed.
            </li>
            <li>
              <Icon name="check" /> A risk score with every point of it explained.
            </li>
            <li>
              <Icon name="check" /> What could not be classified is said, not hidden.
            </li>
          </ul>
        </div>
        <p class="small">FolioLens gives information, not advice.</p>
      </aside>
      <main id="main" class="gate-form">
        <a class="brand" href="/">
          <Mark /> FolioLens
        </a>
        {path.value === "/register" ? (
          <Register />
        ) : path.value === "/confirm" ? (
          <Confirm />
        ) : path.value === "/forgot" ? (
          <Forgot />
        ) : (
          <SignIn />
        )}
      </main>
    </div>
  );
}

/** What every form here does: send, and show what was refused. */
function useForm(send: (values: Record<string, string>) => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const problems = error instanceof ApiError ? error.problems : [];
  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<
      string,
      string
    >;
    setBusy(true);
    setError(undefined);
    try {
      await send(values);
    } catch (reason) {
      setError(reason as Error);
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    error,
    onSubmit,
    /** The sentence about one field. */
    of: (field: string) => problems.find((problem) => problem.field === field)?.message,
    refused: error && !problems.length ? <Notice tone="bad" title={error.message} /> : null,
  };
}

function next(): string {
  return location.search;
}

function SignIn() {
  const [challenge, setChallenge] = useState<string>();
  const form = useForm(async ({ email = "", password = "" }) => {
    typed.email = email;
    try {
      const asked = await signIn(email, password);
      typed.password = "";
      if (asked) setChallenge(asked.session);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "EMAIL_NOT_CONFIRMED")) throw error;
      typed.password = password;
      navigate(`/confirm${next()}`);
    }
  });
  if (challenge) return <SecondFactor session={challenge} again={() => setChallenge(undefined)} />;
  return (
    <>
      <header>
        <h1 tabIndex={-1}>Sign in</h1>
        <p class="quiet-text">
          New here? <a href={`/register${next()}`}>Create an account</a>
        </p>
      </header>
      {expired.value && (
        <Notice title="Your session has ended.">Sign in again to go on where you were.</Notice>
      )}
      <form class="form" onSubmit={form.onSubmit}>
        <Field
          label="E-mail"
          name="email"
          type="email"
          autocomplete="username"
          required
          defaultValue={typed.email}
          error={form.of("email")}
        />
        <PasswordField
          label="Password"
          name="password"
          autocomplete="current-password"
          required
          error={form.of("password")}
        />
        {form.refused}
        <Button kind="primary" type="submit" busy={form.busy} class="wide">
          Sign in
        </Button>
      </form>
      <p class="gate-links">
        <a href="/forgot">Forgot your password?</a>
      </p>
    </>
  );
}

function SecondFactor({ session, again }: { session: string; again: () => void }) {
  const form = useForm(({ code = "" }) => answerChallenge(session, code.trim()));
  return (
    <>
      <header>
        <h1 tabIndex={-1}>Enter your code</h1>
        <p class="quiet-text">Open your authenticator app and type the six digits it shows for FolioLens.</p>
      </header>
      <form class="form" onSubmit={form.onSubmit}>
        <CodeField error={form.of("code")} />
        {form.refused}
        <Button kind="primary" type="submit" busy={form.busy} class="wide">
          Continue
        </Button>
      </form>
      <p class="gate-links">
        <button type="button" class="link" onClick={again}>
          Sign in as somebody else
        </button>
      </p>
    </>
  );
}

function CodeField({ error }: { error?: string | undefined }) {
  return (
    <Field
      label="Six-digit code"
      name="code"
      inputMode="numeric"
      autocomplete="one-time-code"
      pattern="\s*[0-9]{6}\s*"
      title="Six digits"
      required
      autofocus
      error={error}
    />
  );
}

const PASSWORD_HINT = "At least 12 characters, with upper and lower case, a digit and a symbol.";

function Register() {
  const form = useForm(async ({ email = "", password = "", firstName = "", lastName = "" }) => {
    const made = await call("POST /v1/auth/register", {
      body: { email, password, firstName, lastName },
      once: true,
    });
    typed.email = email;
    if (made.verificationRequired) {
      typed.password = password;
      navigate(`/confirm${next()}`);
    } else {
      await signIn(email, password);
    }
  });
  return (
    <>
      <header>
        <h1 tabIndex={-1}>Create your account</h1>
        <p class="quiet-text">
          Already have one? <a href={`/sign-in${next()}`}>Sign in</a>
        </p>
      </header>
      <form class="form" onSubmit={form.onSubmit}>
        <div class="form-pair">
          <Field
            label="First name"
            name="firstName"
            autocomplete="given-name"
            maxLength={100}
            required
            error={form.of("firstName")}
          />
          <Field
            label="Last name"
            name="lastName"
            autocomplete="family-name"
            maxLength={100}
            required
            error={form.of("lastName")}
          />
        </div>
        <Field
          label="E-mail"
          name="email"
          type="email"
          autocomplete="username"
          required
          error={form.of("email")}
        />
        <PasswordField
          label="Password"
          name="password"
          autocomplete="new-password"
          minLength={12}
          required
          hint={PASSWORD_HINT}
          error={form.of("password")}
        />
        {form.refused}
        <Button kind="primary" type="submit" busy={form.busy} class="wide">
          Create account
        </Button>
      </form>
    </>
  );
}

function Confirm() {
  const [sent, setSent] = useState("");
  const form = useForm(async ({ email = typed.email, code = "" }) => {
    await call("POST /v1/auth/confirm", { body: { email, code: code.trim() } });
    if (typed.password) {
      const { password } = typed;
      typed.password = "";
      await signIn(email, password);
    } else {
      typed.email = email;
      navigate(`/sign-in${next()}`);
    }
  });
  const resend = async () => {
    const answer = await call("POST /v1/auth/resend-code", { body: { email: typed.email } });
    setSent(answer.message);
  };
  return (
    <>
      <header>
        <h1 tabIndex={-1}>Check your mail</h1>
        <p class="quiet-text">
          {typed.email
            ? `We sent a six-digit code to ${typed.email}.`
            : "Enter your address and the six-digit code we sent there."}
        </p>
      </header>
      <form class="form" onSubmit={form.onSubmit}>
        {!typed.email && (
          <Field
            label="E-mail"
            name="email"
            type="email"
            autocomplete="username"
            required
            error={form.of("email")}
          />
        )}
        <CodeField error={form.of("code")} />
        {form.refused}
        {sent && <Notice title={sent} />}
        <Button kind="primary" type="submit" busy={form.busy} class="wide">
          Confirm
        </Button>
      </form>
      <p class="gate-links">
        {typed.email && (
          <button
            type="button"
            class="link"
            onClick={() => void resend().catch((error) => setSent(error.message))}
          >
            Send a new code
          </button>
        )}
        <a href="/sign-in">Back to sign in</a>
      </p>
    </>
  );
}

function Forgot() {
  const [email, setEmail] = useState("");
  const ask = useForm(async (values) => {
    await call("POST /v1/auth/forgot-password", { body: { email: values.email ?? "" } });
    setEmail(values.email ?? "");
  });
  const set = useForm(async ({ code = "", password = "" }) => {
    await call("POST /v1/auth/reset-password", { body: { email, code: code.trim(), newPassword: password } });
    typed.email = email;
    await signIn(email, password);
  });
  if (!email) {
    return (
      <>
        <header>
          <h1 tabIndex={-1}>Set a new password</h1>
          <p class="quiet-text">We will mail you a code for it.</p>
        </header>
        <form class="form" onSubmit={ask.onSubmit}>
          <Field
            label="E-mail"
            name="email"
            type="email"
            autocomplete="username"
            required
            defaultValue={typed.email}
            error={ask.of("email")}
          />
          {ask.refused}
          <Button kind="primary" type="submit" busy={ask.busy} class="wide">
            Send the code
          </Button>
        </form>
        <p class="gate-links">
          <a href="/sign-in">Back to sign in</a>
        </p>
      </>
    );
  }
  return (
    <>
      <header>
        <h1 tabIndex={-1}>Choose a new password</h1>
        <p class="quiet-text">If {email} has an account, a code is on its way there.</p>
      </header>
      <form class="form" onSubmit={set.onSubmit}>
        <Field
          label="Code from the mail"
          name="code"
          inputMode="numeric"
          autocomplete="one-time-code"
          pattern="\s*[0-9]{6}([0-9]{6})?\s*"
          title="Six or twelve digits"
          required
          autofocus
          error={set.of("code")}
        />
        <PasswordField
          label="New password"
          name="password"
          autocomplete="new-password"
          minLength={12}
          required
          hint={PASSWORD_HINT}
          error={set.of("newPassword")}
        />
        {set.refused}
        <Button kind="primary" type="submit" busy={set.busy} class="wide">
          Set the password and sign in
        </Button>
      </form>
      <p class="gate-links">
        <button type="button" class="link" onClick={() => setEmail("")}>
          Use another address
        </button>
      </p>
    </>
  );
}
