import { isObject, type JsonObject, tryParseJson } from "../lib/json.ts";
import { learnedColumns, type RowChange } from "./row-changes.ts";

/** One field of one thing, before and after; secrets masked. Undefined: it was not there, or is gone. */
export type FieldChange = { what: string; name: string; field: string; from?: unknown; to?: unknown };

const MASK = "••••••••";
const SECRET = new Set(["credentials", "hash", "former"]);
const LONGEST = 300;

/** What rows went through, field by field, as people read it. */
export function fieldChanges(changes: readonly RowChange[]): FieldChange[] {
  return changes.flatMap(({ entity, key, before, after }) => {
    const row = after ?? before;
    if (!row) return [];
    const [from, to] = [shown(entity, before), shown(entity, after)];
    const learned = new Set([...learnedColumns(entity), "created_at", "id"]);
    const fields = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
      (field) => !learned.has(field) && JSON.stringify(from[field]) !== JSON.stringify(to[field]),
    );
    const name = nameOf(entity, key, row);
    return fields.map((field) => ({
      what: entity === "key_value" ? key[0]! : entity,
      name,
      field,
      ...(from[field] !== undefined && { from: from[field] }),
      ...(to[field] !== undefined && { to: to[field] }),
    }));
  });
}

function nameOf(entity: string, key: readonly string[], row: JsonObject): string {
  if (entity === "key_value") return key[1]!;
  if (typeof row.name === "string" && row.name !== "" && entity !== "custom_models") return row.name;
  return key.join("/");
}

/** The columns with JSON taken apart, one level deep, so that a diff names the field that matters. */
function shown(entity: string, row: JsonObject | null): JsonObject {
  const fields: JsonObject = {};
  for (const [column, value] of Object.entries(row ?? {})) {
    if (value === null || (entity === "key_value" && column !== "value")) continue;
    if (SECRET.has(column)) {
      fields[column] = masked(value);
      continue;
    }
    const parsed = typeof value === "string" && /^[[{"]/.test(value) ? tryParseJson(value) : undefined;
    if (typeof parsed === "string" && parsed.startsWith("omni:v1:")) fields[column] = masked(parsed);
    else if (isObject(parsed) && Object.keys(parsed).length <= 40)
      for (const [name, each] of Object.entries(parsed)) fields[`${column}.${name}`] = short(each);
    else fields[column] = short(parsed ?? value);
  }
  return fields;
}

/** Told apart without being told: a digest of what is sealed changes when it does. */
const masked = (sealed: unknown): string => `${MASK} ${Bun.hash(String(sealed)).toString(36).slice(0, 4)}`;

function short(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text !== undefined && text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : value;
}
