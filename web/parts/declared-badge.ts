import type { Settings } from "../../src/core/settings.ts";
import type { Marks } from "../../src/engine/declared/apply.ts";
import { Badge, type Markup } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

/** Says that a thing stands in the configuration file and is changed there; nothing for all others. */
export function DeclaredBadge(
  { engine, say }: Visit,
  list: "connections" | "nodes" | "combos" | "keyGroups" | "keys",
  id: string,
): Markup {
  const marks: Marks = engine.declared.state().declared;
  return Object.values(marks[list]).includes(id) ? Badge("info", say("configfile.badge")) : "";
}

/** The same for settings that one card shows: names those of them that the file sets, or none when it sets all. */
export function DeclaredSettings({ engine, say }: Visit, ...names: (keyof Settings)[]): Markup {
  const { settings } = engine.declared.state().declared;
  const declared = names.filter((name) => settings.includes(name));
  if (declared.length === 0) return "";
  const label = say("configfile.badge");
  return Badge("info", declared.length === names.length ? label : `${label}: ${declared.join(", ")}`);
}

/** The same for an alias. */
export function DeclaredAlias({ engine, say }: Visit, pattern: string): Markup {
  const { aliases } = engine.declared.state().declared;
  return aliases.includes(pattern) ? Badge("info", say("configfile.badge")) : "";
}
