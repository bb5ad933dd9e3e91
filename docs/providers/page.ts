import type { ProviderDefinition, Tier } from "../../src/core/provider.ts";
import type { ServiceKind } from "../../src/core/services.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { UNCHECKED } from "../../src/providers/status.ts";

const TIERS: Readonly<Record<Tier, string>> = {
  subscription: "Subscriptions",
  "api-key": "With an API key",
  cheap: "Cheap plans",
  free: "Free, and servers of your own",
};

const SERVICES: readonly [ServiceKind, string][] = [
  ["embeddings", "embeddings"],
  ["images", "images"],
  ["imageEdits", "edits"],
  ["transcription", "transcription"],
  ["speech", "speech"],
  ["moderation", "moderation"],
  ["rerank", "rerank"],
];

const STATES = {
  works: "",
  restricted: "restricted",
  "shut-down": "shut down",
  "not-offered": "not offered",
} as const;

/** The page about providers, made from their declarations. */
export function providersPage(): string {
  const shown = PROVIDERS.filter(({ builtIn }) => !builtIn);
  const noted = shown.filter(({ status }) => status?.note !== undefined && status !== UNCHECKED);
  return [
    "# Providers",
    "This page is made by `bun run docs` from the declarations in `src/providers`; a test fails when it says anything else. A model is called `prefix/model`; ids are prefixes as well, in any letter case, and any id may be called, listed or not. Beside these stand your own endpoints that speak the OpenAI or the Anthropic format.",
    "**chat** names the formats a provider is spoken to in; clients of every format reach all of them. The other columns are what it does beside chat, each at the OpenAI-compatible path of the [API](API.md). **unchecked**: known from earlier releases, and not compared with the vendor's documents lately; let a test of the connection tell.",
    ...(Object.keys(TIERS) as Tier[]).flatMap((tier) => [
      `## ${TIERS[tier]}`,
      tableOf(shown.filter((provider) => provider.tier === tier)),
    ]),
    "## What to know of some",
    noted.map(noteOf).join("\n"),
    "",
  ].join("\n\n");
}

function tableOf(providers: readonly ProviderDefinition[]): string {
  const head = ["provider", "prefixes", "state", "chat", ...SERVICES.map(([, word]) => word)];
  const rows = providers.map((provider) => [
    provider.name,
    [...new Set([...(provider.prefixes ?? []), provider.id])].map((name) => `\`${name}\``).join(" "),
    stateOf(provider),
    provider.chat.map(({ format }) => format).join(", "),
    ...SERVICES.map(([kind]) => (provider.services?.[kind] ? "✓" : "")),
  ]);
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function stateOf({ status }: ProviderDefinition): string {
  if (status === UNCHECKED) return "unchecked";
  const words = STATES[status?.state ?? "works"];
  return words && status?.since !== undefined ? `${words} ${status.since}` : words;
}

function noteOf({ name, status }: ProviderDefinition): string {
  const { note = "", replacement, source } = status ?? {};
  const instead = replacement === undefined ? "" : ` Instead: \`${replacement}\`.`;
  return `- **${name}**: ${note}${instead}${source === undefined ? "" : ` ([source](${source}))`}`;
}
