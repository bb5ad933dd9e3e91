import { binSettingOf, CLIENT_TOOLS } from "../../src/clients/index.ts";
import { createSay } from "../../web/i18n/index.ts";
import { type Recipe, RECIPES, type RecipeStep } from "../../web/recipes/index.ts";

const PLACE = { base: "http://localhost:20128", key: "YOUR-KEY", model: "my-combo" };
const say = createSay("en");

/** The page about clients, written from the recipes that the dashboard shows. */
export function clientsPage(): string {
  return `${[INTRODUCTION, toolTable(), ...RECIPES.map(section), HOLDING_UP].join("\n\n")}\n`;
}

const INTRODUCTION = `# Connecting clients

This page is written from the recipes of the dashboard (\`bun run docs\`), where they stand under **Endpoint › Clients** with your own address and model filled in. Here the address is \`${PLACE.base}\`, the key \`${PLACE.key}\` and the model \`${PLACE.model}\`. A model is any name that \`GET /v1/models\` lists: a combo, an alias, or \`provider/model\`.

Three things decide whether a client works:

- **The address it wants.** Clients of OpenAI's protocol want it with \`/v1\`, Anthropic's and Google's own want it bare. OmniRoute also answers where one was mistaken for the other (\`/v1/v1/…\`, \`/chat/completions\`).
- **The key.** On a server that only this machine can reach any text will do, unless keys are required; anywhere else make one under **Endpoint**. Every protocol takes it in each of its headers: \`Authorization: Bearer\`, \`x-api-key\`, \`x-goog-api-key\`.
- **The model.** Clients with lists of their own let a name be typed in; some know only the names of their maker. An alias makes such a name mean your combo.

## In one click

**CLI tools** in the dashboard looks for the clients below on the machine that OmniRoute runs on and writes their settings: everything else in the files stays, comments too, a copy is made first, and **Undo** brings back what stood there. The same over the management API: \`POST /api/cli-tools/claude-settings {"model":"${PLACE.model}"}\`, and \`DELETE\` to undo. Without \`apiKey\` a key is made and named after the client.

Files are written only for somebody who sits at that machine. \`CLI_ALLOW_CONFIG_WRITES=true\` allows it to everybody who may manage the gateway, \`false\` to nobody (as in the container image). Links are followed as long as they stay below the home directory; modes and owners are kept. Programs are looked for on the search path, where installers put them, and in the folders of \`CLI_EXTRA_PATHS\`; \`CLI_CONFIG_HOME\` names another home directory.`;

function toolTable(): string {
  const rows = CLIENT_TOOLS.map(({ id, name, files, ...tool }) => {
    const written = files.map(({ paths }) => `\`~/${paths[0]}\``).join(", ") || "by hand";
    const command = tool.commands === undefined ? "–" : `\`${binSettingOf({ id })}\``;
    return `| ${name} | ${files.length === 0 ? "–" : `\`${id}-settings\``} | ${written} | ${command} |`;
  });
  return ["| client | call | files | names its program |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function section({ name, steps }: Recipe): string {
  return [`## ${name}`, ...joined(steps(PLACE)).map(stepText)].join("\n\n");
}

/** Values to fill in stand below each other. */
function joined(steps: readonly RecipeStep[]): (RecipeStep | string[])[] {
  const all: (RecipeStep | string[])[] = [];
  for (const step of steps) {
    const isField = "text" in step && step.gaps?.["value"] !== undefined;
    const last = all.at(-1);
    if (!isField) all.push(step);
    else if (Array.isArray(last)) last.push(fieldText(step));
    else all.push([fieldText(step)]);
  }
  return all;
}

function stepText(step: RecipeStep | string[]): string {
  if (Array.isArray(step)) return step.join("\n");
  if ("shell" in step) return fenced("sh", step.shell);
  if ("file" in step) return fenced(languageOf(step.file), step.code);
  const gaps = Object.entries(step.gaps ?? {}).map(([name, text]) => [name, `\`${text}\``]);
  return say(step.text, Object.fromEntries(gaps));
}

function fieldText(step: RecipeStep): string {
  if (!("text" in step)) return "";
  return `- ${say(step.text).replace(/:$/, "")}: \`${step.gaps?.["value"]}\``;
}

const fenced = (language: string, code: string): string => `\`\`\`${language}\n${code}\n\`\`\``;

function languageOf(file: string): string {
  const ending = /\.(\w+)$/.exec(file)?.[1];
  if (file === "Python" || file === "TypeScript") return file.toLowerCase();
  return ending === "env" || file === "Aider" ? "sh" : (ending ?? "text");
}

const HOLDING_UP = `## When it does not work

- **It asks its maker all the same.** A variable of the shell wins over the settings file: look for \`ANTHROPIC_BASE_URL\`, \`OPENAI_BASE_URL\` and their like with \`env\`. Start the client anew after a change.
- **401.** The key is not one of this gateway, was revoked, or has expired. A client that is signed in at its maker may send that sign-in instead: sign out there.
- **404 for the model.** \`omniroute plan NAME\` says what the name means here and what is left out, and why.
- **It hangs.** **Logs** shows the call with its attempts while it runs; if it does not show there, the client asks somebody else.`;
