import { describe, expect, test } from "bun:test";
import { CLIENT_TOOLS } from "../../src/clients/index.ts";
import { PLACE, tempHome, tool } from "./kit.ts";

const WRITABLE = CLIENT_TOOLS.filter(({ files }) => files.length > 0);

/** Files as people keep them: comments, other settings, odd layouts. What stands in them must live through it all. */
const LIVED_IN: readonly {
  name: string;
  tool: string;
  path: string;
  text: string;
  kept: readonly string[];
}[] = [
  {
    name: "JSON with other settings and our names in use",
    tool: "claude",
    path: ".claude/settings.json",
    text: `{\n    "permissions": { "allow": ["Bash(ls)"] },\n    "env": { "ANTHROPIC_MODEL": "opus", "FOO": "1" }\n}\n`,
    kept: [`    "permissions": { "allow": ["Bash(ls)"] },`, `"FOO": "1"`],
  },
  {
    name: "JSON with comments and trailing commas",
    tool: "opencode",
    path: ".config/opencode/opencode.json",
    text: `{\n\t// my own\n\t"theme": "dark", /* yes */\n\t"provider": {\n\t\t"local": {\n\t\t\t"npm": "x", // old\n\t\t},\n\t},\n}\n`,
    kept: [`\t// my own`, `/* yes */`, `"local": {\n\t\t\t"npm": "x", // old\n\t\t},`],
  },
  {
    name: "JSON with Windows line ends",
    tool: "kilo",
    path: ".config/kilo/kilo.json",
    text: `{\r\n  "model": "other/model"\r\n}\r\n`,
    kept: [`{\r\n`],
  },
  {
    name: "an empty file",
    tool: "gemini",
    path: ".gemini/settings.json",
    text: "",
    kept: [],
  },
  {
    name: "TOML with comments, tables and a model of its owner's",
    tool: "codex",
    path: ".codex/config.toml",
    text: `# mine\nmodel = "gpt-5.2-codex" # best\napproval_policy = "on-request"\n\n[mcp_servers.docs]\ncommand = "npx" # keep\nargs = ["-y", "docs"]\n\n# more providers\n[model_providers.local]\nname = "Local"\nbase_url = "http://127.0.0.1:8080/v1"\n`,
    kept: [
      "# mine",
      `approval_policy = "on-request"`,
      `command = "npx" # keep`,
      "# more providers",
      "[model_providers.local]",
    ],
  },
  {
    name: "TOML with nothing but tables",
    tool: "codex",
    path: ".codex/config.toml",
    text: `[tui]\nnotifications = true`,
    kept: ["[tui]\nnotifications = true"],
  },
  {
    name: "YAML with comments and lists that do not step in",
    tool: "continue",
    path: ".continue/config.yaml",
    text: `# my assistant\nname: "Anna's"\nversion: 0.0.1\nmodels:\n- name: Local # small\n  provider: ollama\n  model: llama3\ncontext:\n- provider: code\n`,
    kept: ["# my assistant", `name: "Anna's"`, "version: 0.0.1", "- name: Local # small", "- provider: code"],
  },
  {
    name: "a list with an entry of ours from another time",
    tool: "droid",
    path: ".factory/settings.json",
    text: `{ "customModels": [ { "displayName": "Mine", "model": "a" }, { "displayName": "OmniRoute", "model": "old" } ] }`,
    kept: [`{ "displayName": "Mine", "model": "a" }`],
  },
  {
    name: "an env file with comments and exports",
    tool: "qwen",
    path: ".qwen/.env",
    text: `# proxies\nexport HTTPS_PROXY="http://proxy:8080"\nOPENAI_MODEL=qwen3 # old\n`,
    kept: ["# proxies", `export HTTPS_PROXY="http://proxy:8080"`],
  },
];

describe.each(WRITABLE.map((each) => [each.id, each] as const))("%s", (_id, client) => {
  test("is pointed here on an empty machine, seen as such, and leaves nothing behind", () => {
    using home = tempHome();
    const { desk } = home;
    expect(desk.state(client).configStatus).toBe("not_configured");
    desk.apply(client, PLACE);
    expect(desk.state(client)).toMatchObject({
      configStatus: "configured",
      model: "my-combo",
      canUndo: true,
    });
    const told = client.files.map(({ paths }) => home.read(paths[0])).join("\n");
    expect(told).toContain(PLACE.key);
    desk.remove(client);
    expect(desk.state(client).configStatus).toBe("not_configured");
    for (const { paths } of client.files) expect(() => home.read(paths[0])).toThrow("ENOENT");
  });

  test("is pointed here twice, with another model, as if it had been once", () => {
    using home = tempHome();
    home.desk.apply(client, PLACE);
    home.desk.apply(client, { ...PLACE, model: "second" });
    const twice = client.files.map(({ paths }) => home.read(paths[0]));
    home.desk.remove(client);
    home.desk.apply(client, { ...PLACE, model: "second" });
    expect(client.files.map(({ paths }) => home.read(paths[0]))).toEqual(twice);
  });
});

