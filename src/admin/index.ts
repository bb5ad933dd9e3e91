import { Hono } from "hono";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import type { ApiDocument, Operations } from "../http/api-document.ts";
import { ANSWER_HEADERS } from "../http/security-headers.ts";
import { asGatewayError } from "../relay/index.ts";
import { accessRoutes } from "./access-routes.ts";
import { auditRoutes } from "./audit-routes.ts";
import { backupRoutes } from "./backup-routes.ts";
import { budgetRoutes } from "./budget-routes.ts";
import { cacheRoutes } from "./cache-routes.ts";
import { catalogueRoutes } from "./catalogue-routes.ts";
import { clientToolRoutes } from "./client-tool-routes.ts";
import { comboRoutes } from "./combo-routes.ts";
import { configFileRoutes } from "./config-file-routes.ts";
import { connectionRoutes } from "./connection-routes.ts";
import { evalRoutes } from "./eval-routes.ts";
import { eventRoutes } from "./event-routes.ts";
import { demand } from "./guard.ts";
import { adminError, type AdminEnv } from "./http.ts";
import { ipFilterRoutes } from "./ip-filter-routes.ts";
import { keyGroupRoutes } from "./key-group-routes.ts";
import { keyRoutes } from "./key-routes.ts";
import { modelRoutes } from "./model-routes.ts";
import { monitoringRoutes } from "./monitoring-routes.ts";
import { nodeRoutes } from "./node-routes.ts";
import { noticeRoutes } from "./notice-routes.ts";
import { tracingRoutes } from "./tracing-routes.ts";
import { documentOf, openapiRoutes } from "./openapi.ts";
import { playgroundRoutes } from "./playground-routes.ts";
import { pricingRoutes } from "./pricing-routes.ts";
import { proxyRoutes } from "./proxy-routes.ts";
import { quotaRoutes } from "./quota-routes.ts";
import { recordingRoutes } from "./recording-routes.ts";
import { resilienceRoutes } from "./resilience-routes.ts";
import { type RouteFacts, RouteTable } from "./route-table.ts";
import { routingRoutes } from "./routing-routes.ts";
import { settingRoutes } from "./setting-routes.ts";
import { signInRoutes } from "./sign-in-routes.ts";
import { signInStateRoutes } from "./sign-in-state-routes.ts";
import { syncRoutes } from "./sync-routes.ts";
import { translatorRoutes } from "./translator-routes.ts";
import { reportRoutes } from "./report-routes.ts";
import { requestRoutes } from "./request-routes.ts";
import { usageRoutes } from "./usage-routes.ts";

/** In this order they are tried. */
const ROUTES: readonly ((table: RouteTable, engine: Engine) => void)[] = [
  accessRoutes,
  keyRoutes,
  keyGroupRoutes,
  budgetRoutes,
  usageRoutes,
  reportRoutes,
  clientToolRoutes,
  playgroundRoutes,
  proxyRoutes,
  backupRoutes,
  auditRoutes,
  configFileRoutes,
  connectionRoutes,
  // Before the sign-ins, whose paths take any word as a provider.
  signInStateRoutes,
  signInRoutes,
  nodeRoutes,
  modelRoutes,
  pricingRoutes,
  catalogueRoutes,
  // Before the combos, whose paths take any word as an id.
  routingRoutes,
  comboRoutes,
  resilienceRoutes,
  ipFilterRoutes,
  settingRoutes,
  requestRoutes,
  monitoringRoutes,
  eventRoutes,
  recordingRoutes,
  noticeRoutes,
  tracingRoutes,
  syncRoutes,
  translatorRoutes,
  evalRoutes,
  cacheRoutes,
  // Takes any word under /api/usage as a connection's id.
  quotaRoutes,
];

/** The management API and what is known of its routes. */
export type Admin = Pick<Hono<AdminEnv>, "fetch" | "routes"> & {
  facts: readonly RouteFacts[];
  /** Both APIs as OpenAPI 3.1, made when it is asked for. */
  document(): ApiDocument;
};

/** The management API: everything under `/api`, and `/metrics`. `others`: the public API, for the document. */
export function createAdmin(engine: Engine, others: Operations = {}): Admin {
  const app = new Hono<AdminEnv>({
    getPath: (_request, options) => (options?.env as AdminEnv["Bindings"]).path,
  });
  app.use(async (c, next) => {
    await next();
    const { headers } = c.res;
    for (const [name, value] of Object.entries(ANSWER_HEADERS)) headers.set(name, value);
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  });
  const table = new RouteTable(app, engine);
  for (const routes of ROUTES) routes(table, engine);
  const document = () => documentOf(table.list(), engine.config.version, others);
  openapiRoutes(table, document);
  // What does not exist is closed too: strangers are not told which calls there are.
  app.use(demand(engine, "reader"));
  app.notFound((c) => adminError(c, new GatewayError("not_found", "There is no such management call.")));
  app.onError((error, c) => {
    const told = asGatewayError(error, engine.clock.now());
    if (told.code === "internal_server_error") engine.log.error("admin", told.message, { cause: told.cause });
    return adminError(c, told);
  });
  return { fetch: app.fetch, routes: app.routes, facts: table.list(), document };
}
