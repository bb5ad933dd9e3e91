import { matches } from "./checks/regex.ts";

/** Texts are looked at up to this many characters, and none may grow beyond. */
export const LONGEST_TEXT = 100_000;

type Words = { readonly [name: string]: (self: any, ...values: any[]) => unknown };

/** Functions that stand by themselves; each takes its arguments after a first one that is always undefined. */
export const FUNCTIONS: Words = {
  /** The JSON value in the text; throws where it is none. */
  json: (_self, text) => JSON.parse(String(text)) as unknown,
  "JSON.parse": (_self, text) => JSON.parse(String(text)) as unknown,
  words: (_self, text) => String(text).split(/\s+/u).filter(Boolean),
  lines: (_self, text) => String(text).split(/\r?\n/),
  matches: (_self, text, pattern, flags) =>
    matches(String(pattern), flags === undefined ? undefined : String(flags), String(text)),
  Number: (_self, value) => Number(value),
  String: (_self, value) => String(value),
  Boolean: (_self, value) => Boolean(value),
  isNaN: (_self, value) => Number.isNaN(Number(value)),
  "Math.abs": (_self, value) => Math.abs(Number(value)),
  "Math.min": (_self, ...values) => Math.min(...values.map(Number)),
  "Math.max": (_self, ...values) => Math.max(...values.map(Number)),
  "Math.round": (_self, value) => Math.round(Number(value)),
  "Math.floor": (_self, value) => Math.floor(Number(value)),
  "Math.ceil": (_self, value) => Math.ceil(Number(value)),
};

/** Methods by what they are called on. Searching takes texts only: a pattern goes through `matches`. */
export const METHODS: { readonly [kind: string]: Words | undefined } = {
  text: {
    includes: (text: string, part) => text.includes(String(part)),
    startsWith: (text: string, part) => text.startsWith(String(part)),
    endsWith: (text: string, part) => text.endsWith(String(part)),
    indexOf: (text: string, part) => text.indexOf(String(part)),
    toLowerCase: (text: string) => text.toLowerCase(),
    toUpperCase: (text: string) => text.toUpperCase(),
    trim: (text: string) => text.trim(),
    slice: (text: string, from, to) =>
      text.slice(Number(from ?? 0), to === undefined ? undefined : Number(to)),
    at: (text: string, index) => text.at(Number(index)),
    split: (text: string, by) => text.split(String(by)),
  },
  list: {
    includes: (list: unknown[], value) => list.includes(value),
    indexOf: (list: unknown[], value) => list.indexOf(value),
    at: (list: unknown[], index) => list.at(Number(index)),
    slice: (list: unknown[], from, to) =>
      list.slice(Number(from ?? 0), to === undefined ? undefined : Number(to)),
  },
};
