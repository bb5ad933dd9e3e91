import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { diffPrompts, unmarked } from "../../src/caching/prompt-diff.ts";
import { promptOf } from "../../src/caching/prompt-prints.ts";
import { PromptWords, wordsOf } from "../../src/caching/prompt-words.ts";
import type { PromptDiff } from "../../src/core/prompt-break.ts";
import { Mask } from "../../src/lib/mask.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { seededRandom } from "../kit/random.ts";
import { messagesReply } from "../kit/upstream.ts";

const ACTOR = { name: "test" };
const LONG = "a long instruction that does not change. ".repeat(150);
const say = (text: string, more = {}) => ({ role: "user", content: [{ type: "text", text, ...more }] });
const EPHEMERAL = { cache_control: { type: "ephemeral" } };
const ANSWER = { role: "assistant", content: "ok" };
const TOOLS = ["alpha", "beta", "gamma"].map((name) => ({ name, input_schema: { type: "object" } }));
const image = (data: string) => ({
  type: "image",
  source: { type: "base64", media_type: "image/png", data },
});
const BASE = {
  model: "ant/m",
  max_tokens: 50,
  system: LONG,
  tools: TOOLS,
  metadata: { user_id: "session-1" },
};

let gateway: InProcess;
let key: string;
beforeEach(async () => {
  gateway = await startInProcess({
    script: ({ url }) =>
      url.endsWith("/messages") ? { type: "answer", body: messagesReply("ok") } : { type: "refuse" },
  });
  gateway.node("ant", { type: "anthropic-compatible", connections: 2 });
  const account = { provider: "anthropic", name: "own", apiKey: "key-of-anthropic" };
  gateway.engine.manage.connections.create(account, ACTOR);
  gateway.engine.manage.settings.change({ promptDiffs: true }, ACTOR);
  key = gateway.engine.access.createKey({ name: "mine" }).key;
});
afterEach(() => gateway.stop());

async function ask(body: object, path = "/v1/messages", headers: { [name: string]: string } = {}) {
  const answer = await gateway.call(path, body, { headers: { authorization: `Bearer ${key}`, ...headers } });
  expect(answer.status).toBe(200);
  return answer.headers.get("x-request-id")!;
}

/** Words are compared beside the calls; waits until that is done. */
async function broken(id: string, isWithDiff = true) {
  for (let round = 0; ; round++) {
    await Bun.sleep(2);
    const { status, body } = await gateway.admin("GET", `/api/cache/breaks/${id}`);
    if (status === 200 && (!isWithDiff || body.diff !== null)) return body;
    if (round === 1000) throw new Error(`No break is told of ${id}: ${JSON.stringify(body)}`);
  }
}

