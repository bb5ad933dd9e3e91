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
  const head = [`curl ${quoted(base + address)}`, `-H "${header}"`];
  const service = SERVICES.find(([end]) => address.endsWith(end))?.[1](requestedModel);
  if (service?.form) {
    const fields = Object.entries(service.form).map(([name, value]) => `-F ${quoted(`${name}=${value}`)}`);
    return lines([...head, ...fields]);
  }
  const isUsable = recorded !== undefined && recorded.length <= MOST_BODY;
  const body = service?.json ?? bodyOf(sourceFormat, requestedModel, stream);
  const text = isUsable ? recorded : JSON.stringify(body);
  return lines([...head, `-H "content-type: application/json"`, `-d ${quoted(text)}`]);
}

const lines = (words: readonly string[]): string => words.join(" \\\n  ");

type ServiceBody = { json?: object; form?: { [field: string]: string } };
const content = { parts: [{ text: TEXT }] };

/** What is asked beside chat, by the end of its path. */
const SERVICES: readonly (readonly [end: string, body: (model: string) => ServiceBody])[] = [
  ["/embeddings", (model) => ({ json: { model, input: TEXT } })],
  [":embedContent", () => ({ json: { content } })],
  [":batchEmbedContents", () => ({ json: { requests: [{ content }] } })],
  ["/images/generations", (model) => ({ json: { model, prompt: "A cat" } })],
  ["/images/edits", (model) => ({ form: { model, prompt: "A hat on its head", image: "@picture.png" } })],
  ["/audio/speech", (model) => ({ json: { model, input: TEXT, voice: "alloy" } })],
  ["/audio/transcriptions", (model) => ({ form: { model, file: "@talk.mp3" } })],
  ["/moderations", (model) => ({ json: { model, input: TEXT } })],
  ["/rerank", (model) => ({ json: { model, query: TEXT, documents: ["Good morning", "Good night"] } })],
];

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
