import {
  type Combo,
  COMBO_DEFAULTS,
  type ComboConfig,
  type ComboEntry,
  comboConfig,
  comboEntry,
} from "../../core/combo.ts";
import { COMBO_STRATEGIES, type ComboStrategy } from "../../core/strategy-names.ts";
import { newId } from "../../lib/ids.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { FormerContext } from "./context.ts";
import { momentIn, objectIn, switchIn, textIn } from "./fields.ts";

/** Combos under their names. `strategies`: what 9router kept of them in its settings. */
export function formerCombos(
  rows: readonly JsonObject[],
  strategies: JsonObject,
  context: FormerContext,
): Combo[] {
  return rows.flatMap((row): Combo[] => {
    const name = textIn(row, "name");
    if (name === undefined) return [];
    const createdAt = momentIn(row, "createdAt") ?? context.now;
    return [
      {
        id: textIn(row, "id")?.slice(0, 100) ?? newId(),
        name: name.slice(0, 100),
        models: entriesOf(row, name, context),
        strategy: strategyOf(
          name,
          textIn(row, "strategy") ?? textIn(objectIn(strategies, name), "fallbackStrategy"),
          context,
        ),
        config: configOf(name, objectIn(row, "config"), context),
        isActive: switchIn(row, "isActive", true),
        createdAt,
        updatedAt: momentIn(row, "updatedAt") ?? createdAt,
      },
    ];
  });
}

/** Entries were names, then `{model, weight}`, then steps that name a model or another combo. */
function entriesOf(row: JsonObject, name: string, context: FormerContext): ComboEntry[] {
  const models = Array.isArray(row.models) ? row.models : [];
  const entries = models.flatMap((entry): ComboEntry[] => {
    const { data } = comboEntry.safeParse(isObject(entry) ? stepOf(entry) : { model: entry });
    return data ? [data] : [];
  });
  if (entries.length < models.length)
    context.warn(
      `${models.length - entries.length} entries of the combo ${name} were left out: they name no model.`,
    );
  return entries.slice(0, 100);
}

function stepOf(step: JsonObject): JsonObject {
  const connectionId = textIn(step, "connectionId");
  const weight = step.weight;
  return {
    model: textIn(step, "model", "comboName", "name"),
    ...(typeof weight === "number" && { weight: Math.min(Math.max(weight, 0), 100) }),
    ...(connectionId !== undefined && { connectionId }),
  };
}

function strategyOf(name: string, wanted: string | undefined, context: FormerContext): ComboStrategy {
  if (wanted === undefined) return "priority";
  const plain = wanted.toLowerCase().replaceAll("_", "-");
  const known = COMBO_STRATEGIES.find((strategy) => strategy === (plain === "fallback" ? "priority" : plain));
  if (!known)
    context.warn(`The combo ${name} had the strategy ${wanted}, which is unknown here: it is now priority.`);
  return known ?? "priority";
}

/** What earlier versions paced calls by without saying so; equal to their defaults it was nobody's wish. */
const HIDDEN_PACING: JsonObject = {
  ...COMBO_DEFAULTS,
  concurrencyPerModel: 3,
  queueTimeoutMs: 30_000,
};

function configOf(name: string, config: JsonObject, context: FormerContext): ComboConfig {
  const wished = Object.entries(config).filter(
    ([option, value]) => value !== null && value !== HIDDEN_PACING[option],
  );
  const unknown = wished.filter(([option]) => !(option in comboConfig.shape));
  const known = wished.filter(
    ([option, value]) => comboConfig.shape[option as keyof ComboConfig]?.safeParse(value).success,
  );
  if (unknown.length > 0)
    context.warn(
      `Options of the combo ${name} without effect here: ${unknown.map(([option]) => option).join(", ")}. They are kept with it.`,
    );
  return { ...Object.fromEntries(unknown), ...comboConfig.parse(Object.fromEntries(known)) };
}
