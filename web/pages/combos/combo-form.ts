import type { ComboConfig, ComboEntry, ComboInput } from "../../../src/core/combo.ts";
import { FormFields } from "../../server/form-fields.ts";
import { configFrom } from "./config-fields.ts";

/** The rows of the editor. Rows without a model count only while the form is being filled in. */
export function entriesOf(
  form: FormFields,
  { withEmpty = false }: { withEmpty?: boolean } = {},
): ComboEntry[] {
  const weights = form.all("weight");
  const connections = form.all("connectionId");
  return form
    .all("model")
    .map((model, index): ComboEntry => ({
      model,
      ...(weights[index] && { weight: Number(weights[index]) }),
      ...(connections[index] && { connectionId: connections[index] }),
    }))
    .filter(({ model }) => withEmpty || model !== "");
}

/** Everything the editor says, over the configuration that is stored. */
export function comboOf(form: FormFields, stored: ComboConfig = {}): ComboInput {
  return {
    name: form.text("name"),
    strategy: form.text("strategy"),
    models: entriesOf(form),
    config: configFrom(form, stored),
    isActive: form.ticked("isActive"),
  };
}

/** Carries out a button of a row: `up:1`, `down:0`, `remove:2`, `add`. Gives the form as it then is. */
export function arranged(form: FormFields): FormFields {
  const entries = entriesOf(form, { withEmpty: true });
  const [verb = "", position = ""] = form.text("move").split(":");
  const at = Number(position);
  const [entry] = verb === "add" || !(at in entries) ? [] : entries.splice(at, 1);
  if (verb === "add") entries.push({ model: "" });
  else if (entry && verb === "up") entries.splice(Math.max(0, at - 1), 0, entry);
  else if (entry && verb === "down") entries.splice(at + 1, 0, entry);
  return form.with({
    model: entries.map(({ model }) => model),
    weight: entries.map(({ weight }) => (weight === undefined ? "" : String(weight))),
    connectionId: entries.map(({ connectionId }) => connectionId ?? ""),
  });
}
