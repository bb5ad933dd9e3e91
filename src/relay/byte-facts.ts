import type { Scan } from "../lib/json-scan.ts";
import type { CallFacts } from "./call.ts";
import { byteMarks } from "../lib/byte-marks.ts";

const CHARACTERS_PER_TOKEN = 4;
const TOKENS_PER_FILE = 1600;
const SHORTEST_FILE = 1000;
const FILE_MARKS = [";base64,", '"data":"', '"data": "'];
const hasPicture = byteMarks(
  '"image_url"',
  '"input_image"',
  '"inlineData"',
  '"inline_data"',
  '"type":"image"',
  '"type": "image"',
);

/**
 * What planning needs, read off a body's bytes without building it. Base64 of pictures and files counts as files, not
 * as text. Quotes inside strings are escaped on the wire, so a mark in a text is not taken for a field.
 */
export function factsOfBytes(bytes: Buffer, scan: Scan): CallFacts {
  const files = fileSpans(bytes);
  return {
    estimatedInput:
      Math.ceil((bytes.length - files.bytes) / CHARACTERS_PER_TOKEN) + files.count * TOKENS_PER_FILE,
    needsTools: hasTools(bytes, scan),
    needsVision: hasPicture(bytes),
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
