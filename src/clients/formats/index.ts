import { env } from "./env.ts";
import { json } from "./json.ts";
import type { SettingsFormat } from "./settings-format.ts";
import { toml } from "./toml.ts";
import { yaml } from "./yaml.ts";

/** How clients write their settings. */
export const SETTINGS_FORMATS = { json, toml, yaml, env } as const satisfies { [id: string]: SettingsFormat };
export type SettingsFormatId = keyof typeof SETTINGS_FORMATS;
