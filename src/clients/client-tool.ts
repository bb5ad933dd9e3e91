import type { SettingsFormatId } from "./formats/index.ts";
import type { SettingsPath } from "./settings-path.ts";

/** What a client is told. */
export type Place = {
  /** The gateway's address without a path. */
  base: string;
  key: string;
  /** A model or combo. */
  model: string;
  /** Other models in place of a vendor's large, middle and small one, where a client tells them apart. */
  tiers?: { opus?: string | undefined; sonnet?: string | undefined; haiku?: string | undefined };
};

/** One setting of ours: everything below `path` is replaced by `value`, or only filled in where nothing stands. */
export type Entry = { path: SettingsPath; value: unknown; ifMissing?: true };

/** A file that a client reads its settings from. */
export type SettingsFile = {
  /** Below the home directory. Of several the first that exists counts, else the first. */
  paths: readonly [string, ...string[]];
  format: SettingsFormatId;
  /** What we write; the order is kept where the file is new. */
  entries(place: Place): readonly Entry[];
  /** Where the file says which gateway is asked; its host is how we recognise ourselves. */
  address?: SettingsPath;
  /** Where it says which model is asked for. */
  model?: SettingsPath;
};

/** A program that calls models: how it is found on a machine and which files point it at a gateway. */
export type ClientTool = {
  /** Also its name in `/api/cli-tools/ID-settings`. */
  id: string;
  name: string;
  /** Commands that start it. */
  commands?: readonly string[];
  /** What its installation leaves below the home directory; `*` stands for any part of a name. */
  traces?: readonly string[];
  /** None: its settings cannot be written from outside. */
  files: readonly SettingsFile[];
};

/** Declares a client, checked by the compiler. */
export const defineClientTool = (tool: ClientTool): ClientTool => tool;

/** The name of the setting that says where a client's program is: `CLI_CLAUDE_BIN`. */
export const binSettingOf = (tool: Pick<ClientTool, "id">): string => `CLI_${tool.id.toUpperCase()}_BIN`;
