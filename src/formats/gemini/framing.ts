import type { Framing } from "./encode-stream.ts";

/** `?alt=sse`: each chunk an event. Comments are an event of their own, since Google's SDKs read frames by their first line. */
export const sseFraming = (): Framing => ({
  chunk: (json) => `data: ${json}\r\n\r\n`,
  comments: (comments) =>
    comments.length === 0 ? "" : `${comments.map((comment) => `: ${comment}\r\n`).join("")}\r\n`,
  end: () => "",
});

/** Without `alt=sse`: one JSON array that can be read while it grows. */
export function arrayFraming(): Framing {
  let opened = false;
  return {
    chunk(json) {
      const before = opened ? ",\r\n" : "[";
      opened = true;
      return before + json;
    },
    comments: () => "",
    end: () => (opened ? "]" : "[]"),
  };
}

/**
 * Do comment lines in a stream reach this client unharmed? Google's SDKs before 2.0, Gemini CLI's among them, and
 * those of other languages read a frame only if it begins with `data:`, and fail at the first one that does not.
 * `client`: the caller's `x-goog-api-client` header.
 */
export function readsComments(client: string | null | undefined): boolean {
  if (!client) return true;
  const sdk = /\bgoogle-genai-sdk\/(\d+)\.\S* gl-node\//.exec(client);
  return sdk !== null && Number(sdk[1]) >= 2;
}
