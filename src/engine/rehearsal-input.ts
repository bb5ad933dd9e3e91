import { z } from "zod";
import { badRequest } from "../core/errors.ts";

/** What a provider is made to do in a rehearsal. */
export type Fault = {
  kind: (typeof FAULT_KINDS)[number] | number;
  /** After how many pieces of content a cut or a stall comes. */
  at?: number;
  /** Seconds that a 429 or 503 names in Retry-After. */
  retry?: number;
  /** How many calls fail before it works again. Default: all. */
  times?: number;
};

export const FAULT_KINDS = [
  "refused",
  "reset",
  "dns",
  "tls",
  "stall",
  "cut",
  "error-first",
  "empty",
  "html",
] as const;

const LONGEST_RETRY_S = 86_400 * 31;
const STATUSES = [400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 529];

/** `429`, `429@60` (Retry-After), `cut@3` (after so many pieces), `stall`, `reset`; `x2`: only the first two calls. */
const faultText = z
  .string()
  .trim()
  .toLowerCase()
  .max(40)
  .transform((text, context): Fault => {
    const [, word = "", at, times] = /^([a-z-]+|\d{3})(?:@(\d{1,7}))?(?:x(\d{1,3}))?$/.exec(text) ?? [];
    const status = /^\d{3}$/.test(word) ? Number(word) : undefined;
    const kind = status ?? FAULT_KINDS.find((known) => known === word);
    const isKnown = kind !== undefined && (status === undefined || STATUSES.includes(status));
    if (!isKnown) {
      const known = [...STATUSES, ...FAULT_KINDS].join(", ");
      context.addIssue({ code: "custom", message: `\`${text}\` is no fault; there are ${known}` });
      return z.NEVER;
    }
    const number = at === undefined ? undefined : Math.min(Number(at), LONGEST_RETRY_S);
    return {
      kind,
      ...(number !== undefined && (status === undefined ? { at: number } : { retry: number })),
      ...(times !== undefined && { times: Number(times) }),
    };
  });

export const rehearsalInput = z.object({
  /** By the entry's place in the combo (from 1), a model (`prefix/id`), or a connection's id or name. */
  faults: z.record(z.string().min(1).max(300), faultText).default({}),
  /** How many requests come one after the other. */
  requests: z.coerce.number().int().min(1).max(50).default(1),
  /** Milliseconds between them. */
  gapMs: z.coerce.number().int().min(0).max(86_400_000).default(1000),
  stream: z.boolean().default(true),
  /** Begin with the cooldowns of this moment instead of with everything in order. */
  fromNow: z.boolean().default(false),
});
export type RehearsalInput = z.input<typeof rehearsalInput>;
export type RehearsalPlan = z.output<typeof rehearsalInput>;

/** The fault for a target, by the names it goes by; the first that is named counts. */
export function faultFor(faults: RehearsalPlan["faults"], names: readonly string[]): Fault | undefined {
  const name = names.find((each) => Object.hasOwn(faults, each));
  return name === undefined ? undefined : faults[name];
}

/** Throws `bad_request` for a fault that is meant for nothing there is. */
export function refuseStray(faults: RehearsalPlan["faults"], known: ReadonlySet<string>): void {
  for (const name of Object.keys(faults)) {
    if (!known.has(name))
      throw badRequest(`\`${name}\` is no place, model or connection of this combo.`, "faults");
  }
}
