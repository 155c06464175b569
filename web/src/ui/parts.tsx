/** The small parts that every page is made of. */

import type {
  ButtonHTMLAttributes,
  ComponentChildren,
  InputHTMLAttributes,
  LooseInputHTMLAttributes,
  SelectHTMLAttributes,
} from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ApiError } from "../api/client.ts";
import { money } from "../app/format.ts";
import { hideAmounts } from "../app/preferences.ts";
import { word } from "../app/words.ts";
import { Icon, type IconName } from "./icons.tsx";

type Tone = "info" | "good" | "warn" | "bad";
const TONE_ICONS: Record<Tone, IconName> = { info: "info", good: "check", warn: "warning", bad: "error" };

/** A button; while `busy` it keeps its place and cannot be pressed again. */
export function Button({
  kind = "plain",
  busy,
  icon,
  children,
  ...rest
}: {
  kind?: "primary" | "plain" | "quiet" | "danger";
  busy?: boolean;
  icon?: IconName;
} & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      {...rest}
      class={`button ${kind} ${rest.class ?? ""}`}
      disabled={rest.disabled || busy}
      aria-busy={busy}
    >
      {busy ? <span class="spinner" /> : icon && <Icon name={icon} size={18} />}
      {children}
    </button>
  );
}

export function LinkButton({
  kind = "plain",
  icon,
  href,
  children,
}: {
  kind?: "primary" | "plain" | "quiet";
  icon?: IconName;
  href: string;
  children: ComponentChildren;
}) {
  return (
    <a class={`button ${kind}`} href={href}>
      {icon && <Icon name={icon} size={18} />}
      {children}
    </a>
  );
}

/** A labelled input with its hint and its error. */
export function Field({
  label,
  hint,
  error,
  children,
  ...input
}: {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  children?: ComponentChildren;
} & LooseInputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const described = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-row">
        <input
          id={id}
          {...(input as InputHTMLAttributes)}
          aria-invalid={error ? "true" : undefined}
          aria-describedby={described}
        />
        {children}
      </div>
      {error ? (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      ) : (
        hint && (
          <p class="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

export function PasswordField(props: Parameters<typeof Field>[0]) {
  const [shown, show] = useState(false);
  return (
    <Field {...props} type={shown ? "text" : "password"}>
      <button
        type="button"
        class="in-field"
        aria-label={shown ? "Hide password" : "Show password"}
        onClick={() => show(!shown)}
      >
        <Icon name={shown ? "eyeOff" : "eye"} />
      </button>
    </Field>
  );
}

export function Select({
  label,
  hidden,
  options,
  hint,
  ...rest
}: {
  label: string;
  hidden?: boolean;
  hint?: string;
  options: readonly (readonly [value: string, text: string])[];
} & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class={hidden ? "unseen" : ""}>
        {label}
      </label>
      <select id={id} {...rest}>
        {options.map(([value, text]) => (
          <option key={value} value={value} selected={value === rest.value}>
            {text}
          </option>
        ))}
      </select>
      {hint && <p class="hint">{hint}</p>}
    </div>
  );
}

/** Something to know, with what to do about it. */
export function Notice({
  tone = "info",
  title,
  children,
}: {
  tone?: Tone;
  title?: string;
  children?: ComponentChildren;
}) {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <Icon name={TONE_ICONS[tone]} />
      <div>
        {title && <p class="notice-title">{title}</p>}
        {children}
      </div>
    </div>
  );
}

/** What went wrong, and a way on. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const number = error instanceof ApiError && error.status >= 500 ? error.body.requestId : "";
  return (
    <Notice tone="bad" title={error.message}>
      {number && <p class="small">If it stays so, tell your operator this number: {number}</p>}
      {retry && (
        <p>
          <Button onClick={retry}>Try again</Button>
        </p>
      )}
    </Notice>
  );
}

/** Where something will be. */
export function Skeleton({ lines = 3, tall }: { lines?: number; tall?: boolean }) {
  return (
    <div class="skeleton" role="status">
      <span class="unseen">Loading</span>
      {tall && <div class="bone tall" />}
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} class="bone" />
      ))}
    </div>
  );
}

/** Nothing is here yet, and how to change that. */
export function Empty({
  icon,
  title,
  children,
}: {
  icon: IconName;
  title: string;
  children: ComponentChildren;
}) {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} size={28} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** An amount that the reader may want to keep from other eyes. */
export function Amount({
  value,
  currency,
  short,
}: {
  value: number | null;
  currency: string;
  short?: (v: number, c: string) => string;
}) {
  if (hideAmounts.value) {
    return (
      <span class="figure">
        <span aria-hidden="true">••••••</span>
        <span class="unseen">hidden</span>
      </span>
    );
  }
  return (
    <span class="figure">{short && value !== null ? short(value, currency) : money(value, currency)}</span>
  );
}

/** A direction said by a mark and a sign, and by colour as well. */
export function Delta({
  value,
  text,
  lowerIsBetter,
}: {
  value: number;
  text: string;
  lowerIsBetter?: boolean;
}) {
  const mark = value > 0 ? "▲" : value < 0 ? "▼" : "■";
  const good = lowerIsBetter ? value < 0 : value > 0;
  const tone = value === 0 ? "even" : good ? "up" : "down";
  return (
    <span class={`delta ${tone}`}>
      <span aria-hidden="true">{mark}</span> {text}
    </span>
  );
}

export type Band = "low" | "moderate" | "high";

export function BandChip({ band }: { band: Band | null }) {
  return band ? <span class={`chip ${band}`}>{word(band)} risk</span> : <span class="chip">Not scored</span>;
}

/** A section of a page. */
export function Card({
  title,
  aside,
  children,
  id,
  className = "",
}: {
  title?: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
  id?: string;
  className?: string;
}) {
  return (
    <section class={`card ${className}`} id={id} aria-label={title}>
      {title && (
        <header class="card-head">
          <h2>{title}</h2>
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}

/** Switches between a few views of the same thing. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}) {
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map(([key, text]) => (
        <button key={key} type="button" aria-pressed={key === value} onClick={() => onChange(key)}>
          {text}
        </button>
      ))}
    </div>
  );
}

/** A dialog over the page. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose} onCancel={onClose}>
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** The same data as the picture above it, for who would rather read. */
export function DataTable(table: Parameters<typeof Table>[0]) {
  return (
    <details class="data-table">
      <summary>Show as table</summary>
      <Table {...table} />
    </details>
  );
}

/** Names with their figures; where it is wider than the screen, it scrolls by itself. */
export function Table({
  caption,
  head,
  rows,
}: {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly ComponentChildren[])[];
}) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {head.map((text, column) => (
              <th key={text} scope="col" class={column ? "end" : ""}>
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              {cells.map((cell, column) =>
                column === 0 ? (
                  <th key={column} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={column} class="end figure">
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
