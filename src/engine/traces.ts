import { tracesAddress } from "../core/collector.ts";
import type { Config } from "../core/config.ts";
import type { Settings } from "../core/settings.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Outbound } from "../net/index.ts";
import { TraceExporter } from "../observing/index.ts";
import { readTraceHeaders } from "../manage/index.ts";
import type { Store } from "../store/index.ts";
import type { Router } from "./router.ts";

export type TraceParts = {
  config: Config;
  clock: Clock;
  log: Log;
  outbound: Outbound;
  router: Router;
  store: Store;
  settings(): Settings;
};

/** Hands calls on to the collector that the environment or the settings name. */
export function traceExporter({ config, router, store, settings, ...parts }: TraceParts): TraceExporter {
  const { defaults, tracing, version } = config;
  return new TraceExporter({
    ...parts,
    version,
    isWanted: () => settings().otlpEndpoint !== "",
    collector: () => {
      const { otlpEndpoint } = settings();
      if (otlpEndpoint === "") return undefined;
      // What opens the collector of the environment must not be shown to another.
      const isOwn = otlpEndpoint === defaults.otlpEndpoint;
      return isOwn
        ? { url: otlpEndpoint, headers: tracing.headers }
        : { url: tracesAddress(otlpEndpoint), headers: readTraceHeaders(store, otlpEndpoint) };
    },
    resource: () => ({
      "service.name": tracing.serviceName,
      "service.version": version,
      "service.instance.id": settings().instanceName || undefined,
    }),
    nameOf: (id) => router.catalogue.byId.get(id)?.prefix ?? id,
  });
}
