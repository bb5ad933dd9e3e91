import { connect, createServer, type Socket } from "node:net";

/** Stands between a proxy and the gateway, and reads along what the gateway says. */
export type AnswerTap = {
  port: number;
  /** The `X-Request-Id` of every answer that named one. */
  ids(): string[];
  /** How many answers that were, not counting `100 Continue`. */
  answers(): number;
  stop(): void;
};

/** Starts a tap that hands every connection on to `port` on the loopback, byte for byte. */
export function startAnswerTap(port: number): Promise<AnswerTap> {
  const open = new Set<Socket>();
  let said = "";
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const gateway = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    for (const [from, to] of [
      [client, gateway],
      [gateway, client],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroySoon();
      });
    }
    gateway.on("data", (data: Buffer) => void (said += data.toString("latin1")));
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve({
        port: typeof address === "object" && address ? address.port : 0,
        ids: () => [...said.matchAll(/^x-request-id: (\S+)/gim)].map(([, id]) => id!),
        answers: () => said.match(/HTTP\/1\.1 [2-5]\d\d /g)?.length ?? 0,
        stop: () => {
          server.close();
          for (const socket of open) socket.destroy();
        },
      });
    }),
  );
}
