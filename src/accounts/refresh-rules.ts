import type { Connection, Credentials } from "../core/connection.ts";
import { sha256 } from "../lib/ids.ts";
import type { SignInFlow } from "./oauth/flow.ts";

const MINUTE_MS = 60_000;
/** A token is renewed this long before its end, or at half of its life where that is shorter. */
const LEAD_MS = 5 * MINUTE_MS;
/** Accounts whose tokens came together are not renewed together: each up to this share of the lead earlier. */
const SPREAD = 0.1;
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 5 * MINUTE_MS;
const LONGEST_NAMED_PAUSE_MS = 60 * MINUTE_MS;
const JITTER = 0.2;

/** Can a connection's access token be renewed at all, and by this installation? */
export function canRefresh(
  { credentials }: Pick<Connection, "credentials">,
  flow: SignInFlow | undefined,
  installationId: string,
): boolean {
  return (
    flow?.refresh !== undefined &&
    credentials.refreshToken !== undefined &&
    credentials.refreshEnded === undefined &&
    !isHeldElsewhere(credentials, flow, installationId)
  );
}

/** Does the refresh token belong to another installation? Used by two, such tokens end each other. */
export function isHeldElsewhere(
  { heldBy }: Credentials,
  flow: SignInFlow | undefined,
  installationId: string,
): boolean {
  return flow?.rotates === true && heldBy !== undefined && heldBy !== installationId;
}

/** Is the access token past its time? */
export function isOver({ expiresAt }: Credentials, now: number): boolean {
  return expiresAt !== undefined && now >= expiresAt;
}

/** When to renew ahead, in milliseconds since 1970; undefined when the token's end is not known. */
export function renewalTime(id: string, { expiresAt, lifetimeMs }: Credentials): number | undefined {
  if (expiresAt === undefined) return undefined;
  const lead = lifetimeMs === undefined ? LEAD_MS : Math.min(LEAD_MS, lifetimeMs / 2);
  return expiresAt - lead * (1 + SPREAD * shareOf(id));
}

/** How long to leave a vendor alone after so many failures in a row. `named`: its own wish. */
export function pauseAfter(failures: number, named: number | undefined, random: () => number): number {
  const grown = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  const jittered = grown * (1 + JITTER * (2 * random() - 1));
  return Math.max(jittered, Math.min(named ?? 0, LONGEST_NAMED_PAUSE_MS));
}

export const hashOfToken = (token: string | undefined): string => sha256(token ?? "");

/** A number from 0 up to 1 that stays the same for an id. */
const shareOf = (id: string): number => Number.parseInt(sha256(id).slice(0, 6), 16) / 0x1000000;