describe("what broke a prompt is shown byte for byte:", () => {
  const at = (time: string) => `Now it is ${time}. ${LONG}`;
  const result = (content: string) => ({
    role: "user",
    content: [{ type: "tool_result", tool_use_id: "t1", content }],
  });
  const called = { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "alpha", input: {} }] };
  const thought = (signature: string) => ({
    role: "assistant",
    content: [
      { type: "thinking", thinking: "hm", signature },
      { type: "text", text: "ok" },
    ],
  });
  const end = [ANSWER, say("and then?")];

  test.each<[string, object, object, object]>([
    [
      "a time in the system text",
      { system: at("10:41"), messages: [say("first")] },
      { system: at("10:57"), messages: [say("first"), ...end] },
      { element: "system", offset: 14, change: "content", removed: "41", added: "57" },
    ],
    [
      "tools that changed places",
      { messages: [say("first")] },
      { tools: [TOOLS[1], TOOLS[0], TOOLS[2]], messages: [say("first"), ...end] },
      { element: "tools", offset: JSON.stringify(TOOLS).indexOf("alpha"), change: "tool-order" },
    ],
    [
      "a tool result that was written over",
      { messages: [say("first"), called, result("12 files")] },
      { messages: [say("first"), called, result("[cleared]"), ...end] },
      {
        element: "message 3",
        offset: JSON.stringify(result("12 files")).indexOf("12 files"),
        change: "content",
        removed: "12 files",
        added: "[cleared]",
      },
    ],
    [
      "another picture",
      { messages: [{ role: "user", content: [image("A".repeat(6000))] }, ...end] },
      { messages: [{ role: "user", content: [image(`AAA${"B".repeat(5997)}`)] }, ...end] },
      {
        element: "message 1",
        offset: JSON.stringify({ role: "user", content: [image("")] }).indexOf('"}}]}') + 3,
        change: "content",
        removed: "A".repeat(2000),
        added: "B".repeat(2000),
        leftOut: 3997,
      },
    ],
    [
      "marks that are gone",
      { messages: [say("first", EPHEMERAL)] },
      { messages: [say("first"), ...end] },
      {
        element: "cache_control",
        offset: 0,
        change: "cache-marks",
        removed: `,"cache_control":{"type":"ephemeral"}`,
        added: "",
      },
    ],
    [
      "a signature that was left out",
      { messages: [say("first"), thought("c2lnbmF0dXJl"), say("second")] },
      {
        messages: [
          say("first"),
          { role: "assistant", content: [{ type: "text", text: "ok" }] },
          say("second"),
        ],
      },
      {
        element: "message 2",
        offset: JSON.stringify(thought("")).indexOf("hinking"),
        change: "signatures",
      },
    ],
  ])("%s", async (_what, before, after, { change, removed, added, leftOut = 0, ...place }: any) => {
    const model = "anthropic/claude-opus-5";
    await ask({ ...BASE, ...before, model });
    const id = await ask({ ...BASE, ...after, model });
    const { diff, ...broke } = await broken(id);
    expect(broke).toMatchObject({ changedBy: "client", ...place });
    expect(diff.change).toBe(change);
    if (removed !== undefined) {
      const [hunk] = diff.hunks;
      expect(diff.hunks).toHaveLength(1);
      expect(hunk.removed).toMatchObject({ text: removed, leftOut });
      expect(hunk.added).toMatchObject({ text: added, leftOut });
      expect(hunk.removed.bytes).toBe(removed.length + leftOut);
    }
    // The place of the first difference, counted in the prompt that was sent before.
    const old = wordsOf(promptOf(JSON.stringify({ ...BASE, ...before }))!);
    const now = wordsOf(promptOf(JSON.stringify({ ...BASE, ...after }))!);
    let first = 0;
    while (old.bytes[first] === now.bytes[first]) first++;
    expect(diff.offset).toBe(first);
  });

  test("marks that only move on break nothing", async () => {
    await ask({ ...BASE, messages: [say("first", EPHEMERAL)] });
    await ask({ ...BASE, messages: [say("first"), ANSWER, say("second", EPHEMERAL)] });
    await Bun.sleep(20);
    expect((await gateway.admin("GET", "/api/cache/breaks")).body.breaks).toEqual([]);
  });

  test("a system text of ours", async () => {
    await ask({ ...BASE, messages: [say("first")] });
    gateway.engine.manage.settings.change({ systemPrompt: { enabled: true, prompt: "Be kind." } }, ACTOR);
    const id = await ask({ ...BASE, messages: [say("first"), ...end] });
    const { diff, ...broke } = await broken(id);
    expect(broke).toMatchObject({ element: "system", changedBy: "gateway" });
    expect(diff.change).toBe("system-prompt");
    expect(diff.hunks.map(({ added }: PromptDiff["hunks"][number]) => added.text).join()).toContain(
      "Be kind.",
    );
  });

  test("a wish that a translation writes into the system text", async () => {
    const chat = (messages: object[]) => ({ model: "ant/m", prompt_cache_key: "session-2", messages });
    const start = [
      { role: "system", content: LONG },
      { role: "user", content: "first" },
    ];
    await ask(chat(start), "/v1/chat/completions");
    const later = { ...chat([...start, ANSWER, { role: "user", content: "x" }]) };
    const id = await ask({ ...later, response_format: { type: "json_object" } }, "/v1/chat/completions");
    const { diff, ...broke } = await broken(id);
    expect(broke).toMatchObject({ element: "system", changedBy: "gateway" });
    expect(diff.change).toBe("translation");
    expect(JSON.stringify(diff.hunks)).toContain("JSON");
  });

  test("another account, with the same words", async () => {
    const { connections } = gateway.engine.router;
    const [first, second] = connections.filter(({ name }) => name !== "own").map(({ id }) => id);
    const messages = [say("first")];
    await ask({ ...BASE, messages }, undefined, { "x-omniroute-connection": first! });
    const id = await ask({ ...BASE, messages: [...messages, ...end] }, undefined, {
      "x-omniroute-connection": second!,
    });
    const { diff, ...broke } = await broken(id);
    expect(broke).toMatchObject({ element: "connection", changedBy: "routing" });
    expect(diff).toMatchObject({ change: "account", hunks: [], hunksLeftOut: 0 });
  });

  test("and credentials in it are stars", async () => {
    const secret = "sk-ant-api03-abcdefghijklmnop";
    await ask({ ...BASE, system: `key-of-ant-1 ${secret}1 10:41 ${LONG}`, messages: [say("first")] });
    const id = await ask({
      ...BASE,
      system: `key-of-ant-1 ${secret}2 10:57 ${LONG}`,
      messages: [say("first"), ...end],
    });
    const { diff } = await broken(id);
    const text = JSON.stringify(diff);
    expect(text).toContain("57");
    expect(text).not.toContain("key-of-ant");
    expect(text).not.toContain("abcdefgh");
    expect(text).toContain("*****");
  });
});

