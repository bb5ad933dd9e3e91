import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import type { Deed } from "../kit/scripted-outbound.ts";
import { chatReply } from "../kit/upstream.ts";

let gateway: InProcess;
/** What each node's model list does. */
let lists: { [node: string]: Deed };
const good: Deed = { type: "answer", body: { object: "list", data: [{ id: "x" }] } };
const nodeOf = (url: string): string => /\/\/(\w+)\./.exec(url)?.[1] ?? "";

beforeEach(async () => {
  lists = {};
  gateway = await startInProcess({
    script: ({ url }) =>
      url.endsWith("/models")
        ? (lists[nodeOf(url)] ?? good)
        : { type: "answer", body: chatReply(`I am ${nodeOf(url)}`) },
  });
  gateway.node("one");
  gateway.node("two");
});
afterEach(() => gateway.stop());

const team = (config: object) => gateway.combo("team", ["one/a", "two/b"], { config });
const ask = async () => {
  const answer = await gateway.call("/v1/chat/completions", {
    model: "team",
    messages: [{ role: "user", content: "hi" }],
  });
  return answer.headers.get("x-omniroute-model");
};
const tests = () =>
  gateway.outbound.sent.filter(({ url }) => url.endsWith("/models")).map(({ url }) => nodeOf(url));

describe("background tests of a combo", () => {
  test("do not happen by default", async () => {
    team({});
    await ask();
    await gateway.clock.run(600_000);
    expect(tests()).toEqual([]);
  });

  test("happen while the combo has traffic, of what was not used just now, and end with it", async () => {
    team({ healthCheckEnabled: true });
    await gateway.clock.run(600_000);
    expect(tests()).toEqual([]);
    await ask();
    await gateway.clock.run(20_000);
    await ask();
    await gateway.clock.run(20_000);
    expect(tests()).toEqual(["two"]);
    await gateway.clock.run(1_200_000);
    const during = tests().length;
    expect(during).toBeWithin(10, 25);
    await gateway.clock.run(1_200_000);
    expect(tests()).toHaveLength(during);
  });

  test("what does not answer goes behind, before a request finds out, and comes back when it answers", async () => {
    team({ healthCheckEnabled: true });
    expect(await ask()).toBe("one/a");
    lists["one"] = { type: "refuse" };
    await gateway.clock.run(60_000);
    expect(await ask()).toBe("two/b");
    // It stays there as long as it does not answer.
    for (let minute = 0; minute < 3; minute++) {
      await gateway.clock.run(60_000);
      expect(await ask()).toBe("two/b");
    }
    delete lists["one"];
    await gateway.clock.run(40_000);
    expect(await ask()).toBe("one/a");
    expect(gateway.engine.health.breakers()).toEqual([]);
  });

  test("a silent provider is given up after the combo's time", async () => {
    team({ healthCheckEnabled: true, healthCheckTimeoutMs: 700 });
    await ask();
    lists["one"] = { type: "stall" };
    const givenUp = () => gateway.outbound.sent.filter(({ aborted }) => aborted).length;
    // A busy machine may need another turn of the real event loop before the checks have begun.
    for (let turn = 0; turn < 20 && givenUp() === 0; turn++) {
      await gateway.clock.run(40_000);
      await Bun.sleep(10);
    }
    expect(givenUp()).toBeGreaterThan(0);
    expect(gateway.outbound.open).toBe(0);
    expect(await ask()).toBe("two/b");
  });

  test("a refused key is no matter of the moment: the connection waits for a new sign-in", async () => {
    team({ healthCheckEnabled: true });
    await ask();
    lists["one"] = {
      type: "answer",
      status: 401,
      body: { error: { message: "bad key", code: "invalid_api_key" } },
    };
    await gateway.clock.run(60_000);
    const [one] = gateway.engine.manage.connections.list().filter(({ name }) => name === "one 1");
    expect(one?.needsSignIn).toBe(true);
    expect(await ask()).toBe("two/b");
  });
});
