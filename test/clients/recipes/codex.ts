import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, json, type Launch, type Program, type Setting } from "./recipe.ts";

type Catalogue = { models: { slug: string }[] };

/** The models Codex brings along. Which tools it offers depends on the entry of the model it is told to use. */
let bundled: Catalogue = { models: [] };

export const codex: Client = {
  name: "codex",
  package: "@openai/codex",
  version: "0.169.0",
  program: "codex",
  async prepare(program) {
    bundled = await readCatalogue(program);
  },
  ways: [
    { name: "", launch: (setting) => launch(setting, `${setting.root}/v1`) },
    { name: "root", launch: (setting) => launch(setting, setting.root) },
    { name: "built-in", launch: (setting) => builtIn(setting) },
    {
      name: "known-name",
      launch: (setting) => launch({ ...setting, model: "gpt-6-sol" }, `${setting.root}/v1`),
    },
    { name: "compaction", launch: (setting) => launch(setting, `${setting.root}/v1`, SOON) },
    { name: "built-in-compaction", launch: (setting) => builtIn(setting, SOON) },
    { name: "apply-patch", launch: (setting) => knownAs("gpt-5.5", setting) },
    { name: "code-mode", launch: (setting) => knownAs("gpt-6-sol", setting) },
  ],
};

const QUIET = ["analytics.enabled=false", "check_for_update_on_startup=false"];
const RUN = [
  "exec",
  "--skip-git-repo-check",
  "--dangerously-bypass-approvals-and-sandbox",
  ...QUIET.flatMap((setting) => ["-c", setting]),
  ...["plugins", "apps"].flatMap((feature) => ["--disable", feature]),
];

function launch({ model, prompt, key }: Setting, base: string, more: string[] = []): Launch {
  const provider = `{name="gw",base_url="${base}",env_key="GW_KEY",wire_api="responses"}`;
  const chosen = ["-c", "model_provider=gw", "-c", `model_providers.gw=${provider}`];
  return { args: [...RUN, ...chosen, ...more, "-m", model, prompt], env: { GW_KEY: key } };
}

/** Makes it run out of room with its first turn. */
const SOON = ["-c", "model_auto_compact_token_limit=100"];

/** The built-in provider tries a WebSocket first, and leaves summaries of long sessions to its provider. */
function builtIn({ root, model, prompt, key }: Setting, more: string[] = []): Launch {
  return {
    args: [...RUN, "-c", `openai_base_url="${root}/v1"`, ...more, "-m", model, prompt],
    env: { CODEX_API_KEY: key },
  };
}

/** The gateway's model under the entry of one that Codex knows. */
function knownAs(slug: string, setting: Setting): Launch {
  const entry = bundled.models.find((model) => model.slug === slug);
  if (!entry) throw new Error(`This Codex does not know the model ${slug}.`);
  const catalogue = { models: [{ ...entry, slug: setting.model, display_name: setting.model }] };
  const option = ["-c", `model_catalog_json="${setting.home}/models.json"`];
  return { ...launch(setting, `${setting.root}/v1`, option), files: { "models.json": json(catalogue) } };
}

async function readCatalogue({ program, path }: Program): Promise<Catalogue> {
  const home = mkdtempSync(join(tmpdir(), "omniroute-codex-"));
  const child = Bun.spawn([program, "debug", "models", "--bundled"], {
    env: { PATH: path, HOME: home },
    stdout: "pipe",
    stderr: "ignore",
  });
  const text = await new Response(child.stdout).text();
  rmSync(home, { recursive: true, force: true });
  return JSON.parse(text) as Catalogue;
}
