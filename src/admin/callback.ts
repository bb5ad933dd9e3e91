import type { Outcome } from "../accounts/index.ts";
import type { Engine } from "../engine.ts";
import type { Bindings } from "../http/bindings.ts";
import { PAGE_HEADERS } from "../http/security-headers.ts";

export const CALLBACK_PATH = "/callback";
const RESULT_PATH = `${CALLBACK_PATH}/result`;

/** Is this where vendors send browsers back to? Any path under it is, for those behind a proxy. */
export function isCallbackPath(path: string): boolean {
  return path === CALLBACK_PATH || path.startsWith(`${CALLBACK_PATH}/`);
}

/**
 * Takes the answer a browser brings from a vendor. Open to everybody: it does something only for a sign-in that waits,
 * and that is known by its secret state. The page it leads to has nothing of the answer in its address.
 */
export async function answerCallback(
  engine: Engine,
  request: Request,
  bindings: Bindings,
): Promise<Response> {
  if (request.method !== "GET")
    return new Response("Only GET is answered here.", { status: 405, headers: { allow: "GET", ...QUIET } });
  const { url } = bindings;
  const language = languageOf(request.headers.get("accept-language"));
  if (url.pathname === RESULT_PATH)
    return page(language, engine.manage.signIn.outcome(url.searchParams.get("of") ?? ""));
  const { outcome, handle } = await engine.manage.signIn.callback(url.href);
  if (handle === undefined) return page(language, outcome);
  const location = `${prefixOf(engine)}${RESULT_PATH}?of=${encodeURIComponent(handle)}`;
  return new Response(null, { status: 303, headers: { ...QUIET, location } });
}

/** The path under which a proxy shows this gateway. */
function prefixOf(engine: Engine): string {
  return new URL(engine.config.baseUrl).pathname.replace(/\/+$/, "");
}

const QUIET = { ...PAGE_HEADERS, "cache-control": "no-store" };

type Language = keyof typeof WORDS;
const WORDS = {
  en: {
    done: "You are signed in.",
    pending: "The sign-in is being completed. Go back to OmniRoute to see how it ends.",
    failed: "The sign-in did not work.",
    close: "You can close this window.",
    back: "Go to the dashboard",
  },
  "pt-BR": {
    done: "Acesso concedido.",
    pending: "A conexão está sendo concluída. Volte ao OmniRoute para ver o resultado.",
    failed: "A conexão não funcionou.",
    close: "Você pode fechar esta janela.",
    back: "Ir para o painel",
  },
} as const;

/** Portuguese where the browser asks for it before English. */
function languageOf(header: string | null): Language {
  const first = (header ?? "").split(",").find((entry) => /^\s*(?:en|pt)\b/i.test(entry)) ?? "en";
  return /^\s*pt\b/i.test(first) ? "pt-BR" : "en";
}

function page(language: Language, outcome: Outcome | undefined): Response {
  const words = WORDS[language];
  const state = outcome?.type ?? "failed";
  const detail = outcome?.type === "failed" ? outcome.description : words.close;
  const text = [
    "<!doctype html>",
    `<html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<meta name="color-scheme" content="light dark"><title>OmniRoute</title>`,
    `<main><h1>${escaped(words[state])}</h1><p>${escaped(detail)}</p>`,
    `<p><a href="/dashboard/providers">${words.back}</a></p></main></html>`,
  ].join("\n");
  return new Response(text, {
    status: state === "failed" ? 400 : 200,
    headers: { ...QUIET, "content-type": "text/html; charset=utf-8" },
  });
}

const ESCAPES: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
