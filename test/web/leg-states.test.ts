import { afterAll, beforeAll, expect, test } from "bun:test";
import { legState } from "../../web/parts/leg-state.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { startUpstream, type Upstream } from "../kit/upstream.ts";

let gateway: TestGateway;
let upstream: Upstream;
let isRefusing = false;

beforeAll(async () => {
  gateway = await startGateway();
  upstream = startUpstream(() =>
    isRefusing
      ? { type: "json", status: 500, body: { error: { message: "Down." } } }
      : { type: "json", body: { data: [{ id: "gpt-5.2" }] } },
  );
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const stateOf = (connectionId?: string) =>
  legState(gateway.engine, { model: "openai/gpt-5.2", ...(connectionId !== undefined && { connectionId }) })
    .kind;

async function account(name: string, works: boolean): Promise<string> {
  const { connections } = gateway.engine.manage;
  const { id } = connections.create(
    { provider: "openai", name, apiKey: `sk-${name}-0000000000`, baseUrl: `${upstream.url}/v1` },
    { name: "test" },
  );
  isRefusing = !works;
  await connections.test(id, AbortSignal.timeout(10_000));
  return id;
}

test("a leg is ready as long as one of the accounts that may serve it is", async () => {
  expect(stateOf()).toBe("unconnected");
  const broken = await account("broken", false);
  expect(stateOf()).toBe("failing");
  const good = await account("good", true);
  expect([stateOf(), stateOf(good), stateOf(broken)]).toEqual(["ready", "ready", "failing"]);
  expect(stateOf("gone")).toBe("unusable");
});

test("a model and a whole account that are set aside show as waiting", () => {
  const { id: good = "" } =
    gateway.engine.manage.connections.list().find(({ name }) => name === "good") ?? {};
  const until = Date.now() + 60_000;
  const aside = (modelId?: string) =>
    gateway.engine.health.restore({
      cooldowns: [
        {
          connectionId: good,
          provider: "openai",
          kind: "rate-limit",
          level: 0,
          until,
          ...(modelId && { modelId }),
        },
      ],
    });
  aside("gpt-5.2");
  expect([stateOf(good), stateOf()]).toEqual(["waiting", "failing"]);
  gateway.engine.health.forget(good);
  expect(stateOf(good)).toBe("ready");
  aside();
  expect(stateOf(good)).toBe("waiting");
});
