import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SESSION_COOKIE } from "../../src/http/sign-in.ts";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { Visitor } from "./kit.ts";
import { PAGES } from "./page-list.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

describe("without a sign-in", () => {
  test.each(PAGES)("%s leads to the sign-in and shows nothing", async (path) => {
    const answer = await new Visitor(gateway).get(path);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toStartWith("/login");
    expect(await answer.text()).toBe("");
  });

  test.each([
    "/dashboard?do=put-away",
    "/dashboard/endpoint?do=create",
    "/dashboard/health?do=reset",
    "/setup/key?do=create",
  ])("a form sent to %s changes nothing", async (path) => {
    const answer = await new Visitor(gateway).post(path, { name: "stranger" });
    expect(answer.status).toBe(303);
    expect(gateway.engine.access.listKeys()).toEqual([]);
  });

  test.each([
    ["a made-up cookie", "x.y"],
    ["an empty cookie", "."],
    ["a very long cookie", "a".repeat(5000)],
  ])("%s is no sign-in", async (_name, value) => {
    const visitor = new Visitor(gateway);
    visitor.cookies.set(SESSION_COOKIE, value);
    expect((await visitor.get("/dashboard")).headers.get("location")).toBe("/login");
  });
});

test("the root leads to the dashboard, and old addresses to where their pages are now", async () => {
  const visitor = await new Visitor(gateway).signIn();
  for (const [from, to] of [
    ["/", "/dashboard"],
    ["/dashboard/onboarding", "/setup/provider"],
    ["/dashboard/audit-log", "/dashboard/logs/audit"],
    ["/dashboard/limits", "/dashboard/quota"],
    ["/dashboard/profile", "/dashboard/settings"],
    ["/login", "/dashboard"],
    ["/setup", "/dashboard"],
  ])
    expect((await visitor.get(from!)).headers.get("location")).toBe(to!);
});

test("signing in gives a cookie that scripts cannot read, and leads to the page that was wanted", async () => {
  const visitor = new Visitor(gateway);
  const turned = await visitor.get("/dashboard/logs?status=error");
  expect(turned.headers.get("location")).toBe("/login?next=%2Fdashboard%2Flogs%3Fstatus%3Derror");
  const answer = await visitor.post(`${turned.headers.get("location")}&do=enter`, {
    password: TEST_PASSWORD,
  });
  expect(answer.headers.get("location")).toBe("/dashboard/logs?status=error");
  const [cookie] = answer.headers.getSetCookie().filter((line) => line.startsWith(`${SESSION_COOKIE}=`));
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Lax/);
  expect(cookie).toMatch(/Path=\//);
  expect(cookie).not.toMatch(/Domain/i);
  expect((await visitor.follow(answer)).status).toBe(200);
});

test.each([
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "/%09/evil.example",
  "javascript:alert(1)",
  "http:evil.example",
  "\\\\evil.example",
])("the sign-in never leads elsewhere: %s", async (next) => {
  const visitor = new Visitor(gateway);
  const answer = await visitor.post(`/login?next=${encodeURIComponent(next)}&do=enter`, {
    password: TEST_PASSWORD,
  });
  const target = new URL(answer.headers.get("location") ?? "", visitor.origin);
  expect(target.origin).toBe(visitor.origin);
});

test("a wrong password is told on the page, and after five of them the address has to wait", async () => {
  const own = await startGateway();
  const visitor = new Visitor(own, { peer: "192.0.2.7" });
  for (let tries = 0; tries < 5; tries++) {
    const answer = await visitor.post("/login?do=enter", { password: "wrong" });
    expect(answer.status).toBe(401);
    const page = await answer.text();
    expect(page).toContain("The password is wrong.");
    expect(page).not.toContain('value="wrong"');
  }
  const locked = await visitor.post("/login?do=enter", { password: TEST_PASSWORD });
  expect(locked.status).toBe(429);
  expect(Number(locked.headers.get("retry-after"))).toBeGreaterThan(800);
  expect(await locked.text()).toMatch(/Too many tries from this address\. Try again in 1[45]m/);
  // Somebody else is not kept out, and can let the address in again.
  const owner = await new Visitor(own).signIn();
  expect(await (await owner.get("/dashboard/health")).text()).toContain("192.0.2.7");
  await owner.post("/dashboard/health?do=unlock", { identifier: "peer:192.0.2.7" });
  expect((await visitor.post("/login?do=enter", { password: TEST_PASSWORD })).status).toBe(303);
  await own.stop();
});

