import { describe, expect, test } from "bun:test";
import type { Combo } from "../../src/core/combo.ts";
import type { ApiKey } from "../../src/core/key.ts";
import type { ProviderNode } from "../../src/core/node.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { GatewayError } from "../../src/core/errors.ts";
import {
  addAudit,
  findCombo,
  findConnection,
  findKey,
  findNode,
  listAliases,
  listAudit,
  listChains,
  listCombos,
  listConnections,
  listCustomModels,
  listKeys,
  listNodes,
  listPrices,
  loadHealth,
  noteConnection,
  patchSettings,
  readSecretValue,
  readSettings,
  readValue,
  readValues,
  removeAlias,
  removeChain,
  removeCombo,
  removeConnection,
  removeCustomModel,
  removeKey,
  removeNode,
  removePrices,
  saveAlias,
  saveChain,
  saveCombo,
  saveConnection,
  saveCustomModel,
  saveHealth,
  saveKey,
  saveKeyUses,
  saveNode,
  savePrices,
  saveSecretValue,
  saveValues,
  type Store,
  type StoreChange,
} from "../../src/store/index.ts";
import { connection, freshStore } from "./kit.ts";

const node: ProviderNode = {
  id: "openai-compatible-chat-1",
  name: "Home",
  prefix: "home",
  type: "openai-compatible",
  apiType: "chat",
  baseUrl: "http://localhost:1/v1",
  createdAt: 1,
  updatedAt: 1,
};
const combo: Combo = {
  id: "c1",
  name: "best",
  models: [{ model: "groq/a", weight: 2 }, { model: "glm/b" }],
  strategy: "weighted",
  config: { maxRetries: 2 },
  isActive: true,
  createdAt: 1,
  updatedAt: 1,
};
const key: ApiKey = {
  id: "k1",
  name: "laptop",
  hash: "h1",
  masked: "sk-omni-AbCd…wxyz",
  former: [{ hash: "h0", until: 5 }],
  scopes: ["inference", "admin"],
  noLog: true,
  expiresAt: 9,
  createdAt: 1,
};

/** For each family: save, list, change, remove; what is saved comes back the same. */
const FAMILIES: {
  what: StoreChange;
  save(store: Store): unknown;
  list(store: Store): unknown[];
  find?(store: Store): unknown;
  change(store: Store): unknown;
  remove(store: Store): unknown;
}[] = [
  {
    what: "connections",
    save: (store) =>
      saveConnection(
        store,
        connection({ id: "1", group: "g", email: "a@b.c", globalPriority: 3, lastUsedAt: 4 }),
      ),
    list: listConnections,
    find: (store) => findConnection(store, "1"),
    change: (store) => saveConnection(store, connection({ id: "1", isActive: false, credentials: {} })),
    remove: (store) => removeConnection(store, "1"),
  },
  {
    what: "nodes",
    save: (store) => saveNode(store, { ...node, chatPath: "/chat" }),
    list: listNodes,
    find: (store) => findNode(store, node.id),
    change: (store) => saveNode(store, node),
    remove: (store) => removeNode(store, node.id),
  },
  {
    what: "combos",
    save: (store) => saveCombo(store, combo),
    list: listCombos,
    find: (store) => findCombo(store, "c1"),
    change: (store) => saveCombo(store, { ...combo, models: [], isActive: false }),
    remove: (store) => removeCombo(store, "c1"),
  },
  {
    what: "keys",
    save: (store) => saveKey(store, key),
    list: listKeys,
    find: (store) => findKey(store, "k1"),
    change: (store) => saveKey(store, { ...key, former: undefined, expiresAt: undefined, revokedAt: 7 }),
    remove: (store) => removeKey(store, "k1"),
  },
  {
    what: "aliases",
    save: (store) => saveAlias(store, { pattern: "gpt-*", target: "gh/gpt-5", createdAt: 1 }),
    list: listAliases,
    change: (store) => saveAlias(store, { pattern: "gpt-*", target: "best", createdAt: 1 }),
    remove: (store) => removeAlias(store, "gpt-*"),
  },
  {
    what: "chains",
    save: (store) =>
      saveChain(store, {
        name: "production",
        models: ["cc/a", "gh/b"],
        match: "*",
        enabled: true,
        priority: 1,
        createdAt: 1,
        updatedAt: 1,
      }),
    list: listChains,
    change: (store) =>
      saveChain(store, {
        name: "production",
        models: [],
        match: "gpt-*",
        enabled: false,
        priority: 2,
        createdAt: 1,
        updatedAt: 2,
      }),
    remove: (store) => removeChain(store, "production"),
  },
  {
    what: "custom-models",
    save: (store) =>
      saveCustomModel(store, {
        provider: "groq",
        id: "m",
        name: "M",
        type: "chat",
        context: 8192,
        createdAt: 1,
      }),
    list: listCustomModels,
    change: (store) =>
      saveCustomModel(store, { provider: "groq", id: "m", name: "N", type: "embedding", createdAt: 1 }),
    remove: (store) => removeCustomModel(store, "groq", "m"),
  },
];

