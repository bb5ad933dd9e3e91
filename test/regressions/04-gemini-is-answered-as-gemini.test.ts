import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { TestGateway } from "../kit/gateway.ts";
import { type Greeter, startGreeter } from "../kit/greeter.ts";

/** Gemini's calls must be found, and answered in Gemini's shape; an address of the API never answers with a page. */

let greeter: Greeter;
let gateway: TestGateway;
beforeAll(async () => {
  greeter = await startGreeter();
  ({ gateway } = greeter);
  gateway.engine.manage.models.add([{ provider: "chat", id: "m", name: "M" }], { name: "test" });
});
afterAll(() => greeter.stop());

const ask = (path: string) =>
  fetch(gateway.url + path, {
    method: "POST",
    body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "hi" }] }] }),
  });

test("generateContent gives candidates", async () => {
  const reply = (await (await ask("/v1beta/models/chat/m:generateContent")).json()) as any;
  expect(reply.candidates[0].content.parts[0].text).toBe("Hello");
  expect(reply.choices).toBeUndefined();
});

test("streamGenerateContent gives candidates in every event", async () => {
  const text = await (await ask("/v1beta/models/chat/m:streamGenerateContent?alt=sse")).text();
  const events = text.match(/^data: .*$/gm)!.map((line) => JSON.parse(line.slice(6)));
  expect(events.length).toBeGreaterThan(0);
  for (const event of events) expect(event).not.toHaveProperty("choices");
  expect(events.map((event) => event.candidates?.[0]?.content?.parts?.[0]?.text ?? "").join("")).toBe(
    "Hello",
  );
});

test.each(["/v1beta/models", "/v1beta/models/chat/m", "/v1alpha/models"])("%s is there", async (path) => {
  const response = await fetch(gateway.url + path);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toStartWith("application/json");
});

describe("what is not there says so in JSON", () => {
  test.each(["/V1/chat/completions", "/openai/v1/chat/completions", "/v2/messages"])(
    "%s, to a client whose base address is wrong",
    async (path) => {
      for (const method of ["GET", "POST", "DELETE"]) {
        const headers = { accept: method === "GET" ? "application/json" : "*/*" };
        const response = await fetch(gateway.url + path, { method, headers, redirect: "manual" });
        const { error } = (await response.json()) as { error: { code: string; message: string } };
        expect([response.status, error.code]).toEqual([404, "not_found"]);
        expect(error.message).toContain("/v1");
      }
      const page = await fetch(gateway.url + path, {
        headers: { accept: "text/html,*/*;q=0.8" },
        redirect: "manual",
      });
      expect(page.headers.get("location")).toStartWith("/login");
    },
  );

  test.each([
    "/v1beta/nothing",
    "/v1beta/models/chat/m:unheardOf",
    "/v1/nothing",
    "/v1/messages/nothing",
    "/api/nothing",
    "/v1beta/v1beta/nothing",
  ])("%s", async (path) => {
    for (const method of ["GET", "POST"]) {
      const response = await fetch(gateway.url + path, { method, headers: { accept: "text/html" } });
      expect([401, 404, 405]).toContain(response.status);
      expect(response.headers.get("content-type")).toStartWith("application/json");
      expect(await response.json()).toHaveProperty("error");
    }
  });
});
