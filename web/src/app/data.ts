/** Data of the API for components: loaded once, shown at once when a page is visited again, renewed behind it. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

interface Entry {
  data: unknown;
  at: number;
}

const entries = new Map<string, Entry>();
const FRESH_MS = 5_000;
const MOST = 100;

export interface Loaded<T> {
  data: T | undefined;
  error: Error | undefined;
  /** Load it anew. */
  reload: () => void;
  /** Put what is known already in its place, such as the answer to a change. */
  replace: (data: T) => void;
}

/** Data under a key; null as key loads nothing. */
export function useData<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [, redraw] = useState(0);
  const [error, setError] = useState<Error>();
  const [round, setRound] = useState(0);
  const loader = useRef(load);
  loader.current = load;

  useEffect(() => {
    if (key === null) return;
    const known = entries.get(key);
    if (known && round === 0 && Date.now() - known.at < FRESH_MS) return;
    const stop = new AbortController();
    loader
      .current(stop.signal)
      .then((data) => {
        remember(key, data);
        setError(undefined);
        redraw((drawn) => drawn + 1);
      })
      .catch((reason) => {
        if (!stop.signal.aborted) setError(reason);
      });
    return () => stop.abort();
  }, [key, round]);

  useEffect(() => setError(undefined), [key]);

  return {
    data: key === null ? undefined : (entries.get(key)?.data as T | undefined),
    error,
    reload: useCallback(() => setRound((count) => count + 1), []),
    replace: useCallback(
      (data: T) => {
        if (key !== null) remember(key, data);
        redraw((drawn) => drawn + 1);
      },
      [key],
    ),
  };
}

/** Forget what is known under keys that begin so; everything without a beginning. */
export function forget(beginning = ""): void {
  for (const key of entries.keys()) if (key.startsWith(beginning)) entries.delete(key);
}

function remember(key: string, data: unknown): void {
  entries.delete(key);
  entries.set(key, { data, at: Date.now() });
  const oldest = entries.keys().next().value;
  if (entries.size > MOST && oldest !== undefined) entries.delete(oldest);
}