describe.each(FAMILIES.map((family) => [family.what, family] as const))("%s", (what, family) => {
  test("come back as they were saved, changed and removed, and listeners are told each time", () => {
    const { store } = freshStore();
    const told: StoreChange[] = [];
    const stop = store.onChange((change) => told.push(change));
    expect(family.list(store)).toEqual([]);
    const saved = family.save(store);
    expect(family.list(store)).toEqual([saved]);
    if (family.find) expect(family.find(store)).toEqual(saved);
    const changed = family.change(store);
    expect(family.list(store)).toEqual([JSON.parse(JSON.stringify(changed))]);
    expect(family.remove(store)).toBe(true);
    expect(family.remove(store)).toBe(false);
    expect(family.list(store)).toEqual([]);
    expect(told).toEqual([what, what, what, what]);
    stop();
    family.save(store);
    expect(told).toHaveLength(4);
    store.close();
  });

  test("are refused with 507 while the disk is full, and saved again when it is not", () => {
    const { store } = freshStore();
    const told: StoreChange[] = [];
    store.onChange((change) => told.push(change));
    const undo = fillDisk(store);
    expect(codeOf(() => family.save(store))).toBe("storage_full");
    expect(family.list(store)).toEqual([]);
    expect(told).toEqual([]);
    undo();
    family.save(store);
    expect(family.list(store)).toHaveLength(1);
    store.close();
  });
});

/** No page can be added and every change needs one: what SQLite meets on a full disk. */
function fillDisk(store: Store): () => void {
  const database = store.files.config;
  database.run("CREATE TABLE filler (x)");
  const tables = database
    .query<{ name: string }, []>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all();
  const triggers = tables.filter((table) => table.name !== "filler");
  for (const { name } of triggers) {
    database.run(
      `CREATE TRIGGER fill_${name} BEFORE INSERT ON ${name} BEGIN INSERT INTO filler VALUES (zeroblob(65536)); END`,
    );
  }
  const pages = database.query<{ page_count: number }, []>("PRAGMA page_count").get()!.page_count;
  database.run(`PRAGMA max_page_count = ${pages}`);
  return () => {
    database.run("PRAGMA max_page_count = 1000000");
    for (const { name } of triggers) database.run(`DROP TRIGGER fill_${name}`);
  };
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
  return undefined;
}

test("two nodes with one prefix and two combos with one name are a conflict", () => {
  const { store } = freshStore();
  saveNode(store, node);
  expect(codeOf(() => saveNode(store, { ...node, id: "other" }))).toBe("conflict");
  saveCombo(store, combo);
  expect(codeOf(() => saveCombo(store, { ...combo, id: "other" }))).toBe("conflict");
  store.close();
});

test("a connection from the environment is never written", () => {
  const { store } = freshStore();
  expect(codeOf(() => saveConnection(store, connection({ fromEnvironment: true })))).toBe("conflict");
  expect(listConnections(store)).toEqual([]);
  store.close();
});

test("what is learned in use is noted without telling listeners, and what is not named stays", () => {
  const { store } = freshStore();
  const saved = saveConnection(store, connection({ needsSignIn: true }));
  store.onChange(() => expect.unreachable());
  const lastError = { at: 5, kind: "credentials", message: "expired", status: 401 };
  noteConnection(store, saved.id, { lastUsedAt: 6, lastError });
  expect(findConnection(store, saved.id)).toEqual({ ...saved, lastUsedAt: 6, lastError });
  noteConnection(store, saved.id, { lastError: undefined, needsSignIn: false });
  const { needsSignIn: _, ...rest } = saved;
  expect(findConnection(store, saved.id)).toEqual({ ...rest, lastUsedAt: 6 });
  store.close();
});

test("the last use of keys is written without telling listeners", () => {
  const { store } = freshStore();
  saveKey(store, key);
  store.onChange(() => expect.unreachable());
  saveKeyUses(store, new Map([["k1", 77]]));
  expect(findKey(store, "k1")?.lastUsedAt).toBe(77);
  store.close();
});