describe("words", () => {
  const first = { ...BASE, messages: [say("first")] };
  const second = { ...BASE, system: `!${LONG}`, messages: [say("first"), ANSWER, say("second")] };
  const kept = async () => (await gateway.admin("GET", "/api/cache")).body.promptCache.wordBytes;

  test("are not kept unless somebody wants it, and are gone when nobody wants it any more", async () => {
    await ask(first);
    await Bun.sleep(5);
    expect(await kept()).toBeGreaterThan(0);
    const id = await ask(second);
    await broken(id);
    await gateway.admin("PATCH", "/api/settings", { promptDiffs: false });
    expect(await kept()).toBe(0);
    expect(await broken(id, false)).toMatchObject({ element: "system", diff: null });
    const third = await ask({ ...second, system: `?${LONG}` });
    expect(await broken(third, false)).toMatchObject({ element: "system", diff: null });
    expect(await kept()).toBe(0);
  });

  test("of keys without a log are not kept, and those of before are forgotten", async () => {
    await ask(first);
    await Bun.sleep(5);
    const { id } = gateway.engine.access.listKeys().find(({ name }) => name === "mine")!;
    await gateway.admin("PATCH", `/api/keys/${id}`, { noLog: true });
    await ask(second);
    await Bun.sleep(5);
    expect(await kept()).toBe(0);
  });

  test("of one key are never compared with another's", async () => {
    await ask(first);
    key = gateway.engine.access.createKey({ name: "other" }).key;
    await ask(second);
    await Bun.sleep(5);
    expect((await gateway.admin("GET", "/api/cache/breaks")).body.breaks).toEqual([]);
  });

  test("are nowhere in what is written", async () => {
    await ask({ ...BASE, system: `unmistakable-word ${LONG}`, messages: [say("first")] });
    const id = await ask({ ...BASE, system: `unmistakable-thing ${LONG}`, messages: [say("first"), ANSWER] });
    await broken(id);
    expect(gateway.log.join("\n")).not.toContain("unmistakable");
    expect(JSON.stringify(gateway.engine.caches.promptCache.snapshot())).not.toContain("unmistakable");
    expect(JSON.stringify((await gateway.admin("GET", `/api/receipts/${id}`)).body)).not.toContain(
      "unmistakable",
    );
  });

  test("take 16 MB at most, for an hour at most", async () => {
    const clock = new FakeClock();
    const words = new PromptWords<object>(clock);
    const turns = Array.from({ length: 12 }, () => ({}));
    for (const turn of turns) {
      const bytes = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)));
      words.keep(turn, "k", { names: ["system"], bytes: Buffer.concat(Array(32).fill(bytes)) });
      expect(words.bytes).toBeLessThanOrEqual(16 * 1024 * 1024);
    }
    expect(await words.take(turns[0]!)).toBeUndefined();
    await clock.advance(1_800_000);
    const last = {};
    words.keep(last, "k", { names: [], bytes: Buffer.from("late") });
    await clock.advance(1_800_001);
    expect(await words.take(turns.at(-1)!)).toBeUndefined();
    expect((await words.take(last))?.bytes.toString()).toBe("late");
    expect(words.bytes).toBe(0);
  });

  test("come back as they were, packed or not yet", async () => {
    const words = new PromptWords<object>(new FakeClock());
    const turn = {};
    for (const ms of [0, 50]) {
      words.keep(turn, "k", { names: ["system"], bytes: Buffer.from(LONG) });
      if (ms > 0) {
        await Bun.sleep(ms);
        expect(words.bytes).toBeLessThan(LONG.length / 4);
      }
      expect((await words.take(turn))?.bytes.toString()).toBe(LONG);
    }
  });
});

