import { giveSession } from "../../src/http/sign-in.ts";
import { createSay, createShow } from "../i18n/index.ts";
import type { Visit } from "../visit.ts";
import { preferencesOf } from "./preferences.ts";
import type { WebContext, WebDeps } from "./web-env.ts";
import { sessionOf } from "./who.ts";

/** Gathers who looks at a page, and how they want it. */
export function visitOf(
  { engine, apiDocument }: WebDeps,
  c: WebContext,
  params: Visit["params"] = {},
): Visit {
  const { language, theme, zone } = preferencesOf(c, engine.settings());
  const session = sessionOf(engine, c);
  return {
    engine,
    apiDocument,
    url: c.env.url,
    params,
    language,
    theme,
    say: createSay(language),
    show: createShow(language, zone),
    now: engine.clock.now(),
    ...(session && { session }),
    signIn: (token) => giveSession(c, engine.config, token),
    actor: { name: "admin", ip: c.env.peer },
    peer: c.env.peer,
    passedOn: c.env.passedOn,
    signal: c.req.raw.signal,
  };
}
