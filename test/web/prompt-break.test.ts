import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestGateway } from "../kit/gateway.ts";
import { signedInVisitor, type Visitor } from "./kit.ts";

const LONG = "These instructions stay as they are. ".repeat(150);
let gateway: TestGateway;
let visitor: Visitor;
let key: string;

beforeAll(async () => {
  ({ gateway, visitor } = await signedInVisitor());
  key = gateway.engine.access.createKey({ name: "Editor" }).key;
});
afterAll(() => gateway.stop());

/** A turn of always the same conversation; gives the request's id. */
async function turn(time: string): Promise<string> {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "x-session-id": "one" },
    body: JSON.stringify({
      model: "mock/echo",
      messages: [
        { role: "system", content: `It is ${time}. <b>${LONG}` },
        { role: "user", content: "Go on." },
      ],
    }),
  });
  await answer.text();
  return answer.headers.get("x-request-id")!;
}

const pageOf = async (path: string): Promise<string> => (await visitor.get(path)).text();

/** Prompts are compared after the answer; waits until that is done. */
async function pageWith(path: string, text: string): Promise<string> {
  for (let round = 0; round < 400; round++) {
    const page = await pageOf(path);
    if (page.includes(text)) return page;
    await Bun.sleep(5);
  }
  throw new Error(`${path} does not say "${text}".`);
}

test("a break is told where it is, and shown byte for byte when that was switched on beside it", async () => {
  await turn("10:41");
  const blind = `/dashboard/logs/${await turn("10:42")}`;
  const before = await pageWith(blind, "Why the prompt cache did not fit");
  expect(before).toContain("The words were not kept");
  expect(before).not.toContain("<del");

  const saved = await visitor.post(`${blind}?do=keepWords`, { promptDiffs: "on" });
  expect(saved.status).toBe(303);
  expect(gateway.engine.settings().promptDiffs).toBe(true);
  await turn("10:43");
  const seen = `/dashboard/logs/${await turn("10:57")}`;
  const page = await pageWith(seen, "<del");
  expect(page).toContain("The system text differs from byte");
  expect(page).toMatch(/<del><span class="sr-only">Removed:<\/span><b aria-hidden="true">− <\/b>43<\/del>/);
  expect(page).toMatch(/<ins><span class="sr-only">Added:<\/span><b aria-hidden="true">\+ <\/b>57<\/ins>/);
  expect(page).not.toContain("<b>These");

  const list = await pageOf("/dashboard/settings/ai");
  expect(list).toContain("Saved, less what writing cost");
  expect(list).toContain(`${seen}#prompt-break`);
  expect(list).toContain("byte by byte");

  await visitor.post("/dashboard/settings/ai?do=keepWords", {});
  expect(await pageOf(seen)).not.toContain("<del");
  expect(await pageOf(seen)).toContain("changed by the client");
});
