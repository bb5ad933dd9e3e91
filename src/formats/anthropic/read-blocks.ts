import { readProof } from "../../core/envelope.ts";
import type { Part, Proof } from "../../core/reply.ts";
import { isObject } from "../../lib/json.ts";
import { isMadeSearch } from "./found-pages.ts";
import {
  at,
  optionalString,
  otherFields,
  requiredObject,
  requiredString,
  vendorOf,
  wrongField,
  type Fields,
} from "./wire.ts";

/**
 * Reads the content of a client's turn or tool result: a string or a list of blocks. Throws `bad_request` naming the
 * field, as `messages[2].content[0].type`.
 */
export function readContent(content: unknown, path: string): Part[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  if (!Array.isArray(content)) throw wrongField(content, path, "a string or a list of blocks");
  const parts: Part[] = [];
  let ahead: Proof | undefined;
  for (const [index, value] of content.entries()) {
    const blockPath = `${path}[${index}]`;
    const block = requiredObject(value, blockPath);
    if (isMadeSearch(block)) continue;
    const part = readBlock(block, blockPath);
    const carried = carriedProof(part);
    const last = parts.at(-1);
    if (carried && block["type"] === "thinking") ahead = carried;
    else if (carried && last && !last.proof) last.proof = carried;
    else if (!carried) parts.push(ahead && !part.proof ? { ...part, proof: ahead } : part);
    if (!carried) ahead = undefined;
  }
  return parts;
}

/**
 * Gemini signs calls and texts, for which this wire has no slot: `proof-blocks.ts` sends the proof in a block of
 * its own, which is dissolved here.
 */
function carriedProof(part: Part): Proof | undefined {
  return part.type === "reasoning" && part.text === "" && part.proof?.format === "gemini"
    ? part.proof
    : undefined;
}

function readBlock(block: Fields, path: string): Part {
  const type = requiredString(block, "type", path);
  switch (type) {
    case "text":
      return {
        type,
        text: requiredString(block, "text", path),
        ...vendorOf(otherFields(block, TEXT)),
      };
    case "image":
    case "document":
      return readMedia(type, block, path);
    case "thinking":
      return withProof(
        { type: "reasoning", text: requiredString(block, "thinking", path) },
        readProof("anthropic", block["signature"]),
      );
    case "redacted_thinking":
      return withProof(
        { type: "reasoning", text: "", redacted: true },
        withheld(readProof("anthropic", requiredString(block, "data", path))),
      );
    case "tool_use":
      return {
        type: "tool-call",
        id: requiredString(block, "id", path),
        name: requiredString(block, "name", path),
        input: JSON.stringify(block["input"] ?? {}),
        ...vendorOf(otherFields(block, TOOL_USE)),
      };
    case "tool_result":
      return {
        type: "tool-result",
        id: requiredString(block, "tool_use_id", path),
        output: readContent(block["content"] ?? [], at(path, "content")),
        ...(block["is_error"] === true && { failed: true }),
        ...vendorOf(otherFields(block, TOOL_RESULT)),
      };
    default:
      return readAsWords(type, block);
  }
}

const TEXT = new Set(["type", "text"]);
const TOOL_USE = new Set(["type", "id", "name", "input"]);
const TOOL_RESULT = new Set(["type", "tool_use_id", "content", "is_error"]);

const withProof = (part: Part, proof: Proof | undefined): Part => (proof ? { ...part, proof } : part);

/** Our own redacted blocks stay such in any client's slot. */
export function withheld(proof: Proof | undefined): Proof | undefined {
  return proof?.format === "anthropic" ? { ...proof, redacted: true } : proof;
}

const MEDIA = new Set(["type", "source", "title"]);

function readMedia(kind: "image" | "document", block: Fields, path: string): Part {
  const source = requiredObject(block["source"], at(path, "source"));
  const sourcePath = at(path, "source");
  const sourceType = requiredString(source, "type", sourcePath);
  const name = optionalString(block, "title", path);
  const extras = otherFields(block, MEDIA);
  const named = name === undefined ? {} : { name };
  switch (sourceType) {
    case "base64":
      return {
        type: "media",
        kind,
        mediaType: requiredString(source, "media_type", sourcePath),
        data: requiredString(source, "data", sourcePath),
        ...named,
        ...vendorOf(extras),
      };
    case "url":
      return {
        type: "media",
        kind,
        mediaType: kind === "document" ? "application/pdf" : "",
        url: requiredString(source, "url", sourcePath),
        ...named,
        ...vendorOf(extras),
      };
    case "text":
      return {
        type: "media",
        kind,
        mediaType: "text/plain",
        data: requiredString(source, "data", sourcePath),
        plain: true,
        ...named,
        ...vendorOf(extras),
      };
    case "content":
      return {
        type: "media",
        kind,
        mediaType: "text/plain",
        data: textOf(source["content"]),
        plain: true,
        ...named,
        vendor: { anthropic: block },
      };
    case "file":
      return {
        type: "media",
        kind,
        mediaType: "",
        fileId: requiredString(source, "file_id", sourcePath),
        ...named,
        vendor: { anthropic: block },
      };
    default:
      return { type: "other", vendor: { anthropic: block } };
  }
}

/**
 * Blocks without a place in our words. What says something in plain text is kept as that text for other formats;
 * the rest (server tools and their results, uploads, whatever is invented next) only this wire understands.
 */
function readAsWords(type: string, block: Fields): Part {
  const vendor = { anthropic: block };
  switch (type) {
    case "search_result": {
      const head = [block["title"], block["source"]].filter((line) => typeof line === "string");
      return { type: "text", text: [...head, textOf(block["content"])].join("\n"), vendor };
    }
    case "tool_reference":
      return { type: "text", text: `The tool ${String(block["tool_name"])} can be used now.`, vendor };
    case "compaction":
      return typeof block["content"] === "string"
        ? { type: "text", text: block["content"], vendor }
        : { type: "other", vendor };
    default:
      return { type: "other", vendor };
  }
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((block) => (isObject(block) && typeof block["text"] === "string" ? block["text"] : ""))
    .filter((text) => text !== "")
    .join("\n");
}
