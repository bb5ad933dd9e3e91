import type { TargetFailure } from "../core/errors.ts";
import { isObject, type JsonObject, tryParseJson } from "../lib/json.ts";

export const DIAGNOSIS_TYPES = [
  "no-key",
  "bad-key",
  "no-credit",
  "rate-limited",
  "no-such-model",
  "blocked-region",
  "wrong-url",
  "dns",
  "tls",
  "refused",
  "unreachable",
  "timeout",
  "provider-error",
  "shut-down",
] as const;
export type DiagnosisType = (typeof DIAGNOSIS_TYPES)[number];

/** What a test found, in words for people. `code`: the provider's or the network's own word, for those who search. */
export type Diagnosis = { type: DiagnosisType; code: string; message: string; action: string };

const ACTIONS: Readonly<Record<DiagnosisType, string>> = {
  "no-key": "Enter the key of this account.",
  "bad-key": "Check the key, or make a new one at the provider and enter it here.",
  "no-credit": "Add credit or wait for the quota to come back, at the provider.",
  "rate-limited": "The key works; try again later.",
  "no-such-model": "The key works; choose a model that this account may use.",
  "blocked-region":
    "The provider does not serve the country this machine calls from; give the account a proxy.",
  "wrong-url": "Check the base URL; most end in /v1.",
  dns: "Check the host name in the base URL, and that this machine can resolve names.",
  tls: "Check that the base URL names the right host, and that the server's certificate is valid.",
  refused: "Check that the server is running and listens on this host and port.",
  unreachable: "Check the base URL, and the network or proxy between here and the provider.",
  timeout: "Check that the host can be reached from here, and try again.",
  "provider-error": "The provider has a problem of its own; try again later.",
  "shut-down": "Choose another provider.",
};

/** What a test found, with what to do about it. */
export function diagnosis(type: DiagnosisType, code: string, message: string): Diagnosis {
  return { type, code, message, action: ACTIONS[type] };
}

/** What a call that got no answer tells. */
export function diagnoseFailure(failure: TargetFailure): Diagnosis {
  const code = failure.providerCode ?? failure.kind;
  return diagnosis(typeOfFailure(failure), code, failure.message);
}

function typeOfFailure({ kind, status, message, providerCode }: TargetFailure): DiagnosisType {
  if (kind === "credentials") return "no-key";
  if (kind === "timeout" || kind === "cancelled") return "timeout";
  if (status !== undefined && status >= 300 && status <= 399) return "wrong-url";
  if (kind === "malformed") return "wrong-url";
  if (providerCode === "ECONNREFUSED") return "refused";
  if (providerCode !== undefined && /^(?:ENOTFOUND|EAI_)/.test(providerCode)) return "dns";
  return message.startsWith("TLS ") ? "tls" : "unreachable";
}

export type ProbeAnswer = { status: number; text: string };

/**
 * What an answer tells about the account; undefined when it is simply good. `secrets` are struck out of the
 * provider's words.
 */
export function diagnoseAnswer(answer: ProbeAnswer, secrets: readonly string[]): Diagnosis | undefined {
  const body = tryParseJson(answer.text);
  const error = errorIn(body);
  const isJson = isObject(body) || Array.isArray(body);
  if (answer.status < 300 && isJson && !error) return undefined;
  const code = error?.code ?? String(answer.status);
  const isWall = answer.status === 403 && /^\s*</.test(answer.text);
  const type = isWall
    ? "unreachable"
    : typeOfAnswer(answer.status, isJson, `${error?.code ?? ""} ${error?.message ?? ""}`);
  const page = isWall ? " with a web page, as firewalls and bot checks do." : ".";
  const said = error ? `: ${withoutSecrets(error.message, secrets)}` : page;
  return diagnosis(type, code, `The provider answered ${answer.status}${said}`);
}

const KEY_WORDS = /api[ _-]?key|credential|unauthori[sz]ed|authenticat|invalid[ _]token/i;
const CREDIT_WORDS =
  /insufficient[ _](?:quota|balance|credit|funds)|credit balance|out of credits?|billing|exceeded your current quota|payment/i;
const MODEL_WORDS = /model/i;
/** OpenAI (403), Gemini (400), Groq, Cloudflare's error 1009. */
const REGION_WORDS =
  /unsupported_country|country, region|location is not supported|(?:not (?:available|supported)|unavailable|banned|blocked)\b.{0,40}\b(?:country|region|territory)/i;

/** xAI and Google answer 400 to a bad key, so the words count beside the status. */
function typeOfAnswer(status: number, isJson: boolean, words: string): DiagnosisType {
  if (status === 451 || (status >= 400 && status < 500 && REGION_WORDS.test(words))) return "blocked-region";
  if (status === 402) return "no-credit";
  if (status === 401) return "bad-key";
  if (status === 403 || status === 429) {
    if (CREDIT_WORDS.test(words)) return "no-credit";
    return status === 429 ? "rate-limited" : "bad-key";
  }
  if (status >= 500) return "provider-error";
  if (!isJson || status === 405) return "wrong-url";
  if (status === 404) return MODEL_WORDS.test(words) ? "no-such-model" : "wrong-url";
  if (KEY_WORDS.test(words)) return "bad-key";
  if (CREDIT_WORDS.test(words)) return "no-credit";
  if (status < 300) return "provider-error";
  // It read the call and only disliked what was in it, which it does after looking at the key.
  return "no-such-model";
}

/** The provider's error in any of the shapes in use; undefined when there is none. */
function errorIn(body: unknown): { message: string; code?: string } | undefined {
  const object = Array.isArray(body) ? (body as unknown[])[0] : body;
  if (!isObject(object)) return undefined;
  const { error } = object;
  if (typeof error === "string") return { message: error };
  if (isObject(error)) return named(error);
  if (object.object === "list" || Array.isArray(object.data) || Array.isArray(object.models))
    return undefined;
  // Some say how it went beside every answer: `{code: 200, msg: "success"}`.
  if (object.code === 200 && object.data !== undefined) return undefined;
  const words = object.detail ?? (object.choices ? undefined : (object.message ?? object.msg));
  if (typeof words === "string") return { message: words };
  return Array.isArray(words) ? { message: JSON.stringify(words) } : undefined;
}

function named(error: JsonObject): { message: string; code?: string } {
  const message = typeof error.message === "string" ? error.message : JSON.stringify(error);
  const code = error.status ?? error.code ?? error.type;
  return { message, ...(typeof code === "string" && { code }) };
}

/** Every occurrence of a secret replaced, and the whole kept short. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, "…");
  return clean.length > 300 ? `${clean.slice(0, 300)}…` : clean;
}
