import type { Part } from "../../core/reply.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { camelKeys, lookUp, type WireBlob, type WireFile, type WirePart } from "./wire.ts";

type Media = Extract<Part, { type: "media" }>;

/**
 * Reads a part that is neither text nor a call nor a result: inline and linked files become media, everything else
 * (`executableCode`, `codeExecutionResult`, what comes next year) is kept as it is for Gemini alone.
 * Give the part without its signature.
 */
export function readOtherPart(part: JsonObject): Part {
  const { inlineData, fileData, ...rest } = part;
  const vendor = Object.keys(rest).length > 0 ? { vendor: { gemini: rest } } : {};
  const blob = isObject(inlineData) ? camelKeys(inlineData) : undefined;
  if (typeof blob?.["data"] === "string")
    return { ...described(blob), data: blob["data"], ...vendor } satisfies Media;
  const file = isObject(fileData) ? camelKeys(fileData) : undefined;
  if (typeof file?.["fileUri"] === "string")
    return { ...described(file), ...located(file["fileUri"]), ...vendor } satisfies Media;
  return { type: "other", vendor: { gemini: part } };
}

function described(file: JsonObject): Omit<Media, "data" | "url"> {
  const mediaType = typeof file["mimeType"] === "string" ? file["mimeType"] : "";
  const name = file["displayName"];
  return {
    type: "media",
    kind: kindOf(mediaType),
    mediaType,
    ...(typeof name === "string" && { name }),
  };
}

function kindOf(mediaType: string): Media["kind"] {
  const family = mediaType.split("/", 1)[0];
  return family === "image" || family === "audio" || family === "video" ? family : "document";
}

/** Files kept at Google can be opened with Google's credentials only; all other addresses are public. */
const KEPT_AT_GOOGLE = /^(?:gs:\/\/|https:\/\/generativelanguage\.googleapis\.com\/)/;

const located = (uri: string): { url: string } | { fileId: string } =>
  KEPT_AT_GOOGLE.test(uri) ? { fileId: uri } : { url: uri };

/** Writes a file; undefined when it is kept at another vendor, where Gemini cannot get it. */
export function writeMedia(part: Media): WirePart | undefined {
  const extra = part.vendor?.gemini;
  const content = writeContent(part);
  return content && { ...content, ...extra };
}

function writeContent(part: Media): WirePart | undefined {
  if (part.data !== undefined) {
    const data = part.plain ? Buffer.from(part.data).toString("base64") : part.data;
    return { inlineData: named({ mimeType: part.mediaType || guessType(part), data }, part) };
  }
  const inUrl = /^data:([^;,]*)(?:;[^,]*)?;base64,/.exec(part.url ?? "");
  if (inUrl && part.url !== undefined) {
    const mimeType = inUrl[1] || part.mediaType || guessType(part);
    return { inlineData: named({ mimeType, data: part.url.slice(inUrl[0].length) }, part) };
  }
  const fileUri = part.url ?? (part.fileId && KEPT_AT_GOOGLE.test(part.fileId) ? part.fileId : undefined);
  if (fileUri === undefined) return undefined;
  return { fileData: named({ mimeType: part.mediaType || guessType(part), fileUri }, part) };
}

function named<T extends WireBlob | WireFile>(file: T, part: Media): T {
  return part.name === undefined ? file : { ...file, displayName: part.name };
}

const TYPES: { [ending: string]: string } = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  heic: "image/heic",
  pdf: "application/pdf",
  txt: "text/plain",
  mp3: "audio/mp3",
  wav: "audio/wav",
  mp4: "video/mp4",
  webm: "video/webm",
};

const FALLBACK_TYPES: Readonly<Record<Media["kind"], string>> = {
  image: "image/jpeg",
  document: "application/pdf",
  audio: "audio/mp3",
  video: "video/mp4",
};

/** Gemini wants a type with every file; where none was given, the ending of the name says it. */
function guessType(part: Media): string {
  if (part.plain) return "text/plain";
  const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(part.name ?? part.url ?? "")?.[1]?.toLowerCase();
  return (ending && lookUp(TYPES, ending)) || FALLBACK_TYPES[part.kind];
}
