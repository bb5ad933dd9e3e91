import { percentDecoded } from "../lib/percent-decoded.ts";

const ROOT_ALIASES = new Set([
  "chat",
  "completions",
  "responses",
  "messages",
  "models",
  "embeddings",
  "images",
  "audio",
  "moderations",
  "rerank",
]);

/** What nearly all calls ask for, spelled as it should be. */
const USUAL_PATHS = new Set(["/v1/chat/completions", "/v1/messages", "/v1/responses"]);

/**
 * The one spelling of a public path: doubled slashes and doubled version segments collapse, the root aliases and
 * `/codex/…` become `/v1/…`. Undefined for paths that are not the gateway's.
 */
export function gatewayPath(pathname: string): string | undefined {
  if (USUAL_PATHS.has(pathname)) return pathname;
  let path = pathname.replace(/\/{2,}/g, "/");
  if (path.length > 1 && path.endsWith("/")) path = path.slice(0, -1);
  const [, first = ""] = path.split("/", 2);
  if (first === "codex") path = `/v1${path.slice("/codex".length)}`;
  else if (ROOT_ALIASES.has(first)) path = `/v1${path}`;
  path = path
    .replace(/^(?:\/v1)+(?=\/v1(?:beta|alpha)?(?:\/|$))/, "")
    .replace(/^(?:\/v1beta)+(?=\/v1beta(?:\/|$))/, "");
  if (/^\/v1(?:beta|alpha)?(?:\/|$)/.test(path)) return path;
  return path === "/api/chat" || path === "/api/tags" ? `/v1${path}` : undefined;
}

export type GeminiPath = { model: string; verb: string };

/** Model and verb of a Gemini path: `/v1beta/models/{model}:verb`, also without `models/`, slashes encoded or not. */
export function geminiPath(path: string): GeminiPath | undefined {
  const match = /^\/v1(?:beta|alpha)?\/(?:models\/)?(.+):([A-Za-z]+)$/.exec(path);
  if (!match) return undefined;
  const [, model = "", verb = ""] = match;
  return { model: percentDecoded(model), verb };
}
