import type { FormatId } from "../../src/core/reply.ts";

/** A wire body, or a piece of one. */
export type Body = { [field: string]: unknown };
export type Change = (body: Body) => Body;
/** The same change in the words of each format that has words for it. */
export type Wires = { [F in FormatId]?: Change };

/** The plainest request of each format. */
export const PLAIN: Readonly<Record<FormatId, Body>> = {
  "openai-chat": { model: "m", messages: [{ role: "user", content: "Hello" }] },
  "openai-responses": { model: "m", input: [{ type: "message", role: "user", content: "Hello" }] },
  anthropic: { model: "m", max_tokens: 4000, messages: [{ role: "user", content: "Hello" }] },
  gemini: { contents: [{ role: "user", parts: [{ text: "Hello" }] }] },
};

/** Where each format keeps its turns. */
const TURNS: Readonly<Record<FormatId, string>> = {
  "openai-chat": "messages",
  "openai-responses": "input",
  anthropic: "messages",
  gemini: "contents",
};

/** Sets top-level fields. */
export const set =
  (fields: Body): Change =>
  (body) => ({ ...body, ...fields });

/** Sets fields of Gemini's `generationConfig`. */
export const config =
  (fields: Body): Change =>
  (body) => ({ ...body, generationConfig: { ...(body["generationConfig"] as Body), ...fields } });

/** Adds turns behind those that are there, in each format's own shape. */
export function turns(added: { [F in FormatId]?: object[] }): Wires {
  const changes: Wires = {};
  for (const [format, list] of Object.entries(added) as [FormatId, object[]][])
    changes[format] = (body) => ({
      ...body,
      [TURNS[format]]: [...(body[TURNS[format]] as object[]), ...list],
    });
  return changes;
}

/** Puts parts beside the text of the first turn. */
export function beside(parts: { [F in FormatId]?: object }): Wires {
  const changes: Wires = {};
  for (const [format, part] of Object.entries(parts) as [FormatId, object][])
    changes[format] = (body) => ({ ...body, [TURNS[format]]: [{ role: "user", ...content(format, part) }] });
  return changes;
}

function content(format: FormatId, part: object): Body {
  switch (format) {
    case "openai-chat":
    case "anthropic":
      return { content: [{ type: "text", text: "Hello" }, part] };
    case "openai-responses":
      return { type: "message", content: [{ type: "input_text", text: "Hello" }, part] };
    case "gemini":
      return { parts: [{ text: "Hello" }, part] };
  }
}

/** One change after another. */
export function all(...steps: Wires[]): Wires {
  const changes: Wires = {};
  const formats = Object.keys(steps[0] ?? {}) as FormatId[];
  for (const format of formats)
    if (steps.every((step) => step[format]))
      changes[format] = (body) => steps.reduce((changed, step) => (step[format] as Change)(changed), body);
  return changes;
}
