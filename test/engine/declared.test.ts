import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDeclaration } from "../../src/engine/declared/parse.ts";
import { writeDeclaration } from "../../src/engine/declared/write.ts";
import { listAudit, listConnections } from "../../src/store/index.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { Visitor } from "../web/kit.ts";

const ENV: { [name: string]: string } = {
  WORK_KEY: "sk-canary-declared-1",
  CI_KEY: "sk-canary-ci-key-0001-0002",
};
const reference = (name: string) => ENV[name];

const TOML = `# what this gateway does
[settings]
logRetentionDays = 30
systemPrompt = { enabled = true, prompt = "Costs $\${5}." }

[aliases]
quick = "own/small"

[[nodes]]
name = "Own"
prefix = "own"
type = "openai-compatible"
baseUrl = "http://127.0.0.1:9/v1"

[[connections]]
provider = "own"
name = "first"
apiKey = "\${WORK_KEY}"
priority = 2

[[combos]]
name = "smart"
strategy = "weighted"
models = [{ model = "own/large", weight = 70 }, "own/small"]

[[keys]]
name = "ci"
key = "\${CI_KEY}"
allowedModels = ["smart"]
`;
const YAML = `settings:
  logRetentionDays: 30
  systemPrompt:
    enabled: true
    prompt: "Costs $\${5}."
aliases:
  quick: own/small
nodes:
  - name: Own
    prefix: own
    type: openai-compatible
    baseUrl: http://127.0.0.1:9/v1
connections:
  - provider: own
    name: first
    apiKey: "\${WORK_KEY}"
    priority: 2
combos:
- name: smart
  strategy: weighted
  models:
    - model: own/large
      weight: 70
    - own/small
keys:
  - name: ci
    key: "\${CI_KEY}"
    allowedModels: [smart]
`;

const lineWith = (text: string, words: string, last = false): number =>
  text.slice(0, last ? text.lastIndexOf(words) : text.indexOf(words)).split("\n").length;

describe("a file is read", () => {
  test("TOML and YAML say the same", () => {
    const toml = parseDeclaration(TOML, "toml", reference);
    expect(toml).toEqual(parseDeclaration(YAML, "yaml", reference));
    expect(toml).toMatchObject({
      declaration: {
        settings: { systemPrompt: { prompt: "Costs ${5}." } },
        connections: [{ provider: "own", apiKey: ENV.WORK_KEY, priority: 2 }],
      },
    });
  });

  const wrong: [string, string, string, string][] = [
    ["an unknown setting", "logRetentionDays", "logRetentionDay", "no such setting"],
    ["a value out of bounds", "priority = 2", "priority = 200", "100"],
    ["an unknown strategy", '"weighted"', '"heaviest"', 'must be "priority", '],
    ["a wrong entry in a list", "weight = 70", "weight = 700", "100"],
    ["a secret in plain text", '"${WORK_KEY}"', '"sk-plain-text"', "${NAME}"],
    ["a variable that is not set", "${CI_KEY}", "${NOT_THERE}", "NOT_THERE is not set"],
    ["a login rule", "logRetentionDays = 30", "requireLogin = false", "no such setting"],
  ];
  for (const [what, from, to, words] of wrong)
    test(`${what} is told with its line`, () => {
      const text = TOML.replace(from, () => to);
      const line = lineWith(text, to);
      const parsed = parseDeclaration(text, "toml", reference);
      expect(parsed).toMatchObject({ faults: [{ line, message: expect.stringContaining(words) }] });
      expect(JSON.stringify(parsed)).not.toContain("sk-plain-text");
    });

  test("YAML faults have lines too, all of them at once", () => {
    const text = YAML.replace("priority: 2", "priority: 200").replace("weight: 70", "weight: 700");
    const parsed = parseDeclaration(text, "yaml", reference);
    expect("faults" in parsed && parsed.faults.map(({ line }) => line)).toEqual([
      lineWith(text, "priority: 200"),
      lineWith(text, "weight: 700"),
    ]);
  });

  test("a file that is no TOML is told where it breaks; two of one name are refused", () => {
    expect(parseDeclaration("[settings]\nx = = 1", "toml", reference)).toMatchObject({
      faults: [{ line: 2 }],
    });
    const twice = `${TOML}\n[[keys]]\nname = "ci"\nkey = "\${CI_KEY}"\n`;
    expect(parseDeclaration(twice, "toml", reference)).toMatchObject({
      faults: [
        {
          line: lineWith(twice, `key = "\${CI_KEY}"`, true) - 2,
          message: expect.stringContaining("same name"),
        },
      ],
    });
  });
});

