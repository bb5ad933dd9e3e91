import type { Part } from "../../core/reply.ts";
import { CallItem } from "./call-item.ts";
import { MessageItem } from "./message-item.ts";
import type { ItemPlace, OpenItem } from "./open-item.ts";
import { rawItem } from "./output.ts";
import { ReasoningItem } from "./reasoning-item.ts";
import { WholeItem } from "./whole-item.ts";
import { bagOf } from "./wire.ts";

/** The item that a part begins; undefined for what this format's clients cannot be shown. */
export function itemFor(part: Part, place: ItemPlace): OpenItem | undefined {
  switch (part.type) {
    case "text":
    case "refusal":
      return new MessageItem(part, place);
    case "reasoning":
      return new ReasoningItem(part, place);
    case "tool-call": {
      const spelling = place.speller.call(part);
      return spelling.kind === "own" ? new WholeItem(part, place) : new CallItem(part, place, spelling);
    }
    case "media":
      return part.kind === "image" ? new WholeItem(part, place) : undefined;
    case "other":
      if (rawItem(part)?.["type"] !== undefined) return new WholeItem(part, place);
      return bagOf(part)?.content ? new MessageItem(part, place) : undefined;
    case "tool-result":
      return undefined;
  }
}
