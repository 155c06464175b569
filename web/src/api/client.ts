/** The one place from which the API is called: addresses, tokens, refresh, errors, retries. */

import type { ErrorBody, Operations } from "./schema.ts";
import { accessToken, refresh, sessionEnded } from "./session.ts";

type Key = keyof Operations;
export type Answer<K extends Key> = Operations[K]["answer"];

/** What a call takes: exactly what the operation of the API takes, and how to make it. */
type Parts<K extends Key> = {
  [P in "path" | "query" | "body" as undefined extends Operations[K][P] ? never : P]: Operations[K][P];
} & { [P in "path" | "query" | "body"]?: Operations[K][P] };

interface Manner {
  /** Repeating it is safe: it is sent with a key of its own, which stays the same when it is tried again. */
  once?: boolean;
  signal?: AbortSignal;
}

/** The API refused; `message` is written for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
    readonly retryAfter: number | null,
  ) {
    super(body.message);
  }

  get code(): string {
    return this.body.error;
  }

  /** What is wrong with single fields: the field's name, and a sentence. */
  get problems(): { field: string; code: string; message: string }[] {
    return Array.isArray(this.body.details) ? this.body.details : [];
  }
}

/** No answer came: no network, or no server. */
export class NoAnswer extends Error {
  constructor() {
    super("FolioLens cannot be reached. Check your connection and try again.");
  }
}

const TRIES = 3;
const LONGEST_WAIT_SECONDS = 5;

/** Call an operation of the API, and give its answer. */
export async function call<K extends Key>(key: K, parts: Parts<K> & Manner): Promise<Answer<K>> {
  const response = await send(key, parts);
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return (isJson ? await response.json() : await response.text()) as Answer<K>;
}

/** The same, for who wants the bytes as they came. */
export async function send<K extends Key>(key: K, parts: Parts<K> & Manner): Promise<Response> {
  const [method, template] = key.split(" ") as [string, string];
  const address = fill(template, parts.path, parts.query);
  const headers = new Headers({ Accept: "application/json" });
  if (parts.body !== undefined) headers.set("Content-Type", "application/json");
  if (parts.once) headers.set("Idempotency-Key", crypto.randomUUID());
  if (template.startsWith("/v1/auth/session")) headers.set("X-Requested-With", "FolioLens");
  const request = {
    method,
    headers,
    body: parts.body === undefined ? undefined : encode(parts.body),
    signal: parts.signal,
  };
  return authorised(address, request, method === "GET" || parts.once === true);
}

/** Numbers that must be sent as they were written, since the browser's own would round them. */
export function encode(body: unknown): string {
  return JSON.stringify(body);
}

async function authorised(address: string, request: RequestInit & { headers: Headers }, safe: boolean) {
  const needsNoToken = /^\/v1\/(auth\/(?!logout|mfa\/(setup|enable|disable))|health|shared\/)/.test(address);
  const token = needsNoToken ? null : await accessToken();
  if (token) request.headers.set("Authorization", `Bearer ${token}`);
  try {
    return await repeated(address, request, safe);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401 && token)) throw error;
    // The clock here and there may differ: one more try with a new token.
    const renewed = error.code === "TOKEN_EXPIRED" ? await refresh() : null;
    if (!renewed) {
      sessionEnded();
      throw error;
    }
    request.headers.set("Authorization", `Bearer ${renewed}`);
    return repeated(address, request, safe);
  }
}

/** Send a request, again where that is safe and may help. */
async function repeated(address: string, request: RequestInit, safe: boolean): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sent(address, request);
    } catch (error) {
      const passing =
        error instanceof NoAnswer || (error instanceof ApiError && [429, 502, 503].includes(error.status));
      const wait = error instanceof ApiError && error.retryAfter ? error.retryAfter : 0.3 * 2 ** attempt;
      if (!passing || !safe || attempt === TRIES || wait > LONGEST_WAIT_SECONDS) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait * 1000));
    }
  }
}

/** Send a request once. */
export async function sent(address: string, request: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new NoAnswer();
  }
  if (response.ok) return response;
  const retryAfter = Number(response.headers.get("retry-after")) || null;
  throw new ApiError(response.status, await errorBody(response), retryAfter);
}

async function errorBody(response: Response): Promise<ErrorBody> {
  try {
    return (await response.json()) as ErrorBody;
  } catch {
    // A proxy answered in our place.
    const message = "FolioLens does not answer properly at the moment. Try again in a minute.";
    return { error: "NO_CONTRACT", message, requestId: "" };
  }
}

function fill(template: string, path: object | undefined, query: object | undefined): string {
  const values: Record<string, unknown> = { ...path };
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(values[name])),
  );
  const stated = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(stated.map(([name, value]) => [name, String(value)]));
  return stated.length ? `${filled}?${search}` : filled;
}
