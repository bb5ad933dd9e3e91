import { badRequest, GatewayError } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { sha256 } from "../lib/ids.ts";
import { SharedStream } from "../lib/shared-stream.ts";

/** An answer, and for streams when its last byte is out. */
type Answer = { response: Response; ended?: Promise<"complete" | "failed" | "cancelled"> };

/** What makes two calls the same one. */
export type Claim = {
  /** The caller's API key. */
  keyId: string;
  /** Path and query. */
  endpoint: string;
  headers: Headers;
  /** Its well-formed `X-Request-Id`, where the client gave one. */
  requestId?: string;
  body: Uint8Array;
};

type Entry = {
  bodyHash: string;
  /** The head and the bytes of the first answer; undefined when it failed. */
  answer: Promise<Recorded | undefined>;
  /** Of the answer, once it is over. */
  bytes: number;
  /** The answer is over, and the window runs. */
  isOver: boolean;
};
type Recorded = { status: number; headers: Headers; body: SharedStream | Uint8Array };

const LONGEST_KEY = 255;
const MOST_KEYS = 10_000;
const MOST_BYTES = 64 * 1024 * 1024;
const LARGEST_ANSWER = 8 * 1024 * 1024;

/**
 * Equal calls with the same key get one answer: while the first is at work, and for a short window after its end. A
 * duplicate waits for the first, also for a stream, and reads along with it. A first call that fails frees the key.
 */
export class Idempotency {
  /** The oldest stands first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  replays = 0;

  constructor(
    readonly clock: Clock,
    readonly windowMs: () => number,
  ) {}

  get activeKeys(): number {
    return this.#entries.size;
  }

  /** Forgets the answers that are over. Gives how many. */
  clear(): number {
    const over = [...this.#entries].filter(([, { isOver }]) => isOver);
    for (const [id, entry] of over) this.#forget(id, entry);
    return over.length;
  }

  /**
   * The first call's answer, or what `work` gives when this is the first. `onReplay` hears of an answer that is given
   * again. Throws `idempotency_key_reuse` (422) for an `Idempotency-Key` with another body, `bad_request` for one that
   * is too long, and what `work` throws.
   */
  async serve(
    claim: Claim,
    work: () => Promise<Answer>,
    onReplay: (answer: Answer) => void,
  ): Promise<Answer> {
    const named = nameOf(claim);
    if (!named) return work();
    for (;;) {
      const entry = this.#entries.get(named.id);
      if (!entry) return this.#first(named, work);
      if (entry.bodyHash !== named.bodyHash)
        throw new GatewayError(
          "idempotency_key_reuse",
          "This Idempotency-Key was used a moment ago with another body: use a new key for another call.",
        );
      const again = replayed(await entry.answer);
      if (again) {
        this.replays++;
        onReplay(again);
        return again;
      }
      // The first failed, or was too large to be kept: this one is now the first, unless another was quicker.
      if (this.#entries.get(named.id) === entry) return work();
    }
  }

  async #first(named: Named, work: () => Promise<Answer>): Promise<Answer> {
    if (!this.#makeRoom()) return work();
    const { promise, resolve } = Promise.withResolvers<Recorded | undefined>();
    const entry: Entry = { bodyHash: named.bodyHash, answer: promise, bytes: 0, isOver: false };
    this.#entries.set(named.id, entry);
    const free = () => this.#forget(named.id, entry);
    try {
      const answer = await work();
      if (answer.response.status >= 400 || !answer.response.body) {
        free();
        resolve(undefined);
        return answer;
      }
      return await this.#recorded(entry, answer, resolve, free);
    } catch (error) {
      free();
      resolve(undefined);
      throw error;
    }
  }

  /** The answer with somebody reading along. */
  async #recorded(
    entry: Entry,
    { response, ended }: Answer,
    tell: (recorded: Recorded | undefined) => void,
    free: () => void,
  ): Promise<Answer> {
    const { status, headers } = response;
    const over = (bytes: number) => {
      entry.isOver = true;
      entry.bytes = bytes;
      this.#bytes += bytes;
      this.clock.after(this.windowMs(), free);
    };
    if (!ended) {
      const bytes = await response.bytes();
      const isKept = bytes.length <= LARGEST_ANSWER;
      if (isKept) over(bytes.length);
      else free();
      tell(isKept ? { status, headers, body: bytes } : undefined);
      return { response: new Response(bytes, { status, headers }) };
    }
    const shared = new SharedStream(response.body!, LARGEST_ANSWER, (end) => {
      if (end !== "complete") return free();
      // A stream can end in order and tell of a failure all the same.
      void ended.then((how) => (how === "complete" ? over(shared.size) : free()));
    });
    const own = shared.join()!;
    tell({ status, headers, body: shared });
    return { response: new Response(own.stream, { status, headers }), ended: own.ended };
  }

  /** Lets the oldest answers go where there are too many. False when everything that is remembered is still at work. */
  #makeRoom(): boolean {
    if (this.#hasRoom()) return true;
    for (const [id, entry] of this.#entries) {
      if (entry.isOver) this.#forget(id, entry);
      if (this.#hasRoom()) return true;
    }
    return false;
  }

  #hasRoom(): boolean {
    return this.#entries.size < MOST_KEYS && this.#bytes <= MOST_BYTES;
  }

  #forget(id: string, entry: Entry): void {
    if (this.#entries.get(id) !== entry) return;
    this.#entries.delete(id);
    this.#bytes -= entry.bytes;
  }
}

type Named = { id: string; bodyHash: string };

function nameOf({ keyId, endpoint, headers, requestId, body }: Claim): Named | undefined {
  const key = headers.get("idempotency-key")?.trim();
  if (key !== undefined && key.length > LONGEST_KEY)
    throw badRequest(`An Idempotency-Key may have at most ${LONGEST_KEY} characters.`, "Idempotency-Key");
  if (!key && requestId === undefined) return undefined;
  const bodyHash = sha256(body);
  // A request id that comes again with another body is simply another call.
  const parts = key ? ["key", keyId, endpoint, key] : ["id", keyId, endpoint, requestId, bodyHash];
  return { id: sha256(JSON.stringify(parts)), bodyHash };
}

/** The recorded answer once more; undefined when there is none, or its beginning is gone. */
function replayed(recorded: Recorded | undefined): Answer | undefined {
  if (!recorded) return undefined;
  const { status, body } = recorded;
  const headers = new Headers(recorded.headers);
  headers.set("x-omniroute-idempotent", "true");
  if (body instanceof Uint8Array) return { response: new Response(body as BodyInit, { status, headers }) };
  const joined = body.join();
  return joined && { response: new Response(joined.stream, { status, headers }), ended: joined.ended };
}
