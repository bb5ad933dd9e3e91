import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createAdmin } from "../../src/admin/index.ts";
import { shownPath } from "../../src/admin/openapi.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";

let gateway: InProcess;
let admin: ReturnType<typeof createAdmin>;
let document: any;
let operations: { [field: string]: any; call: string }[];
beforeAll(async () => {
  gateway = await startInProcess();
  admin = createAdmin(gateway.engine);
  document = (await gateway.admin("GET", "/api/openapi.json")).body;
  operations = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(([method, operation]) => ({ call: `${method} ${path}`, ...operation })),
  );
});
afterAll(() => gateway.stop());

describe("the document", () => {
  test("holds every route of the router: there is no other way in than the table", () => {
    const missing = admin.routes
      .filter(({ method }) => method !== "ALL")
      .filter(({ method, path }) => document.paths[shownPath(path)]?.[method.toLowerCase()] === undefined);
    expect(missing).toEqual([]);
    expect(operations.length).toBeGreaterThan(100);
  });

  test("gives operations names of their own", () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("says in a sentence what each call does, and who may", () => {
    const speechless = operations.filter(({ summary }) => !/^[A-Z][^\n]{5,160}[.]$/.test(summary ?? ""));
    expect(speechless.map(({ call, summary }) => `${call}: ${summary}`)).toEqual([]);
    expect(operations.filter(({ description }) => !/^Who may: \S/.test(description))).toEqual([]);
  });

  test("describes what each call answers", () => {
    const silent = operations.filter(({ responses }) => {
      const [answer] = Object.values<any>(responses);
      const [content] = Object.values<any>(answer?.content ?? {});
      return !content?.schema || Object.keys(content.schema).length === 0;
    });
    expect(silent.map(({ call }) => call)).toEqual([]);
  });

  test("describes the body of each call that reads one", () => {
    const reading = admin.facts.filter(({ body, form }) => body ?? form).length;
    const described = new Set(operations.filter(({ requestBody }) => requestBody).map(({ call }) => call));
    expect(described.size).toBeGreaterThanOrEqual(reading);
    for (const call of ["post /api/keys", "put /api/settings/ip-filter", "post /api/db-backups/import"])
      expect(described).toContain(call);
  });

  test("lets only the ways in be called without credentials", () => {
    const open = operations.filter(({ security }) => security.length === 0).map(({ call }) => call);
    expect(open.toSorted((left, right) => (left < right ? -1 : 1))).toEqual([
      "get /api/auth/status",
      "post /api/auth/login",
      "post /api/auth/logout",
      "post /api/setup",
    ]);
  });

  test("takes bodies from the schemas that check them", () => {
    const schema = document.paths["/api/keys"].post.requestBody.content["application/json"].schema;
    expect(Object.keys(schema.properties)).toContain("allowedModels");
    expect(schema.required).toEqual(["name"]);
  });
});
