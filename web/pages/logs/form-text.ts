import { isUtf8 } from "node:buffer";
import {
  boundaryOf,
  MultipartError,
  type MultipartEvent,
  MultipartReader,
} from "../../../src/lib/multipart.ts";

type Part = { head: string; pieces: Uint8Array[] };

/**
 * A recorded form as text: what each part is called and what it says; files by their size. Undefined for what is no
 * form. `showBytes` writes a number of bytes.
 */
export function formText(
  body: Buffer,
  contentType: string | undefined,
  showBytes: (bytes: number) => string,
): string | undefined {
  const boundary = boundaryOf(contentType ?? null);
  if (boundary === undefined) return undefined;
  return partsOf(body, boundary)
    .map(({ head, pieces }) => {
      const bytes = Buffer.concat(pieces);
      return `${head}\n${isUtf8(bytes) && !bytes.includes(0) ? bytes.toString() : `(${showBytes(bytes.length)})`}`;
    })
    .join("\n\n");
}

function partsOf(body: Buffer, boundary: string): Part[] {
  const parts: Part[] = [];
  let events: MultipartEvent[] = [];
  try {
    events = new MultipartReader(boundary).push(body);
  } catch (error) {
    if (!(error instanceof MultipartError)) throw error;
  }
  for (const event of events) {
    if (event.type === "part") parts.push({ head: headOf(event), pieces: [] });
    if (event.type === "data") parts.at(-1)?.pieces.push(event.bytes);
  }
  return parts;
}

function headOf({ name, fileName, mediaType }: Extract<MultipartEvent, { type: "part" }>): string {
  return [name, fileName, mediaType].filter((word) => word !== undefined).join(" · ");
}