describe("odd files", () => {
  test.each<[string, "toml" | "yaml", string, number | undefined, string]>([
    ["a table that is not closed", "toml", "# first\n\n[[combos]\nname =", 3, "Expected"],
    ["one name twice", "toml", "[aliases]\na = 'b'\nb = 'c'\na = 'd'", 4, "redefine"],
    ["a list that is not closed", "toml", "[settings]\ntheme = 'dark'\ncorsOrigins = [\n'x',", 3, "array"],
    ["a tab", "yaml", "aliases:\n  a: b\n\tb: c", 3, "Tab"],
    ["a section twice", "yaml", "aliases:\n  a: b\ncombos: []\naliases:\n  c: d", 4, "stands above"],
    ["anchors that multiply", "yaml", bomb(), undefined, "alias"],
    ["an anchor that holds itself", "yaml", "combos: &x\n  - name: a\n    models: *x", undefined, "anchor"],
    ["several documents", "yaml", "combos: []\n---\naliases: {}", undefined, "names and values"],
    ["a list", "yaml", "- a\n- b", undefined, "names and values"],
    ["another kind of value", "yaml", "combos:\n  - name: a\n    models: x", 3, "must be a list"],
  ])("%s", (_what, format, text, line, message) => {
    const parsed = parseDeclaration(text, format, reference);
    const [fault] = "faults" in parsed ? parsed.faults : [];
    expect(fault?.message).toContain(message);
    if (line !== undefined) expect(fault?.line).toBe(line);
  });

  test.each([
    ["line ends of Windows", TOML.replaceAll("\n", "\r\n")],
    ["a mark of its encoding", `\ufeff${TOML}`],
  ])("%s change nothing", (_what, text) => {
    expect(parseDeclaration(text, "toml", reference)).toEqual(parseDeclaration(TOML, "toml", reference));
  });
});

/** Nine lists of nine lists of nine … */
function bomb(): string {
  const levels = "abcdefgh".split("");
  return levels
    .map(
      (name, index) =>
        `${name}: &${name} [${Array(9)
          .fill(index === 0 ? "x" : `*${levels[index - 1]}`)
          .join(", ")}]`,
    )
    .join("\n");
}

