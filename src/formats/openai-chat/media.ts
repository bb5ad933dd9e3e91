import type { Part } from "../../core/reply.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { otherFields, textOf } from "./wire.ts";

export type Media = Extract<Part, { type: "media" }>;

/** Where a medium's bytes are: inside a `data:` URL or behind an address. */
export function readUrl(url: string): Pick<Media, "mediaType" | "data" | "url"> {
  const inline = /^data:([^;,]*)[^,]*;base64,/i.exec(url);
  return inline
    ? { mediaType: (inline[1] ?? "").toLowerCase(), data: url.slice(inline[0].length) }
    : { mediaType: "", url };
}

/** A medium as one URL; undefined when it is only known to its vendor by an id. */
export function writeUrl(media: Media): string | undefined {
  if (media.data === undefined) return media.url;
  const data = media.plain ? Buffer.from(media.data).toString("base64") : media.data;
  return `data:${media.mediaType || FALLBACK_TYPES[media.kind]};base64,${data}`;
}

const FALLBACK_TYPES: { [K in Media["kind"]]: string } = {
  image: "image/png",
  document: "application/pdf",
  audio: "audio/wav",
  video: "video/mp4",
};

/** Reads a content part that is a medium; undefined for other parts. */
export function readMedia(part: JsonObject): Media | undefined {
  switch (part["type"]) {
    case "image_url":
    case "video_url": {
      const field = part["type"];
      const inner = part[field];
      const url = textOf(isObject(inner) ? inner["url"] : inner);
      const detail = isObject(inner) ? textOf(inner["detail"]) : "";
      if (url === "") return undefined;
      return {
        type: "media",
        kind: field === "image_url" ? "image" : "video",
        ...readUrl(url),
        ...(detail !== "" && { detail }),
        ...otherFields(part, new Set(["type", field])),
      };
    }
    case "input_audio": {
      const audio = part["input_audio"];
      if (!isObject(audio) || textOf(audio["data"]) === "") return undefined;
      return {
        type: "media",
        kind: "audio",
        mediaType: audioType(textOf(audio["format"])),
        data: textOf(audio["data"]),
        ...otherFields(part, new Set(["type", "input_audio"])),
      };
    }
    case "file":
      return isObject(part["file"]) ? readFile(part, part["file"]) : undefined;
    default:
      return undefined;
  }
}

function readFile(part: JsonObject, file: JsonObject): Media | undefined {
  const data = textOf(file["file_data"]);
  const fileId = textOf(file["file_id"]);
  const name = textOf(file["filename"]);
  if (data === "" && fileId === "") return undefined;
  // Bare base64 is what OpenAI once took; today it wants a `data:` URL.
  const place = data === "" || /^(?:data|https?):/i.test(data) ? readUrl(data) : { mediaType: "", data };
  return {
    type: "media",
    kind: place.mediaType.startsWith("image/") ? "image" : "document",
    mediaType: place.mediaType,
    ...("data" in place && { data: place.data }),
    ...(place.url && { url: place.url }),
    ...(fileId !== "" && { fileId }),
    ...(name !== "" && { name }),
    ...otherFields(part, new Set(["type", "file"])),
  };
}

/** Writes a medium as a content part; undefined for what chat has no part for. */
export function writeMedia(media: Media): JsonObject | undefined {
  const url = writeUrl(media);
  switch (media.kind) {
    case "image":
      if (url === undefined) return undefined;
      return {
        type: "image_url",
        image_url: { url, ...(media.detail !== undefined && { detail: media.detail }) },
      };
    case "video":
      return url === undefined ? undefined : { type: "video_url", video_url: { url } };
    case "audio":
      if (media.data === undefined) return undefined;
      return { type: "input_audio", input_audio: { data: media.data, format: audioFormat(media.mediaType) } };
    case "document": {
      if (media.fileId !== undefined && !isElsewhere(media.fileId, media))
        return { type: "file", file: { file_id: media.fileId } };
      if (media.data === undefined || url === undefined) return undefined;
      return { type: "file", file: { filename: media.name ?? "document.pdf", file_data: url } };
    }
  }
}

/** Files kept at Anthropic or Google cannot be had by their ids anywhere else. */
const isElsewhere = (fileId: string, { vendor }: Media): boolean =>
  vendor?.anthropic !== undefined || fileId.includes("://");

/** OpenAI names audio by file ending, everybody else by MIME type. */
const audioType = (format: string): string => (format === "mp3" ? "audio/mpeg" : `audio/${format || "wav"}`);

const audioFormat = (type: string): string => {
  const name = type.replace(/^audio\/(?:x-)?/, "");
  return name === "mpeg" ? "mp3" : name || "wav";
};
