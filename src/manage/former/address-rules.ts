import { isObject, type JsonObject } from "../../lib/json.ts";
import type { FormerFile } from "../../store/index.ts";
import { objectIn, switchIn, textIn } from "./fields.ts";

/** Which addresses might call. Entries are as they were written; bans for a while are over by now. */
export type FormerAddressRules = {
  enabled: boolean;
  mode: "blacklist" | "whitelist";
  blacklist: string[];
  whitelist: string[];
};

/** The address filter of an earlier program, which kept it among its settings or by itself; undefined without one. */
export function formerAddressRules(values: FormerFile["values"]): FormerAddressRules | undefined {
  const own = values["ipFilter"] ?? {};
  const kept = [objectIn(values["settings"] ?? {}, "ipFilter"), own, ...Object.values(own)].find(hasLists);
  if (!kept) return undefined;
  const rules: FormerAddressRules = {
    enabled: switchIn(kept, "enabled", false),
    mode: textIn(kept, "mode") === "whitelist" ? "whitelist" : "blacklist",
    blacklist: entriesOf(kept["blacklist"]),
    whitelist: entriesOf(kept["whitelist"]),
  };
  return rules.blacklist.length + rules.whitelist.length > 0 ? rules : undefined;
}

const hasLists = (value: unknown): value is JsonObject =>
  isObject(value) && (Array.isArray(value["blacklist"]) || Array.isArray(value["whitelist"]));

/** Entries were texts, or objects that name their address. */
const entriesOf = (list: unknown): string[] =>
  (Array.isArray(list) ? list : []).flatMap((entry: unknown) => {
    const text = isObject(entry) ? textIn(entry, "ip", "address") : entry;
    return typeof text === "string" ? [text.trim()] : [];
  });
