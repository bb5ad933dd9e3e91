import type { Loss, TargetModel } from "../../core/format.ts";
import type { Part, Source } from "../../core/reply.ts";
import { Sources } from "../../core/sources.ts";
import { isObject, type JsonObject, tryParseJson } from "../../lib/json.ts";
import { type Fields, FROM_PROVIDER, objectsOf } from "./fields.ts";
import { bagOf, ID, withBag } from "./wire.ts";

type Media = Extract<Part, { type: "media" }>;

/** Reads one content part of a message or of a tool's output. */
export function readContent(part: Fields): Part {
  switch (part.text("type")) {
    case "input_text":
    case "output_text":
    case "text":
      return { type: "text", text: part.text("text") ?? "", ...citedPages(part), ...leftover(part) };
    case "refusal":
      return { type: "refusal", text: part.text("refusal") ?? "", ...leftover(part) };
    case "input_image":
      return readImage(part);
    case "input_file":
      return readFile(part);
    case "input_audio":
      return readAudio(part);
    default:
      return { type: "other", ...withBag({ content: part.source }) };
  }
}

/** The pages that a provider's text cites; in what a client hands back they say nothing new. */
function citedPages(part: Fields): { sources?: Source[] } {
  const { annotations } = part.source;
  if (part.path !== FROM_PROVIDER || !Array.isArray(annotations)) return {};
  const pages = new Sources();
  for (const annotation of annotations)
    if (isObject(annotation) && annotation["type"] === "url_citation")
      pages.add(annotation["url"], annotation["title"]);
  return pages.found();
}

/**
 * Reads what a tool gave back: a string, or a list of content parts. Clients also send the list as JSON inside the
 * string; with a picture in it, taken as text it would cost a hundred thousand tokens.
 */
export function readOutput(output: unknown, path: Fields["path"]): Part[] {
  if (Array.isArray(output)) return objectsOf(output, path).map(readContent);
  if (typeof output === "string") return pictureList(output) ?? [{ type: "text", text: output }];
  return output === undefined ? [] : [{ type: "text", text: JSON.stringify(output) }];
}

function pictureList(output: string): Part[] | undefined {
  if (!output.startsWith("[") || !output.includes('"input_image"')) return undefined;
  const list = tryParseJson(output);
  if (!Array.isArray(list) || !list.every((entry) => isObject(entry) && typeof entry["type"] === "string"))
    return undefined;
  const parts = objectsOf(list, "output").map(readContent);
  return parts.some((part) => part.type === "media") ? parts : undefined;
}

function readImage(part: Fields): Part {
  const given = part.any("image_url");
  const url = isObject(given) ? given["url"] : given;
  const detail = part.text("detail");
  const fileId = part.text("file_id");
  return {
    type: "media",
    kind: "image",
    ...(typeof url === "string" ? readUrl(url) : { mediaType: "" }),
    ...(fileId !== undefined && { fileId }),
    ...(detail !== undefined && { detail }),
    ...leftover(part),
  };
}

function readFile(part: Fields): Part {
  const name = part.text("filename");
  const data = part.text("file_data");
  const url = part.text("file_url");
  const fileId = part.text("file_id");
  const guessed = { mediaType: mediaTypeOfName(name ?? url ?? "") };
  return {
    type: "media",
    kind: "document",
    ...guessed,
    ...(url !== undefined && { url }),
    ...(data !== undefined && (data.startsWith("data:") ? readUrl(data) : { ...guessed, data })),
    ...(fileId !== undefined && { fileId }),
    ...(name !== undefined && { name }),
    ...leftover(part),
  };
}

function readAudio(part: Fields): Part {
  const audio = part.nested("input_audio");
  const format = audio?.text("format") ?? "";
  return {
    type: "media",
    kind: "audio",
    mediaType: format === "mp3" ? "audio/mpeg" : `audio/${format}`,
    data: audio?.text("data") ?? "",
    ...withBag({ content: part.rest() ?? {} }),
  };
}

function leftover(part: Fields) {
  const content = part.rest();
  return content ? withBag({ content }) : {};
}

const DATA_URL = /^data:([^;,]*)(?:;[^;,]*)*?;base64,/;

