import { readProof } from "../../core/envelope.ts";
import type { DecodeContext } from "../../core/format.ts";
import { unwrapFreeText } from "../../core/free-text.ts";
import type { Part, Proof, Source } from "../../core/reply.ts";
import { Sources } from "../../core/sources.ts";
import { isObject } from "../../lib/json.ts";
import { withheld } from "./read-blocks.ts";
import { otherFields, vendorOf, type Fields } from "./wire.ts";

const TEXT = new Set(["type", "text"]);
const TOOL_USE = new Set(["type", "id", "name", "input"]);

/**
 * Reads a block of a provider's answer. Blocks of tools that the provider ran itself, and those nobody has seen yet,
 * become `other` parts that hold the whole block.
 */
export function readAnswerBlock(block: Fields, context: DecodeContext): Part {
  switch (block["type"]) {
    case "text":
      return {
        type: "text",
        text: textIn(block, "text"),
        ...citedPages(block["citations"]),
        ...vendorOf(textExtras(block)),
      };
    case "thinking":
      return signed(
        { type: "reasoning", text: textIn(block, "thinking") },
        proofOf(block["signature"], context),
      );
    case "redacted_thinking":
      return signed(
        { type: "reasoning", text: "", redacted: true },
        withheld(proofOf(block["data"], context)),
      );
    case "tool_use":
      return readCall(block, context);
    default:
      return { type: "other", vendor: { anthropic: block } };
  }
}

/** A proof made here; it may go back to this maker's models only. */
export function proofOf(value: unknown, context: DecodeContext): Proof | undefined {
  const proof = readProof("anthropic", value);
  return proof?.maker === "" ? { ...proof, maker: context.maker } : proof;
}

const signed = (part: Part, proof: Proof | undefined): Part => (proof ? { ...part, proof } : part);

function readCall(block: Fields, { toolNames }: DecodeContext): Part {
  const { freeText, ...tool } = toolNames.fromWire(textIn(block, "name"));
  const input = JSON.stringify(block["input"] ?? {});
  return {
    type: "tool-call",
    id: textIn(block, "id"),
    ...tool,
    input: freeText ? unwrapFreeText(input) : input,
    ...(freeText && { freeText }),
    ...vendorOf(otherFields(block, TOOL_USE)),
  };
}

const textIn = (block: Fields, field: string): string =>
  typeof block[field] === "string" ? block[field] : "";

/** The pages among the citations of a text; passages of documents have no address. */
export function citedPages(citations: unknown): { sources?: Source[] } {
  const pages = new Sources();
  if (Array.isArray(citations))
    for (const citation of citations) if (isObject(citation)) pages.add(citation["url"], citation["title"]);
  return pages.found();
}

function textExtras(block: Fields): Fields {
  const { citations, ...extras } = otherFields(block, TEXT);
  return Array.isArray(citations) && citations.length > 0 ? { ...extras, citations } : extras;
}
