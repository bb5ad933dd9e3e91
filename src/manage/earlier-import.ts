import { costKindOf, priceOf } from "../metering/index.ts";
import {
  type Configuration,
  type FormerFile,
  importDatabase,
  type Imported,
  type ImportOptions,
  importRefusal,
  readFormerFile,
  saveDaySums,
  saveFormerCalls,
  writeDraft,
} from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { FormerAddressRules } from "./former/address-rules.ts";
import { formerCall } from "./former/calls.ts";
import { fromFormer } from "./former/index.ts";
import { formerDay, type UsageReading } from "./former/usage.ts";
import type { ManageDeps } from "./deps.ts";

/**
 * Takes over an earlier program's file from a private copy: its configuration all or nothing, then what it used and
 * called, and which addresses might call it. Undefined when it is none. Throws `bad_request`.
 */
export function importEarlier(
  deps: ManageDeps,
  draft: string,
  options: ImportOptions,
  actor: Actor,
): Imported | undefined {
  const file = readFormerFile(draft);
  if (!file) return undefined;
  const { configuration, addressRules, warnings, providerId } = fromFormer(file, {
    now: deps.clock.now(),
    secret: options.storageKey ?? deps.storageKey,
    hashKey: deps.hashKey,
    installationId: deps.installationId,
  });
  const { connections, nodes, combos, keys } = configuration;
  if ([connections, nodes, combos, keys].every((list) => list.length === 0))
    throw importRefusal("rows", "there is no connection, node, combo or key in it that could come along.");
  writeDraft(deps.store, `${draft}.own`, configuration);
  const imported = importDatabase(deps.store, `${draft}.own`, options);
  const isTrial = options.dryRun === true;
  const reading = { providerId, tariff: tariffsWith(deps, configuration) };
  // Those that cannot be opened were told with their cure already.
  const own = imported.warnings.filter((line) => !/need a key or a sign-in anew/.test(line));
  return {
    ...imported,
    warnings: [
      ...warnings,
      ...bringUsage(deps, file, reading, isTrial),
      ...(addressRules ? bringAddressRules(deps, addressRules, actor, isTrial) : []),
      ...own,
    ],
  };
}

/** Prices as they will be: those of the file over ours. */
function tariffsWith(deps: ManageDeps, { prices }: Configuration): UsageReading["tariff"] {
  const brought = new Map(prices.map(({ provider, model, price }) => [`${provider}/${model}`, price]));
  return (providerId, modelId) => {
    const entry = deps.catalogue().byId.get(providerId);
    const list = () => deps.listPrices.find(providerId, modelId);
    return {
      price: priceOf(entry?.models.get(modelId), brought.get(`${providerId}/${modelId}`), list),
      kind: entry ? costKindOf(entry.provider) : "billed",
    };
  };
}

function bringUsage(deps: ManageDeps, file: FormerFile, reading: UsageReading, isTrial: boolean): string[] {
  const sums = file.usage.flatMap((row) => formerDay(row, reading));
  if (!isTrial) {
    saveDaySums(deps.store, sums);
    saveFormerCalls(
      deps.store,
      file.calls.flatMap((row) => formerCall(row, reading) ?? []),
    );
  }
  const days = new Set(sums.map(({ day }) => day)).size;
  if (days === 0) return [];
  const unknown = sums.reduce((sum, { unknownPrice }) => sum + unknownPrice, 0);
  const come = isTrial ? "would come" : "came";
  return [
    `Usage of ${days} days ${come} along as daily sums. Costs that are not written in the file are worked out at the prices known here${unknown > 0 ? `; for ${unknown} requests nobody knows one` : ""}.`,
  ];
}

function bringAddressRules(
  deps: ManageDeps,
  rules: FormerAddressRules,
  actor: Actor,
  isTrial: boolean,
): string[] {
  const become = deps.adoptAddressRules(rules, actor.ip, isTrial);
  if (become === "left out")
    return ["The address filter was left out: this installation has one of its own."];
  const isOff = become === "off";
  if (!isTrial)
    audit(deps.store, actor, "settings.ip-filter", "ip-filter", {
      to: { ...rules, enabled: rules.enabled && !isOff },
    });
  if (!isOff) return ["The address filter came along."];
  const why =
    actor.ip === undefined
      ? "nobody knows from where it is brought in"
      : "it would keep out whoever brings it in";
  return [
    `The address filter came along switched off, because ${why}: look at it under Settings › Security.`,
  ];
}
