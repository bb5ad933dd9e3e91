import { z } from "zod";
import { openBundle, sealBundle } from "./seal.ts";

/** What a device knows of one record: when it was last changed, where, and what it is now. */
const sharedRecord = z.object({
  kind: z.string().max(50),
  id: z.string().max(600),
  /** Milliseconds since 1970, by the clock of the device that changed it. */
  changedAt: z.number(),
  /** Device that changed it. */
  device: z.string().max(100),
  /** Absent: it was deleted. */
  value: z.unknown().optional(),
});
export type SharedRecord = z.infer<typeof sharedRecord>;

/** A sign-in on its way from one device to another, whole. */
const move = z.object({
  id: z.string().max(100),
  to: z.string().max(100),
  connection: z.record(z.string(), z.unknown()),
});
export type Move = z.infer<typeof move>;

const bundle = z.object({
  format: z.literal("omniroute-sync-v1"),
  device: z.string().max(100),
  /** Mark of the installation, by which only one of several uses a refresh token. */
  installation: z.string().max(100),
  name: z.string().max(100),
  /** Grows with each write; an older bundle in a newer one's place is a replay. */
  counter: z.number(),
  writtenAt: z.number(),
  records: z.array(sharedRecord).max(50_000),
  moves: z.array(move).max(1000),
  /** Ids of moves that arrived here. */
  received: z.array(z.string()).max(1000),
});
/** All that one device tells the others. */
export type Bundle = z.infer<typeof bundle>;

export const MOST_BUNDLE_BYTES = 10 * 1024 * 1024;
const ENDING = ".bundle";

/** The name a device's bundle has at the target. */
export const bundleName = (device: string) => `${device}${ENDING}`;

/** The device a bundle's name speaks of; undefined for other files. */
export const deviceOf = (name: string) => (name.endsWith(ENDING) ? name.slice(0, -ENDING.length) : undefined);

/** The sealed bytes of a bundle, which only holders of the key can read. */
export function writeBundle(key: Uint8Array, content: Bundle): Uint8Array {
  return sealBundle(key, bundleName(content.device), JSON.stringify(content));
}

/** Reads a bundle; undefined when it was altered, is somebody else's, or says another device than its name. */
export function readBundle(key: Uint8Array, name: string, bytes: Uint8Array): Bundle | undefined {
  const text = openBundle(key, name, bytes);
  if (text === undefined) return undefined;
  const checked = bundle.safeParse(JSON.parse(text));
  return checked.success && bundleName(checked.data.device) === name ? checked.data : undefined;
}
