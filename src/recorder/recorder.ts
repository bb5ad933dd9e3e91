import { GatewayError } from "../core/errors.ts";
import type { Caller } from "../core/key.ts";
import type { Settings } from "../core/settings.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { createRelay, isDryRun, type RelayDeps } from "../relay/index.ts";
import {
  addAudit,
  clearRecordings,
  findRecording,
  listRecordings,
  type RecordingFacts,
  saveRecording,
  type Store,
} from "../store/index.ts";
import { readBundle, writeBundle } from "./bundle.ts";
import { Capture } from "./capture.ts";
import { factsOf } from "./facts.ts";
import { recordingOf } from "./keep.ts";
import { pack, unpack } from "./packed.ts";
import type { Recording } from "./recording.ts";
import { MOST_CALL_BYTES, Room } from "./tape.ts";
import { type Asked, nobody, type Witness } from "./witness.ts";

export type RecorderDeps = {
  store: Store;
  clock: Clock;
  log: Log;
  release: string;
  settings(): Settings;
  /** What calls need on their way. */
  relay: RelayDeps;
};

/** Who asks for it. */
type Person = { name: string; ip?: string };

/** Calls recorded at the same time. */
const MOST_AT_ONCE = 16;
/** Bytes of all of them that are held in memory; what comes beyond is cut. */
const MOST_BYTES_AT_ONCE = 128 * 1024 * 1024;
const MOST_NEXT = 1000;

/**
 * Records calls of every kind byte for byte: all of them while the setting says so, the next few when somebody asked
 * for that, and those that ask for it by a header. Calls of keys without a log are never recorded, nor those of nobody
 * we know.
 */
export class Recorder {
  readonly #deps: RecorderDeps;
  readonly #nobody: Witness;
  readonly #room = new Room(MOST_BYTES_AT_ONCE);
  #next = 0;
  #running = 0;
  /** Recordings that were lost: too many at once, or the disk refused. */
  dropped = 0;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    this.#nobody = nobody(createRelay(deps.relay));
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

  /** Who goes with a call: the way it takes, and a note of everything where that is wanted. */
  witness(asked: Asked): Witness {
    if (!this.#isWanted(asked)) return this.#nobody;
    if (this.#running >= MOST_AT_ONCE) {
      this.dropped++;
      return this.#nobody;
    }
    this.#running++;
    const { relay, release, clock, settings } = this.#deps;
    const room = new Room(MOST_CALL_BYTES, this.#room);
    const over = (isKept: boolean) => {
      this.#running--;
      if (isKept) this.#keep(capture, room);
      else room.free();
    };
    const capture: Capture = new Capture(asked, { relay, settings: settings(), release, clock, room, over });
    return capture;
  }

  /** What is kept, the newest first. */
  list(limit: number, offset = 0): RecordingFacts[] {
    return listRecordings(this.#deps.store, limit, offset);
  }

  /** What was recorded of a call; undefined when nothing was. */
  find(id: string): Recording | undefined {
    const packed = findRecording(this.#deps.store, id);
    return packed === undefined ? undefined : readBundle(unpack(packed));
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

  #isWanted({ caller, headers }: Asked): boolean {
    const always = this.#deps.settings().enableRequestLogs;
    if (!always && this.#next === 0 && !asksForIt(headers)) return false;
    // A dry run asks nobody: there is nothing to play.
    if (!mayBeLogged(caller) || isDryRun(headers)) return false;
    if (always || asksForIt(headers)) return true;
    this.#next--;
    return true;
  }

  /** After the answer has left: nobody waits for it. */
  #keep(capture: Capture, room: Room): void {
    const { clock, log, store } = this.#deps;
    const keep = async () => {
      try {
        const recording = await recordingOf(capture);
        await saveRecording(store, factsOf(recording), await pack(writeBundle(recording)));
      } catch (cause) {
        this.dropped++;
        log.warn("recorder", "A call could not be recorded.", { id: capture.call.requestId, cause });
      } finally {
        room.free();
      }
    };
    clock.after(0, () => void keep());
  }
}

const mayBeLogged = ({ key }: Caller): boolean => key?.noLog !== true;

const asksForIt = (headers: Headers): boolean =>
  /^(?:true|1|yes)$/i.test(headers.get("x-omniroute-debug")?.trim() ?? "");
