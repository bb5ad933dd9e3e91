import type { BreakerEntry } from "./breaker-board.ts";
import type { CooldownEntry } from "./cooldowns.ts";

/** Something that is kept from use, and how to name it to free it. Times in milliseconds since 1970. */
export type LockedIdentifier = {
  identifier: string;
  kind: "breaker" | "connection" | "model";
  reason: string;
  until?: number;
};

/** What an identifier names. */
export type Named =
  { kind: "breaker"; name: string } | { kind: "cooldown"; connectionId: string; modelId: string | undefined };

/** All that is kept from use, with the identifier that frees it. */
export function lockedBy(
  breakers: readonly BreakerEntry[],
  cooldowns: readonly CooldownEntry[],
): LockedIdentifier[] {
  const shut = breakers.filter(({ state }) => state !== "CLOSED");
  return [
    ...shut.map(({ name, openUntil }) => ({
      identifier: `breaker:${name}`,
      kind: "breaker" as const,
      reason: "breaker",
      ...(openUntil !== undefined && { until: openUntil }),
    })),
    ...cooldowns.map(({ connectionId, modelId, kind, until }) =>
      modelId === undefined
        ? { identifier: `connection:${connectionId}`, kind: "connection" as const, reason: kind, until }
        : { identifier: `model:${connectionId}/${modelId}`, kind: "model" as const, reason: kind, until },
    ),
  ];
}

/** Reads an identifier of `lockedBy`; anything else names nothing there is. */
export function named(identifier: string): Named {
  const [kind, name] = splitOnce(identifier, ":");
  if (kind === "breaker") return { kind, name };
  const [connectionId, modelId] = kind === "model" ? splitOnce(name, "/") : [name, undefined];
  return { kind: "cooldown", connectionId, modelId };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
