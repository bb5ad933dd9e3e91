import { Hono } from "hono";
import { getCookie } from "hono/cookie";
import { GatewayError } from "../src/core/errors.ts";
import type { Engine } from "../src/engine.ts";
import type { ApiDocument } from "../src/http/api-document.ts";
import { PAGE_HEADERS } from "../src/http/security-headers.ts";
import { SESSION_COOKIE, takeSession } from "../src/http/sign-in.ts";
import { asGatewayError } from "../src/relay/index.ts";
import { pages } from "./pages/index.ts";
import { faultPage } from "./pages/fault.ts";
import { login } from "./pages/login.ts";
import { mountSetup } from "./setup/index.ts";
import { goTo, REFRESH_HEADER } from "./server/answer.ts";
import { Assets } from "./server/assets.ts";
import { Carrier } from "./server/carrier.ts";
import { mountPages, readForm, refuseForeignForm } from "./server/mount.ts";
import { moved } from "./server/moved.ts";
import { mountInstallable } from "./server/installable.ts";
import { ownPath } from "./server/own-form.ts";
import { isProgram, nothingThere } from "./server/programs.ts";
import { mountUndo } from "./server/undo.ts";
import { keepPreference } from "./server/preferences.ts";
import type { WebContext, WebDeps, WebEnv } from "./server/web-env.ts";
import { mayEnter } from "./server/who.ts";
import { DashboardFrame, PlainFrame } from "./ui/layout.ts";

const BASE = "/dashboard";

/** The dashboard: pages written on the server, their files, and the way in. */
export function createWeb(engine: Engine, apiDocument: () => ApiDocument): Hono<WebEnv> {
  const deps: WebDeps = { engine, apiDocument, assets: new Assets(), carrier: new Carrier(engine.clock) };
  if (deps.assets.fault) engine.log.warn("web", deps.assets.fault);
  const app = new Hono<WebEnv>({
    getPath: (_request, options) => (options?.env as WebEnv["Bindings"]).path,
  });

  app.get(
    "/assets/:file",
    (c) => deps.assets.respond(c.req.param("file"), c.req.raw.headers) ?? c.notFound(),
  );
  app.get("/favicon.ico", (c) => goTo(c, deps.assets.url("icon.svg")));
  app.get("/robots.txt", (c) => c.text("User-agent: *\nDisallow: /\n"));

  app.get("/", (c) => goTo(c, BASE));
  for (const [from, to] of moved) app.get(from, (c) => goTo(c, to));

  app.post("/preferences", async (c) => {
    refuseForeignForm(c);
    const form = await readForm(c);
    for (const name of ["language", "theme"])
      keepPreference(c, name, form.text(name), { secure: engine.config.cookieSecure });
    // The switches of a page with scripts stay where they are.
    if (c.req.header(REFRESH_HEADER) !== undefined) return c.body(null, 204, PAGE_HEADERS);
    return goTo(c, ownPath(form.text("back"), c.env.url) ?? BASE);
  });

  app.post("/logout", (c) => {
    refuseForeignForm(c);
    engine.access.logout(getCookie(c, SESSION_COOKIE));
    takeSession(c);
    return goTo(c, "/login");
  });

  mountInstallable(app, deps);
  mountUndo(app, deps, BASE, (c) => entrance(deps, c));
  mountSetup(app, deps);
  mountPages(app, deps, {
    pages: [login],
    base: "",
    frame: (visit, _page, toast, children) => PlainFrame({ visit, ...(toast && { toast }), children }),
    admit: (c) => {
      if (engine.access.needsSetup()) return goTo(c, "/setup");
      return mayEnter(engine, c) ? goTo(c, BASE) : undefined;
    },
  });
  mountPages(app, deps, {
    pages,
    base: BASE,
    frame: (visit, page, toast, children) =>
      DashboardFrame({ visit, page, pages, base: BASE, ...(toast && { toast }), children }),
    admit: (c) => entrance(deps, c),
  });

  app.notFound((c) => {
    if (isProgram(c)) return nothingThere(c);
    if (c.env.path.startsWith("/assets/")) return c.text("There is no such file.", 404, PAGE_HEADERS);
    return (
      entrance(deps, c) ??
      faultPage(deps, c, new GatewayError("not_found", "There is no such page."), { pages, base: BASE })
    );
  });
  app.onError((error, c) => {
    const told = asGatewayError(error, engine.clock.now());
    if (told.code === "internal_server_error") engine.log.error("web", told.message, { cause: told.cause });
    return faultPage(deps, c, told, { pages, base: BASE });
  });
  return app;
}

/** Where a visitor must go first, who may not come in yet. */
function entrance({ engine }: WebDeps, c: WebContext): Response | undefined {
  if (mayEnter(engine, c)) return undefined;
  if (engine.access.needsSetup()) return goTo(c, "/setup");
  const wanted = c.req.method === "GET" ? c.env.url.pathname + c.env.url.search : "";
  return goTo(c, wanted === "" || wanted === BASE ? "/login" : `/login?next=${encodeURIComponent(wanted)}`);
}
