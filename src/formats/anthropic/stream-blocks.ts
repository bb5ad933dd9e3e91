import type { Part } from "../../core/reply.ts";
import { ownFields, type Fields } from "./wire.ts";

/** The block a part is written as, and the deltas it grows by. */
export function blockOf(part: Part): { block: Fields; delta: string; field: string } | undefined {
  switch (part.type) {
    case "text":
    case "refusal": {
      const { citations, ...extras } = ownFields(part);
      const cites = Array.isArray(citations) ? { citations: [] } : {};
      return { block: { type: "text", text: "", ...extras, ...cites }, delta: "text_delta", field: "text" };
    }
    case "reasoning":
      return {
        block: { type: "thinking", thinking: "", signature: "" },
        delta: "thinking_delta",
        field: "thinking",
      };
    case "tool-call":
      return {
        block: { type: "tool_use", id: part.id, name: part.name, input: {}, ...ownFields(part) },
        delta: "input_json_delta",
        field: "partial_json",
      };
    case "media":
    case "tool-result":
    case "other":
      return undefined;
  }
}

/** One event of a stream, as it goes over the wire. */
export const written = (event: string, data: unknown): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Opens a block. */
export const startOf = (index: number, block: Fields): string =>
  written("content_block_start", { type: "content_block_start", index, content_block: block });

/** Lets a block grow. */
export const deltaOf = (index: number, delta: Fields): string =>
  written("content_block_delta", { type: "content_block_delta", index, delta });

/** Closes a block. */
export const stopOf = (index: number): string =>
  `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`;
