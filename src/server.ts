import type { Server } from "bun";
import type { Engine } from "./engine.ts";
import { createApp } from "./app.ts";

export type RunningServer = {
  port: number;
  /** Where this machine reaches it. */
  url: string;
  /** Stops taking requests, lets running answers finish within the grace time, then closes. */
  stop(): Promise<void>;
  /** Closes at once. */
  close(): Promise<void>;
};

/** Closes connections whose body stalls; lifted for a request once its body is in. Seconds. */
const IDLE_SECONDS = 30;
const IMPORT_LIMIT_BYTES = 100 * 1024 * 1024;

/** Serves an engine. Throws Bun's error with code `EADDRINUSE` when the port is taken. */
export function startServer(engine: Engine, options: { idleSeconds?: number } = {}): RunningServer {
  const { config } = engine;
  const app = createApp(engine);
  const server: Server<undefined> = Bun.serve({
    port: config.port,
    hostname: config.host,
    // Both must be said: outside `development: false` Bun shows source code in error pages, and with it alone it lets
    // a second process share the port.
    development: false,
    reusePort: false,
    idleTimeout: options.idleSeconds ?? IDLE_SECONDS,
    // Ours is checked first and answers in the caller's shape; this one is the wall behind it.
    maxRequestBodySize: Math.max(config.maxBodyBytes, IMPORT_LIMIT_BYTES) + 1024 * 1024,
    fetch: app,
    error: (error) => {
      engine.log.error("server", "A request failed outside every handler.", { cause: error });
      return new Response(
        '{"error":{"message":"Internal error.","type":"server_error","code":"internal_server_error","param":null}}',
        {
          status: 500,
          headers: { "content-type": "application/json" },
        },
      );
    },
  });
  engine.network.servedOn(server.port ?? config.port);
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  const shown =
    config.host === "0.0.0.0" || config.host === "::"
      ? "localhost"
      : host === "127.0.0.1"
        ? "localhost"
        : host;
  return {
    port: server.port ?? config.port,
    url: `http://${shown}:${server.port}`,
    stop: () => stop(engine, server),
    close: () => server.stop(true),
  };
}

/** Longest wait for the last bytes of finished answers to leave. */
const FLUSH_MS = 2000;

/** New calls get 503 while running ones finish; then what has been said is let out, and the rest is cut. */
async function stop(engine: Engine, server: Server<undefined>): Promise<void> {
  engine.drain();
  await Promise.race([engine.idle(), wait(engine, engine.config.shutdownGraceMs)]);
  await Promise.race([server.stop(), wait(engine, FLUSH_MS)]);
  await server.stop(true);
}

function wait(engine: Engine, ms: number): Promise<void> {
  return new Promise((resolve) => engine.clock.after(ms, resolve));
}
