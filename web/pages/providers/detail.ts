import type { DiscoveredModel, TestResult } from "../../../src/accounts/index.ts";
import { discoverModels } from "../../../src/accounts/index.ts";
import { badRequest, GatewayError } from "../../../src/core/errors.ts";
import { MODEL_TYPES, type ModelType } from "../../../src/core/provider.ts";
import type { Engine } from "../../../src/engine.ts";
import { definePage } from "../../page.ts";
import { isOffered, ProviderNotice, stateOf } from "../../parts/provider-state.ts";
import { refusedTest, TestNotice } from "../../parts/test-result.ts";
import type { FormFields } from "../../server/form-fields.ts";
import { Heading, html, Icon } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { AddConnection } from "./add-connection.ts";
import { ConnectionList } from "./connection-list.ts";
import { ModelList } from "./model-list.ts";
import { NodeCard } from "./node-card.ts";

/** What an action hands to the page: how a test went, or which models the provider named. */
type Carried = { tests?: { name: string; result: TestResult }[]; found?: DiscoveredModel[] };

const TEST_MS = 30_000;
const LAST_PRIORITY = 100;

/** One provider: its accounts, their state, and its models. */
export const provider = definePage({
  path: "/providers/:provider",
  title: "provider.title",
  under: "/providers",
  load: (visit) => {
    const { engine, carried } = visit;
    const entry = entryOf(visit);
    return {
      entry,
      connections: engine.manage.connections
        .list()
        .filter((connection) => connection.provider === entry.provider.id),
      added: engine.manage.models.list(entry.provider.id),
      node: engine.manage.nodes.list().find(({ id }) => id === entry.provider.id),
      ...((carried as Carried | undefined) ?? {}),
    };
  },
  view: ({ entry, connections, added, node, tests, found }, visit) => {
    const { say } = visit;
    const { provider: definition, prefix } = entry;
    return html`
      ${Heading({
        title: definition.name,
        lead: say.rich("provider.lead", { prefix: html`<code>${prefix}/…</code>` }),
        back: { href: "/dashboard/providers", label: say("provider.back") },
        aside: [
          definition.keyUrl !== undefined &&
            html`<a class="btn btn-plain" href=${definition.keyUrl} target="_blank" rel="noreferrer noopener">
              ${Icon("key", "size-[1.125rem]")}
              <span>${say("provider.get-key")}</span> ${Icon("outside", "size-3.5")}
            </a>`,
        ],
      })}
      <div class="space-y-6">
        ${ProviderNotice(visit, definition)}
        ${(tests ?? []).map(({ name, result }) => TestNotice(visit, result, name))}
        ${
          isOffered(definition) &&
          !definition.builtIn &&
          html`<div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-[minmax(0,1fr)_24rem]">
            <div class="space-y-6">
              ${ConnectionList(visit, entry, connections)}
              ${node && NodeCard(visit, node, connections.length)}
            </div>
            ${AddConnection(visit, entry, connections)}
          </div>`
        }
        ${ModelList(visit, entry, { added, connections, ...(found && { found }) })}
      </div>
    `;
  },
  actions: {
    add: async (visit, form) => {
      const { engine, actor, say } = visit;
      const { provider: definition } = entryOf(visit);
      if (stateOf(definition) === "restricted" && !form.ticked("accepted"))
        throw badRequest("Read the provider's rule and tick the box first.", "accepted");
      const wanted = newConnections(form, definition.name).map((input) => ({
        ...input,
        provider: definition.id,
      }));
      if (form.ticked("test") && !form.ticked("anyway")) await refuseBadKey(visit, form, wanted);
      const made = wanted.map((input) => engine.manage.connections.create(input, actor));
      const tests = form.ticked("test") ? await testAll(visit, made) : [];
      return { message: say("connection.added", { count: made.length }), carry: { tests } satisfies Carried };
    },
    test: async (visit, form) => {
      const { engine } = visit;
      const wanted = form.optional("id");
      const connections = engine.manage.connections
        .list()
        .filter(
          ({ provider: owner, id }) =>
            owner === entryOf(visit).provider.id && (wanted === undefined || id === wanted),
        );
      return { carry: { tests: await testAll(visit, connections) } satisfies Carried };
    },
    switch: ({ engine, actor, say }, form) => {
      const isActive = form.text("to") === "on";
      const { name } = engine.manage.connections.update(form.text("id"), { isActive }, actor);
      return say(isActive ? "connection.on" : "connection.off", { name });
    },
    "take-over": async ({ engine, actor, say }, form) => {
      const { id, name } = engine.manage.connections.find(form.text("id"));
      await engine.manage.signIn.takeOver(id, actor);
      return say("sign-in.taken-over", { name });
    },
    order: (visit, form) => {
      putInOrder(visit, form.all("id"));
      return {};
    },
    move: (visit, form) => {
      const { say } = visit;
      const ids = orderOf(visit);
      const from = ids.indexOf(form.text("id"));
      const to = Math.min(ids.length - 1, Math.max(0, from + (form.text("to") === "up" ? -1 : 1)));
      if (from >= 0) ids.splice(to, 0, ...ids.splice(from, 1));
      putInOrder(visit, ids);
      return { message: say("connections.moved", { position: to + 1 }), to: "#connections" };
    },
    remove: ({ engine, actor, say }, form) => {
      const { name } = engine.manage.connections.find(form.text("id"));
      engine.manage.connections.remove(form.text("id"), actor);
      return say("connection.removed", { name });
    },
    "use-url": ({ engine, actor, say }, form) => {
      const { name } = engine.manage.connections.update(
        form.text("id"),
        { baseUrl: form.text("baseUrl") },
        actor,
      );
      return say("connection.saved", { name });
    },
    discover: async (visit, form) => {
      const found = await modelsOf(visit.engine, form.text("id"), visit.signal);
      return {
        message: visit.say("models.found", { count: found.length }),
        carry: { found } satisfies Carried,
        to: "#models",
      };
    },
    "add-models": async (visit, form) => {
      const { engine, actor, say } = visit;
      const owner = entryOf(visit).provider.id;
      const names = modelNames(form);
      const connectionId = form.optional("connection");
      // What the provider itself named, it is asked about once more: it tells what each is for.
      const added =
        connectionId === undefined
          ? engine.manage.models.add(
              names.map((id) => ({ provider: owner, id, type: typeIn(form) })),
              actor,
            )
          : (await engine.manage.models.import({ connectionId, models: names }, actor)).added;
      return { message: say("models.added", { count: added.length }), to: "#models" };
    },
    "remove-model": (visit, form) => {
      visit.engine.manage.models.remove(entryOf(visit).provider.id, form.text("model"), visit.actor);
      return { message: visit.say("models.removed", { model: form.text("model") }), to: "#models" };
    },
    "save-node": ({ engine, actor, params, say }, form) => {
      const { name } = engine.manage.nodes.update(
        params["provider"] ?? "",
        {
          name: form.text("name"),
          prefix: form.text("prefix"),
          baseUrl: form.text("baseUrl"),
          chatPath: form.orNull("chatPath"),
          modelsPath: form.orNull("modelsPath"),
        },
        actor,
      );
      return say("node.saved", { name });
    },
    "remove-node": (visit) => {
      const { name } = entryOf(visit).provider;
      visit.engine.manage.nodes.remove(visit.params["provider"] ?? "", true, visit.actor);
      return { message: visit.say("node.removed", { name }), to: "/dashboard/providers" };
    },
  },
});

