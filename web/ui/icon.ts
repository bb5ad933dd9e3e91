import { html, type Markup } from "./html.ts";

/** Drawn for this dashboard on a 20 by 20 grid, one line width, no fill. */
const SHAPES = {
  home: ["M3.5 9 10 3.5 16.5 9", "M5.2 7.9v8.1h9.6V7.9"],
  plug: ["M7.2 3v4.2M12.8 3v4.2", "M5 7.2h10v2.6a5 5 0 0 1-10 0z", "M10 14.8V17"],
  stack: ["M3.5 6.6 10 3.4l6.5 3.2L10 9.8z", "m3.5 10.2 6.5 3.2 6.5-3.2", "m3.5 13.6 6.5 3.2 6.5-3.2"],
  route: [
    "M5.6 15.2h5.2a2.6 2.6 0 0 0 0-5.2H9.2a2.6 2.6 0 0 1 0-5.2h5.2",
    "M4 13.6a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2zM16 3.2a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2z",
  ],
  list: ["M3.5 5.2h13M3.5 10h13M3.5 14.8h8"],
  pulse: ["M2.8 10.6h3.4l2-6 3.6 11 2-5h3.4"],
  sliders: [
    "M4 6h6.2M14.2 6H16M4 14h1.8M9.8 14H16",
    "M12.2 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM7.8 12a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  ],
  chart: ["M3.5 16.5h13", "M6 13.6V9.4M10 13.6V4.6M14 13.6V7.4"],
  coins: [
    "M8 4.2c2.8 0 4.6.9 4.6 2.1S10.8 8.4 8 8.4 3.4 7.5 3.4 6.3 5.2 4.2 8 4.2z",
    "M3.4 6.3v6.9c0 1.2 1.8 2.1 4.6 2.1s4.6-.9 4.6-2.1V6.3",
    "M3.4 9.8c0 1.2 1.8 2.1 4.6 2.1s4.6-.9 4.6-2.1",
    "M15.2 7.6c.9.3 1.4.8 1.4 1.4v5.6c0 .8-1 1.5-2.5 1.8",
  ],
  terminal: ["M3 4.2h14v11.6H3z", "m6 8 2.4 2.2L6 12.4M10.6 12.6h3.6"],
  globe: [
    "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14z",
    "M3.2 10h13.6M10 3c2 1.9 3 4.2 3 7s-1 5.1-3 7c-2-1.9-3-4.2-3-7s1-5.1 3-7z",
  ],
  sun: [
    "M10 6.8a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4z",
    "M10 2.4v1.8M10 15.8v1.8M2.4 10h1.8M15.8 10h1.8M4.6 4.6l1.3 1.3M14.1 14.1l1.3 1.3M15.4 4.6l-1.3 1.3M5.9 14.1l-1.3 1.3",
  ],
  moon: ["M15.9 12.2A6.6 6.6 0 0 1 7.8 4.1a6.6 6.6 0 1 0 8.1 8.1z"],
  screen: ["M3 4.4h14v8.8H3z", "M7.6 16.4h4.8M10 13.2v3.2"],
  copy: ["M7.4 7.4h8.8v8.8H7.4z", "M12.6 7.4V3.8H3.8v8.8h3.6"],
  check: ["m4 10.6 3.9 3.9L16 6.4"],
  cross: ["m5.4 5.4 9.2 9.2M14.6 5.4l-9.2 9.2"],
  plus: ["M10 4.2v11.6M4.2 10h11.6"],
  trash: ["M3.8 5.8h12.4M8 5.8V3.8h4v2M5.4 5.8l.8 10.6h7.6l.8-10.6M8.4 8.8v4.8M11.6 8.8v4.8"],
  pencil: ["m4 16 .8-3.4L13.2 4.2l2.6 2.6-8.4 8.4z", "m11.4 6 2.6 2.6"],
  up: ["M10 15.6V4.8M5.4 9.2 10 4.6l4.6 4.6"],
  down: ["M10 4.4v10.8M14.6 10.8 10 15.4l-4.6-4.6"],
  left: ["M15.6 10H4.8M9.2 14.6 4.6 10l4.6-4.6"],
  right: ["M4.4 10h10.8M10.8 5.4l4.6 4.6-4.6 4.6"],
  chevron: ["m6.2 8.2 3.8 3.8 3.8-3.8"],
  grip: ["M7.4 5.2h.01M7.4 10h.01M7.4 14.8h.01M12.6 5.2h.01M12.6 10h.01M12.6 14.8h.01"],
  outside: ["M11.2 3.8h5v5M16 4l-7.2 7.2M13.6 11.2v5H3.8V6.4h5"],
  key: [
    "M13 3.6a3.6 3.6 0 1 0 0 7.2 3.6 3.6 0 0 0 0-7.2z",
    "m10.4 9.8-6.6 6.6M5.6 14.6l1.8 1.8M8 12.2l1.8 1.8",
  ],
  warning: ["M10 3.8 17.2 16H2.8z", "M10 8.4v3.6M10 14v.01"],
  info: ["M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14z", "M10 9.2v4.2M10 6.6v.01"],
  lock: ["M5 9h10v7.4H5z", "M7 9V6.6a3 3 0 0 1 6 0V9"],
  play: ["M6.4 4.4v11.2l8.8-5.6z"],
  refresh: [
    "M15.8 8.6A6 6 0 0 0 4.7 7.4M4.2 11.4a6 6 0 0 0 11.1 1.2",
    "M4.4 3.8v3.8h3.8M15.6 16.2v-3.8h-3.8",
  ],
  logout: ["M8.2 3.8H4.2v12.4h4M8.4 10h8M13.4 6.8l3.2 3.2-3.2 3.2"],
  menu: ["M3.4 5.6h13.2M3.4 10h13.2M3.4 14.4h13.2"],
  search: ["M9 3.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 9 3.6z", "m12.9 12.9 3.5 3.5"],
  shield: ["M10 3.2 4.2 5.4v4.2c0 3.4 2.4 6 5.8 7.2 3.4-1.2 5.8-3.8 5.8-7.2V5.4z"],
  disk: [
    "M3.8 6.2C3.8 4.8 6.6 3.8 10 3.8s6.2 1 6.2 2.4S13.4 8.6 10 8.6 3.8 7.6 3.8 6.2z",
    "M3.8 6.2v7.6c0 1.4 2.8 2.4 6.2 2.4s6.2-1 6.2-2.4V6.2M3.8 10c0 1.4 2.8 2.4 6.2 2.4s6.2-1 6.2-2.4",
  ],
  bolt: ["M11 3 4.8 11.4h4.6L9 17l6.2-8.4h-4.6z"],
  clock: ["M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14z", "M10 6.2V10l2.6 1.8"],
  download: ["M10 3.6v9M6.2 9 10 12.8 13.8 9", "M4 16.2h12"],
  gauge: [
    "M3.6 14.6a7 7 0 1 1 12.8 0",
    "m10 11.4 3.2-3.6",
    "M10 10.4a1.2 1.2 0 1 0 0 2.4 1.2 1.2 0 0 0 0-2.4z",
  ],
  keyboard: ["M2.8 5.4h14.4v9.2H2.8z", "M5.6 8.4h.01M8.6 8.4h.01M11.6 8.4h.01M14.4 8.4h.01M6.8 11.8h6.4"],
  user: [
    "M10 3.4a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4z",
    "M3.8 16.4c.6-2.9 3-4.4 6.2-4.4s5.6 1.5 6.2 4.4",
  ],
  bell: ["M5.4 13.4V9a4.6 4.6 0 0 1 9.2 0v4.4l1.4 1.4H4z", "M8.4 16.6a1.8 1.8 0 0 0 3.2 0"],
  chat: ["M3.4 4.4h13.2v9H9.2l-3.6 3v-3H3.4z", "M6.6 7.6h6.8M6.6 10.2h4.2"],
  send: ["m3.6 10 12.8-6-4 12.4-3-4.8z", "m9.4 11.6 3.4-4"],
  translate: ["M3.6 7h11.2M11.8 3.8 15 7l-3.2 3.2", "M16.4 13H5.2M8.2 9.8 5 13l3.2 3.2"],
  stop: ["M5.6 5.6h8.8v8.8H5.6z"],
  code: ["m7 6.2-4 3.8 4 3.8M13 6.2l4 3.8-4 3.8"],
} as const satisfies { [name: string]: readonly string[] };

export type IconName = keyof typeof SHAPES;

/** A small picture beside words; it says nothing by itself, so readers of the screen pass over it. */
export function Icon(name: IconName, className = "size-5"): Markup {
  return html`<svg
    class=${`shrink-0 ${className}`}
    viewBox="0 0 20 20"
    fill="none"
    stroke="currentColor"
    stroke-width=${name === "grip" ? "2.2" : "1.5"}
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${SHAPES[name].map((shape) => html`<path d=${shape} />`)}
  </svg>`;
}

/** The mark of the product: three ways in, one knot, one way out. */
export function Logo(className = "size-7"): Markup {
  return html`<svg class=${`shrink-0 ${className}`} viewBox="0 0 28 28" fill="none" aria-hidden="true">
    <rect class="fill-accent" width="28" height="28" rx="7.5" />
    <g class="stroke-accent-ink" stroke-width="2" stroke-linecap="round">
      <path d="M6 7.5c5 0 4 6.5 8.5 6.5" />
      <path d="M6 14h16" />
      <path d="M6 20.5c5 0 4-6.5 8.5-6.5" />
    </g>
    <circle class="fill-accent-ink" cx="15.5" cy="14" r="3.1" />
    <circle class="fill-accent" cx="15.5" cy="14" r="1.2" />
  </svg>`;
}