describe.each(LIVED_IN.map((each) => [each.name, each] as const))(
  "%s",
  (_name, { tool: id, path, text, kept }) => {
    test("keeps everything else, and comes back to the letter", () => {
      using home = tempHome();
      home.write(path, text);
      home.desk.apply(tool(id), PLACE);
      const changed = home.read(path);
      for (const part of kept) expect(changed).toContain(part);
      expect(home.desk.state(tool(id)).configStatus).toBe("configured");
      home.desk.remove(tool(id));
      expect(home.read(path)).toBe(text);
    });

    test("what is changed after us stays when we go", () => {
      using home = tempHome();
      home.write(path, text);
      home.desk.apply(tool(id), PLACE);
      const { files } = tool(id);
      const file = files.find(({ paths }) => paths[0] === path)!;
      const comment = file.format === "json" ? "// later\n" : "# later\n";
      home.write(path, comment + home.read(path));
      home.desk.remove(tool(id));
      const left = home.read(path);
      expect(left).toStartWith(comment);
      for (const part of kept) expect(left).toContain(part);
      expect(left).not.toContain("localhost:20128");
      expect(left).not.toContain(PLACE.key);
      expect(Object.keys(readAs(file.format, left))).toEqual(Object.keys(readAs(file.format, text)));
    });
  },
);

test("a setting its owner changed after us is not ours to take back", () => {
  using home = tempHome();
  home.write(".codex/config.toml", `model = "gpt-5.2-codex"\n`);
  home.desk.apply(tool("codex"), PLACE);
  home.write(
    ".codex/config.toml",
    home.read(".codex/config.toml").replace(`model = "my-combo"`, `model = "gpt-6"`),
  );
  home.desk.remove(tool("codex"));
  expect(Bun.TOML.parse(home.read(".codex/config.toml"))).toEqual({ model: "gpt-6" });
});

test.each([
  ["claude", ".claude/settings.json", `{ "env": `],
  ["codex", ".codex/config.toml", `model = `],
  ["continue", ".continue/config.yaml", `models: [`],
  ["qwen", ".qwen/.env", `what is this`],
])("a broken file of %s is told of and left alone", (id, path, text) => {
  using home = tempHome();
  home.write(path, text);
  expect(home.desk.state(tool(id))).toMatchObject({
    configStatus: "unreadable",
    problem: expect.stringContaining(path),
  });
  expect(() => home.desk.apply(tool(id), PLACE)).toThrow(/is broken/);
  expect(home.read(path)).toBe(text);
  expect(home.shelf.list()).toEqual([]);
});

test.each([
  ["an inline table", `model_providers = { omniroute = { name = "x" } }\n`],
  ["dotted names", `model_providers.omniroute.name = "x"\n`],
  ["a text over several lines", `model = """\nsecond\n"""\n`],
])("TOML written with %s is refused rather than damaged", (_name, text) => {
  using home = tempHome();
  home.write(".codex/config.toml", text);
  expect(() => home.desk.apply(tool("codex"), PLACE)).toThrow(/cannot be changed safely|is broken/);
  expect(home.read(".codex/config.toml")).toBe(text);
});

test("lines that only look like settings are left alone", () => {
  using home = tempHome();
  const text = `notes = """\nmodel = "not this"\n[model_providers.omniroute]\n"""\n`;
  home.write(".codex/config.toml", text);
  try {
    home.desk.apply(tool("codex"), PLACE);
  } catch {
    expect(home.read(".codex/config.toml")).toBe(text);
    return;
  }
  expect(Bun.TOML.parse(home.read(".codex/config.toml"))).toMatchObject({
    notes: `model = "not this"\n[model_providers.omniroute]\n`,
    model: "my-combo",
  });
});

test("a gateway elsewhere is seen as such", () => {
  using home = tempHome();
  const say = (url: string) =>
    home.write(".claude/settings.json", JSON.stringify({ env: { ANTHROPIC_BASE_URL: url } }));
  for (const [url, status] of [
    ["http://127.0.0.1:20128", "configured"],
    ["http://[::1]:20128/v1", "configured"],
    ["https://ai.example.org", "configured"],
    ["http://localhost:8080", "other"],
    ["https://api.anthropic.com", "other"],
  ] as const) {
    say(url);
    expect(home.desk.state(tool("claude")).configStatus).toBe(status);
  }
});

function readAs(format: string, text: string): object {
  if (format === "toml") return Bun.TOML.parse(text);
  if (format === "yaml") return Bun.YAML.parse(text) as object;
  if (format === "env")
    return Object.fromEntries([...text.matchAll(/^(?:export )?(\w+)=/gm)].map(([, name]) => [name, ""]));
  return (Bun as unknown as { JSONC: { parse(text: string): object } }).JSONC.parse(
    text === "" ? "{}" : text,
  );
}
