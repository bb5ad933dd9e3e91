import { type Settings, settingsShape } from "../../core/settings.ts";
import { patchSettings, readValues, saveValues } from "../../store/index.ts";
import { mismatch, type RecordKind } from "./record-kind.ts";

/** Settings that mean the same everywhere. What concerns one machine, its people or its keys stays on it. */
const SHARED_SETTINGS = [
  "blockedProviders",
  "noticeKinds",
  "mockEnabled",
  "comboDefaults",
  "comboProviderDefaults",
  "fallbackStrategy",
  "stickyRoundRobinLimit",
  "providerStrategies",
  "affinityEnabled",
  "resilienceProfiles",
  "limitDefaults",
  "connectionLimits",
  "waitForCooldown",
  "systemPrompt",
  "thinkingBudget",
] as const satisfies (keyof Settings)[];

/** Settings that were changed from their defaults. */
export const settings: RecordKind = {
  kind: "setting",
  list(store) {
    const saved = readValues(store, "settings");
    return SHARED_SETTINGS.filter((setting) => saved[setting] !== undefined).map((setting) => ({
      id: setting,
      value: saved[setting],
    }));
  },
  put(store, id, value) {
    const setting = SHARED_SETTINGS.find((shared) => shared === id);
    if (!setting) throw mismatch();
    patchSettings(store, { [setting]: settingsShape.shape[setting].parse(value) });
  },
  remove(store, id) {
    if (SHARED_SETTINGS.some((shared) => shared === id))
      saveValues(store, "settings", { [id]: undefined }, "settings");
  },
};
