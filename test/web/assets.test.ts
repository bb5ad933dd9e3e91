import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { assetRoot } from "../../src/lib/asset-root.ts";
import { Assets } from "../../web/server/assets.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { freshDirectory } from "../kit/data-dir.ts";
import { Visitor } from "./kit.ts";

const isBuilt = existsSync(join(assetRoot(), "manifest.json"));
if (!isBuilt) console.warn("asset tests are skipped: run `bun run build:web` first");

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

test.if(isBuilt)(
  "every file a page names is there, without a sign-in, for a year, compressed and typed",
  async () => {
    const visitor = new Visitor(gateway);
    const page = await (await visitor.get("/login")).text();
    const files = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(files.length).toBeGreaterThanOrEqual(5);
    for (const path of files) {
      const answer = await visitor.get(path);
      expect(`${path} ${answer.status}`).toBe(`${path} 200`);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      if (!/-[0-9a-f]{12}\./.test(path)) continue;
      expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      const zipped = await visitor.get(path, { "accept-encoding": "gzip, deflate, br" });
      expect(zipped.headers.get("content-encoding")).toBe("br");
      expect(zipped.headers.get("content-type")).toMatch(/^text\/(css|javascript)/);
      expect((await zipped.bytes()).length).toBeLessThan((await answer.bytes()).length / 2);
    }
  },
);

test.if(isBuilt)("all scripts of all pages together stay below 60 KB", async () => {
  const manifest = (await Bun.file(join(assetRoot(), "manifest.json")).json()) as { [name: string]: unknown };
  const scripts = Object.keys(manifest).filter((name) => name.endsWith(".js"));
  expect(scripts).toContain("main.js");
  const assets = new Assets();
  let total = 0;
  for (const name of scripts) {
    const path = assets.url(name).slice("/assets/".length);
    const answer = assets.respond(path, new Headers({ "accept-encoding": "gzip" }));
    total += (await answer!.bytes()).length;
  }
  expect(total).toBeLessThan(60 * 1024);
});

test.if(isBuilt)("a file that has not changed is not sent again", async () => {
  const visitor = new Visitor(gateway);
  const first = await visitor.get("/assets/icon.svg");
  const tag = first.headers.get("etag")!;
  const again = await visitor.get("/assets/icon.svg", { "if-none-match": tag });
  expect(again.status).toBe(304);
  expect((await again.bytes()).length).toBe(0);
  expect((await visitor.get("/assets/icon.svg", { "if-none-match": '"other"' })).status).toBe(200);
});

test.each(["none.css", "manifest.json", "..%2f..%2fpackage.json", "%2e%2e/package.json", "app.css"])(
  "%s is no file of the dashboard",
  async (name) => {
    const answer = await new Visitor(gateway).get(`/assets/${name}`);
    expect([404, 303]).toContain(answer.status);
    expect(await answer.text()).not.toContain("{");
  },
);

test("without built files pages still come, and the reason is told", () => {
  const assets = new Assets(freshDirectory());
  expect(assets.fault).toContain("bun run build:web");
  expect(assets.url("app.css")).toBe("/assets/app.css");
  expect(assets.respond("app.css", new Headers())).toBeUndefined();
});
