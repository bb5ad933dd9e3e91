import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { TargetFailure } from "../core/errors.ts";
import { type AddressPolicy, bareName, isLocalhostName, whyNotAddress, whyNotName } from "./address-rules.ts";
import { portOf } from "./base-url.ts";

/** All addresses of a name, best first. Rejects when there is none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** Asks the system's resolver, its hosts file included. */
export const systemResolve: Resolve = async (name) => {
  const answers = await lookup(name, { all: true });
  return answers.map((answer) => answer.address);
};

/**
 * The addresses behind a URL that may be dialled, best first. Whoever sends must dial one of these and not ask for
 * the name again, or a name that changes its answer leads elsewhere. Empty when the name is unknown here, which only
 * a proxy may know better. Throws `TargetFailure` (`unreachable`) when none of its addresses may be called.
 */
export async function checkedAddresses(
  url: URL,
  policy: AddressPolicy,
  resolve: Resolve,
): Promise<readonly string[]> {
  const host = bareName(url.hostname);
  const named = whyNotName(host);
  if (named !== undefined) throw refused(named);
  const port = portOf(url);
  const found = await addressesOf(host, resolve);
  const own = port === policy.ownPort ? { ...policy, ownAddresses: machineAddresses() } : policy;
  const whys = found.map((address) => whyNotAddress(address, port, own));
  const allowed = found.filter((_address, index) => whys[index] === undefined);
  const [firstWhy] = whys;
  if (allowed.length === 0 && firstWhy !== undefined) throw refused(firstWhy);
  return allowed;
}

async function addressesOf(name: string, resolve: Resolve): Promise<readonly string[]> {
  if (isIP(name) !== 0) return [name];
  if (isLocalhostName(name)) return ["127.0.0.1", "::1"];
  return resolve(name).catch(() => []);
}

function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap(
    (addresses) => addresses?.map(({ address }) => address) ?? [],
  );
}

const refused = (why: string) => new TargetFailure("unreachable", `The call was not made: ${why}.`);
