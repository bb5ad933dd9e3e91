import { badRequest, GatewayError } from "../core/errors.ts";
import type { ChatService } from "../core/provider.ts";
import { chatServiceFor, type Target } from "../core/target.ts";
import {
  type Catalogue,
  findProvider,
  modelOfProvider,
  type ProviderEntry,
  usableConnections,
} from "../routing/index.ts";

/** A provider's model as a translation needs it; whether anything is connected does not matter. */
export type Destination = { target: Target; service: ChatService };

/** A provider by its id or prefix. Throws `not_found`. */
export function providerNamed(catalogue: Catalogue, name: string): ProviderEntry {
  const entry = findProvider(catalogue, name);
  if (entry) return entry;
  throw new GatewayError("not_found", `There is no provider \`${name.slice(0, 100)}\`.`, {
    param: "provider",
  });
}

/**
 * The model a translation is for. `provider`: an id or prefix, alone or as `prefix/model`; without a model, the
 * body's own (its prefix, if any, left out). Throws `not_found` for an unknown provider, `bad_request` for one that
 * does not chat.
 */
export function destinationOf(
  catalogue: Catalogue,
  provider: string,
  bodyModel: string | undefined,
  clientFormat: string,
): Destination {
  const [name = "", ...rest] = provider.split("/");
  const entry = providerNamed(catalogue, name);
  const asked = rest.length > 0 ? rest.join("/") : withoutPrefix(catalogue, bodyModel ?? "");
  const [first] = entry.models.keys();
  const { modelId, model, label, effort } = modelOfProvider(entry, asked || (first ?? "model"));
  const connection = usableConnections(entry)[0] ?? NOBODY(entry.provider.id);
  const target: Target = {
    provider: entry.provider,
    connection,
    modelId,
    model,
    label,
    ...(effort !== undefined && { effort }),
  };
  const service = chatServiceFor(target, clientFormat);
  if (!service) throw badRequest(`${entry.provider.name} does not chat.`, "provider");
  return { target, service };
}

/** The model's own name where a known provider's prefix stands before it. */
function withoutPrefix(catalogue: Catalogue, model: string): string {
  const slash = model.indexOf("/");
  return slash > 0 && findProvider(catalogue, model.slice(0, slash)) ? model.slice(slash + 1) : model;
}

/** Stands where no account is connected: the request can be looked at all the same. */
const NOBODY = (provider: string): Target["connection"] => ({
  id: "none",
  provider,
  authType: "none",
  name: "no connection",
  priority: 1,
  isActive: false,
  credentials: {},
  createdAt: 0,
  updatedAt: 0,
});
