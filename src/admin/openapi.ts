import type { Hono } from "hono";
import { z } from "zod";
import { ipFilterPatch } from "../access/index.ts";
import { chainInput, modelChainInput } from "../core/chain.ts";
import { comboInput } from "../core/combo.ts";
import { connectionInput, connectionPatch } from "../core/connection.ts";
import { keyInput } from "../core/key.ts";
import { nodeInput } from "../core/node.ts";
import { settingsPatch } from "../core/settings.ts";
import type { Engine } from "../engine.ts";
import { clientSetupInput } from "../engine/client-setup.ts";
import { proxyPatch } from "../engine/proxy-book.ts";
import { rehearsalInput } from "../engine/rehearsal-input.ts";
import { aliasInput, batchToTest, comboDefaultsPatch, keyToTest, resiliencePatch } from "../manage/index.ts";
import { checkInput, evalRunInput, suiteInput } from "../evals/index.ts";
import { benchInput, chatTestInput, sendInput, translationInput } from "../translator/index.ts";
import { budgetBody } from "./budget-routes.ts";
import { syncAction } from "./sync-routes.ts";
import type { AdminEnv } from "./http.ts";
import { OPEN_CALLS } from "./open-calls.ts";

/** What calls take, by the schemas that check it. */
const BODIES: Readonly<{ [call: string]: z.ZodType }> = {
  "POST /api/keys": keyInput,
  "PATCH /api/keys/{id}": keyInput.partial(),
  "POST /api/usage/budget": budgetBody,
  "PUT /api/settings/ip-filter": ipFilterPatch,
  "PUT /api/settings/proxy": proxyPatch,
  "PATCH /api/settings": settingsPatch,
  "POST /api/cli-tools/{settings}": clientSetupInput,
  "POST /api/providers": connectionInput,
  "PUT /api/providers/{id}": connectionPatch,
  "POST /api/providers/validate": keyToTest,
  "POST /api/providers/test-batch": batchToTest,
  "POST /api/provider-nodes": nodeInput,
  "POST /api/combos": comboInput,
  "POST /api/combos/{id}/rehearse": rehearsalInput,
  "PATCH /api/resilience": resiliencePatch,
  "PATCH /api/settings/combo-defaults": comboDefaultsPatch,
  "PUT /api/models/alias": aliasInput,
  "POST /api/evals": evalRunInput,
  "POST /api/evals/check": checkInput,
  "POST /api/evals/estimate": evalRunInput,
  "PUT /api/evals/{suiteId}": suiteInput,
  "POST /api/sync/cloud": syncAction,
  "POST /api/translator/translate": translationInput,
  "POST /api/translator/chat": chatTestInput,
  "POST /api/translator/bench": benchInput,
  "POST /api/translator/send": sendInput,
  "POST /api/fallback/chains": z.union([chainInput, modelChainInput]),
};

/** `GET /api/openapi.json`: every route of the management API, read from the router itself. */
export function openapiRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  app.get("/api/openapi.json", (c) => c.json(documentOf(app, engine.config.version)));
}

function documentOf(app: Hono<AdminEnv>, version: string) {
  const paths: { [path: string]: { [method: string]: object } } = {};
  for (const { method, path } of app.routes) {
    if (method === "ALL" || !path.startsWith("/api/")) continue;
    const shown = path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
    (paths[shown] ??= {})[method.toLowerCase()] ??= operation(method, shown);
  }
  return {
    openapi: "3.1.0",
    info: { title: "OmniRoute management API", version },
    paths,
    components: {
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "auth_token" },
        key: { type: "http", scheme: "bearer", description: "A key with the scope `admin`." },
      },
      schemas: { Error: ERROR },
    },
  };
}

function operation(method: string, path: string): object {
  const body = BODIES[`${method} ${path}`];
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+(\w?)/g, (_all, next: string) => next.toUpperCase())}`,
    tags: [path.split("/")[2]!],
    security: OPEN_CALLS.has(`${method} ${path}`) ? [] : [{ session: [] }, { key: [] }],
    ...(names.length > 0 && {
      parameters: names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } })),
    }),
    ...(body && { requestBody: { content: { "application/json": { schema: schemaOf(body) } } } }),
    responses: {
      "2XX": { description: "Done." },
      default: {
        description: "Refused, with a code and a sentence.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

const schemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });

const ERROR = {
  type: "object",
  required: ["error", "requestId"],
  properties: {
    requestId: { type: "string" },
    error: {
      type: "object",
      required: ["message", "type", "code"],
      properties: {
        message: { type: "string" },
        type: { type: "string" },
        code: { type: "string" },
        details: {
          type: "array",
          items: {
            type: "object",
            properties: { field: { type: "string" }, message: { type: "string" } },
          },
        },
      },
    },
  },
};
