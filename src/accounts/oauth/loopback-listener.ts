import type { Server } from "bun";
import type { Redirects } from "./flow.ts";

type Place = NonNullable<Redirects["listener"]>;
/** Gives the address to send the browser on to. */
type OnAnswer = (address: string) => Promise<string>;

/**
 * Listens at the addresses of this machine that vendors send browsers back to, each only while somebody waits there.
 */
export class LoopbackListeners {
  readonly #open = new Map<number, { waiting: number; servers: Server<undefined>[] }>();

  /**
   * Begins to listen; the result ends it. Undefined when the port is taken: then the address that the browser could
   * not open has to be pasted.
   */
  open(place: Place, onAnswer: OnAnswer): (() => void) | undefined {
    const entry = this.#open.get(place.port) ?? listen(place, onAnswer);
    if (!entry) return undefined;
    entry.waiting++;
    this.#open.set(place.port, entry);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--entry.waiting > 0) return;
      this.#open.delete(place.port);
      // The answer that ended the wait may still be on its way out.
      for (const server of entry.servers) void server.stop();
    };
  }

  close(): void {
    for (const { servers } of this.#open.values()) for (const server of servers) void server.stop(true);
    this.#open.clear();
  }
}

function listen(
  place: Place,
  onAnswer: OnAnswer,
): { waiting: number; servers: Server<undefined>[] } | undefined {
  const first = serve("127.0.0.1", place, onAnswer);
  if (!first) return undefined;
  // `localhost` is the IPv6 loopback to some browsers.
  const second = place.host === "localhost" ? serve("::1", place, onAnswer) : undefined;
  return { waiting: 0, servers: second ? [first, second] : [first] };
}

function serve(hostname: string, place: Place, onAnswer: OnAnswer): Server<undefined> | undefined {
  try {
    return Bun.serve({
      hostname,
      port: place.port,
      development: false,
      reusePort: false,
      idleTimeout: 30,
      maxRequestBodySize: 0,
      fetch: (request) => answer(request, place, onAnswer),
      error: () =>
        new Response("Something went wrong. Paste the address into OmniRoute instead.", { status: 500 }),
    });
  } catch {
    return undefined;
  }
}

async function answer(request: Request, place: Place, onAnswer: OnAnswer): Promise<Response> {
  const url = URL.parse(request.url);
  const isOurs =
    request.method === "GET" &&
    url?.pathname === place.path &&
    (url.hostname === "localhost" || url.hostname === "127.0.0.1" || url.hostname === "[::1]");
  if (!isOurs) return new Response("Nothing is here.", { status: 404, headers: QUIET });
  return new Response(null, { status: 303, headers: { ...QUIET, location: await onAnswer(request.url) } });
}

const QUIET = { "cache-control": "no-store", "referrer-policy": "no-referrer" };
