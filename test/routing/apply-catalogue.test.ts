import { expect, test } from "bun:test";
import { catalogueFile, type CatalogueFile } from "../../src/core/catalogue-file.ts";
import type { ProviderDefinition } from "../../src/core/provider.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { applyCatalogue } from "../../src/routing/index.ts";

const provider: ProviderDefinition = {
  id: "acme",
  name: "Acme",
  tier: "api-key",
  auth: { type: "key", header: "authorization", prefix: "Bearer " },
  baseUrl: "https://api.acme.test/v1",
  chat: [
    { format: "openai-chat", path: "/chat/completions" },
    { format: "anthropic", path: "/messages" },
  ],
  models: [
    { id: "old", context: 1000, price: [1, 2, 0.1], tools: true },
    { id: "gone", price: [1, 1] },
  ],
  renames: { ancient: "old" },
};
const closed: ProviderDefinition = {
  ...provider,
  id: "closed",
  chat: [],
  status: { state: "not-offered", note: "No adapter.", replacement: "acme/old" },
};

/** What the models and the state are after `facts` on one provider. */
function apply(facts: object, to = provider): ProviderDefinition {
  const file: CatalogueFile = catalogueFile.parse({ version: "1", providers: [{ id: to.id, ...facts }] });
  return applyCatalogue([to], file).providers[0]!;
}

test("facts that are named replace what is built in, the others stay", () => {
  const changed = apply({
    models: [{ id: "old", context: 2000, price: { input: 3, output: 4 } }],
  });
  expect(changed.models[0]).toEqual({
    id: "old",
    context: 2000,
    price: { input: 3, output: 4 },
    tools: true,
  });
  expect(changed.models[1]).toEqual(provider.models[1]!);
});

test("null takes a fact away, so that a wrong price becomes an unknown one", () => {
  expect(apply({ models: [{ id: "old", price: null, tools: null }] }).models[0]).toEqual({
    id: "old",
    context: 1000,
  });
});

test("models come and go", () => {
  const changed = apply({
    models: [{ id: "new", type: "embedding", dimensions: 8, price: { perSearch: 0.1 } }],
    removed: ["gone"],
  });
  expect(changed.models.map(({ id }) => id)).toEqual(["old", "new"]);
  expect(changed.models[1]).toEqual({
    id: "new",
    type: "embedding",
    dimensions: 8,
    price: { perSearch: 0.1 },
  });
});

test("a provider may be said to have shut down, and to work again", () => {
  const shut = apply({ status: { state: "shut-down", since: "2027-01-01", note: "It closed." } });
  expect(shut.status).toEqual({ state: "shut-down", since: "2027-01-01", note: "It closed." });
  expect(apply({ status: null }, shut).status).toBeUndefined();
});

test("what has no adapter is not made to work by saying so", () => {
  expect(apply({ status: { state: "works" } }, closed).status).toEqual(closed.status!);
  expect(apply({ status: null }, closed).status).toEqual(closed.status!);
  expect(apply({ status: { state: "shut-down" } }, closed).status?.state).toBe("shut-down");
});

test("only formats that the provider speaks are taken over", () => {
  expect(apply({ models: [{ id: "old", formats: ["anthropic", "morse"] }] }).models[0]!.formats).toEqual([
    "anthropic",
  ]);
  expect(apply({ models: [{ id: "old", formats: ["morse"] }] }).models[0]!.formats).toBeUndefined();
});

test("renames are added to those built in", () => {
  expect(apply({ renames: { newest: "old" } }).renames).toEqual({ ancient: "old", newest: "old" });
});

test("addresses, keys and headers cannot come from a catalogue", () => {
  const changed = apply({
    baseUrl: "https://evil.test",
    auth: { type: "none" },
    chat: [],
    services: {},
    accountHeaders: { x: "apiKey" },
    models: [{ id: "old", baseUrl: "https://evil.test" }],
  });
  const { models: _models, renames: _renames, ...rest } = changed;
  const { models: _own, renames: _ownRenames, ...built } = provider;
  expect(rest).toEqual(built);
  expect(JSON.stringify(changed)).not.toContain("evil");
});

test("providers that are not built in are named, not made", () => {
  const file = catalogueFile.parse({ version: "1", providers: [{ id: "unheard-of" }] });
  expect(applyCatalogue([provider], file)).toEqual({ providers: [provider], unknown: ["unheard-of"] });
});

test.each<[string, object]>([
  ["a negative price", { providers: [{ id: "acme", models: [{ id: "a", price: { input: -1 } }] }] }],
  [
    "a price of a kind nobody knows",
    { providers: [{ id: "acme", models: [{ id: "a", price: { perDay: 1 } }] }] },
  ],
  ["an unknown state", { providers: [{ id: "acme", status: { state: "fine" } }] }],
  ["a model without an id", { providers: [{ id: "acme", models: [{}] }] }],
  ["no list of providers", {}],
])("%s is no catalogue", (_what, file) => {
  expect(catalogueFile.safeParse({ version: "1", ...file }).success).toBe(false);
});

test("the built-in providers go through an empty catalogue unchanged", () => {
  const { providers } = applyCatalogue(PROVIDERS, { version: "1", providers: [] });
  expect(providers).toEqual([...PROVIDERS]);
});
