import { useState } from "preact/hooks";
import { encode } from "uqr";
import { call } from "../../api/client.ts";
import type { MfaSecret } from "../../api/schema.ts";
import { user } from "../../api/session.ts";
import { Button, Card, Dialog, Failure, Field, PasswordField } from "../../ui/parts.tsx";
import { say } from "../../ui/toast.tsx";

/** Whether signing in takes a code of an authenticator app. */
export function SecondFactor() {
  const [asking, ask] = useState<"on" | "off" | null>(null);
  const on = user.value?.mfaEnabled ?? false;
  const settled = (mfaEnabled: boolean, message: string) => {
    if (user.value) user.value = { ...user.value, mfaEnabled };
    ask(null);
    say(message);
  };
  return (
    <Card title="Two-step sign-in" aside={<span class={`chip ${on ? "low" : ""}`}>{on ? "On" : "Off"}</span>}>
      <p class="quiet-text small">
        {on
          ? "Signing in takes your password and a code of your authenticator app."
          : "With a code of an authenticator app, your password alone opens nothing."}
      </p>
      <div class="actions after-text">
        <Button icon="shield" onClick={() => ask(on ? "off" : "on")}>
          {on ? "Turn it off" : "Turn it on"}
        </Button>
      </div>
      {asking === "on" && <TurnOn onClose={() => ask(null)} onDone={(message) => settled(true, message)} />}
      {asking === "off" && (
        <TurnOff onClose={() => ask(null)} onDone={(message) => settled(false, message)} />
      )}
    </Card>
  );
}

function TurnOn({ onClose, onDone }: { onClose: () => void; onDone: (message: string) => void }) {
  const [secret, setSecret] = useState<MfaSecret>();
  const { busy, error, run } = useWork();
  return (
    <Dialog title="Turn on two-step sign-in" onClose={onClose}>
      {secret ? (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            const code = String(new FormData(event.currentTarget).get("code")).trim();
            run(async () => onDone((await call("POST /v1/auth/mfa/enable", { body: { code } })).message));
          }}
        >
          <p>Scan this with your authenticator app, then enter the code it shows.</p>
          <Code text={secret.otpauthUri} />
          <p class="small">
            Or type this key: <code class="secret">{secret.secret.replace(/(.{4})/g, "$1 ").trim()}</code>
          </p>
          <Field
            label="Six-digit code"
            name="code"
            inputMode="numeric"
            autocomplete="one-time-code"
            pattern="\s*[0-9]{6}\s*"
            title="Six digits"
            required
            autofocus
          />
          {error && <Failure error={error} />}
          <div class="actions">
            <Button kind="primary" type="submit" busy={busy}>
              Turn it on
            </Button>
            <Button onClick={onClose}>Cancel</Button>
          </div>
        </form>
      ) : (
        <div class="stack">
          <p>You need an authenticator app on your phone, such as the one of your password manager.</p>
          {error && <Failure error={error} />}
          <div class="actions">
            <Button
              kind="primary"
              busy={busy}
              onClick={() => run(async () => setSecret(await call("POST /v1/auth/mfa/setup", {})))}
            >
              Show the code to scan
            </Button>
            <Button onClick={onClose}>Cancel</Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function TurnOff({ onClose, onDone }: { onClose: () => void; onDone: (message: string) => void }) {
  const { busy, error, run } = useWork();
  return (
    <Dialog title="Turn off two-step sign-in" onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          const password = String(new FormData(event.currentTarget).get("password"));
          run(async () => onDone((await call("POST /v1/auth/mfa/disable", { body: { password } })).message));
        }}
      >
        <PasswordField label="Your password" name="password" autocomplete="current-password" required />
        {error && <Failure error={error} />}
        <div class="actions">
          <Button kind="danger" type="submit" busy={busy}>
            Turn it off
          </Button>
          <Button onClick={onClose}>Keep it on</Button>
        </div>
      </form>
    </Dialog>
  );
}

function useWork() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (reason) {
      setError(reason as Error);
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
}

/** Text as a QR code: dark on white in any colours, since cameras expect it. */
function Code({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 2 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label="QR code for your authenticator app"
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
