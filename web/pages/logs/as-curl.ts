import type { RequestRecord } from "../../../src/core/record.ts";

/** Where the key of the line stands: nobody's key is kept, so it comes from the reader's environment. */
const KEY = "$OMNIROUTE_KEY";
const TEXT = "Hello!";

/** Longer bodies are for files, not for lines. */
const MOST_BODY = 8000;

/**
 * A line for a shell that asks the same model over the same path: with the same words where they were recorded, else
 * with others.
 */
export function asCurl(
  { path, requestedModel, stream, sourceFormat }: RequestRecord,
  base: string,
  recorded?: string,
): string {
  // What the playground asks is the owner's alone; a key asks the same at the door of clients.
  const address = path.startsWith("/api/playground/") ? "/v1/chat/completions" : path;
  const header = sourceFormat === "anthropic" ? `x-api-key: ${KEY}` : `authorization: Bearer ${KEY}`;
  const isUsable = recorded !== undefined && recorded.length <= MOST_BODY;
  const body = isUsable ? recorded : JSON.stringify(bodyOf(sourceFormat, requestedModel, stream));
  return [
    `curl ${quoted(base + address)} \\`,
    `  -H "${header}" \\`,
    `  -H "content-type: application/json" \\`,
    `  -d ${quoted(body)}`,
  ].join("\n");
}

function bodyOf(format: RequestRecord["sourceFormat"], model: string, stream: boolean): object {
  const said = { role: "user", content: TEXT };
  const streamed = stream ? { stream } : {};
  switch (format) {
    case "anthropic":
      return { model, max_tokens: 1024, ...streamed, messages: [said] };
    case "openai-responses":
      return { model, ...streamed, input: TEXT };
    case "gemini":
      return { contents: [{ role: "user", parts: [{ text: TEXT }] }] };
    default:
      return { model, ...streamed, messages: [said] };
  }
}

/** In single quotes nothing means anything to a shell but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
