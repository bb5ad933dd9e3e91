/** One kind of call: where to, what, and how its answer is told complete. */
export type Kind = { name: string; path: string; body: string; complete(text: string): boolean };

export type Timing = { total: number[]; firstByte: number[] };

/** Makes `count` calls, `width` at a time; every answer is checked. Times in milliseconds. */
export async function closedLoop(base: string, kind: Kind, count: number, width: number): Promise<Timing> {
  const timing: Timing = { total: [], firstByte: [] };
  let left = count;
  const worker = async () => {
    while (left-- > 0) await call(base, kind, timing);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return timing;
}

/** Makes `perSecond` calls a second for `seconds`, whether the ones before are done or not. */
export async function steady(base: string, kind: Kind, perSecond: number, seconds: number): Promise<Timing> {
  const timing: Timing = { total: [], firstByte: [] };
  const running: Promise<void>[] = [];
  const started = performance.now();
  for (let i = 0; i < perSecond * seconds; i++) {
    const due = started + (i * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await Bun.sleep(wait);
    running.push(call(base, kind, timing));
  }
  await Promise.all(running);
  return timing;
}

async function call(base: string, kind: Kind, timing: Timing): Promise<void> {
  const started = performance.now();
  const response = await fetch(base + kind.path, {
    method: "POST",
    body: kind.body,
    headers: { "content-type": "application/json", authorization: "Bearer bench" },
  });
  const reader = response.body?.getReader();
  let text = "";
  let first = 0;
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    if (first === 0) first = performance.now() - started;
    text += decoder.decode(value, { stream: true });
  }
  if (response.status !== 200 || !kind.complete(text)) {
    throw new Error(`${kind.name}: status ${response.status}, ${text.slice(0, 300)}`);
  }
  timing.total.push(performance.now() - started);
  timing.firstByte.push(first);
}

/** Nearest-rank percentile. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
