import { connect } from "node:net";
import type { Call } from "./calls.ts";

/** Milliseconds to the last and to the first byte, one entry a call. */
export type Timing = { total: number[]; firstByte: number[]; failed: number };

/**
 * Makes `count` calls, `width` at a time, all alike or each as its number says; every answer is checked. Throws at the
 * first bad one.
 */
export async function closedLoop(
  base: string,
  call: Call | ((index: number) => Call),
  count: number,
  width = 16,
): Promise<Timing> {
  const timing = nothing();
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      await make(base, typeof call === "function" ? call(index) : call, timing);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return timing;
}

/** Makes `count` calls spread evenly over `seconds`, whether the ones before are done or not; counts those that fail. */
export async function openLoop(base: string, call: Call, count: number, seconds: number): Promise<Timing> {
  const timing = nothing();
  const running: Promise<void>[] = [];
  const started = performance.now();
  for (let index = 0; index < count; index++) {
    const wait = started + (index * seconds * 1000) / count - performance.now();
    if (wait > 0) await Bun.sleep(wait);
    running.push(make(base, call, timing).catch(() => void timing.failed++));
  }
  await Promise.all(running);
  return timing;
}

/** Begins `count` calls and leaves each after its first byte. */
export async function leaveEarly(base: string, call: Call, count: number): Promise<void> {
  const one = async () => {
    const controller = new AbortController();
    const response = await fetch(base + call.path, { ...request(call), signal: controller.signal });
    await response.body?.getReader().read();
    controller.abort();
  };
  await Promise.all(Array.from({ length: count }, one));
}

/** Begins a call, takes its first bytes and then reads no more. Gives a function that ends it. */
export function stall(base: string, call: Call): Promise<() => void> {
  const { hostname, port, host } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.on("error", reject);
    socket.once("data", () => {
      socket.pause();
      resolve(() => socket.destroy());
    });
    socket.write(
      `POST ${call.path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${Buffer.byteLength(call.body)}\r\n\r\n${call.body}`,
    );
  });
}

const nothing = (): Timing => ({ total: [], firstByte: [], failed: 0 });

const request = (call: Call): RequestInit => ({
  method: "POST",
  body: call.body,
  headers: { "content-type": "application/json", authorization: "Bearer bench" },
});

async function make(base: string, call: Call, timing: Timing): Promise<void> {
  const started = performance.now();
  const response = await fetch(base + call.path, request(call));
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let first = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    if (first === 0) first = performance.now() - started;
    text += decoder.decode(value, { stream: true });
  }
  if (response.status !== 200 || !call.complete(text))
    throw new Error(`${call.path}: status ${response.status}, ${text.slice(0, 300)}`);
  timing.total.push(performance.now() - started);
  timing.firstByte.push(first);
}

/** Nearest-rank percentile. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);
