import { useState } from "preact/hooks";
import { call, send } from "../../api/client.ts";
import { sessionEnded } from "../../api/session.ts";
import { forget } from "../../app/data.ts";
import { navigate } from "../../app/router.ts";
import { Button, Dialog, Failure, PasswordField } from "../../ui/parts.tsx";
import { saveAs } from "../../ui/save.ts";
import { say } from "../../ui/toast.tsx";

/** Everything we hold, as a file. */
export function Export() {
  const [busy, setBusy] = useState(false);
  const fetchAll = async () => {
    setBusy(true);
    try {
      const response = await send("GET /v1/user/export", {});
      saveAs(await response.blob(), "foliolens-export.json");
    } catch (error) {
      say((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div>
      <p class="quiet-text small">A file with everything FolioLens holds about you.</p>
      <div class="actions after-text">
        <Button icon="download" busy={busy} onClick={fetchAll}>
          Export my data
        </Button>
      </div>
    </div>
  );
}

/** The end of an account: asked twice, with the password. */
export function DeleteAccount() {
  const [asking, ask] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const remove = async (event: SubmitEvent) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget as HTMLFormElement).get("password"));
    setBusy(true);
    setError(undefined);
    try {
      const gone = await call("DELETE /v1/user", { body: { password } });
      forget();
      sessionEnded(true);
      navigate("/sign-in");
      say(gone.message);
    } catch (reason) {
      setError(reason as Error);
      setBusy(false);
    }
  };
  return (
    <div>
      <p class="quiet-text small">
        Deleting the account removes its portfolios, uploads and links at once and for good.
      </p>
      <div class="actions after-text">
        <Button kind="danger" icon="trash" onClick={() => ask(true)}>
          Delete my account
        </Button>
      </div>
      {asking && (
        <Dialog title="Delete your account?" onClose={() => ask(false)}>
          <form class="form" onSubmit={remove}>
            <p>Everything in it will be gone. Nobody can bring it back, not even the operator.</p>
            <PasswordField label="Your password" name="password" autocomplete="current-password" required />
            {error && <Failure error={error} />}
            <div class="actions">
              <Button kind="danger" type="submit" busy={busy}>
                Delete everything
              </Button>
              <Button onClick={() => ask(false)}>Keep it</Button>
            </div>
          </form>
        </Dialog>
      )}
    </div>
  );
}