test("prices are saved together and removed by model or provider", () => {
  const { store } = freshStore();
  const price = (provider: string, model: string) => ({
    provider,
    model,
    price: { input: 1, output: 2 },
    updatedAt: 1,
  });
  savePrices(store, [price("groq", "a"), price("groq", "b"), price("glm", "a")]);
  expect(removePrices(store, "groq", "a")).toBe(1);
  expect(listPrices(store)).toEqual([price("glm", "a"), price("groq", "b")]);
  expect(removePrices(store, "groq")).toBe(1);
  expect(removePrices(store, "groq")).toBe(0);
  store.close();
});

describe("settings", () => {
  test("are the defaults until changed, and only what is named changes", () => {
    const { store } = freshStore();
    expect(readSettings(store)).toEqual(DEFAULT_SETTINGS);
    expect(patchSettings(store, { theme: "dark", logRetentionDays: 7 })).toEqual({
      ...DEFAULT_SETTINGS,
      theme: "dark",
      logRetentionDays: 7,
    });
    expect(patchSettings(store, { theme: undefined, language: "de" })).toMatchObject({
      theme: "dark",
      language: "de",
    });
    store.close();
  });

  test("a stored value that no longer fits counts as not stored", () => {
    const { store } = freshStore();
    saveValues(store, "settings", { theme: "sepia", instanceName: "mine", unheardOf: 1 });
    expect(readSettings(store)).toEqual({ ...DEFAULT_SETTINGS, instanceName: "mine" });
    store.close();
  });
});

test("values are kept by name, removed by undefined or null, and secret ones stand sealed", () => {
  const { store } = freshStore();
  saveValues(store, "turns", { a: 1, b: [2], c: null });
  saveValues(store, "turns", { a: undefined, d: false });
  expect(readValues(store, "turns")).toEqual({ b: [2], d: false });
  expect(readValue(store, "turns", "a")).toBeUndefined();
  saveSecretValue(store, "proxy", "global", "http://user:pass@host");
  expect(readSecretValue(store, "proxy", "global")).toBe("http://user:pass@host");
  expect(readValue(store, "proxy", "global")).toStartWith("omni:v1:");
  saveSecretValue(store, "proxy", "global", undefined);
  expect(readSecretValue(store, "proxy", "global")).toBeUndefined();
  store.close();
});

test("after a note that need not wait for the disk, changes wait for it again", () => {
  const { store } = freshStore();
  const synchronous = () => store.files.config.query("PRAGMA synchronous").get();
  const full = { synchronous: 2 };
  expect(synchronous()).toEqual(full);
  saveHealth(store, [{ key: "a", state: 1 }]);
  expect(synchronous()).toEqual(full);
  expect(() =>
    store.note(() => {
      expect(synchronous()).toEqual({ synchronous: 1 });
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(synchronous()).toEqual(full);
  store.close();
});

test("health is replaced as a whole", () => {
  const { store, clock } = freshStore();
  saveHealth(store, [
    { key: "a", state: { until: 1 } },
    { key: "b", state: 2 },
  ]);
  clock.advance(10);
  saveHealth(store, [{ key: "b", state: { level: 3 } }]);
  expect(loadHealth(store)).toEqual([{ key: "b", state: { level: 3 }, savedAt: clock.now() }]);
  store.close();
});

describe("the audit log", () => {
  test("lists newest first, by action and actor, page by page", () => {
    const { store, clock } = freshStore();
    for (const action of ["login", "key.create", "login"]) {
      addAudit(store, { action, actor: "admin", ip: "127.0.0.1", result: "ok", details: { action } });
      clock.advance(1);
    }
    addAudit(store, { action: "login", actor: "cli", target: "x", result: "failed" });
    expect(listAudit(store).map((entry) => entry.id)).toEqual([4, 3, 2, 1]);
    expect(listAudit(store, { action: "login", actor: "admin" }).map((entry) => entry.id)).toEqual([3, 1]);
    expect(listAudit(store, { limit: 1, offset: 3 })).toEqual([
      {
        id: 1,
        at: clock.now() - 3,
        action: "login",
        actor: "admin",
        ip: "127.0.0.1",
        result: "ok",
        details: { action: "login" },
        changes: [],
        undo: "impossible",
      },
    ]);
    store.close();
  });

  test("keeps names from outside on one line and short", () => {
    const { store } = freshStore();
    addAudit(store, { action: "login", actor: `evil\n\u001b[31m${"x".repeat(1000)}`, result: "failed" });
    const [entry] = listAudit(store);
    // eslint-disable-next-line no-control-regex
    expect(entry!.actor).not.toMatch(/[\u0000-\u001f]/);
    expect(entry!.actor.length).toBe(500);
    store.close();
  });
});