function readUrl(url: string): { mediaType: string; data?: string; url?: string } {
  const found = DATA_URL.exec(url.slice(0, 200));
  return found ? { mediaType: found[1] ?? "", data: url.slice(found[0].length) } : { mediaType: "", url };
}

const EXTENSIONS: Readonly<{ [extension: string]: string }> = {
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  json: "application/json",
  html: "text/html",
};

function mediaTypeOfName(name: string): string {
  return EXTENSIONS[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ""] ?? "";
}

/**
 * Writes a part as input content (users, tools) or as output content (the assistant). Undefined for what this format
 * cannot say there; then a loss has been noted.
 */
export function writeContent(
  part: Part,
  side: "input" | "output",
  target: TargetModel,
  losses: Loss[],
): JsonObject | undefined {
  const left = bagOf(part)?.content;
  switch (part.type) {
    case "text":
      return { type: side === "input" ? "input_text" : "output_text", text: part.text, ...left };
    case "refusal":
      return side === "input"
        ? { type: "input_text", text: part.text }
        : { type: "refusal", refusal: part.text, ...left };
    case "media":
      return side === "input"
        ? writeMedia(part, target, losses)
        : lose(losses, `${part.kind} in the history`);
    case "other":
      return left;
    case "reasoning":
    case "tool-call":
    case "tool-result":
      return undefined;
  }
}

function writeMedia(part: Media, target: TargetModel, losses: Loss[]): JsonObject | undefined {
  const left = bagOf(part)?.content;
  if (isElsewhere(part))
    return lose(losses, `${part.kind} input`, "a file kept at another vendor cannot be read here");
  switch (part.kind) {
    case "image":
      if (target.vision === false) return withheld(losses);
      return {
        type: "input_image",
        ...imageSource(part),
        ...(part.detail && { detail: part.detail }),
        ...left,
      };
    case "document":
      return { type: "input_file", ...fileSource(part), ...left };
    case "audio":
      // No longer in OpenAI's description of the input; kept for clients and providers that both know it.
      if (left === undefined) return lose(losses, "audio input");
      return { type: "input_audio", input_audio: audioSource(part), ...left };
    case "video":
      return lose(losses, "video input");
  }
}

/** Only a file's id came, and it is not one of OpenAI's. */
function isElsewhere({ fileId, data, url, vendor }: Media): boolean {
  if (fileId === undefined || data !== undefined || url !== undefined) return false;
  return !vendor?.[ID] && !fileId.startsWith("file-");
}

function imageSource(part: Media): JsonObject {
  const url = part.data === undefined ? part.url : dataUrl(part.mediaType || "image/png", part.data);
  return {
    ...(url !== undefined && { image_url: url }),
    ...(part.fileId !== undefined && { file_id: part.fileId }),
  };
}

function fileSource(part: Media): JsonObject {
  const { fileId, name, url } = part;
  const mediaType = part.mediaType || "application/octet-stream";
  const data = part.plain ? Buffer.from(part.data ?? "").toString("base64") : part.data;
  return {
    ...(fileId !== undefined && { file_id: fileId }),
    ...(url !== undefined && { file_url: url }),
    ...(data !== undefined && { filename: name ?? fileName(mediaType), file_data: dataUrl(mediaType, data) }),
    ...(data === undefined && name !== undefined && { filename: name }),
  };
}

function audioSource(part: Media): JsonObject {
  const format = part.mediaType.replace(/^audio\//, "");
  return { data: part.data, format: format === "mpeg" ? "mp3" : format };
}

/** OpenAI answers 400 to file data without its `data:` prefix. */
const dataUrl = (mediaType: string, data: string): string => `data:${mediaType};base64,${data}`;

function fileName(mediaType: string): string {
  const extension = Object.keys(EXTENSIONS).find((key) => EXTENSIONS[key] === mediaType);
  return `document.${extension ?? "bin"}`;
}

function withheld(losses: Loss[]): JsonObject {
  lose(losses, "image input", "the model takes no images");
  return { type: "input_text", text: "[A picture stood here; this model takes none.]" };
}

function lose(losses: Loss[], what: string, why = "the Responses format cannot say it"): undefined {
  if (!losses.some((loss) => loss.what === what)) losses.push({ what, why });
  return undefined;
}
