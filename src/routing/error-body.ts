import { isObject, type JsonObject } from "../lib/json.ts";

/** What a provider's error says: words for people, code word, type word. */
export type ProviderError = { message: string; code?: string; type?: string };

/**
 * What an error body says, in whatever shape: OpenAI and Anthropic `{error:{…}}`, Google `{error:{status}}`, FastAPI
 * `{detail}`, Apigee `{fault}`, MiniMax `{base_resp}`, plain `{error:"…"}`, `{message}`, `{msg}`, text, or a web page,
 * which is not repeated. `known`: what the format already read.
 */
export function readErrorBody(body: unknown, text: string | undefined, known?: ProviderError): ProviderError {
  const found = read(Array.isArray(body) ? body[0] : body);
  const message =
    firstText(known?.message, found?.message, plainText(text)) ?? "The provider gave no reason.";
  const code = known?.code ?? found?.code;
  const type = known?.type ?? found?.type;
  return { message, ...(code !== undefined && { code }), ...(type !== undefined && { type }) };
}

function read(body: unknown): Partial<ProviderError> | undefined {
  if (!isObject(body)) return undefined;
  const { error, errors, fault, base_resp: minimax } = body;
  if (isObject(error)) return fromObject(error, body);
  if (typeof error === "string") return { message: error, ...codeOf(body) };
  if (isObject(fault))
    return { message: wordOf(fault.faultstring), ...codeOf(isObject(fault.detail) ? fault.detail : {}) };
  if (isObject(minimax)) return { message: wordOf(minimax.status_msg), code: wordOf(minimax.status_code) };
  if (Array.isArray(errors) && errors.length > 0) return read({ error: errors[0] as unknown });
  return fromObject(body, body);
}

function fromObject(error: JsonObject, body: JsonObject): Partial<ProviderError> {
  const nested = isObject(error.metadata) ? wordOf(error.metadata.raw) : undefined;
  const message = firstText(
    wordOf(error.message),
    wordOf(error.msg),
    wordOf(error.err_msg),
    detailOf(error.detail),
    wordOf(error.title),
    wordOf(error.status_msg),
  );
  const type = wordOf(error.type) ?? wordOf(error.status) ?? wordOf(body.reason);
  // OpenRouter puts what its upstream said beside its own "Provider returned error".
  const whole = nested && nested !== message ? [message, nested].filter(Boolean).join(": ") : message;
  return { message: whole, ...codeOf(error), ...(type !== undefined && { type }) };
}

function codeOf(error: JsonObject): { code?: string } {
  const code =
    wordOf(error.code) ?? wordOf(error.status_code) ?? wordOf(error.errorcode) ?? wordOf(error.err_code);
  return code === undefined ? {} : { code };
}

/** FastAPI: a text, or a list of `{loc, msg}`. */
function detailOf(detail: unknown): string | undefined {
  if (!Array.isArray(detail)) return isObject(detail) ? wordOf(detail.message) : wordOf(detail);
  const lines = detail.slice(0, 5).map((item: unknown) => {
    if (!isObject(item)) return wordOf(item);
    const place = Array.isArray(item.loc) ? item.loc.join(".") : undefined;
    return [place, wordOf(item.msg)].filter((part) => part !== undefined).join(": ");
  });
  return lines.filter(Boolean).join("; ") || undefined;
}

function wordOf(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" ? String(value) : undefined;
}

/** Is this what a browser would show? */
export const isWebPage = (text: string | undefined): boolean =>
  /<(?:!doctype|html|head|body|title|center|h1)\b/i.test(text?.slice(0, 2000) ?? "");

/** A body that is no JSON: short texts are told, web pages are not. */
function plainText(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? "";
  if (trimmed === "" || trimmed.startsWith("{") || trimmed.startsWith("[")) return undefined;
  if (isWebPage(trimmed)) return "The provider answered with a web page instead of an error.";
  return trimmed.slice(0, 500);
}

function firstText(...texts: (string | undefined)[]): string | undefined {
  return texts.find((text) => text !== undefined && text.trim() !== "");
}
