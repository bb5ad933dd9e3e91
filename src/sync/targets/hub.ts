import { z } from "zod";
import { GatewayError } from "../../core/errors.ts";
import type { Outbound } from "../../net/index.ts";
import { ask, bytesOf } from "./ask.ts";
import type { SyncTarget } from "./target.ts";

const listing = z.object({ bundles: z.array(z.object({ name: z.string() })) });
const LONGEST_LIST = 1_000_000;

/** Another OmniRoute that keeps bundles for others. `token`: a key of it with the scope `sync`. */
export function hubTarget(outbound: Outbound, { url, token }: { url: string; token: string }): SyncTarget {
  const base = `${url.replace(/\/+$/, "")}/api/sync/bundles`;
  const headers = { authorization: `Bearer ${token}` };
  const at = (name: string) => `${base}/${encodeURIComponent(name)}`;
  return {
    async list(signal) {
      const response = await ask(outbound, { method: "GET", url: base, headers, signal });
      const checked = listing.safeParse(JSON.parse(await response.text(LONGEST_LIST)));
      if (!checked.success)
        throw new GatewayError(
          "bad_gateway",
          "The sync target is no OmniRoute: its list of bundles is none.",
        );
      return checked.data.bundles.map(({ name }) => name);
    },
    async read(name, signal) {
      const response = await ask(outbound, {
        method: "GET",
        url: at(name),
        headers,
        signal,
        expected: [404],
      });
      if (response.status !== 404) return bytesOf(response);
      response.cancel();
      return undefined;
    },
    async write(name, body, signal, onlyNew = false) {
      const response = await ask(outbound, {
        method: "PUT",
        url: at(name),
        headers: {
          ...headers,
          "content-type": "application/octet-stream",
          ...(onlyNew && { "if-none-match": "*" }),
        },
        body,
        signal,
        expected: onlyNew ? [412] : [],
      });
      response.cancel();
      return response.status !== 412;
    },
    async remove(name, signal) {
      (await ask(outbound, { method: "DELETE", url: at(name), headers, signal, expected: [404] })).cancel();
    },
  };
}
