import { z } from "zod";
import { ROLES } from "./guard.ts";
import type { ApiDocument, Operation, Operations, Parameter, Schema } from "../http/api-document.ts";
import type { JsonObject } from "../lib/json.ts";
import { methodsOf, type RouteFacts, type RouteTable } from "./route-table.ts";

/** `GET /api/openapi.json`: every route, by the schemas that check it. */
export function openapiRoutes(table: RouteTable, document: () => ApiDocument): void {
  table.add(
    {
      method: "GET",
      path: "/api/openapi.json",
      role: "reader",
      summary: "This document: every call of the management API and of the public one.",
      answer: () => z.looseObject({ openapi: z.string(), paths: z.looseObject({}) }),
    },
    () => document(),
  );
}

/** The OpenAPI 3.1 document of these routes and of the other door's operations. */
export function documentOf(routes: readonly RouteFacts[], version: string, others: Operations): ApiDocument {
  const paths: Operations = {};
  for (const route of routes) {
    const path = shownPath(route.path);
    for (const method of methodsOf(route))
      (paths[path] ??= {})[method.toLowerCase()] ??= operation(method, route);
  }
  for (const [path, operations] of Object.entries(others)) paths[path] = { ...paths[path], ...operations };
  return {
    openapi: "3.1.0",
    info: { title: "OmniRoute", version },
    paths,
    components: {
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "auth_token" },
        key: { type: "http", scheme: "bearer", description: "An API key; calls say which scopes open them." },
      },
      schemas: { Error: ERROR },
    },
  };
}

/** `/api/keys/:id{.+}` as OpenAPI writes it: `/api/keys/{id}`. */
export function shownPath(path: string): string {
  return path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}").replace(/\*$/, "{rest}");
}

function operation(method: string, route: RouteFacts): Operation {
  const path = shownPath(route.path);
  const isOpen = route.role === "setup" || route.role === "anybody";
  const body = requestBody(route);
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+(\w?)/g, (_all, next: string) => next.toUpperCase())}`,
    tags: [path.split("/")[2] ?? "metrics"],
    summary: route.summary,
    description: `Who may: ${ROLES[route.role]}`,
    security: isOpen ? [] : [{ session: [] }, { key: [] }],
    parameters: [...inPath(path), ...inQuery(route)],
    ...(body && method !== "GET" && { requestBody: body }),
    responses: {
      [String(route.status ?? 200)]: { description: "Done.", content: answerOf(route) },
      default: {
        description: "Refused, with a code and a sentence.",
        content: { "application/json": { schema: refusalOf(route) } },
      },
    },
  };
}

function inPath(path: string): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name!,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function inQuery({ query }: RouteFacts): Parameter[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schemaOf(query(), "input") as {
    properties?: { [name: string]: JsonObject };
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(typeof description === "string" && { description }),
    schema,
  }));
}

function requestBody({ body, form }: RouteFacts): Operation["requestBody"] {
  if (body)
    return { required: false, content: { "application/json": { schema: schemaOf(body(), "input") } } };
  if (!form) return undefined;
  const parts = Object.entries(form);
  const schema = {
    type: "object",
    required: parts.filter(([, { required }]) => required).map(([name]) => name),
    properties: Object.fromEntries(
      parts.map(([name, { about, file }]) => [
        name,
        { type: "string", description: about, ...(file && { contentMediaType: "application/octet-stream" }) },
      ]),
    ),
  };
  return { required: true, content: { "multipart/form-data": { schema } } };
}

/** Who may not come in is told so in the one shape, whatever the handler says of the rest. */
function refusalOf({ refusal }: RouteFacts): Schema {
  const usual = { $ref: "#/components/schemas/Error" };
  return refusal ? { anyOf: [usual, schemaOf(refusal(), "output")] } : usual;
}

function answerOf({ answer }: RouteFacts): { [mediaType: string]: { schema: Schema } } {
  if (typeof answer === "function") return { "application/json": { schema: schemaOf(answer(), "output") } };
  return { [answer.media]: { schema: { type: "string", description: answer.about } } };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest as Schema;
}

const ERROR: JsonObject = {
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
