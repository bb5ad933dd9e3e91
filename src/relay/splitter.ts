import { AwsEventSplitter } from "../lib/aws-event-stream.ts";
import { type SseEvent, SseSplitter } from "../lib/sse.ts";

/** Splits a provider's streamed bytes into events. */
export interface Splitter {
  push(chunk: Uint8Array): SseEvent[];
  end(): SseEvent[];
}

/** The splitter for what an answer says it is; server-sent events where it says nothing else. */
export function splitterFor(headers: Headers): Splitter {
  return isAwsEventStream(headers) ? new AwsEventSplitter() : new SseSplitter();
}

export const isAwsEventStream = (headers: Headers): boolean =>
  /^application\/vnd\.amazon\.eventstream\b/i.test(headers.get("content-type") ?? "");
