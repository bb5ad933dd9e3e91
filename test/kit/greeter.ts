import type { Config } from "../../src/core/config.ts";
import { startGateway, type TestGateway } from "./gateway.ts";
import {
  chatReply,
  chatStream,
  messagesReply,
  messagesStream,
  type Seen,
  startUpstream,
  type Step,
  type Upstream,
} from "./upstream.ts";

/** A gateway before one upstream that says "Hello" to whatever it is asked, as `chat/m` and as `messages/m`. */
export type Greeter = { gateway: TestGateway; upstream: Upstream; stop(): Promise<void> };

/** `afterwords` are sent behind the end of every stream. */
export async function startGreeter(
  changes: Partial<Config> = {},
  afterwords: readonly string[] = [],
): Promise<Greeter> {
  const upstream = startUpstream((seen) => greeting(seen, afterwords));
  const gateway = await startGateway(changes);
  gateway.node("chat", `${upstream.url}/v1`);
  gateway.node("messages", `${upstream.url}/v1`, { type: "anthropic-compatible" });
  return {
    gateway,
    upstream,
    async stop() {
      await gateway.stop();
      await upstream.stop();
    },
  };
}

function greeting({ path, body }: Seen, afterwords: readonly string[]): Step {
  const [reply, stream] = path.endsWith("/messages")
    ? [messagesReply, messagesStream]
    : [chatReply, chatStream];
  return body?.stream
    ? { type: "stream", chunks: [...stream("Hello"), ...afterwords] }
    : { type: "json", body: reply("Hello") };
}
