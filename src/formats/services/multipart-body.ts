import type { ServiceCall, ServiceQuirks, UploadForm, UploadPart } from "../../core/services.ts";
import { streamOf } from "../../lib/stream.ts";

/**
 * The client's form as a form for the provider: the model under its own id, refused fields left out, fields of
 * `changes` in place of the client's. Files go on while they arrive; a form that is all there states its length, for
 * some servers take nothing without. `boundary`: see `Asker.boundary`.
 */
export function multipartOf(
  form: UploadForm,
  modelId: string,
  quirks: ServiceQuirks,
  boundary: string,
  changes: Readonly<{ [field: string]: string }> = {},
): NonNullable<ServiceCall["bytes"]> {
  const fixed = { ...changes, model: modelId };
  const rewritten = (part: UploadPart): UploadPart | undefined =>
    part.type === "field" && Object.hasOwn(fixed, part.name) ? undefined : rewrite(part, quirks);
  const added = Object.entries(fixed).flatMap(
    ([name, value]) => rewrite({ type: "field", name, value }, quirks) ?? [],
  );
  const complete = form.complete()?.flatMap((part) => rewritten(part) ?? []);
  const parts = complete && [...added, ...(quirks.fileLast ? fieldsFirst(complete) : complete)];
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    content: () => streamOf(parts ? all(boundary, parts) : written(boundary, added, form, rewritten)),
    ...(parts && { length: lengthOf(boundary, parts) }),
  };
}

/** The part as this provider takes it; undefined for what it refuses. */
function rewrite(part: UploadPart, { drop = [], rename = {} }: ServiceQuirks): UploadPart | undefined {
  if (part.type === "file") return part;
  return drop.includes(part.name) ? undefined : { ...part, name: rename[part.name] ?? part.name };
}

const fieldsFirst = (parts: readonly UploadPart[]): UploadPart[] =>
  parts.toSorted((a, b) => Number(a.type === "file") - Number(b.type === "file"));

async function* all(boundary: string, parts: readonly UploadPart[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield* piecesOf(boundary, part);
  yield Buffer.from(closing(boundary));
}

async function* written(
  boundary: string,
  added: readonly UploadPart[],
  form: UploadForm,
  rewritten: (part: UploadPart) => UploadPart | undefined,
): AsyncGenerator<Uint8Array> {
  for (const part of added) yield* piecesOf(boundary, part);
  for await (const part of form.parts()) {
    const kept = rewritten(part);
    if (kept) yield* piecesOf(boundary, kept);
  }
  yield Buffer.from(closing(boundary));
}

async function* piecesOf(boundary: string, part: UploadPart): AsyncGenerator<Uint8Array> {
  yield Buffer.from(headOf(boundary, part));
  if (part.type === "file") yield* part.file.stream();
  else yield Buffer.from(part.value);
  yield Buffer.from("\r\n");
}

function lengthOf(boundary: string, parts: readonly UploadPart[]): number {
  const sizeOf = (part: UploadPart) =>
    part.type === "file" ? part.file.size : Buffer.byteLength(part.value);
  return parts.reduce(
    (sum, part) => sum + Buffer.byteLength(headOf(boundary, part)) + sizeOf(part) + 2,
    Buffer.byteLength(closing(boundary)),
  );
}

function headOf(boundary: string, part: UploadPart): string {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(part.name)}"`;
  if (part.type === "field") return `${head}\r\n\r\n`;
  return `${head}; filename="${escaped(part.file.name)}"\r\nContent-Type: ${plain(part.file.mediaType)}\r\n\r\n`;
}

const closing = (boundary: string): string => `--${boundary}--\r\n`;

/** As browsers escape names: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html */
const escaped = (text: string): string =>
  text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const plain = (text: string): string => text.replace(/[^\x20-\x7e]/g, "");
