import type { Clock } from "../../src/lib/clock.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { TargetFailure } from "../../src/core/errors.ts";
import { createOutbound, type OutboundDeps, type OutboundRequest } from "../../src/net/index.ts";

/** A client for tests; `config` and the rest replace single fields. */
export function testOutbound(change: Partial<Omit<OutboundDeps, "config">> & { config?: object } = {}) {
  const { config, ...rest } = change;
  return createOutbound({
    clock: systemClock,
    ownPort: 20128,
    ...rest,
    config: {
      version: "9.9.9",
      connectTimeoutMs: 5000,
      fetchTimeoutMs: 10_000,
      allowPrivateUpstreams: true,
      proxy: {},
      ...config,
    },
  });
}

export function testRequest(url: string, change: Partial<OutboundRequest> = {}): OutboundRequest {
  return {
    url,
    method: "POST",
    headers: {},
    signal: new AbortController().signal,
    userEntered: false,
    ...change,
  };
}

/** The failure a call ends with; fails the test when it succeeds. */
export async function failureOf(call: Promise<unknown>): Promise<TargetFailure> {
  try {
    await call;
  } catch (error) {
    if (error instanceof TargetFailure) return error;
    throw error;
  }
  throw new Error("The call succeeded.");
}

/** A raw TCP server that answers every first bytes with `head`, and then does `then`. */
export function rawServer(head: string | Uint8Array, then: "close" | "reset" | "wait" = "close") {
  return Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        socket.write(head);
        socket.flush();
        if (then === "close") socket.end();
        if (then === "reset") socket.terminate();
      },
    },
  });
}

/** A clock whose hands the test turns. */
export class HandClock implements Clock {
  time = 1_700_000_000_000;
  #timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Milliseconds from now at which something is due, earliest first. */
  get due(): number[] {
    return [...this.#timers].map((timer) => timer.at - this.time).toSorted((a, b) => a - b);
  }

  /** Turns the hands, letting what is due happen in order and giving everything waiting a chance to run. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#timers].filter((timer) => timer.at <= end).toSorted((a, b) => a.at - b.at);
      if (!next) break;
      this.time = next.at;
      this.#timers.delete(next);
      next.callback();
    }
    this.time = end;
    await settle();
  }
}

const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
