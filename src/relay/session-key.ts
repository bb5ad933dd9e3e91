import { byteMarks } from "../lib/byte-marks.ts";
import { scanElements, scannedValue, type Span } from "../lib/json-scan.ts";
import type { Call } from "./call.ts";

/** The conversation a call belongs to. `guessed`: made from how it begins, since the client did not name it. */
export type Conversation = {
  key: string;
  guessed: boolean;
  /** no answer has been given in it yet */ opening: boolean;
};

const HEADERS = [
  "x-session-id",
  "x_session_id",
  "x-session-affinity",
  "x-claude-code-session-id",
  "session-id",
  "session_id",
  "thread-id",
];
const LONGEST_NAME = 512;
const saysUser = byteMarks('"user"');
const saysAssistant = byteMarks('"assistant"');
const BEGINNING = ["system", "instructions", "systemInstruction", "tools"];

/** Which conversation a call belongs to: as the client says, else by its system text, tools and first user message. */
export function conversationOf(call: Call): Conversation {
  const { caller } = call.inbound;
  const named = fromHeaders(call.inbound.headers) ?? fromBody(call);
  const opening = isOpening(call);
  if (named !== undefined)
    return { key: `${caller.keyId}\u0000${named.slice(0, LONGEST_NAME)}`, guessed: false, opening };
  return { key: `${caller.keyId}\u0000${guess(call)}`, guessed: true, opening };
}

function fromHeaders(headers: Headers): string | undefined {
  for (const name of HEADERS) {
    const value = headers.get(name);
    if (value) return value;
  }
  return undefined;
}

function fromBody(call: Call): string | undefined {
  const cacheKey = scannedValue(call.bytes, call.scan, "prompt_cache_key");
  if (typeof cacheKey === "string" && cacheKey !== "") return cacheKey;
  const metadata = scannedValue(call.bytes, call.scan, "metadata");
  const userId =
    typeof metadata === "object" && metadata !== null
      ? (metadata as { user_id?: unknown }).user_id
      : undefined;
  return typeof userId === "string" && userId !== "" ? userId : undefined;
}

/** A hash over the bytes of system text, tools and everything up to the first user message; nothing is decoded. */
function guess({ scan, bytes }: Call): string {
  let hash = 0n;
  for (const field of BEGINNING) {
    const span = scan.fields.get(field);
    if (span) hash = Bun.hash.wyhash(bytes.subarray(span.start, span.end), hash);
  }
  const history = scan.fields.get("messages") ?? scan.fields.get("input") ?? scan.fields.get("contents");
  if (history) hash = Bun.hash.wyhash(bytes.subarray(history.start, firstUserEnd(bytes, history)), hash);
  return hash.toString(36);
}

/** Index behind the first element of a history that a user said; a history that is one text is all of it. */
function firstUserEnd(bytes: Buffer, history: Span): number {
  for (const element of scanElements(bytes, history)) {
    if (saysUser(bytes.subarray(element.start, element.end))) return element.end;
  }
  return history.end;
}

function isOpening(call: Call): boolean {
  return (
    !saysAssistant(call.bytes) &&
    !call.bytes.includes('"model"', call.scan.fields.get("contents")?.start ?? call.bytes.length)
  );
}