test("signing out ends the session on the server", async () => {
  const visitor = await new Visitor(gateway).signIn();
  const kept = visitor.cookies.get(SESSION_COOKIE)!;
  await visitor.post("/logout");
  const thief = new Visitor(gateway);
  thief.cookies.set(SESSION_COOKIE, kept);
  expect((await thief.get("/dashboard")).status).toBe(303);
});

describe("forms of other sites", () => {
  const FOREIGN: [string, { [name: string]: string }][] = [
    ["a foreign origin", { origin: "https://evil.example" }],
    ["another port of this machine", { origin: "http://localhost:3000" }],
    ["no origin at all", { origin: "" }],
    ["a hidden origin", { origin: "null" }],
    ["a foreign site by its fetch header", { "sec-fetch-site": "cross-site" }],
    ["a neighbour by its fetch header", { "sec-fetch-site": "same-site" }],
    ["a request typed by hand", { "sec-fetch-site": "none" }],
  ];

  test.each(FOREIGN)("%s is refused everywhere", async (_name, headers) => {
    const visitor = await new Visitor(gateway).signIn();
    for (const path of [
      "/dashboard/endpoint?do=create",
      "/dashboard/settings?do=password",
      "/dashboard/health?do=reset",
      "/setup/client?do=finish",
      "/logout",
      "/preferences",
    ]) {
      const answer = await visitor.post(path, { name: "planted", theme: "dark" }, headers);
      expect(`${path} ${answer.status}`).toBe(`${path} 403`);
    }
    expect(gateway.engine.access.listKeys()).toEqual([]);
    expect((await visitor.get("/dashboard")).status).toBe(200);
  });

  test("a foreign page cannot sign a visitor in", async () => {
    const visitor = new Visitor(gateway);
    const answer = await visitor.post(
      "/login?do=enter",
      { password: TEST_PASSWORD },
      { origin: "https://evil.example" },
    );
    expect(answer.status).toBe(403);
    expect(visitor.cookies.has(SESSION_COOKIE)).toBe(false);
  });

  test("a browser's own word is enough where the origin is hidden", async () => {
    const visitor = await new Visitor(gateway).signIn();
    const headers = { origin: "null", "sec-fetch-site": "same-origin" };
    expect((await visitor.post("/preferences", { theme: "dark", back: "/dashboard" }, headers)).status).toBe(
      303,
    );
  });
});

test("with signing in switched off, this machine may enter and the network may not", async () => {
  const own = await startGateway();
  own.engine.manage.settings.change({ requireLogin: false }, { name: "test" });
  expect((await new Visitor(own).get("/dashboard")).status).toBe(200);
  const page = await (await new Visitor(own).get("/dashboard")).text();
  expect(page).toContain("Signing in is switched off");
  expect((await new Visitor(own, { peer: "192.168.1.9" }).get("/dashboard")).status).toBe(303);
  expect((await new Visitor(own, { origin: "http://192.168.1.2:20128" }).get("/dashboard")).status).toBe(303);
  await own.stop();
});

test("pages and refusals alike carry every header that guards them", async () => {
  const visitor = await new Visitor(gateway).signIn();
  const answers = [
    await visitor.get("/dashboard"),
    await visitor.get("/dashboard/none"),
    await visitor.post("/dashboard/endpoint?do=create", {}, { origin: "https://evil.example" }),
    await visitor.post("/dashboard/endpoint?do=nothing"),
    await new Visitor(gateway).get("/login"),
    await new Visitor(gateway).get("/dashboard"),
  ];
  for (const { headers } of answers) {
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe("no-store");
  }
});

test("choices of language and theme are kept by the browser", async () => {
  const visitor = new Visitor(gateway, { headers: { "accept-language": "pt-BR,pt;q=0.9,en;q=0.5" } });
  expect(await (await visitor.get("/login")).text()).toContain('<html lang="pt-BR" data-theme="system"');
  const changed = await visitor.post("/preferences", {
    language: "en",
    theme: "dark",
    back: "/login?next=%2Fdashboard",
  });
  expect(changed.headers.get("location")).toBe("/login?next=%2Fdashboard");
  expect(await (await visitor.get("/login")).text()).toContain('<html lang="en" data-theme="dark"');
  await visitor.post("/preferences", { language: "xx", theme: "<b>", back: "https://evil.example" });
  expect(await (await visitor.get("/login")).text()).toContain('<html lang="en" data-theme="dark"');
});
