/** Short messages at the edge of the screen, some with a way back. */

import { signal } from "@preact/signals";
import { Icon } from "./icons.tsx";

interface Toast {
  id: number;
  text: string;
  undo?: (() => void) | undefined;
}

const toasts = signal<Toast[]>([]);
const SECONDS = 6;
const SECONDS_TO_UNDO = 12;
let last = 0;

/** Say something; with `undo`, offer to take it back. */
export function say(text: string, undo?: () => void): void {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-2), { id, text, undo }];
  setTimeout(() => dismiss(id), (undo ? SECONDS_TO_UNDO : SECONDS) * 1000);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, undo }) => (
        <div key={id} class="toast">
          <span>{text}</span>
          {undo && (
            <button
              type="button"
              onClick={() => {
                dismiss(id);
                undo();
              }}
            >
              Undo
            </button>
          )}
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" size={16} />
          </button>
        </div>
      ))}
    </div>
  );
}
