import { badRequest } from "../../core/errors.ts";
import type { Outbound } from "../../net/index.ts";
import type { SyncTargetInput } from "../memory.ts";
import { hubTarget } from "./hub.ts";
import { s3Target } from "./s3.ts";
import type { SyncTarget } from "./target.ts";

export type { SyncTarget } from "./target.ts";

/** The target that people named. Throws `bad_request` when none is named and the environment names none either. */
export function openTarget(
  outbound: Outbound,
  input: SyncTargetInput,
  cloudUrl: string | undefined,
): SyncTarget {
  if (input.kind === "s3") return s3Target(outbound, input);
  const url = input.url ?? cloudUrl;
  if (url === undefined)
    throw badRequest(
      "Name the address of the OmniRoute that keeps the bundles, or set CLOUD_URL.",
      "target.url",
    );
  return hubTarget(outbound, { url, token: input.token });
}

/** What may be shown of a target: no token, no key. */
export function shownTarget(
  input: SyncTargetInput,
  cloudUrl: string | undefined,
): { [field: string]: string } {
  if (input.kind === "omniroute") return { kind: input.kind, url: input.url ?? cloudUrl ?? "" };
  const { kind, endpoint, region, bucket, prefix } = input;
  return { kind, endpoint, region, bucket, prefix };
}
