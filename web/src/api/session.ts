/**
 * Who is signed in. The access token lives in this module's memory alone; the refresh token is in a cookie
 * that no script can read.
 */

import { signal } from "@preact/signals";
import { ApiError, sent } from "./client.ts";
import type { AccountUser, MfaRequired, WebSession } from "./schema.ts";

/** The user; null while nobody is signed in, undefined until that is known. */
export const user = signal<AccountUser | null | undefined>(undefined);

/** Set when a session ended by itself, so that the sign-in page can say so. */
export const expired = signal(false);

/** Says, across reloads and without being a secret, that asking for a new token makes sense. */
const HINT = "foliolens.session";
const EARLY_MS = 30_000;

let token: { value: string; until: number } | null = null;
let refreshing: Promise<string | null> | null = null;

/** Find out whether this browser has a session. */
export async function restore(): Promise<void> {
  if (localStorage.getItem(HINT)) await refresh();
  if (user.value === undefined) user.value = null;
}

/** A token that is good for a while; null while nobody is signed in. */
export async function accessToken(): Promise<string | null> {
  if (token && Date.now() < token.until - EARLY_MS) return token.value;
  return token || localStorage.getItem(HINT) ? refresh() : null;
}

/** Exchange the cookie for a new token; null where the session is over. */
export function refresh(): Promise<string | null> {
  refreshing ??= locked(exchange).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** Sign in; gives the challenge where a code is wanted. */
export async function signIn(email: string, password: string): Promise<MfaRequired | null> {
  const answer = await post<WebSession | MfaRequired>("/v1/auth/session", { email, password });
  if ("challenge" in answer) return answer;
  begin(answer);
  return null;
}

/** Finish signing in with the code of the authenticator app. */
export async function answerChallenge(session: string, code: string): Promise<void> {
  begin(await post<WebSession>("/v1/auth/session/mfa", { session, code }));
}

/** Forget the session here; the caller has ended it, or found it ended. */
export function sessionEnded(on_purpose = false): void {
  const was = user.value;
  token = null;
  localStorage.removeItem(HINT);
  user.value = null;
  expired.value = Boolean(was) && !on_purpose;
}

async function exchange(): Promise<string | null> {
  try {
    begin(await post<WebSession>("/v1/auth/session/refresh", undefined));
    return token?.value ?? null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      sessionEnded();
      return null;
    }
    throw error;
  }
}

function begin(session: WebSession): void {
  token = { value: session.accessToken, until: Date.now() + session.expiresIn * 1000 };
  localStorage.setItem(HINT, "1");
  expired.value = false;
  user.value = session.user;
}

/** One tab at a time: a refresh token is good once, and tabs share it. */
function locked<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request("foliolens-refresh", work) : work();
}

async function post<T>(address: string, body: unknown): Promise<T> {
  const response = await sent(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Requested-With": "FolioLens" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return (await response.json()) as T;
}