const noMask = new Mask([]);
const promptWords = (body: object) => wordsOf(promptOf(JSON.stringify(body))!);

test("the listed hunks make the later prompt of the earlier one where nothing was left out", () => {
  const random = seededRandom(11);
  const words = ["one ", "deux ", "três ", "vier\n", "€5 ", "𝄞 ", '"q" ', "\\ "];
  const text = () => Array.from({ length: 30 }, () => words[Math.floor(random() * words.length)]).join("");
  for (let round = 0; round < 100; round++) {
    const turns = Array.from({ length: 6 }, () => say(text()));
    const changed = turns.map((turn) => (random() < 0.7 ? turn : say(text())));
    const before = promptWords({ system: text(), tools: TOOLS, messages: turns });
    const after = promptWords({ system: text(), tools: TOOLS, messages: changed });
    const diff = diffPrompts(before, after, noMask);
    expect(diff.hunksLeftOut).toBe(0);
    let at = 0;
    const pieces: Buffer[] = [];
    for (const hunk of diff.hunks) {
      expect(hunk.removed.leftOut + hunk.added.leftOut).toBe(0);
      pieces.push(before.bytes.subarray(at, hunk.at), Buffer.from(hunk.added.text));
      at = hunk.at + hunk.removed.bytes;
      expect(before.bytes.toString("utf8", hunk.at, at)).toBe(hunk.removed.text);
    }
    pieces.push(before.bytes.subarray(at));
    expect(Buffer.concat(pieces).toString()).toBe(after.bytes.toString());
  }
});

test("a diff has at most twelve hunks, and says how many more there are", () => {
  const lines = (mark: string) => ({
    messages: Array.from({ length: 40 }, (_, n) => say(`${LONG}${n}${mark}`)),
  });
  const diff = diffPrompts(promptWords(lines("a")), promptWords(lines("b")), noMask);
  expect(diff.hunks).toHaveLength(12);
  expect(diff.hunksLeftOut).toBe(28);
});

test("a prompt without its marks is one in which they never stood", () => {
  const marked = {
    system: [{ type: "text", text: "s", ...EPHEMERAL }],
    messages: [say("a", EPHEMERAL), say("b")],
  };
  const plain = { system: [{ type: "text", text: "s" }], messages: [say("a"), say("b")] };
  expect(unmarked(promptWords(marked)).bytes.toString()).toBe(promptWords(plain).bytes.toString());
});
