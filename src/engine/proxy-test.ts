import type { Clock } from "../lib/clock.ts";
import { greetSocks, type Proxy, tcpProbe } from "../net/index.ts";
import type { Network } from "./network.ts";

const TEST_MS = 10_000;
const LONGEST_REASON = 300;

/** What came of a test. `publicIp`: where it leads out; null where nobody is to be asked. */
export type ProxyTest =
  | { success: true; publicIp: string | null; latencyMs: number }
  | { success: false; error: string; latencyMs: number };

/** Connects to a proxy, signs in where it is a SOCKS5 one, and asks for its exit address. Takes ten seconds a step at most. */
export async function testProxy(network: Network, clock: Clock, proxy: Proxy): Promise<ProxyTest> {
  const started = clock.monotonic();
  const latencyMs = () => Math.round(clock.monotonic() - started);
  try {
    await reach(network, proxy);
    const publicIp = await network.exits.ask(proxy);
    return { success: true, publicIp, latencyMs: latencyMs() };
  } catch (error) {
    const words = error instanceof Error ? error.message : "it could not be reached";
    return { success: false, error: words.slice(0, LONGEST_REASON), latencyMs: latencyMs() };
  }
}

/** Throws when the proxy's address may not be called, or nothing answers there. */
async function reach(network: Network, proxy: Proxy): Promise<void> {
  const place = await network.outbound.placeOf(proxy);
  if (proxy.type === "socks5" || proxy.type === "socks5h") await greetSocks(place);
  else await tcpProbe(place.host, place.port, AbortSignal.timeout(TEST_MS));
}
