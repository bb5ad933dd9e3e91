import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { type AgentUpstream, startAgentUpstream } from "./agent-upstream.ts";

/** What may stand behind the gateway, and the name clients use for a model there. */
const VENDORS = {
  "openai-chat": "chat/test-model",
  "openai-responses": "resp/test-model",
  anthropic: "anthropic/claude-sonnet-4-6",
  gemini: "gemini/gemini-3.5-flash",
  openai: "openai/gpt-5.5",
} as const;
type Vendor = keyof typeof VENDORS;
const vendors = Object.keys(VENDORS) as Vendor[];

/** One for each wire format. */
export const FORMATS = vendors.filter((vendor) => vendor !== "openai");

/** What stands behind the gateway in one run: one vendor, or a combo of two of which the first fails halfway. */
export const BACKINGS: { [name: string]: readonly Vendor[] } = Object.fromEntries([
  ...vendors.map((vendor) => [vendor, [vendor]]),
  ...vendors.flatMap((first) =>
    vendors.filter((second) => second !== first).map((second) => [`${first}>${second}`, [first, second]]),
  ),
]);

/** Names that clients know, and then send other tools and settings with; here they lead where the run's model leads. */
const KNOWN_NAMES = [
  "claude-sonnet-4-6",
  "claude-haiku-4-5-20251001",
  "gpt-6-sol",
  "gemini-3.5-flash",
  "gemini-3.5-flash-lite",
  "gemini-3.1-pro-preview",
  "gemini-3.8-flash",
];

/** A gateway that asks for a key, with a scripted vendor behind each of its formats. */
export type Stage = {
  gateway: TestGateway;
  key: string;
  model: string;
  /** Those that the run's model leads to, in order. */
  upstreams: AgentUpstream[];
  stop(): Promise<void>;
};

export async function setStage(backing: string): Promise<Stage> {
  const chosen = BACKINGS[backing];
  if (!chosen)
    throw new Error(`There is no format ${backing}; there are ${Object.keys(BACKINGS).join(", ")}.`);
  const gateway = await startGateway({ requireApiKey: true, logLevel: "error" });
  const { key } = gateway.engine.access.createKey({ name: "client" });
  const upstreams = chosen.map((vendor) => connect(gateway, vendor));
  const names = chosen.map((vendor) => VENDORS[vendor]);
  const [only, another] = names;
  for (const known of KNOWN_NAMES) gateway.combo(known, names);
  const model = another === undefined ? (only ?? "") : "my-team";
  if (another !== undefined) {
    gateway.combo(model, names);
    upstreams[0]?.limitAfter(1);
  }
  return {
    gateway,
    key,
    model,
    upstreams,
    async stop() {
      await gateway.stop();
      await Promise.all(upstreams.map((upstream) => upstream.stop()));
    },
  };
}

function connect(gateway: TestGateway, vendor: Vendor): AgentUpstream {
  const upstream = startAgentUpstream();
  const add = (provider: string, path: string) =>
    gateway.engine.manage.connections.create(
      { provider, name: provider, apiKey: "test-key", baseUrl: upstream.url + path },
      { name: "test" },
    );
  switch (vendor) {
    case "openai-chat":
      gateway.node("chat", `${upstream.url}/v1`);
      break;
    case "openai-responses":
      gateway.node("resp", `${upstream.url}/v1`, { apiType: "responses" });
      break;
    case "anthropic":
      add("anthropic", "/v1");
      break;
    case "gemini":
      add("gemini", "/v1beta");
      break;
    case "openai":
      add("openai", "/openai/v1");
      break;
  }
  return upstream;
}
