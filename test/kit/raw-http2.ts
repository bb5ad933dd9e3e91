import { connect } from "node:tls";

/** One call as an HTTP/2 client that keeps to no rule would send it: these headers, this body. */
export type RawHttp2Call = { headers: readonly (readonly [name: string, value: string])[]; body?: string };

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const GOAWAY = 7;
const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;
const FRAME_HEAD = 9;

/**
 * Sends one call over TLS as frames put together by hand: HTTP clients would refuse to. Resolves when the call is
 * answered or refused, or the connection closes, at most after `withinMs`; says whether the server spoke HTTP/2.
 */
export function rawHttp2(
  port: number,
  tlsName: string,
  { headers, body }: RawHttp2Call,
  withinMs = 3000,
): Promise<{ spoke: boolean }> {
  return new Promise((resolve) => {
    let got = Buffer.alloc(0);
    let spoke = false;
    const socket = connect(
      { port, host: "127.0.0.1", servername: tlsName, rejectUnauthorized: false, ALPNProtocols: ["h2"] },
      () => {
        const ends = body === undefined ? END_STREAM : 0;
        socket.write(
          Buffer.concat([
            Buffer.from(PREFACE),
            frame(SETTINGS, 0, 0, Buffer.alloc(0)),
            frame(SETTINGS, ACK, 0, Buffer.alloc(0)),
            frame(HEADERS, END_HEADERS | ends, 1, Buffer.concat(headers.map(literal))),
            ...(body === undefined ? [] : [frame(DATA, END_STREAM, 1, Buffer.from(body, "latin1"))]),
          ]),
        );
      },
    );
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ spoke });
    };
    const timer = setTimeout(finish, withinMs);
    socket.on("data", (data: Buffer) => {
      got = Buffer.concat([got, data]);
      while (got.length >= FRAME_HEAD) {
        const length = got.readUIntBE(0, 3);
        if (got.length < FRAME_HEAD + length) return;
        const type = got[3]!;
        const flags = got[4]!;
        got = got.subarray(FRAME_HEAD + length);
        spoke ||= type === SETTINGS;
        const isOver = (type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0;
        if (isOver || type === RST_STREAM || type === GOAWAY) return finish();
      }
    });
    for (const event of ["close", "error", "end"]) socket.on(event, finish);
  });
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header that enters no table, as it is: https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2 */
const literal = ([name, value]: readonly [string, string]): Buffer =>
  Buffer.concat([Buffer.from([0]), text(name), text(value)]);

const text = (words: string): Buffer => {
  const bytes = Buffer.from(words, "latin1");
  return Buffer.concat([Buffer.from(lengthOf(bytes.length)), bytes]);
};

function lengthOf(length: number): number[] {
  if (length < 127) return [length];
  const bytes = [127];
  let rest = length - 127;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}
