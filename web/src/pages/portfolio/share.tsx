import { useState } from "preact/hooks";
import { call } from "../../api/client.ts";
import type { CreatedShare, PortfolioView, ShareView } from "../../api/schema.ts";
import { useData } from "../../app/data.ts";
import { count, moment } from "../../app/format.ts";
import { Button, Dialog, Failure, Notice, Select, Skeleton } from "../../ui/parts.tsx";
import { say } from "../../ui/toast.tsx";

const LIFETIMES = [
  ["1d", "One day"],
  ["7d", "One week"],
  ["30d", "One month"],
] as const;

/** Links to a portfolio for people without an account: made, listed, taken back. */
export function Share({ portfolio, onClose }: { portfolio: PortfolioView; onClose: () => void }) {
  const path = { portfolioId: portfolio.id };
  const links = useData(`shares/${portfolio.id}`, (signal) =>
    call("GET /v1/portfolios/{portfolioId}/shares", { path, signal }),
  );
  const [made, setMade] = useState<CreatedShare>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const create = async (event: SubmitEvent) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setError(undefined);
    try {
      const body = {
        expiresIn: String(values.get("expiresIn")),
        permissions: values.get("analyze")
          ? (["view", "analyze"] as const).slice()
          : (["view"] as const).slice(),
        showAmounts: values.get("showAmounts") === "on",
      };
      setMade(await call("POST /v1/portfolios/{portfolioId}/share", { path, body, once: true }));
      links.reload();
    } catch (reason) {
      setError(reason as Error);
    } finally {
      setBusy(false);
    }
  };
  const revoke = async (shareId: string) => {
    try {
      await call("DELETE /v1/portfolios/{portfolioId}/shares/{shareId}", { path: { ...path, shareId } });
      if (made?.shareId === shareId) setMade(undefined);
      links.reload();
      say("The link opens nothing any more.");
    } catch (reason) {
      setError(reason as Error);
    }
  };
  return (
    <Dialog title={`Share ${portfolio.name}`} onClose={onClose}>
      <div class="stack">
        {made ? (
          <Made share={made} />
        ) : (
          <form class="form" onSubmit={create}>
            <p>
              Whoever has the link can look at the portfolio, without an account and without changing
              anything.
            </p>
            <Select label="The link works for" name="expiresIn" value="7d" options={LIFETIMES} />
            <label class="check">
              <input type="checkbox" name="analyze" defaultChecked />
              <span>Show the risk report too</span>
            </label>
            <label class="check">
              <input type="checkbox" name="showAmounts" />
              <span>
                Show amounts<span class="hint"> Otherwise percentages only.</span>
              </span>
            </label>
            <div class="actions">
              <Button kind="primary" icon="share" type="submit" busy={busy}>
                Make a link
              </Button>
            </div>
          </form>
        )}
        {error && <Failure error={error} />}
        <h3>Working links</h3>
        {links.data ? (
          <Links shares={links.data.shares} onRevoke={revoke} />
        ) : links.error ? (
          <Failure error={links.error} retry={links.reload} />
        ) : (
          <Skeleton lines={2} />
        )}
      </div>
    </Dialog>
  );
}

function Made({ share }: { share: CreatedShare }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(share.shareUrl);
      say("Copied.");
    } catch {
      say("Your browser does not let us copy: select the link and copy it.");
    }
  };
  return (
    <Notice tone="good" title="Your link is ready. It is shown this once.">
      <input
        class="share-url"
        readOnly
        aria-label="Link"
        value={share.shareUrl}
        onFocus={(event) => event.currentTarget.select()}
      />
      <div class="actions after-text">
        <Button kind="primary" onClick={copy}>
          Copy the link
        </Button>
      </div>
    </Notice>
  );
}

function Links({ shares, onRevoke }: { shares: ShareView[]; onRevoke: (shareId: string) => void }) {
  if (!shares.length) return <p class="quiet-text small">There are none.</p>;
  return (
    <ul class="links">
      {shares.map(({ shareId, createdAt, expiresAt, showAmounts, permissions, viewCount }) => (
        <li key={shareId}>
          <span>
            Made {moment(createdAt)}
            <span class="hint">
              {" "}
              {showAmounts ? "With amounts" : "Percentages only"}
              {permissions.includes("analyze") && ", with the report"} · {count(viewCount, "view")} · until{" "}
              {moment(expiresAt)}
            </span>
          </span>
          <Button
            kind="danger"
            aria-label={`Take back the link made ${moment(createdAt)}`}
            onClick={() => onRevoke(shareId)}
          >
            Take back
          </Button>
        </li>
      ))}
    </ul>
  );
}
