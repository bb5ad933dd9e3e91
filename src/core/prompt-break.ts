/** Why the provider could not reuse a conversation's prompt. Times in milliseconds since 1970. */
export type PromptBreak = {
  requestId: string;
  at: number;
  session: string;
  model: string;
  provider: string;
  /**
   * `tools`, `system`, `message 3`; `model` or `connection` where the call went elsewhere than the one before;
   * `cache_control` where the words are the same and no mark finds what was kept any more.
   */
  element: string;
  /** Bytes into the element's JSON, to within 64, or exactly where the words were kept; 0 for what is no element. */
  offset: number;
  /** How much of the prompt before it was still the same, in bytes. */
  keptBytes: number;
  /** Who changed it: the client's own request differs there too, or only what we made of it, or where we sent it. */
  changedBy: "client" | "gateway" | "routing";
  /** What the provider still read from its cache. */
  cacheRead: number;
};

/**
 * What a change was. `translation`: the client said the same, and the gateway wrote it otherwise; `content`: other
 * words.
 */
export const PROMPT_CHANGES = [
  "model",
  "account",
  "system-prompt",
  "tool-order",
  "cache-marks",
  "signatures",
  "translation",
  "content",
] as const;

/**
 * A prompt beside that of the turn before, byte for byte. Offsets and sizes are bytes of the prompts as they were
 * sent: tools, system text and turns in the order providers read them, each on a line, without what the later turn
 * only adds at the end. Cache marks are left out unless they are what changed.
 */
export type PromptDiff = {
  change: (typeof PROMPT_CHANGES)[number];
  /** Where the first difference is; the length of the shorter one where there is none. */
  offset: number;
  bytesBefore: number;
  bytesAfter: number;
  hunks: PromptHunk[];
  /** Further differences, which are not listed. */
  hunksLeftOut: number;
};

export type PromptHunk = {
  element: string;
  /** Bytes into the element's JSON. */
  offset: number;
  /** Bytes into the whole prompt before. */
  at: number;
  removed: PromptBytes;
  added: PromptBytes;
  /** What stands before and behind it, the same in both. */
  lead: string;
  tail: string;
};

/** `text` is the beginning of `bytes` bytes; the last `leftOut` of them are not kept. Credentials are stars. */
export type PromptBytes = { text: string; bytes: number; leftOut: number };
