import { z } from "zod";
import {
  CREDENTIAL_FILES,
  findFlow,
  type FoundSignIn,
  type KeptConnection,
  readCredentialFile,
  readCredentialText,
} from "../accounts/index.ts";
import { badRequest, GatewayError } from "../core/errors.ts";
import { removeConnection } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";
import { keepSignIn, offered, providerOf } from "./sign-in.ts";

/** A sign-in that another program has left on this machine, as people see it. */
export type ImportOffer = {
  id: string;
  program: string;
  provider: string;
  /** With `~` for the home directory. */
  path: string;
  account: string | null;
  /** When its access token ends, in milliseconds since 1970. */
  expiresAt: number | null;
};

export type Imported = { connection: KeptConnection; warnings: string[] };

/** The sign-ins that can be copied from this machine. Nothing secret is told. */
export function listImports(deps: ManageDeps): ImportOffer[] {
  return CREDENTIAL_FILES.flatMap((file) => {
    const found = readCredentialFile(file, deps.clientHome);
    if (!found) return [];
    const { account, credentials, provider = file.provider } = found;
    return [
      {
        id: file.id,
        program: file.program,
        provider,
        path: `~/${file.path}`,
        account: account.email ?? account.name ?? null,
        expiresAt: credentials.expiresAt || null,
      },
    ];
  });
}

/** Copies a sign-in that a program has left on this machine. Throws `not_found`, 409 and 410 as a sign-in does. */
export function importFile(
  deps: ManageDeps,
  input: { id: string; acceptTerms: boolean },
  actor: Actor,
): Promise<Imported> {
  const file = CREDENTIAL_FILES.find(({ id }) => id === input.id);
  const found = file && readCredentialFile(file, deps.clientHome);
  if (!file || !found)
    throw new GatewayError(
      "not_found",
      "There is no such sign-in on this machine; GET /api/oauth/import lists them.",
    );
  return keepFound(deps, { provider: file.provider, found, program: file.program }, input.acceptTerms, actor);
}

const pastedShape = z.object({
  /** The text (or object) of a program's credential file. */
  credentials: z.union([z.string().max(200_000), z.record(z.string(), z.unknown())]).optional(),
  refreshToken: z.string().trim().min(1).max(20_000).optional(),
  region: z.string().max(50).optional(),
  acceptTerms: z.boolean().default(false),
});

/** Copies a sign-in from the text of a credential file, or from a refresh token alone. */
export function importPasted(
  deps: ManageDeps,
  name: string,
  input: unknown,
  actor: Actor,
): Promise<Imported> {
  const { credentials, refreshToken, region, acceptTerms } = parseInput(pastedShape, input);
  const provider = providerOf(deps, name);
  if (credentials !== undefined) {
    const text = typeof credentials === "string" ? credentials : JSON.stringify(credentials);
    const found = readCredentialText(provider.id, text);
    if (!found)
      throw badRequest(`This is no credential file that ${provider.name} is known by.`, "credentials");
    return keepFound(deps, { provider: provider.id, found, program: provider.name }, acceptTerms, actor);
  }
  if (refreshToken === undefined) throw badRequest("Give `credentials` or a `refreshToken`.", "credentials");
  // Without an access token it is over from the start, and renewed at once.
  const found = { account: {}, credentials: { refreshToken, expiresAt: 0, ...(region && { region }) } };
  return keepFound(deps, { provider: provider.id, found, program: provider.name }, acceptTerms, actor);
}

async function keepFound(
  deps: ManageDeps,
  from: { provider: string; found: FoundSignIn; program: string },
  acceptTerms: boolean,
  actor: Actor,
): Promise<Imported> {
  const { found, program } = from;
  const { account, credentials, isKey } = found;
  const provider = found.provider ?? from.provider;
  if (!isKey) offered(deps, provider, acceptTerms);
  const flow = findFlow(provider);
  const held = isKey ? credentials : { ...credentials, heldBy: deps.installationId };
  const connection = keepSignIn(
    deps,
    { provider, authType: isKey ? "apikey" : "oauth", account, credentials: held, warnings: [] },
    { asker: actor },
  );
  audit(deps.store, actor, "sign-in.import", connection.id, { provider, program });
  if (credentials.accessToken === undefined && !isKey) await renewOrRemove(deps, connection.id);
  const warnings =
    flow?.rotates && !isKey
      ? [
          `${program} and OmniRoute now hold the same sign-in: the first to renew it signs the other out. Sign out there, or sign in here separately.`,
        ]
      : [];
  return { connection, warnings };
}

/** A refresh token alone shows what it is worth by being used. */
async function renewOrRemove(deps: ManageDeps, connectionId: string): Promise<void> {
  try {
    await deps.tokens.takeOver(connectionId);
  } catch (error) {
    removeConnection(deps.store, connectionId);
    throw error;
  }
}
