import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** What came back over a socket until the server closed it, or nothing more came. */
export type RawAnswer = { status: number; text: string; closed: boolean; answers: number };

export type RawOptions = { withinMs?: number; halfClose?: boolean; tlsName?: string };

/**
 * Sends bytes as they are: HTTP clients are too polite. Waits until the server closes, at most `withinMs`. With
 * `tlsName` over TLS, as if to a server of that name, whose certificate is not looked at.
 */
export function rawHttp(
  port: number,
  bytes: string | Uint8Array,
  { withinMs = 3000, halfClose = false, tlsName }: RawOptions = {},
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = "";
    let closed = false;
    const send = () => {
      socket.write(bytes);
      if (halfClose) socket.end();
    };
    const to = { port, host: "127.0.0.1", allowHalfOpen: true };
    const socket: Socket =
      tlsName === undefined
        ? connect(to, send)
        : connectTls({ ...to, servername: tlsName, rejectUnauthorized: false }, send);
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      const heads = text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
      resolve({ status: Number(heads[0]?.slice(-3) ?? 0), text, closed, answers: heads.length });
    };
    const timer = setTimeout(finish, withinMs);
    socket.on("data", (data) => void (text += data.toString("latin1")));
    for (const event of ["close", "error", "end"])
      socket.on(event, () => {
        closed = true;
        finish();
      });
  });
}
