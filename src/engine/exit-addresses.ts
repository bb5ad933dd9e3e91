import { isIP } from "node:net";
import type { ExitAddress } from "../core/record.ts";
import type { Settings } from "../core/settings.ts";
import type { Clock } from "../lib/clock.ts";
import { isObject } from "../lib/json.ts";
import type { Log } from "../lib/log.ts";
import type { OutboundRequest, OutboundResponse, Proxy } from "../net/index.ts";

export type ExitDeps = {
  clock: Clock;
  log: Log;
  settings(): Pick<Settings, "egressCheckUrl" | "egressCheckMinutes">;
  /** Every proxy that calls may take. */
  proxies(): readonly Proxy[];
  send(proxy: Proxy, request: OutboundRequest): Promise<OutboundResponse>;
};

const ASK_MS = 10_000;
const LONGEST_ANSWER_BYTES = 10_000;
const MOST_REMEMBERED = 200;
const MINUTE_MS = 60_000;

/**
 * Under which address calls through each proxy are seen outside. Only the address that somebody has entered in the
 * settings is ever asked: when a proxy is tested, when one or that address is changed, and as often as the settings say.
 */
export class ExitAddresses {
  readonly #seen = new Map<string, ExitAddress>();
  readonly #closing = new AbortController();
  /** What has been asked, or was set when the program started. */
  #asked: ReadonlySet<string> = new Set();
  #minutes = 0;
  #cancel: () => void = () => {};
  #round: Promise<void> = Promise.resolve();

  constructor(readonly deps: ExitDeps) {}

  /** Takes what is set as known, and begins to ask in turns where that is wanted. */
  start(): void {
    this.#asked = new Set(this.#questions().keys());
    this.#schedule();
  }

  /** The address last seen through a proxy; undefined: never asked, or never answered. */
  seen(proxy: Proxy): ExitAddress | undefined {
    return this.#seen.get(nameOf(proxy));
  }

  /** Asks for the address under which calls through a proxy are seen; null where nobody is to be asked. Throws as a call does. */
  async ask(proxy: Proxy): Promise<string | null> {
    const { egressCheckUrl } = this.deps.settings();
    if (egressCheckUrl === "") return null;
    const response = await this.deps.send(proxy, {
      url: egressCheckUrl,
      method: "GET",
      headers: { accept: "text/plain, application/json" },
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ASK_MS)]),
      userEntered: true,
    });
    // Nothing else of the answer is shown: whoever may test proxies need not read what lies behind them.
    const words = (await response.text(LONGEST_ANSWER_BYTES)).split(/[^0-9a-fA-F.:]+/);
    const address = words.find((word) => isIP(word) !== 0);
    if (response.status !== 200 || address === undefined)
      throw new Error(
        `The proxy works, but ${new URL(egressCheckUrl).host} told no address (status ${response.status}).`,
      );
    this.#note(nameOf(proxy), { address, seenAt: Math.round(this.deps.clock.now()) });
    return address;
  }

  /** To be called when settings or proxies may have changed: asks what is new, beside the traffic. */
  changed(): void {
    const questions = this.#questions();
    const news = [...questions].filter(([question]) => !this.#asked.has(question)).map(([, proxy]) => proxy);
    this.#asked = new Set(questions.keys());
    if (news.length > 0) this.#askAll(news);
    if (this.deps.settings().egressCheckMinutes !== this.#minutes) this.#schedule();
  }

  snapshot(): { [proxy: string]: ExitAddress } {
    return Object.fromEntries(this.#seen);
  }

  restore(snapshot: unknown): void {
    for (const [name, exit] of Object.entries(isObject(snapshot) ? snapshot : {}))
      if (isObject(exit) && typeof exit["address"] === "string" && typeof exit["seenAt"] === "number")
        this.#note(name, { address: exit["address"], seenAt: exit["seenAt"] });
  }

  close(): void {
    this.#cancel();
    this.#closing.abort();
  }

  /** A question is new when another place is asked, or another proxy, or as another user. */
  #questions(): Map<string, Proxy> {
    const { egressCheckUrl } = this.deps.settings();
    if (egressCheckUrl === "") return new Map();
    return new Map(
      this.deps
        .proxies()
        .map((proxy) => [JSON.stringify([egressCheckUrl, nameOf(proxy), proxy.password ?? ""]), proxy]),
    );
  }

  #schedule(): void {
    this.#cancel();
    this.#minutes = this.deps.settings().egressCheckMinutes;
    if (this.#minutes === 0) return;
    this.#cancel = this.deps.clock.after(this.#minutes * MINUTE_MS, () => {
      this.#askAll([...this.#questions().values()]);
      this.#schedule();
    });
  }

  /** One after the other, and never two rounds at a time. */
  #askAll(proxies: readonly Proxy[]): void {
    this.#round = this.#round.then(async () => {
      for (const proxy of proxies) {
        if (this.#closing.signal.aborted) return;
        await this.ask(proxy).catch((error: unknown) => {
          if (this.#closing.signal.aborted) return;
          const where = `${proxy.host}:${proxy.port}`;
          this.deps.log.warn("network", `The exit address of the proxy ${where} could not be asked.`, {
            cause: error,
          });
        });
      }
    });
  }

  /** The newest stays last; what was seen longest ago makes room. */
  #note(name: string, exit: ExitAddress): void {
    this.#seen.delete(name);
    this.#seen.set(name, exit);
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= MOST_REMEMBERED) break;
      this.#seen.delete(oldest);
    }
  }
}

/** A proxy without its password; one host may lead each of its users out elsewhere. */
function nameOf({ type, host, port, username }: Proxy): string {
  return `${type}://${username === undefined ? "" : `${username}@`}${host}:${port}`;
}
