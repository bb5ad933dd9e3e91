import type { JsonObject } from "../lib/json.ts";

/** A JSON schema, as far as anybody here looks into one. */
export type Schema = JsonObject;

export type Parameter = {
  name: string;
  in: "path" | "query";
  required: boolean;
  description?: string;
  schema: Schema;
};

type Content = { [mediaType: string]: { schema: Schema } };

/** One call, as OpenAPI 3.1 tells it. */
export type Operation = {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  security: { [scheme: string]: string[] }[];
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: { [status: string]: { description: string; content: Content } };
};

/** Calls by path and lower-case method. */
export type Operations = { [path: string]: { [method: string]: Operation } };

/** What both APIs tell of themselves. */
export type ApiDocument = {
  openapi: "3.1.0";
  info: { title: string; version: string };
  paths: Operations;
  components: { securitySchemes: JsonObject; schemas: { [name: string]: Schema } };
};
