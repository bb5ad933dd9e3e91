import type { Context } from "hono";
import type { ApiDocument } from "../../src/http/api-document.ts";
import type { Bindings } from "../../src/http/bindings.ts";
import type { Engine } from "../../src/engine.ts";
import type { Assets } from "./assets.ts";
import type { Carrier } from "./carrier.ts";

export type WebEnv = { Bindings: Bindings };
export type WebContext = Context<WebEnv>;

/** What every page's answer needs. */
export type WebDeps = {
  engine: Engine;
  /** What both APIs tell of themselves, made when it is asked for. */
  apiDocument(): ApiDocument;
  assets: Assets;
  carrier: Carrier;
};
