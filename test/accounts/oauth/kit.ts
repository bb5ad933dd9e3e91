import { findFlow } from "../../../src/accounts/oauth/flows/index.ts";
import { type BeginInput, type DeskDeps, SignInDesk } from "../../../src/accounts/oauth/sign-in-desk.ts";
import type { PendingView } from "../../../src/accounts/oauth/waiting-sign-ins.ts";
import type { Outcome } from "../../../src/accounts/oauth/sign-in-outcome.ts";
import type { SignedIn } from "../../../src/accounts/oauth/signed-in.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { newId } from "../../../src/lib/ids.ts";
import { testOutbound } from "../../net/kit.ts";

export const INSTALLATION = "11111111-2222-4333-8444-555555555555";

/** A desk under the settings of an environment, and what it kept. */
export function deskAt(settings: { [variable: string]: string }, changes: Partial<DeskDeps<string>> = {}) {
  const kept: SignedIn[] = [];
  const issued = new Map<string, string>();
  const desk = new SignInDesk<string>({
    settings,
    outbound: testOutbound({ ownPort: 1 }),
    clock: systemClock,
    version: "9.9.9",
    installationId: INSTALLATION,
    baseUrl: "http://localhost:20128",
    issuedClient: {
      find: (provider) => issued.get(provider),
      save: (provider, clientId) => void issued.set(provider, clientId),
    },
    keep(gained) {
      kept.push(gained);
      return {
        id: newId(),
        provider: gained.provider,
        email: gained.account.email ?? null,
        displayName: gained.account.email ?? gained.provider,
      };
    },
    ...changes,
  });
  const begin = (provider: string, way: "browser" | "device", more: Partial<BeginInput<string>> = {}) =>
    desk.begin({ flow: findFlow(provider)!, way, session: "one", asker: "test", ...more });
  return { desk, kept, issued, begin };
}

/** Polls as a dialog does until something else than "not yet" comes. */
export async function waitFor(
  desk: SignInDesk<string>,
  view: PendingView,
  session = "one",
): Promise<Outcome> {
  for (let tries = 0; tries < 1000; tries++) {
    const outcome = await desk.poll(session, view.handle);
    if (outcome.type !== "pending") return outcome;
    await Bun.sleep(20);
  }
  throw new Error("The sign-in never came to an end.");
}

/** What a promise was rejected with; fails the test when it was kept. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("The promise was kept.");
}
