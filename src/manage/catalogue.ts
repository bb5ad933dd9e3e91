import { z } from "zod";
import { badRequest, TargetFailure } from "../core/errors.ts";
import { isObject } from "../lib/json.ts";
import { checkBaseUrl, type Outbound } from "../net/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

/** Where newer facts lie and how they are put in force; see `engine/catalogue-data.ts`. */
export type CatalogueKeeper = {
  info(): CatalogueView;
  reload(): CatalogueView;
  replace(text: string): CatalogueView;
  remove(): CatalogueView;
};

/** Where the facts on providers and models come from. */
export type CatalogueView = {
  source: "built-in" | "file";
  version?: string;
  providers: number;
  models: number;
  warnings: string[];
};

const MAX_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
const fromAddress = z.strictObject({ url: z.string().min(1).max(2000) });

/**
 * Loads newer facts: from an address that the person names now, or given directly as a catalogue. Nothing is ever
 * fetched by itself. Throws `bad_request` for an address that may not be called or a text that is no catalogue.
 */
export async function loadCatalogue(
  deps: ManageDeps & { outbound: Outbound },
  input: unknown,
  actor: Actor,
  signal: AbortSignal,
): Promise<CatalogueView> {
  const isAddress = isObject(input) && typeof input.url === "string" && input.providers === undefined;
  const text = isAddress
    ? await fetchText(deps, parseInput(fromAddress, input).url, signal)
    : JSON.stringify(input);
  const view = deps.catalogueData.replace(text);
  deps.noted();
  audit(deps.store, actor, "catalogue.load", view.version ?? "", {
    models: view.models,
    ...(isAddress && { from: new URL(String(input.url)).host }),
  });
  return view;
}

/** Reads the file in the data directory again. */
export function reloadCatalogue(deps: ManageDeps, actor: Actor): CatalogueView {
  const view = deps.catalogueData.reload();
  deps.noted();
  audit(deps.store, actor, "catalogue.reload", view.version ?? "built-in");
  return view;
}

/** Back to the facts that this version came with. */
export function resetCatalogue(deps: ManageDeps, actor: Actor): CatalogueView {
  const view = deps.catalogueData.remove();
  deps.noted();
  audit(deps.store, actor, "catalogue.reset", "built-in");
  return view;
}

async function fetchText(
  deps: ManageDeps & { outbound: Outbound },
  address: string,
  signal: AbortSignal,
): Promise<string> {
  const url = checkBaseUrl(address, deps.addressPolicy()).href;
  try {
    const response = await deps.outbound.send({
      url,
      method: "GET",
      headers: { accept: "application/json" },
      signal,
      userEntered: true,
      headersTimeoutMs: TIMEOUT_MS,
    });
    if (response.status !== 200) {
      response.cancel();
      throw badRequest(`The address answered ${response.status} instead of a catalogue.`, "url");
    }
    return await response.text(MAX_BYTES);
  } catch (error) {
    if (error instanceof TargetFailure) throw badRequest(error.message, "url");
    throw error;
  }
}
