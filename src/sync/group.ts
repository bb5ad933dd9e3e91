import { z } from "zod";
import { badRequest, GatewayError } from "../core/errors.ts";
import { deviceOf, readBundle } from "./bundle.ts";
import { keyOf, newSalt } from "./seal.ts";
import type { SyncTarget } from "./targets/index.ts";

/** The one file that is not sealed: with what salt the devices of a target make their key. */
const GROUP_FILE = "group.json";
const group = z.object({ format: z.literal("omniroute-sync-v1"), salt: z.string().min(16).max(100) });

/**
 * Joins the group that uses a target, or founds it. Gives its key. Throws `bad_request` when the passphrase does not
 * open what the others have written, `bad_gateway` when the target cannot be asked.
 */
export async function joinGroup(
  target: SyncTarget,
  passphrase: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const salt = (await readSalt(target, signal)) ?? (await found(target, signal));
  const key = await keyOf(passphrase, salt);
  for (const name of await target.list(signal)) {
    if (deviceOf(name) === undefined) continue;
    const bytes = await target.read(name, signal);
    if (bytes === undefined) continue;
    if (readBundle(key, name, bytes)) return key;
    throw badRequest("The passphrase does not open what the other devices have written.", "passphrase");
  }
  return key;
}

async function readSalt(target: SyncTarget, signal: AbortSignal): Promise<string | undefined> {
  const bytes = await target.read(GROUP_FILE, signal);
  if (bytes === undefined) return undefined;
  try {
    return group.parse(JSON.parse(new TextDecoder().decode(bytes))).salt;
  } catch (cause) {
    throw new GatewayError("bad_gateway", `${GROUP_FILE} at the sync target is none of ours.`, { cause });
  }
}

async function found(target: SyncTarget, signal: AbortSignal): Promise<string> {
  const salt = newSalt();
  const text = JSON.stringify({ format: "omniroute-sync-v1", salt });
  const isFirst = await target.write(GROUP_FILE, new TextEncoder().encode(text), signal, true);
  // Another device was faster: its salt holds.
  return isFirst ? salt : ((await readSalt(target, signal)) ?? salt);
}
