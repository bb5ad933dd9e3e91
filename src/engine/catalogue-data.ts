import { type CatalogueFile, catalogueFile } from "../core/catalogue-file.ts";
import { GatewayError } from "../core/errors.ts";
import type { ProviderDefinition } from "../core/provider.ts";
import { isObject, tryParseJson } from "../lib/json.ts";
import type { Log } from "../lib/log.ts";
import { PROVIDERS } from "../providers/index.ts";
import { applyCatalogue } from "../routing/index.ts";
import { readCatalogueFile, removeCatalogueFile, type Store, writeCatalogueFile } from "../store/index.ts";

/** Where the facts on providers come from, for people. */
export type CatalogueInfo = {
  source: "built-in" | "file";
  /** The file's own name for its state. */
  version?: string;
  providers: number;
  models: number;
  /** What of the file could not be used. */
  warnings: string[];
};

/**
 * The providers with the newest facts there are: those built in, and over them a `catalogue.json` in the data
 * directory. A file that is not understood changes nothing.
 */
export class CatalogueData {
  #providers: readonly ProviderDefinition[] = PROVIDERS;
  #version: string | undefined;
  #warnings: string[] = [];

  constructor(
    readonly store: Store,
    readonly log: Log,
  ) {
    this.reload();
  }

  get providers(): readonly ProviderDefinition[] {
    return this.#providers;
  }

  info(): CatalogueInfo {
    return {
      source: this.#version === undefined ? "built-in" : "file",
      ...(this.#version !== undefined && { version: this.#version }),
      providers: this.#providers.length,
      models: this.#providers.reduce((sum, provider) => sum + provider.models.length, 0),
      warnings: this.#warnings,
    };
  }

  /** Reads the file again, as somebody may have put a new one there. */
  reload(): CatalogueInfo {
    const text = readCatalogueFile(this.store);
    try {
      this.#apply(text === undefined ? undefined : checked(text));
    } catch (error) {
      this.#apply(undefined);
      const why = error instanceof GatewayError ? error.message : "it cannot be read";
      this.#warnings = [`catalogue.json is not used: ${why}`];
      this.log.warn("catalogue", this.#warnings[0] as string);
    }
    return this.info();
  }

  /** Puts other facts in place of the file's. Throws `bad_request` for a text that is no catalogue. */
  replace(text: string): CatalogueInfo {
    const file = checked(text);
    writeCatalogueFile(this.store, text);
    this.#apply(file);
    return this.info();
  }

  /** Back to what is built in. */
  remove(): CatalogueInfo {
    removeCatalogueFile(this.store);
    this.#apply(undefined);
    return this.info();
  }

  #apply(file: CatalogueFile | undefined): void {
    this.#version = file?.version;
    if (!file) {
      this.#providers = PROVIDERS;
      this.#warnings = [];
      return;
    }
    const { providers, unknown } = applyCatalogue(PROVIDERS, file);
    this.#providers = providers;
    this.#warnings =
      unknown.length === 0
        ? []
        : [`This version of OmniRoute does not know how to call ${unknown.slice(0, 20).join(", ")}.`];
  }
}

function checked(text: string): CatalogueFile {
  const parsed = catalogueFile.safeParse(tryParseJson(text));
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.slice(0, 20).map((issue) => ({
    field: issue.path.map(String).join(".") || "catalogue",
    message: issue.message,
  }));
  const [first] = details;
  const what =
    isObject(tryParseJson(text)) && first ? `${first.field}: ${first.message}` : "it is no JSON object";
  throw new GatewayError("bad_request", `This is no catalogue: ${what}.`, { details });
}
