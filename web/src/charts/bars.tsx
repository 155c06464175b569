import { percent } from "../app/format.ts";
import { word } from "../app/words.ts";

/** Shares as bars; each says its number, so no table is needed beside them. */
export function Bars({ shares }: { shares: readonly { key: string; share: number }[] }) {
  return (
    <ul class="bars">
      {shares.map(({ key, share }) => (
        <li key={key}>
          <span>{word(key)}</span>
          <span class="figure">{percent(share)}</span>
          <span class="track" aria-hidden="true">
            <svg>
              <rect
                class={`bar-fill ${key === "unknown" ? "unknown" : ""}`}
                width={`${share * 100}%`}
                height="100%"
                rx="4"
              />
            </svg>
          </span>
        </li>
      ))}
    </ul>
  );
}
