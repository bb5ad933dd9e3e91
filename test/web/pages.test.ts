import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { totalUsage } from "../../src/store/index.ts";
import { LANGUAGES } from "../../web/i18n/index.ts";
import { pages } from "../../web/pages/index.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";
import { type Demo, fillDemo } from "./demo.ts";
import { textOf, Visitor } from "./kit.ts";
import { PAGES, pagesAbout } from "./page-list.ts";

let upstream: Upstream;
let empty: TestGateway;
let full: TestGateway;
let demo: Demo;

beforeAll(async () => {
  upstream = startUpstream(() => ({ type: "json", body: chatReply("Hello!") }));
  empty = await startGateway();
  full = await startGateway();
  demo = await fillDemo(full, upstream.url);
});
afterAll(async () => {
  await empty.stop();
  await full.stop();
  await upstream.stop();
});

test("the list of these tests knows every page", () => {
  const known = [...PAGES, ...pagesAbout(demo)].map((path) => path.replace(/\?.*$/, ""));
  const missing = pages.filter(({ path }) => {
    const pattern = new RegExp(`^/dashboard${path.replace(/:\w+/g, "[^/]+")}$`);
    return !known.some((each) => pattern.test(each));
  });
  expect(missing.map(({ path }) => path)).toEqual([]);
});

test("no two pages answer to the same letter, and every entry of the menu has one", () => {
  const entries = pages.filter(({ menu }) => menu !== undefined);
  const letters = entries.map(({ path, menu }) => menu?.letter ?? `none for ${path}`);
  expect(new Set(letters).size).toBe(entries.length);
  expect(letters.filter((letter) => !/^[a-fh-z]$/.test(letter))).toEqual([]);
});

describe.each(Object.keys(LANGUAGES))("in %s", (language) => {
  const inLanguage = { "accept-language": language };

  test.each(PAGES)("%s renders on an empty installation", async (path) => {
    await rendersWell(empty, path, language);
  });

  test.each(PAGES)("%s renders on a full installation", async (path) => {
    await rendersWell(full, path, language);
  });

  test("pages about one thing render", async () => {
    for (const path of pagesAbout(demo)) await rendersWell(full, path, language);
  });

  test("a page that does not exist says so, inside the frame", async () => {
    const visitor = await new Visitor(full, { headers: inLanguage }).signIn();
    const answer = await visitor.get("/dashboard/nothing-here");
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain(`<html lang="${language}"`);
  });
});

test.each([
  "/dashboard/endpoint/keys/none",
  "/dashboard/endpoint/groups/none",
  "/dashboard/providers/none",
  "/dashboard/providers/openai/connections/none",
  "/dashboard/combos/none",
  "/dashboard/logs/none",
])("%s is a 404, since there is no such thing", async (path) => {
  const visitor = await new Visitor(empty).signIn();
  expect((await visitor.get(path)).status).toBe(404);
});

test("filters of the log stand in the address and narrow it", async () => {
  const visitor = await new Visitor(full).signIn();
  const failed = await (await visitor.get("/dashboard/logs?status=error")).text();
  expect(failed).toContain(">503<");
  expect(failed).not.toContain(">200<");
  const mock = textOf(await (await visitor.get("/dashboard/logs?provider=mock&status=ok")).text());
  expect(mock).toContain("mock/think");
  expect(mock).not.toContain("openai/gpt-5.2");
});

test("older requests are reached page by page, none twice", async () => {
  const visitor = await new Visitor(full).signIn();
  const seen = new Set<string>();
  let path: string | undefined = "/dashboard/logs";
  let pageCount = 0;
  while (path !== undefined) {
    const page: string = await (await visitor.get(path)).text();
    for (const [, id] of page.matchAll(/id="request-([^"]+)"/g)) {
      expect(seen.has(id!)).toBe(false);
      seen.add(id!);
    }
    const older = /href="(\?[^"]*cursor=[^"]*)"/.exec(page)?.[1]?.replaceAll("&amp;", "&");
    path = older === undefined ? undefined : `/dashboard/logs${older}`;
    pageCount++;
  }
  const { requests } = totalUsage(full.engine.store, {
    from: 0,
    to: full.engine.clock.now() + 1,
    per: "day",
  });
  expect(seen.size).toBe(requests);
  expect(pageCount).toBe(Math.ceil(requests / 50));
});

test("a page stays small with a full log", async () => {
  const visitor = await new Visitor(full).signIn();
  const answer = await visitor.get("/dashboard/logs", { "accept-encoding": "gzip" });
  const bytes = await answer.bytes();
  expect(answer.headers.get("content-encoding")).toBe("gzip");
  expect(bytes.length).toBeLessThan(60_000);
});

async function rendersWell(gateway: TestGateway, path: string, language: string): Promise<void> {
  const visitor = await new Visitor(gateway, { headers: { "accept-language": language } }).signIn();
  const answer = await visitor.get(path);
  const page = await answer.text();
  expect(`${path} ${answer.status}`).toBe(`${path} 200`);
  expect(page).toStartWith(`<!doctype html><html lang="${language}"`);
  expect(page).toContain("<h1");
  expect(answer.headers.get("content-security-policy")).toContain("script-src 'self'");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  // What a style or script in the page would be refused for by that very policy.
  expect(page).not.toMatch(/<style|\sstyle="|<script(?![^>]*src=)|\son\w+="|javascript:/);
  // Traces of values that were not written as they should be.
  expect(textOf(page)).not.toMatch(/undefined|\[object |NaN|Invalid Date|function ?\w*\(|\{\w+\}/);
  // A line break before a link in a template is dropped, and the words around it run together.
  expect(
    page.replace(/<pre[\s\S]*?<\/pre>/g, "").match(/[\p{L}\d.:,;!?·]<a [^>]*class="link[^>]*>/gu),
  ).toBeNull();
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
}
