import type { Scan } from "../lib/json-scan.ts";
import type { CallFacts } from "./call.ts";
import { byteMarks } from "../lib/byte-marks.ts";

const CHARACTERS_PER_TOKEN = 4;
const TOKENS_PER_FILE = 1600;
const SHORTEST_FILE = 1000;
const FILE_MARKS = [";base64,", '"data":"', '"data": "'];
/** How each client's format tells of a picture; a body is searched once for every mark. */
const PICTURE_MARKS: Readonly<Record<string, (bytes: Buffer) => boolean>> = {
  "openai-chat": byteMarks('"image_url"'),
  "openai-responses": byteMarks('"input_image"'),
  anthropic: byteMarks('"type":"image"', '"type": "image"'),
  gemini: byteMarks('"inlineData"', '"inline_data"'),
};

/**
 * What planning needs, read off a body's bytes without building it. Base64 of pictures and files counts as files, not
 * as text. Quotes inside strings are escaped on the wire, so a mark in a text is not taken for a field.
 */
export function factsOfBytes(bytes: Buffer, scan: Scan, clientFormat: string): CallFacts {
  const files = fileSpans(bytes);
  return {
    estimatedInput:
      Math.ceil((bytes.length - files.bytes) / CHARACTERS_PER_TOKEN) + files.count * TOKENS_PER_FILE,
    needsTools: hasTools(bytes, scan),
    needsVision: PICTURE_MARKS[clientFormat]?.(bytes) ?? false,
  };
}

function fileSpans(bytes: Buffer): { count: number; bytes: number } {
  const found = { count: 0, bytes: 0 };
  for (const mark of FILE_MARKS) {
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at)) {
      at += mark.length;
      const end = bytes.indexOf('"', at);
      if (end < 0) break;
      if (end - at >= SHORTEST_FILE) {
        found.count++;
        found.bytes += end - at;
      }
      at = end;
    }
  }
  return found;
}

function hasTools(bytes: Buffer, scan: Scan): boolean {
  const span = scan.fields.get("tools");
  return span !== undefined && span.end - span.start > 2 && bytes[span.start] === 91;
}
