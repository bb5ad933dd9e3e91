import type { RequestRecord, RequestStory } from "../core/record.ts";

/**
 * How a call was routed as short JSON, with empty ends cut off:
 * `[strategy, [[step, from, to]…], [[model, connection, reason]…] not asked, [[model, connection, reason, until]…] left out,
 * chain, session, affinity, waited]`; `until` counts from the request's own time, 0 stands for nothing.
 */
export function packStory({ story, at }: RequestRecord): string | null {
  if (!story) return null;
  const packed: unknown[] = [
    story.strategy,
    story.resolved.map(({ step, from, to }) => [step, from, to]),
    (story.unused ?? []).map(({ model, connectionId, reason }) =>
      trimmed([model, connectionId, reason ?? 0]),
    ),
    (story.excluded ?? []).map(({ model, connectionId, reason, until }) =>
      trimmed([
        model,
        connectionId ?? 0,
        reason,
        until === undefined ? 0 : Math.max(1, Math.round(until - at)),
      ]),
    ),
    story.chain ?? 0,
    story.session ?? 0,
    story.affinity ?? 0,
    Math.round(story.waitedMs ?? 0),
  ];
  return JSON.stringify(trimmed(packed));
}

/** The opposite of `packStory`; undefined for what is no story. */
export function unpackStory(packed: string | null, at: number): RequestStory | undefined {
  if (packed === null) return undefined;
  const parts: unknown = JSON.parse(packed);
  if (!Array.isArray(parts)) return undefined;
  const [strategy, resolved, unused, excluded, chain, session, affinity, waitedMs] = parts as Packed;
  return {
    strategy,
    resolved: (resolved ?? []).map(([step, from, to]) => ({ step, from, to })),
    ...(unused?.length && {
      unused: unused.map(([model, connectionId, reason]) => ({
        model,
        connectionId,
        ...(reason && { reason }),
      })),
    }),
    ...(excluded?.length && {
      excluded: excluded.map(([model, connectionId, reason, until]) => ({
        model,
        reason,
        ...(connectionId && { connectionId }),
        ...(until && { until: at + until }),
      })),
    }),
    ...(chain && { chain }),
    ...(session && { session }),
    ...(affinity && { affinity }),
    ...(waitedMs && { waitedMs }),
  };
}

type Packed = [
  strategy: string,
  resolved?: [step: string, from: string, to: string][],
  unused?: [model: string, connectionId: string, reason?: string | 0][],
  excluded?: [model: string, connectionId: string | 0, reason: string, until?: number][],
  chain?: string | 0,
  session?: string | 0,
  affinity?: "kept" | "moved" | 0,
  waitedMs?: number,
];

function trimmed(parts: unknown[]): unknown[] {
  const isNothing = (part: unknown) => part === 0 || (Array.isArray(part) && part.length === 0);
  while (isNothing(parts.at(-1))) parts.pop();
  return parts;
}
