import type { Hono } from "hono";
import { GatewayError } from "../../src/core/errors.ts";
import { readBody } from "../../src/http/body.ts";
import { lastUndoable } from "../../src/store/index.ts";
import { asGatewayError } from "../../src/relay/index.ts";
import type { Page } from "../page.ts";
import type { Markup } from "../ui/html.ts";
import type { ToastMessage } from "../ui/toast.ts";
import type { Visit } from "../visit.ts";
import { goWith, pageAnswer, takeCarried, toastOf } from "./answer.ts";
import { FormFields, type SentFile } from "./form-fields.ts";
import { isOwnForm } from "./own-form.ts";
import { visitOf } from "./visit-of.ts";
import type { WebContext, WebDeps, WebEnv } from "./web-env.ts";

const FORM_LIMIT_BYTES = 1024 * 1024;
const FILE_FORM_LIMIT_BYTES = 101 * 1024 * 1024;

/** Puts a page into its surroundings. */
export type Frame = (visit: Visit, page: Page, toast: ToastMessage | undefined, children: Markup) => Markup;

/** Lets a list of pages answer below `base`: GET shows, POST with `?do=` runs an action. */
export function mountPages(
  app: Hono<WebEnv>,
  deps: WebDeps,
  { pages, base, frame, admit }: { pages: readonly Page[]; base: string; frame: Frame; admit: Admit },
): void {
  for (const page of pages) {
    const path = base + page.path;
    app.get(path, async (c) => {
      const elsewhere = admit(c);
      if (elsewhere) return elsewhere;
      const visit = visitOf(deps, c, paramsOf(c));
      const carried = takeCarried(deps, c);
      if (carried?.carry !== undefined) visit.carried = carried.carry;
      return await shown(deps, c, frame, page, visit, { toast: toastOf(carried) });
    });
    if (page.actions) {
      app.post(path, async (c) => {
        refuseForeignForm(c);
        return admit(c) ?? (await acted(deps, c, frame, page));
      });
    }
  }
}

/** Where a visitor must go instead, who may not see the page. */
export type Admit = (c: WebContext) => Response | undefined;

/** Throws `cross_site` for a form that was not one of ours. */
export function refuseForeignForm(c: WebContext): void {
  if (isOwnForm(c.req.raw, c.env.url)) return;
  throw new GatewayError(
    "cross_site",
    "This form does not come from a page of this dashboard and was refused.",
  );
}

/**
 * The fields of a form as it was sent; with its file, where the page takes one. Throws `GatewayError` for bodies that
 * are too large.
 */
export async function readForm(c: WebContext, takesFiles = false): Promise<FormFields> {
  const type = c.req.header("content-type") ?? "";
  if (takesFiles && /^multipart\/form-data\b/i.test(type)) return readFileForm(c, type);
  const bytes = await readBody(c.req.raw, FORM_LIMIT_BYTES);
  return new FormFields(new URLSearchParams(new TextDecoder().decode(bytes)));
}

async function readFileForm(c: WebContext, type: string): Promise<FormFields> {
  const bytes = await readBody(c.req.raw, FILE_FORM_LIMIT_BYTES);
  let form: FormData;
  try {
    form = await new Response(Buffer.from(bytes), { headers: { "content-type": type } }).formData();
  } catch {
    throw new GatewayError("bad_request", "The form is broken.");
  }
  const texts = new URLSearchParams();
  const files = new Map<string, SentFile>();
  for (const [name, value] of form) {
    if (typeof value === "string") texts.append(name, value);
    else if (value.size > 0)
      files.set(name, { name: value.name, bytes: new Uint8Array(await value.arrayBuffer()) });
  }
  return new FormFields(texts, files);
}

async function acted(deps: WebDeps, c: WebContext, frame: Frame, page: Page): Promise<Response> {
  const name = c.env.url.searchParams.get("do") ?? "";
  const action = Object.hasOwn(page.actions ?? {}, name) ? page.actions?.[name] : undefined;
  if (!action) throw new GatewayError("not_found", "This page has no such action.");
  const visit = visitOf(deps, c, paramsOf(c));
  const form = await readForm(c, page.takesFiles);
  c.env.unlimited();
  const before = lastUndoable(deps.engine.store);
  let outcome;
  try {
    outcome = await action(visit, form);
  } catch (error) {
    const told = asGatewayError(error, deps.engine.clock.now());
    if (told.code === "internal_server_error")
      deps.engine.log.error("web", told.message, { cause: told.cause });
    visit.returned = { action: name, typed: form, error: told, taken: false };
    return await shown(deps, c, frame, page, visit, { status: told.status, error: told });
  }
  if (typeof outcome === "object" && "again" in outcome) {
    visit.returned = { action: outcome.of, typed: outcome.again, taken: false };
    return await shown(deps, c, frame, page, visit, {});
  }
  const { to = "", ...carried } = typeof outcome === "string" ? { message: outcome } : outcome;
  const after = lastUndoable(deps.engine.store);
  return goWith(deps, c, to === "" || to.startsWith("#") ? pathOfVisit(visit) + to : to, {
    ...carried,
    ...(after !== undefined && after !== before && { undo: after }),
  });
}

async function shown(
  deps: WebDeps,
  c: WebContext,
  frame: Frame,
  page: Page,
  visit: Visit,
  { toast, status, error }: { toast?: ToastMessage | undefined; status?: number; error?: GatewayError },
): Promise<Response> {
  const content = await page.show(visit);
  const wait = error?.retryAfterMs;
  return pageAnswer(deps, c, visit, {
    title: visit.say(page.title),
    body: frame(visit, page, toast, content),
    ...(status !== undefined && { status }),
    ...(wait !== undefined && { headers: { "retry-after": String(Math.max(1, Math.ceil(wait / 1000))) } }),
  });
}

/** The page's own address with its filters, without the action that ran. */
function pathOfVisit({ url }: Visit): string {
  const query = new URLSearchParams(url.search);
  query.delete("do");
  const text = query.toString();
  return url.pathname + (text === "" ? "" : `?${text}`);
}

/** The values of the path's names; the router has decoded them. */
function paramsOf(c: WebContext): Visit["params"] {
  return c.req.param() as Visit["params"];
}
