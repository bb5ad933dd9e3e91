import type { ChatRequest } from "../core/request.ts";
import { type Scan, scannedValue } from "../lib/json-scan.ts";
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
const GUESS_BYTES = 4096;

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

function guess(call: Call): string {
  const { scan, bytes } = call;
  const history = ["messages", "input", "contents"]
    .map((field) => scan.fields.get(field))
    .find((span) => span);
  // A long history begins with the same bytes on every turn; a short one must be taken apart to find its beginning.
  if (!history || history.end - history.start < GUESS_BYTES) return hashed(beginning(call.request));
  const parts = ["system", "instructions", "systemInstruction", "tools"].map((field) =>
    spanBytes(bytes, scan, field),
  );
  return hashed(Buffer.concat([...parts, bytes.subarray(history.start, history.start + GUESS_BYTES)]));
}

function spanBytes(bytes: Buffer, scan: Scan, field: string): Buffer {
  const span = scan.fields.get(field);
  return span ? bytes.subarray(span.start, span.end) : Buffer.alloc(0);
}

function beginning(request: ChatRequest): string {
  const firstUser = request.messages.findIndex((message) => message.role === "user");
  const head = request.messages.slice(0, firstUser + 1).map(({ role, parts }) => [role, parts]);
  return JSON.stringify([head, request.tools?.map((tool) => tool.name)]);
}

const hashed = (text: string | Buffer): string => Bun.hash(text).toString(36);

function isOpening(call: Call): boolean {
  return (
    !call.bytes.includes('"assistant"') &&
    !call.bytes.includes('"model"', call.scan.fields.get("contents")?.start ?? call.bytes.length)
  );
}
