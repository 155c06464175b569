/** How the app looks for its user: kept in this browser, and with the account where there is one. */

import { effect, signal } from "@preact/signals";
import { call } from "../api/client.ts";
import type { Preferences } from "../api/schema.ts";
import { user } from "../api/session.ts";

type Theme = Preferences["theme"];

const KEY = "foliolens.preferences";

interface Kept {
  theme: Theme;
  hideAmounts: boolean;
}

function kept(): Kept {
  const fallback: Kept = { theme: "system", hideAmounts: false };
  try {
    return { ...fallback, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return fallback;
  }
}

export const theme = signal<Theme>(kept().theme);
export const hideAmounts = signal(kept().hideAmounts);
export const defaultRange = signal<Preferences["defaultRange"]>("1Y");

/** Apply preferences now and whenever they change, and take over those of the account. */
export function startPreferences(): void {
  effect(() => {
    const root = document.documentElement;
    if (theme.value === "system") root.removeAttribute("data-theme");
    else root.dataset.theme = theme.value;
    localStorage.setItem(KEY, JSON.stringify({ theme: theme.value, hideAmounts: hideAmounts.value }));
  });
  effect(() => {
    if (user.value) void load();
  });
}

async function load(): Promise<void> {
  try {
    const stored = await call("GET /v1/user/preferences", {});
    theme.value = stored.theme;
    hideAmounts.value = stored.hideAmounts;
    defaultRange.value = stored.defaultRange;
  } catch {
    // Those of this browser stay.
  }
}

/** Change how the app looks, at once; the account learns of it when it can. */
export function prefer(change: Partial<Kept>): void {
  if (change.theme !== undefined) theme.value = change.theme;
  if (change.hideAmounts !== undefined) hideAmounts.value = change.hideAmounts;
  if (user.value) void call("PUT /v1/user/preferences", { body: change }).catch(() => undefined);
}
