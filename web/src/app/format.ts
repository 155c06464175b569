/** Numbers, dates and words as people read them, in the browser's language. */

const LOCALE = typeof navigator === "undefined" ? "en" : navigator.language;

const cached = new Map<string, Intl.NumberFormat>();

function formatter(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let made = cached.get(key);
  if (!made) {
    made = new Intl.NumberFormat(LOCALE, options);
    cached.set(key, made);
  }
  return made;
}

export const DASH = "–";

/** An amount with its currency. */
export function money(amount: number | null | undefined, currency: string): string {
  if (amount === null || amount === undefined) return DASH;
  return formatter({ style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(amount);
}

/** An amount in little room: 1.2M in place of 1,234,567.00. */
export function shortMoney(amount: number, currency: string): string {
  if (Math.abs(amount) < 100_000) {
    return formatter({
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      maximumFractionDigits: 0,
    }).format(amount);
  }
  return formatter({
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    notation: "compact",
    maximumFractionDigits: 1,
  }).format(amount);
}

/** A number with as many decimals as it has, at most `decimals`. */
export function number(value: number | null | undefined, decimals = 2, least = 0): string {
  if (value === null || value === undefined) return DASH;
  return formatter({ maximumFractionDigits: decimals, minimumFractionDigits: least }).format(value);
}

/** A fraction as a percentage. */
export function percent(fraction: number | null | undefined, decimals = 1): string {
  if (fraction === null || fraction === undefined) return DASH;
  return formatter({
    style: "percent",
    maximumFractionDigits: decimals,
    minimumFractionDigits: decimals,
  }).format(fraction);
}

/** A change, with its sign: it must be readable without its colour. */
export function signedPercent(fraction: number, decimals = 1): string {
  return formatter({
    style: "percent",
    signDisplay: "exceptZero",
    maximumFractionDigits: decimals,
    minimumFractionDigits: decimals,
  }).format(fraction);
}

/** A change of a number, with its sign. */
export function signed(value: number, decimals = 2): string {
  return formatter({ signDisplay: "exceptZero", maximumFractionDigits: decimals }).format(value);
}

/** A count with its noun. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${formatter({}).format(amount)} ${amount === 1 ? one : many}`;
}

/** A day without a time, such as a price's: the same everywhere. */
export function day(date: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeZone: "UTC" }).format(
    new Date(`${date.slice(0, 10)}T00:00:00Z`),
  );
}

/** A point in time, in the reader's time zone. */
export function moment(time: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** How long ago, roughly. */
export function ago(time: string, now = Date.now()): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return "just now";
}

/** A file's size. */
export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  return size < 1_000_000 ? `${number(size / 1000, 1)} kB` : `${number(size / 1_000_000, 1)} MB`;
}
