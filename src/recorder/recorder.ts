import { GatewayError } from "../core/errors.ts";
import type { Caller } from "../core/key.ts";
import type { Settings } from "../core/settings.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { createRelay, type Inbound, type Relay, type RelayDeps, type Served } from "../relay/index.ts";
import { addAudit, clearRecordings, findRecording, saveRecording, type Store } from "../store/index.ts";
import { readBundle, writeBundle } from "./bundle.ts";
import { Capture } from "./capture.ts";
import type { Recording } from "./recording.ts";

export type RecorderDeps = {
  store: Store;
  clock: Clock;
  log: Log;
  release: string;
  settings(): Settings;
};

/** Who asks for it. */
type Person = { name: string; ip?: string };

/** Calls recorded at the same time; each holds a few megabytes at most. */
const MOST_AT_ONCE = 16;
const MOST_NEXT = 1000;

/**
 * Records chat calls byte for byte: all of them while the setting says so, the next few when somebody asked for
 * that, and those that ask for it by a header. Calls of keys without a log are never recorded.
 */
export class Recorder {
  readonly #deps: RecorderDeps;
  #next = 0;
  #running = 0;
  /** Recordings that were lost: too many at once, or the disk refused. */
  dropped = 0;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
  }

  /** How many of the calls to come are recorded whatever the setting says. */
  get next(): number {
    return this.#next;
  }

  /** Records the next calls, at most 1000; 0 stops that. */
  recordNext(count: number, by: Person): void {
    this.#next = Math.min(Math.max(0, Math.floor(count)), MOST_NEXT);
    this.#note("recording.next", "recordings", by, { next: this.#next });
  }

  /** The same relay, whose chat calls are recorded where that is wanted. */
  around(relay: Relay, deps: RelayDeps): Relay {
    return {
      ...relay,
      chat: (inbound) => (this.#isWanted(inbound) ? this.#recorded(inbound, deps) : relay.chat(inbound)),
    };
  }

  /** What was recorded of a call; undefined when nothing was. */
  find(id: string): Recording | undefined {
    const text = findRecording(this.#deps.store, id);
    return text === undefined ? undefined : readBundle(text);
  }

  /** The same as a file's text. Throws `not_found`. */
  bundle(id: string, by: Person): string {
    const recording = this.find(id);
    if (recording) {
      this.#note("recording.read", id, by);
      return writeBundle(recording);
    }
    const hint =
      "switch on request bodies (enableRequestLogs), or send X-OmniRoute-Debug: true with the call";
    throw new GatewayError("not_found", `Nothing was recorded of this request. To record the next: ${hint}.`);
  }

  /** Forgets everything. Gives how many calls that were. */
  clear(by: Person): number {
    const cleared = clearRecordings(this.#deps.store);
    this.#note("recording.clear", "recordings", by, { cleared });
    return cleared;
  }

  #note(action: string, target: string, { name, ip }: Person, details?: { [field: string]: number }): void {
    const who = { actor: name, ...(ip !== undefined && { ip }) };
    addAudit(this.#deps.store, { action, target, ...who, result: "ok", ...(details && { details }) });
  }

  #isWanted({ caller, headers }: Inbound): boolean {
    if (!mayBeLogged(caller)) return false;
    if (this.#deps.settings().enableRequestLogs || asksForIt(headers)) return true;
    if (this.#next === 0) return false;
    this.#next--;
    return true;
  }

  async #recorded(inbound: Inbound, deps: RelayDeps): Promise<Served> {
    if (this.#running >= MOST_AT_ONCE) {
      this.dropped++;
      return createRelay(deps).chat(inbound);
    }
    this.#running++;
    const { settings, release, clock } = this.#deps;
    const capture = new Capture(inbound, settings(), release, clock);
    const over = once(() => {
      this.#running--;
      this.#keep(capture);
    });
    try {
      const served = await createRelay(watched(deps, capture)).chat(inbound);
      if (served.ended) return { ...served, response: capture.answered(served.response, over) };
      const bytes = await served.response.bytes();
      const { status, headers } = served.response;
      capture.answeredWhole(bytes, headers);
      over();
      return { ...served, response: new Response(bytes, { status, headers }) };
    } catch (error) {
      over();
      throw error;
    }
  }

  /** After the answer has left: nobody waits for it. */
  #keep(capture: Capture): void {
    const { clock, log, store } = this.#deps;
    clock.after(0, () => {
      const recording = capture.recording();
      if (!recording) return;
      try {
        saveRecording(store, recording.id, writeBundle(recording));
      } catch (cause) {
        this.dropped++;
        log.warn("recorder", "A call could not be recorded.", { id: recording.id, cause });
      }
    });
  }
}

function watched(deps: RelayDeps, capture: Capture): RelayDeps {
  return {
    ...deps,
    outbound: capture.outbound(deps.outbound),
    plan: (call, options) => capture.planned(() => deps.plan(call, options)),
    journal: {
      started: (request) => deps.journal.started(request),
      ended: (record) => {
        capture.ended(record);
        deps.journal.ended(record);
      },
    },
  };
}

const mayBeLogged = ({ key }: Caller): boolean => key?.noLog !== true;

const asksForIt = (headers: Headers): boolean =>
  /^(?:true|1|yes)$/i.test(headers.get("x-omniroute-debug")?.trim() ?? "");

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
