import { afterAll, beforeAll, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../kit/gateway.ts";

/** Health, readiness and metrics have addresses that a supervisor can ask without signing in as a person. */

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ metricsToken: "a metrics token" });
});
afterAll(() => gateway.stop());

test.each(["/healthz", "/readyz"])("%s", async (path) => {
  expect((await fetch(gateway.url + path)).status).toBe(200);
});

test("/metrics, with its token only", async () => {
  expect((await fetch(`${gateway.url}/metrics`)).status).toBe(401);
  const response = await fetch(`${gateway.url}/metrics`, {
    headers: { authorization: "Bearer a metrics token" },
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toMatch(/^# TYPE omniroute_\w+ (?:counter|gauge|histogram)$/m);
});
