/** Line icons, 24 units wide; decoration beside words, or named by their button. */

const PATHS = {
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  eyeOff:
    "M4 4l16 16M9.9 5.8A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-3 3.7M6.2 7.6A15.6 15.6 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4-.9M9.9 9.9a3 3 0 0 0 4.2 4.2",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5v2M12 19.5v2M4.2 4.2l1.5 1.5M18.3 18.3l1.5 1.5M2.5 12h2M19.5 12h2M4.2 19.8l1.5-1.5M18.3 5.7l1.5-1.5",
  moon: "M20.5 14.5A8.5 8.5 0 1 1 9.5 3.5a7 7 0 0 0 11 11Z",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.8-3.5 3.8-5.5 7.5-5.5s6.7 2 7.5 5.5",
  folder: "M12 3.5a8.5 8.5 0 1 0 8.5 8.5H12V3.5ZM15.5 3.8a8.5 8.5 0 0 1 4.7 4.7h-4.7V3.8Z",
  compare: "M7 20V10M12 20V4M17 20v-7",
  market: "M3.5 17 9 11.5l3.5 3.5 8-8M15.5 7h5v5",
  upload: "M12 15.5V4.5M7.5 8.5 12 4l4.5 4.5M4.5 15.5v3a1.5 1.5 0 0 0 1.5 1.5h12a1.5 1.5 0 0 0 1.5-1.5v-3",
  file: "M13.5 3.5H7A1.5 1.5 0 0 0 5.5 5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5l-5-5ZM13.5 3.5v5h5",
  check: "M5 12.5 10 17.5 19.5 7",
  warning: "M12 4 2.8 19.5h18.4L12 4ZM12 10v4M12 16.8v.2",
  error: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7.5v5.5M12 16v.2",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5.5M12 7.8V8",
  close: "M6 6l12 12M18 6 6 18",
  plus: "M12 5v14M5 12h14",
  edit: "M4 20h4L19 9l-4-4L4 16v4ZM13 7l4 4",
  trash: "M4.5 6.5h15M9.5 6.5v-2h5v2M6.5 6.5l1 13.5h9l1-13.5M10 10.5v6M14 10.5v6",
  share: "M12 14.5V3.5M8 7l4-3.5L16 7M5.5 11.5v8h13v-8",
  print: "M7 9V3.5h10V9M7 17.5H4.5V9h15v8.5H17M7 14h10v6.5H7V14Z",
  balance: "M12 4v16M7 20h10M4.5 7.5h15M4.5 7.5 2 14h5L4.5 7.5ZM19.5 7.5 17 14h5l-2.5-6.5Z",
  undo: "M8.5 5 4 9.5 8.5 14M4 9.5h10a5.5 5.5 0 0 1 0 11h-3",
  arrow: "M5 12h14M13 6l6 6-6 6",
  back: "M19 12H5M11 6l-6 6 6 6",
  ops: "M3.5 12h4l2.5-7 4 14 2.5-7h4",
  download: "M12 4.5v11M7.5 11.5 12 16l4.5-4.5M4.5 19.5h15",
  shield: "M12 3.5 5 6v5.5c0 4.5 3 7.5 7 9 4-1.5 7-4.5 7-9V6l-7-2.5Z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the product: a lens that is a share of a circle. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect class="mark-ground" width="32" height="32" rx="8" />
      <circle
        class="mark-lens"
        cx="14"
        cy="14"
        r="7"
        stroke-dasharray="33 11"
        transform="rotate(-60 14 14)"
      />
      <path class="mark-lens" d="M19.5 19.5 25 25" stroke-linecap="round" />
    </svg>
  );
}
