import type { ComboConfig } from "../../../src/core/combo.ts";
import type { FormFields } from "../../server/form-fields.ts";
import { type FormState, html, type Markup, SelectField, TextField } from "../../ui/index.ts";

/** Numbers of a combo's configuration that can be set, with their limits. */
const NUMBERS = [
  { name: "timeoutMs", min: 1000, max: 600_000 },
  { name: "maxRetries", min: 0, max: 10 },
  { name: "retryDelayMs", min: 0, max: 60_000 },
  { name: "maxAttempts", min: 1, max: 100 },
  { name: "stickyLimit", min: 1, max: 1000 },
  { name: "maxComboDepth", min: 1, max: 3 },
  { name: "connectTimeoutMs", min: 100, max: 600_000 },
  { name: "headersTimeoutMs", min: 1000, max: 600_000 },
  { name: "idleTimeoutMs", min: 1000, max: 3_600_000 },
  { name: "totalTimeoutMs", min: 0, max: 86_400_000 },
  { name: "healthCheckTimeoutMs", min: 100, max: 60_000 },
] as const satisfies readonly { name: keyof ComboConfig; min: number; max: number }[];

/** What can be switched on or off. */
const SWITCHES = [
  "affinity",
  "continueStream",
  "healthCheckEnabled",
  "trackMetrics",
] as const satisfies readonly (keyof ComboConfig)[];

/** Is anything of this said by the combo itself? */
export const isTouched = (config: ComboConfig): boolean =>
  [...NUMBERS.map(({ name }) => name), ...SWITCHES].some((name) => config[name] !== undefined);

/**
 * The fields of a configuration; an empty one leaves it to what holds `otherwise`. `general`: it is that of all
 * combos, behind which stands only what is built in.
 */
export function ConfigFields(
  form: FormState,
  config: ComboConfig,
  { general = false, otherwise }: { general?: boolean; otherwise: ComboConfig },
): Markup {
  const { say } = form.visit;
  const behind = (name: (typeof SWITCHES)[number]) =>
    general
      ? say("combo.switch.built-in", { value: say(otherwise[name] ? "common.on" : "common.off") })
      : say("combo.switch.default");
  return html`
    ${NUMBERS.map(({ name, min, max }) =>
      TextField({
        form,
        name,
        label: say(`combo.${name}`),
        hint: say(`combo.${name}.hint`),
        value: config[name] === undefined ? "" : String(config[name]),
        placeholder: otherwise[name] === undefined ? "" : String(otherwise[name]),
        type: "number",
        min,
        max,
      }),
    )}
    ${SWITCHES.map((name) =>
      SelectField({
        form,
        name,
        label: say(`combo.${name}`),
        hint: say(`combo.${name}.hint`),
        value: config[name] === undefined ? "" : config[name] ? "on" : "off",
        options: [
          ["", behind(name)],
          ["on", say("common.on")],
          ["off", say("common.off")],
        ],
      }),
    )}
  `;
}

/** Everything the fields say, over what is stored; checked where it is saved. */
export function configFrom(form: FormFields, stored: ComboConfig = {}): ComboConfig {
  const config: { [name: string]: unknown } = { ...stored };
  for (const { name } of NUMBERS) {
    if (form.optional(name) === undefined) delete config[name];
    else config[name] = form.text(name);
  }
  for (const name of SWITCHES) {
    if (form.optional(name) === undefined) delete config[name];
    else config[name] = form.text(name) === "on";
  }
  return config as ComboConfig;
}
