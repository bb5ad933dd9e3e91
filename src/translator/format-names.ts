import { badRequest } from "../core/errors.ts";
import type { ClientFormat, ProviderFormat } from "../core/format.ts";
import { CLIENT_FORMATS, PROVIDER_FORMATS } from "../formats/index.ts";

/** Every format a translation may begin or end with: what clients speak, and what providers alone do. */
export type AnyFormatId = keyof typeof CLIENT_FORMATS | keyof typeof PROVIDER_FORMATS;

/** The names people write and read, where they differ from our own. */
const SHOWN: { readonly [Id in AnyFormatId]?: string } = { "openai-chat": "openai", anthropic: "claude" };

const IDS = [...new Set([...Object.keys(CLIENT_FORMATS), ...Object.keys(PROVIDER_FORMATS)])] as AnyFormatId[];

/** A format as pages list it: `openai`, `claude` …; who speaks it says which directions it can take. */
export type FormatChoice = { id: string; client: boolean; provider: boolean };

/** Every format with its documented name and who speaks it. */
export function listFormats(): FormatChoice[] {
  return IDS.map((id) => ({
    id: shownName(id),
    client: id in CLIENT_FORMATS,
    provider: id in PROVIDER_FORMATS,
  }));
}

/** The documented name of a format. */
export const shownName = (id: string): string => SHOWN[id as AnyFormatId] ?? id;

/** The format of a name: the documented one or our own. Throws `bad_request`. */
export function formatOf(name: string, field: string): AnyFormatId {
  const found = IDS.find((id) => id === name || SHOWN[id] === name);
  if (!found)
    throw badRequest(`\`${field}\`: there is no format \`${name.slice(0, 100)}\`. Use ${names()}.`, field);
  return found;
}

/** A format as clients speak it. Throws `bad_request` for those that only providers do. */
export function clientFormat(id: AnyFormatId, field: string): ClientFormat {
  const format = (CLIENT_FORMATS as Readonly<Record<string, ClientFormat>>)[id];
  if (format) return format;
  throw badRequest(`\`${field}\`: no client speaks \`${shownName(id)}\`.`, field);
}

/** A format as providers speak it. Throws `bad_request` for those that only clients do. */
export function providerFormat(id: AnyFormatId, field: string): ProviderFormat {
  const format = (PROVIDER_FORMATS as Readonly<Record<string, ProviderFormat>>)[id];
  if (format) return format;
  throw badRequest(`\`${field}\`: no provider speaks \`${shownName(id)}\`.`, field);
}

const names = () =>
  listFormats()
    .map(({ id }) => `\`${id}\``)
    .join(", ");
