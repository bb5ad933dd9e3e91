import type { Usage } from "../../core/reply.ts";
import { isObject, tryParseJson } from "../../lib/json.ts";
import { SseSplitter } from "../../lib/sse.ts";
import { usageOf } from "../../formats/services/read.ts";

/** Reads the usage out of an event stream that passes by; its last event tells it. */
export class StreamUsage {
  readonly #splitter = new SseSplitter();
  usage: Usage | undefined;
  #broken = false;

  watch(bytes: Uint8Array): void {
    if (this.#broken) return;
    try {
      for (const { data } of this.#splitter.push(bytes)) if (data.includes('"usage"')) this.#read(data);
    } catch {
      // An event too large to be read is still passed on.
      this.#broken = true;
    }
  }

  #read(data: string): void {
    const event = tryParseJson(data);
    if (!isObject(event)) return;
    this.usage = usageOf(event) ?? this.usage;
  }
}
