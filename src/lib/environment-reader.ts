import { readFileSync } from "node:fs";

export type Environment = { readonly [name: string]: string | undefined };

/** A setting that cannot be understood. The message names it; the value only where it is no secret. */
export class SettingError extends Error {}

export type SettingSource = {
  name: string;
  /** Secrets are masked; "" when unset. */
  value: string;
  /** The environment variable, file or flag it came from, in words. */
  source: string;
};

const UNITS = ["", "k", "m", "g", "t"];

type Found = { value: string; untrimmed: string; source: string };

/**
 * Reads named settings from flags, the environment and an env file, in that order, and remembers where each came
 * from. An empty value counts as unset.
 */
export class EnvironmentReader {
  readonly warnings: string[] = [];
  readonly sources: SettingSource[] = [];
  readonly #flags: Environment;
  readonly #env: Environment;
  readonly #file: Environment;

  constructor(layers: { flags?: Environment; env: Environment; file?: Environment }) {
    this.#flags = layers.flags ?? {};
    this.#env = layers.env;
    this.#file = layers.file ?? {};
  }

  /** All names that are set to something. */
  names(): string[] {
    const names = new Set([...Object.keys(this.#env), ...Object.keys(this.#file)]);
    return [...names].filter((name) => this.#find(name) !== undefined);
  }

  /** The value of any variable, for what refers to it by name; undefined when it is unset or empty. */
  variable(name: string): string | undefined {
    return (this.#env[name] || this.#file[name]) ?? undefined;
  }

  /** The first of `name` and `aliases` that is set. */
  text(name: string, ...aliases: string[]): string | undefined {
    const found = this.#first([name, ...aliases]);
    this.#remember(name, found?.value ?? "", found?.source ?? "default");
    return found?.value;
  }

  /** Like `text`, but a value for which `counts` says no is passed over. */
  textWhere(name: string, aliases: string[], counts: (value: string) => boolean): string | undefined {
    const found = this.#first([name, ...aliases], counts);
    this.#remember(name, found?.value ?? "", found?.source ?? "default");
    return found?.value;
  }

  /** A secret, from `name` or from the file that `name_FILE` points at; a line end at its end is not part of it. */
  secret(name: string): string | undefined {
    const found = this.#find(name) ?? this.#findInFile(name);
    if (this.#find(name) && this.#find(`${name}_FILE`))
      this.warnings.push(`${name} and ${name}_FILE are both set; ${name} is used.`);
    this.#remember(name, found ? "********" : "", found?.source ?? "default");
    return found?.untrimmed;
  }

  integer(name: string, fallback: number, range: { least: number; most: number }): number {
    const value = this.number(name, fallback, range);
    if (!Number.isInteger(value)) throw new SettingError(`${name} must be a whole number.`);
    return value;
  }

  number(name: string, fallback: number, range: { least: number; most: number }): number {
    const found = this.#find(name);
    this.#remember(name, found?.value ?? String(fallback), found?.source ?? "default");
    if (!found) return fallback;
    const value = /^\d+(?:\.\d+)?$/.test(found.value) ? Number(found.value) : Number.NaN;
    if (!(value >= range.least && value <= range.most))
      throw new SettingError(
        `${name} must be a number from ${range.least} to ${range.most}; it is "${found.value}" (${found.source}).`,
      );
    return value;
  }

  /** A size in bytes, written as a number or with a unit: `10MB`, `512 KB`. A K is 1024. */
  bytes(name: string, fallback: number, range: { least: number; most: number }): number {
    const found = this.#find(name);
    this.#remember(name, found?.value ?? String(fallback), found?.source ?? "default");
    if (!found) return fallback;
    const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(found.value) ?? [];
    const size = Math.round(Number(number) * 1024 ** UNITS.indexOf(unit.toLowerCase()));
    if (!(size >= range.least && size <= range.most))
      throw new SettingError(
        `${name} must be a size such as 10MB, from ${range.least} to ${range.most} bytes; it is "${found.value}" (${found.source}).`,
      );
    return size;
  }

  /** `undefined` when unset. */
  optionalBoolean(name: string): boolean | undefined {
    const found = this.#find(name);
    this.#remember(name, found?.value ?? "", found?.source ?? "default");
    if (!found) return undefined;
    if (/^(?:true|1|yes|on)$/i.test(found.value)) return true;
    if (/^(?:false|0|no|off)$/i.test(found.value)) return false;
    throw new SettingError(`${name} must be true or false; it is "${found.value}" (${found.source}).`);
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.optionalBoolean(name);
    if (value === undefined) this.resolved(name, String(fallback));
    return value ?? fallback;
  }

  choice<const T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    const found = this.#find(name);
    this.#remember(name, found?.value ?? fallback, found?.source ?? "default");
    if (!found) return fallback;
    const chosen = choices.find((choice) => choice === found.value.toLowerCase());
    if (chosen) return chosen;
    throw new SettingError(
      `${name} must be one of ${choices.join(", ")}; it is "${found.value}" (${found.source}).`,
    );
  }

  /** Entries separated by commas or white space. Throws at one that `isGood` refuses. */
  list(name: string, wanted: string, isGood: (entry: string) => boolean): string[] {
    const entries = (this.text(name) ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
    const bad = entries.find((entry) => !isGood(entry));
    if (bad !== undefined) throw new SettingError(`${name}: "${bad}" is not ${wanted}.`);
    return entries;
  }

  /** Shows the value that a setting came to, where that is not what was written. */
  resolved(name: string, value: string, source?: string): void {
    const setting = this.sources.find((each) => each.name === name);
    if (!setting) return;
    setting.value = value;
    if (source !== undefined) setting.source = source;
  }

  #remember(name: string, value: string, source: string): void {
    this.sources.push({ name, value, source });
  }

  #first(names: string[], counts: (value: string) => boolean = () => true): Found | undefined {
    for (const name of names) {
      const found = this.#find(name);
      if (found && counts(found.value)) return found;
    }
    return undefined;
  }

  #find(name: string): Found | undefined {
    const layers = [
      [this.#flags, "flag"],
      [this.#env, `environment ${name}`],
      [this.#file, `env file ${name}`],
    ] as const;
    for (const [layer, source] of layers) {
      const untrimmed = layer[name] ?? "";
      const value = untrimmed.trim();
      if (value) return { value, untrimmed, source };
    }
    return undefined;
  }

  #findInFile(name: string): Found | undefined {
    const path = this.#find(`${name}_FILE`);
    if (!path) return undefined;
    try {
      const value = readFileSync(path.value, "utf8").replace(/[\r\n]+$/, "");
      return value === "" ? undefined : { value, untrimmed: value, source: `file ${path.value}` };
    } catch (error) {
      const code = (error as { code?: string }).code ?? "unknown error";
      throw new SettingError(`${name}_FILE points at ${path.value}, which cannot be read (${code}).`);
    }
  }
}