/** The accounts that can be put in order, as they stand. */
function orderOf(visit: Visit): string[] {
  const owner = entryOf(visit).provider.id;
  return visit.engine.manage.connections
    .list()
    .filter(({ provider: of, fromEnvironment }) => of === owner && !fromEnvironment)
    .map(({ id }) => id);
}

/** Gives the accounts priorities from 1 on; unknown names are passed over, and those not named come last. */
function putInOrder(visit: Visit, wanted: readonly string[]): void {
  const { connections } = visit.engine.manage;
  const known = orderOf(visit);
  const order = [...new Set([...wanted.filter((id) => known.includes(id)), ...known])];
  for (const [index, id] of order.entries()) {
    const priority = Math.min(index + 1, LAST_PRIORITY);
    if (connections.find(id).priority !== priority) connections.update(id, { priority }, visit.actor);
  }
}

function entryOf({ engine, params }: Visit) {
  const entry = engine.catalogue.byId.get(params["provider"] ?? "");
  if (!entry) throw new GatewayError("not_found", "There is no such provider.");
  return entry;
}

/** One connection per key that was pasted, or one without a key where none is needed. */
function newConnections(form: FormFields, providerName: string) {
  const keys = [form.optional("apiKey"), ...form.lines("apiKeys")].filter((key) => key !== undefined);
  const name = form.optional("name") ?? providerName;
  const common = {
    ...(form.optional("baseUrl") !== undefined && { baseUrl: form.text("baseUrl") }),
    ...(form.optional("priority") !== undefined && { priority: form.text("priority") }),
  };
  if (keys.length === 0) return [{ ...common, name }];
  return keys.map((apiKey, index) => ({
    ...common,
    name: index === 0 ? name : `${name} ${index + 1}`,
    apiKey,
  }));
}

/** A mistyped key is typed again: nobody wants the wrong one as an account. Throws at the first that is refused. */
async function refuseBadKey(visit: Visit, form: FormFields, wanted: ReturnType<typeof newConnections>) {
  const { connections } = visit.engine.manage;
  const limit = AbortSignal.any([visit.signal, AbortSignal.timeout(TEST_MS)]);
  const results = await Promise.all(wanted.map((input) => connections.testKey(input, limit)));
  const at = results.findIndex(({ diagnosis }) => diagnosis?.type === "bad-key");
  if (at < 0) return;
  const isFirst = at === 0 && form.optional("apiKey") !== undefined;
  throw refusedTest(visit, results[at]!, {
    field: isFirst ? "apiKey" : "apiKeys",
    ...(wanted.length > 1 && { name: wanted[at]!.name }),
  });
}

async function testAll({ engine, signal }: Visit, connections: readonly { id: string; name: string }[]) {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TEST_MS)]);
  return Promise.all(
    connections.map(async ({ id, name }) => ({
      name,
      result: await engine.manage.connections.test(id, limit),
    })),
  );
}

async function modelsOf(
  engine: Engine,
  connectionId: string,
  signal: AbortSignal,
): Promise<DiscoveredModel[]> {
  const connection = engine.router.connections.find(({ id }) => id === connectionId);
  const entry = connection && engine.catalogue.byId.get(connection.provider);
  if (!connection || !entry) throw new GatewayError("not_found", "There is no such connection.");
  return discoverModels({ provider: entry.provider, connection, outbound: engine.outbound, signal });
}

function typeIn(form: FormFields): ModelType {
  return MODEL_TYPES.find((type) => type === form.text("type")) ?? "chat";
}

function modelNames(form: FormFields): string[] {
  const names = [...form.all("models"), ...form.lines("names")].filter((name) => name !== "");
  if (names.length === 0) throw badRequest("Name at least one model.", "names");
  return [...new Set(names)].slice(0, 500);
}