describe("a file in force", () => {
  let gateway: TestGateway;
  let directory: string;
  let path: string;
  const start = async (text: string, name = "omniroute.toml") => {
    directory = mkdtempSync(join(tmpdir(), "omniroute-declared-"));
    path = join(directory, name);
    writeFileSync(path, text);
    gateway = await startGateway({ configFile: path, reference });
    gateway.engine.declared.start();
  };
  beforeEach(() => start(TOML));
  afterEach(async () => {
    await gateway.stop();
    rmSync(directory, { recursive: true });
  });
  const api = async (method: string, where: string, body?: object) => {
    const owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
    const answer = await fetch(gateway.url + where, {
      method,
      headers: { authorization: `Bearer ${owner}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, text, body: /^[[{]/.test(text) ? (JSON.parse(text) as any) : {} };
  };
  /** Writes the file and lets the watch see it. */
  const rewrite = (text: string) => {
    writeFileSync(path, text);
    gateway.engine.declared.again();
  };

  test("everything it declares is there, and its key calls", async () => {
    expect(listConnections(gateway.engine.store)).toMatchObject([
      { name: "first", priority: 2, credentials: { apiKey: ENV.WORK_KEY } },
    ]);
    expect(gateway.engine.settings()).toMatchObject({
      logRetentionDays: 30,
      systemPrompt: { prompt: "Costs ${5}." },
    });
    expect(gateway.engine.manage.combos.list()).toMatchObject([{ name: "smart", strategy: "weighted" }]);
    const answer = await fetch(`${gateway.url}/v1/models`, {
      headers: { authorization: `Bearer ${ENV.CI_KEY}` },
    });
    const { data } = (await answer.json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(["smart"]);
    expect(listAudit(gateway.engine.store).every(({ actor }) => actor === "config file")).toBe(true);
    expect((await api("GET", "/api/config-file")).body).toMatchObject({ path, faults: [] });
  });

  test("what it declares refuses edits elsewhere and says where; the rest does not", async () => {
    const [connection] = listConnections(gateway.engine.store);
    const [combo] = gateway.engine.manage.combos.list();
    const [key] = gateway.engine.access.listKeys();
    const refused = [
      await api("PUT", `/api/providers/${connection!.id}`, { priority: 9 }),
      await api("DELETE", `/api/providers/${connection!.id}`),
      await api("PUT", `/api/combos/${combo!.id}`, { strategy: "random" }),
      await api("DELETE", `/api/keys/${key!.id}`),
      await api("PATCH", "/api/settings", { logRetentionDays: 5 }),
      await api("PUT", "/api/models/alias", { alias: "quick", model: "own/large" }),
    ];
    for (const { status, body } of refused)
      expect([status, body.error.code, body.error.message.includes(path)]).toEqual([409, "conflict", true]);
    expect(gateway.engine.settings().logRetentionDays).toBe(30);
    expect((await api("PATCH", "/api/settings", { theme: "dark" })).status).toBe(200);
    expect((await api("POST", "/api/combos", { name: "mine", models: ["own/a"] })).status).toBe(201);
    const { id } = listAudit(gateway.engine.store).find(({ action }) => action === "connection.create")!;
    expect((await api("POST", "/api/compliance/audit-log/undo", { id })).status).toBe(409);
    expect((await api("POST", "/api/compliance/audit-log/undo")).body.action).toBe("combo.create");
  });

  test("the dashboard marks what is declared, and a refused form says where it is changed", async () => {
    const visitor = await new Visitor(gateway).signIn();
    for (const page of [
      "/dashboard/combos",
      "/dashboard/endpoint",
      "/dashboard/settings/storage",
      "/dashboard/settings/ai",
      "/dashboard/settings/routing",
    ])
      expect([page, (await (await visitor.get(page)).text()).includes("from the file")]).toEqual([
        page,
        true,
      ]);
    const [connection] = listConnections(gateway.engine.store);
    const provider = await visitor.get(`/dashboard/providers/${connection!.provider}`);
    // The node, and its connection.
    expect((await provider.text()).split("from the file")).toHaveLength(3);
    const storage = await (await visitor.get("/dashboard/settings/storage")).text();
    expect(storage).toContain("from the file: logRetentionDays");
    const resilience = await visitor.get("/dashboard/settings/resilience");
    expect(await resilience.text()).not.toContain("from the file");
    const refused = await visitor.post("/dashboard/settings/storage?do=retention", { logRetentionDays: "5" });
    expect([refused.status, (await refused.text()).includes("is declared in")]).toEqual([409, true]);
  });

  test("nothing is written when nothing changed; what changed is, and what is gone goes", () => {
    const entries = () => listAudit(gateway.engine.store, { limit: 500 }).length;
    const before = entries();
    rewrite(`${TOML}\n# only a remark\n`);
    expect(entries()).toBe(before);
    rewrite(
      TOML.replace("logRetentionDays = 30", "logRetentionDays = 31").replace(
        /\[\[combos\]\][^[]*(\[[^[]*\])[^[]*/s,
        "",
      ),
    );
    expect(gateway.engine.settings().logRetentionDays).toBe(31);
    rewrite(TOML.slice(0, TOML.indexOf("[[combos]]")));
    expect(gateway.engine.manage.combos.list()).toEqual([]);
    expect(gateway.engine.access.listKeys()[0]!.revokedAt).toBeDefined();
    expect(listConnections(gateway.engine.store)).toHaveLength(1);
  });

  test("a change is seen by itself; one with faults changes nothing and is told", async () => {
    const deadline = Date.now() + 20_000;
    writeFileSync(path, TOML.replace("logRetentionDays = 30", "logRetentionDays = 44"));
    while (gateway.engine.settings().logRetentionDays !== 44 && Date.now() < deadline) await Bun.sleep(50);
    expect(gateway.engine.settings().logRetentionDays).toBe(44);
    rewrite(TOML.replace("logRetentionDays = 30", "logRetentionDays = 0").replace('"first"', '"second"'));
    expect(gateway.engine.settings().logRetentionDays).toBe(44);
    expect(listConnections(gateway.engine.store).map(({ name }) => name)).toEqual(["first"]);
    expect((await api("GET", "/api/config-file")).body.faults).toMatchObject([{ line: 3 }]);
    expect(gateway.log.join("\n")).toContain("line 3");
  });

  test("aliases that change places close no circle with what the file said before", () => {
    rewrite(`[aliases]\na = "b"\nb = "c"\n`);
    rewrite(`[aliases]\nb = "a"\na = "c"\n`);
    expect(gateway.engine.declared.state().faults).toEqual([]);
    const { exact } = gateway.engine.manage.aliases.list();
    expect(Object.fromEntries(exact.map(({ pattern, target }) => [pattern, target]))).toEqual({
      a: "c",
      b: "a",
    });
  });

  test("a file that is gone, or a directory in its place, changes nothing and is told", async () => {
    rmSync(path);
    gateway.engine.declared.again();
    expect(gateway.engine.declared.state().faults).toMatchObject([
      { message: expect.stringContaining("The file is gone") },
    ]);
    mkdirSync(path);
    gateway.engine.declared.again();
    expect(gateway.engine.declared.state().faults).toMatchObject([
      { message: expect.stringContaining("no file") },
    ]);
    expect(listConnections(gateway.engine.store)).toHaveLength(1);
  });

  test("a file that appears later is put in force", async () => {
    const { dataDir } = gateway;
    await gateway.engine.close();
    const later = join(directory, "later.toml");
    gateway = await startGateway({ dataDir, configPlaces: [join(directory, "none.toml"), later] });
    gateway.engine.declared.start();
    expect(gateway.engine.declared.state()).toEqual({ faults: [], declared: expect.anything() });
    symlinkSync(join(directory, "real.toml"), later);
    writeFileSync(join(directory, "real.toml"), "[settings]\nlogRetentionDays = 55\n");
    const deadline = Date.now() + 20_000;
    while (gateway.engine.settings().logRetentionDays !== 55 && Date.now() < deadline) await Bun.sleep(50);
    expect(gateway.engine.declared.state()).toMatchObject({ path: later, faults: [] });
  });

  test("key groups hold declared keys; one that goes while others are in it stays, and is free to change", async () => {
    const GROUPED = TOML.replace('name = "ci"', 'name = "ci"\ngroup = "team"').concat(`
[[keyGroups]]
name = "team"
note = "robots"
allowedModels = ["own/*", "smart"]
limits = { requestsPerMinute = 5, tokensPerMinute = 1000 }
budget = { dailyLimitUsd = 2, timeZone = "Europe/Berlin" }
`);
    rewrite(GROUPED);
    expect(gateway.engine.declared.state().faults).toEqual([]);
    const { access, store } = gateway.engine;
    const [team] = access.groups.list();
    expect(team).toMatchObject({ name: "team", note: "robots", budget: { timeZone: "Europe/Berlin" } });
    expect(access.listKeys()).toMatchObject([{ name: "ci", groupId: team!.id }]);
    const refused = await api("PATCH", `/api/key-groups/${team!.id}`, { isActive: false });
    expect([refused.status, refused.body.error.message.includes(path)]).toEqual([409, true]);
    const entries = listAudit(store, { limit: 500 }).length;
    rewrite(`${GROUPED}# a remark\n`);
    expect(listAudit(store, { limit: 500 })).toHaveLength(entries);
    rewrite(GROUPED.replace("limits = { requestsPerMinute = 5, tokensPerMinute = 1000 }", ""));
    expect(access.groups.get(team!.id).limits).toBeUndefined();
    rewrite(GROUPED.replace('group = "team"', 'group = "nobody"'));
    expect(gateway.engine.declared.state().faults[0]!.message).toContain('no key group "nobody"');
    const other = access.createKey({ name: "by hand", groupId: team!.id }).record;
    rewrite(TOML);
    expect(access.groups.list()).toHaveLength(1);
    expect((await api("PATCH", `/api/key-groups/${team!.id}`, { isActive: false })).status).toBe(200);
    rewrite(GROUPED);
    access.updateKey(other.id, { groupId: null });
    rewrite(TOML);
    expect(access.groups.list()).toEqual([]);
  });

  test.each(["toml", "yaml"] as const)("groups come back as they were from an export in %s", (format) => {
    const { engine } = gateway;
    const rules = { allowedCombos: ["smart"], budget: { monthlyLimitUsd: 9, warningThreshold: 0.5 } };
    const group = engine.access.groups.create({ name: "crew", isActive: false, ...rules }, { name: "test" });
    engine.access.createKey({ name: "mine", groupId: group.id });
    const text = writeDeclaration({ ...engine, settings: () => engine.settings() }, format);
    const parsed = parseDeclaration(text, format, () => "a text that is long enough");
    expect("declaration" in parsed && parsed.declaration).toMatchObject({
      keyGroups: [{ name: "crew", isActive: false, ...rules }],
      keys: [{ name: "ci" }, { name: "mine", group: "crew" }],
    });
  });

  test("a fault that shows only while it is applied takes everything back", () => {
    rewrite(`${TOML.replace("logRetentionDays = 30", "logRetentionDays = 77")}
[[connections]]
provider = "a-provider-of-tomorrow"
name = "x"
apiKey = "\${WORK_KEY}"
`);
    expect(gateway.engine.declared.state().faults[0]!.message).toContain("a-provider-of-tomorrow");
    expect(gateway.engine.settings().logRetentionDays).toBe(30);
    expect(listConnections(gateway.engine.store)).toHaveLength(1);
  });

  test("a start with faults is refused, naming the line", async () => {
    await gateway.stop();
    await start(TOML.replace("priority = 2", "priority = 200")).then(
      () => expect.unreachable(),
      (error: Error) => expect(error.message).toContain(`line ${lineWith(TOML, "priority")}`),
    );
  });

  test("without the file what it declared stays, and can be changed again", async () => {
    const { dataDir } = gateway;
    await gateway.engine.close();
    gateway = await startGateway({ dataDir });
    gateway.engine.declared.start();
    const [connection] = listConnections(gateway.engine.store);
    expect((await api("PUT", `/api/providers/${connection!.id}`, { priority: 9 })).status).toBe(200);
  });

  for (const format of ["toml", "yaml"] as const)
    test(`the running state is written as ${format} without a secret, and reads back the same`, async () => {
      const { text } = await api("GET", `/api/config-file/export?format=${format}`);
      for (const secret of Object.values(ENV)) expect(text).not.toContain(secret);
      expect(text).toContain("#   OWN_FIRST_KEY");
      const named: { [name: string]: string | undefined } = {
        OWN_FIRST_KEY: ENV.WORK_KEY,
        CLIENT_CI: ENV.CI_KEY,
      };
      const again = parseDeclaration(text, format, (name) => named[name]);
      const first = parseDeclaration(TOML, "toml", reference);
      expect(again).toEqual(first);
      const { engine } = gateway;
      expect(
        writeDeclaration(
          {
            store: engine.store,
            manage: engine.manage,
            access: engine.access,
            settings: () => engine.settings(),
          },
          format,
        ),
      ).toBe(text);
    });
});
