import { afterAll, beforeAll, expect, test } from "bun:test";
import { createAdmin } from "../../src/admin/index.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";

let gateway: InProcess;
let document: any;
beforeAll(async () => {
  gateway = await startInProcess();
  document = (await gateway.admin("GET", "/api/openapi.json")).body;
});
afterAll(() => gateway.stop());

test("every route of the router stands in the document", () => {
  const missing = createAdmin(gateway.engine)
    .routes.filter(({ method, path }) => method !== "ALL" && path.startsWith("/api/"))
    .filter(({ method, path }) => {
      const shown = path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
      return document.paths[shown]?.[method.toLowerCase()] === undefined;
    });
  expect(missing).toEqual([]);
  expect(Object.keys(document.paths).length).toBeGreaterThan(40);
});

test("operations have names of their own, and only the sign-in needs no sign-in", () => {
  const operations = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(([method, operation]) => ({ call: `${method} ${path}`, ...operation })),
  );
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(
    operations
      .filter(({ security }) => security.length === 0)
      .map(({ call }) => call)
      .toSorted((left, right) => (left < right ? -1 : 1)),
  ).toEqual(["get /api/auth/status", "post /api/auth/login", "post /api/auth/logout", "post /api/setup"]);
});

test("bodies are described by the schemas that check them", () => {
  const schema = document.paths["/api/keys"].post.requestBody.content["application/json"].schema;
  expect(Object.keys(schema.properties)).toContain("allowedModels");
  expect(schema.required).toEqual(["name"]);
});
