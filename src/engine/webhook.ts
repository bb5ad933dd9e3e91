import { createHmac } from "node:crypto";
import { type Clock, sleep } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Outbound } from "../net/index.ts";

export type WebhookDeps = {
  clock: Clock;
  log: Log;
  outbound: Outbound;
  /** Where messages are posted to; undefined: nowhere. */
  address(): string | undefined;
  /** `whsec_…`; messages are signed with it where there is one. */
  secret(): string | undefined;
};

/** A message on its way. `id` stays the same over all tries, so that receivers can tell a repeat. */
type Message = { id: string; body: string };

/** How the last message fared. */
export type Delivery = { at: number; ok: boolean; status?: number; error?: string };

const PAUSES_MS = [5000, 30_000, 120_000, 600_000];
const LONGEST_PAUSE_MS = 600_000;
const MOST_WAITING = 100;
const PATIENCE_MS = 10_000;

/**
 * Posts messages to an address of the user's own, one after the other: signed as Standard Webhooks has it, tried five
 * times over about a quarter of an hour. More than a hundred do not wait: the oldest give way and are counted.
 *
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export class Webhook {
  readonly #deps: WebhookDeps;
  readonly #waiting: Message[] = [];
  readonly #closing = new AbortController();
  #isSending = false;
  last: Delivery | undefined;
  dropped = 0;

  constructor(deps: WebhookDeps) {
    this.#deps = deps;
  }

  add(message: Message): void {
    if (this.#deps.address() === undefined || this.#closing.signal.aborted) return;
    this.#waiting.push(message);
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      this.dropped++;
    }
    if (!this.#isSending) void this.#sendAll();
  }

  /** Sends a message at once, in one try. Undefined when no address is set. */
  async try(message: Message): Promise<Delivery | undefined> {
    const address = this.#deps.address();
    return address === undefined ? undefined : (await this.#post(address, message)).delivery;
  }

  close(): void {
    this.#closing.abort();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (!(await this.#deliver(next))) this.dropped++;
      if (this.#closing.signal.aborted) break;
    }
    this.#isSending = false;
  }

  async #deliver(message: Message): Promise<boolean> {
    const { address, clock, log } = this.#deps;
    for (let tries = 0; ; tries++) {
      const url = address();
      if (url === undefined || this.#closing.signal.aborted) return false;
      const { delivery, mayTryAgain, afterMs = 0 } = await this.#post(url, message);
      if (delivery.ok) return true;
      const pause = PAUSES_MS[tries];
      if (!mayTryAgain || pause === undefined) {
        const { status, error } = delivery;
        log.warn("notices", "A notice could not be delivered to the webhook.", { status, error });
        return false;
      }
      const ms = Math.min(Math.max(pause, afterMs), LONGEST_PAUSE_MS);
      if (!(await sleep(clock, ms, this.#closing.signal))) return false;
    }
  }

  async #post(
    url: string,
    { id, body }: Message,
  ): Promise<{ delivery: Delivery; mayTryAgain: boolean; afterMs?: number }> {
    const { clock, outbound } = this.#deps;
    const seconds = Math.floor(clock.now() / 1000);
    const secret = this.#deps.secret();
    try {
      const response = await outbound.send({
        method: "POST",
        url,
        headers: {
          "content-type": "application/json",
          "webhook-id": id,
          "webhook-timestamp": String(seconds),
          ...(secret !== undefined && { "webhook-signature": signature(secret, id, seconds, body) }),
        },
        body,
        signal: this.#closing.signal,
        userEntered: true,
        headersTimeoutMs: PATIENCE_MS,
      });
      response.cancel();
      const { status } = response;
      const retryAfter = Number(response.headers.get("retry-after") ?? 0);
      this.last = { at: clock.now(), ok: status < 300, status };
      return {
        delivery: this.last,
        mayTryAgain: status >= 500 || status === 408 || status === 429,
        ...(Number.isFinite(retryAfter) && { afterMs: retryAfter * 1000 }),
      };
    } catch (error) {
      this.last = { at: clock.now(), ok: false, error: (error as Error).message };
      return { delivery: this.last, mayTryAgain: true };
    }
  }
}

/** `v1,` and the HMAC-SHA256 in base64 over id, time and body. */
function signature(secret: string, id: string, seconds: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`;
}
