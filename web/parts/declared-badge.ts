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
