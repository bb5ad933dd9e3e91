import type { Loss, TargetModel } from "../../core/format.ts";
import type { Quirks } from "../../core/quirks.ts";
import type { Part } from "../../core/reply.ts";
import type { JsonObject } from "../../lib/json.ts";
import { writeMedia, type Media } from "./media.ts";
import { ownFields } from "./wire.ts";

export type ContentContext = { quirks: Quirks; target: TargetModel; losses: Loss[] };

/** Content as the wire has it; undefined when nothing is left to say. */
export type Content = string | JsonObject[] | undefined;

/** Writes a user's parts: one text as a string, anything more as a list. Media the target lacks are noted and left out. */
export function writeContent(parts: readonly Part[], context: ContentContext): Content {
  const written = parts.flatMap((part) => writePart(part, context));
  const isPlain = written.every((part) => part["type"] === "text" && Object.keys(part).length === 2);
  if (context.quirks.contentAsString || (isPlain && written.length === 1)) return joined(written);
  return written.length === 0 ? undefined : written;
}

/**
 * Writes text that stands in one place (system, tool results): one string, or a list where cache marks must be kept.
 * Several providers take no list here.
 */
export function writeText(parts: readonly Part[], context: ContentContext): Content {
  const written = parts.flatMap((part) => writePart(part, context)).filter((part) => part["type"] === "text");
  return written.some((part) => "cache_control" in part) ? written : joined(written);
}

function joined(written: JsonObject[]): string | undefined {
  const texts = written.filter((part) => part["type"] === "text").map((part) => part["text"]);
  return texts.length === 0 ? undefined : texts.join("\n\n");
}

function writePart(part: Part, context: ContentContext): JsonObject[] {
  switch (part.type) {
    case "text":
      return part.text === "" ? [] : [{ type: "text", text: part.text, ...extras(part, context) }];
    case "refusal":
      return [{ type: "text", text: part.text }];
    case "media":
      return writeMediaPart(part, context);
    case "other": {
      const own = ownFields(part);
      return "type" in own ? [own] : [];
    }
    // Reasoning is never visible text; calls and results have messages of their own.
    case "reasoning":
    case "tool-call":
    case "tool-result":
      return [];
  }
}

function writeMediaPart(media: Media, context: ContentContext): JsonObject[] {
  if (media.kind === "document" && media.plain && media.data !== undefined)
    return [{ type: "text", text: media.name === undefined ? media.data : `${media.name}:\n${media.data}` }];
  const refused =
    context.quirks.contentAsString || (media.kind === "image" && context.target.vision === false);
  const written = refused ? undefined : writeMedia(media);
  if (written) return [{ ...written, ...extras(media, context) }];
  context.losses.push({
    what: `${media.kind} input`,
    why: refused ? "the model takes text only" : "a chat request cannot carry it in this form",
  });
  // The model should know that something was there, and may fetch it if it has an address.
  return [
    {
      type: "text",
      text: `[${media.kind}${media.name ? ` ${media.name}` : ""}${media.url ? `: ${media.url}` : " left out"}]`,
    },
  ];
}

/** Cache marks are Anthropic's; OpenRouter takes them in chat content, whichever client set them. */
function extras(part: Part, { quirks }: ContentContext): JsonObject {
  const { cache_control, ...own } = ownFields(part);
  const mark = quirks.cacheMarks ? (cache_control ?? part.vendor?.anthropic?.["cache_control"]) : undefined;
  return mark === undefined ? own : { ...own, cache_control: mark };
}
