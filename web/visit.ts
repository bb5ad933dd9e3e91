import type { Engine } from "../src/engine.ts";
import type { ApiDocument } from "../src/http/api-document.ts";
import type { GatewayError } from "../src/core/errors.ts";
import type { Actor } from "../src/manage/index.ts";
import type { Language, Say, Show } from "./i18n/index.ts";
import type { FormFields } from "./server/form-fields.ts";
import type { Theme } from "./server/preferences.ts";

/** One look at one page: who looks, in which language, and what the last form left behind. */
export type Visit = {
  engine: Engine;
  /** What both APIs tell of themselves. */
  apiDocument(): ApiDocument;
  /** The checked address. */
  url: URL;
  /** Values of the path's `:names`, decoded. */
  params: { readonly [name: string]: string };
  language: Language;
  theme: Theme;
  say: Say;
  show: Show;
  /** Milliseconds since 1970, the same for the whole page. */
  now: number;
  /** Undefined before signing in, and where signing in is switched off. */
  session?: { id: string; token: string };
  /** Hands a fresh sign-in to the browser, with the answer. */
  signIn(token: string): void;
  actor: Actor;
  /** The visitor's address. */
  peer: string;
  /** The call came over a proxy. */
  passedOn: boolean;
  /** Aborted when the visitor leaves. */
  signal: AbortSignal;
  /** What the action before this page handed over, once. */
  carried?: unknown;
  /** The form that was just sent back to its writer. */
  returned?: ReturnedForm;
};

/** A form that is shown again as it was typed, because it was refused or because its writer is not done. */
export type ReturnedForm = {
  action: string;
  typed: FormFields;
  error?: GatewayError;
  /** Set once a form on the page has taken it; what nobody takes is shown at the top. */
  taken: boolean;
};
