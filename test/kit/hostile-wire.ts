import type { RawHttp2Call } from "./raw-http2.ts";

/** Bytes for a raw socket, as latin1, and what has to become of them. */
export type HostileBytes = {
  name: string;
  bytes: string;
  /** A whole and proper call, odd as it looks: it may be answered, once. Everything else must be refused or cut. */
  proper?: true;
};

/** The `X-Request-Id` of calls that hide inside another one. Whoever answers with it took a body for a call. */
export const SMUGGLED_ID = "smuggled";

/** Malformed heads and framings, and calls hidden in bodies, addressed to `host`. */
export function hostileBytes(host: string): HostileBytes[] {
  const post = `POST /v1/chat/completions HTTP/1.1\r\nHost: ${host}\r\n`;
  const get = `GET /v1/models HTTP/1.1\r\nHost: ${host}\r\n`;
  return [
    ...framings(post),
    ...heads(get, host),
    ...versions(host),
    ...disguisedCodings(post, host),
    ...chunks(post, host),
    ...properCalls(post, get, host),
  ].map(([name, bytes, proper]) => ({ name, bytes, ...(proper && { proper }) }));
}

type Row = readonly [name: string, bytes: string, proper?: true];

const framings = (post: string): Row[] => [
  ["two lengths", `${post}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`],
  [
    "a length and chunks",
    `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
  ],
  ["a negative length", `${post}Content-Length: -1\r\n\r\n`],
  ["a length with a sign", `${post}Content-Length: +4\r\n\r\nabcd`],
  ["a length in hex", `${post}Content-Length: 0x4\r\n\r\nabcd`],
  ["an endless length", `${post}Content-Length: 99999999999999999999\r\n\r\n`],
  ["an unknown coding", `${post}Transfer-Encoding: gzip, chunked\r\n\r\n`],
  ["a coding in disguise", `${post}Transfer-Encoding: xchunked\r\n\r\n`],
  ["chunked twice", `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`],
  ["a chunk without a number", `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`],
  ["a chunk too long", `${post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc`],
];

const heads = (get: string, host: string): Row[] => [
  ["a folded header", `${get}X-A: 1\r\n folded\r\n\r\n`],
  ["a bare line feed", `GET /v1/models HTTP/1.1\nHost: ${host}\n\n`],
  ["a bare carriage return", `${get}X-A: a\rb\r\n\r\n`],
  ["a NUL in a header", `${get}X-A: a\u0000b\r\n\r\n`],
  ["a NUL in the path", `GET /v1/mod\u0000els HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ["a blank in a header's name", `${get}X A: 1\r\n\r\n`],
  ["a blank before the colon", `${get}Content-Length : 4\r\n\r\nabcd`],
  ["no host", "GET /v1/models HTTP/1.1\r\n\r\n"],
  ["TRACE", `TRACE /v1/models HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ["CONNECT", `CONNECT ${host}:22 HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ["a header of 64 KB", `${get}X-A: ${"a".repeat(65_536)}\r\n\r\n`],
  ["1000 headers", `${get}${"X-A: 1\r\n".repeat(1000)}\r\n`],
  ["a target of 20 KB", `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ["an empty line in the target", `GET /v1/models\r\n HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
];

const versions = (host: string): Row[] => [
  ["HTTP/0.9", "GET /v1/models\r\n\r\n"],
  ["HTTP/2.0", `GET /v1/models HTTP/2.0\r\nHost: ${host}\r\n\r\n`],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["HTTP/9.9", `GET /v1/models HTTP/9.9\r\nHost: ${host}\r\n\r\n`],
  ["a greeting of TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"],
];

const hidden = (host: string) =>
  `GET /v1/models HTTP/1.1\r\nHost: ${host}\r\nX-Request-Id: ${SMUGGLED_ID}\r\n\r\n`;

/** A body with two ends: one reader stops after five bytes, the other after the hidden call. */
function twoEnds(post: string, host: string, headers: string): string {
  const body = `0\r\n\r\n${hidden(host)}`;
  return `${post}Content-Length: ${body.length}\r\n${headers}\r\n\r\n${body}`;
}

const disguisedCodings = (post: string, host: string): Row[] => [
  ["a call behind the last chunk, within the length", twoEnds(post, host, "Transfer-Encoding: chunked")],
  [
    "a call in a chunk, behind the length",
    `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(hidden(host))}0\r\n\r\n`,
  ],
  ["a coding with a blank before the colon", twoEnds(post, host, "Transfer-Encoding : chunked")],
  ["a coding behind a vertical tab", twoEnds(post, host, "Transfer-Encoding:\u000bchunked")],
  ["a coding on a line without its return", twoEnds(post, host, "X-A: a\nTransfer-Encoding: chunked")],
  ["a coding behind a folded line", twoEnds(post, host, "X-A: a\r\n Transfer-Encoding: chunked")],
  ["a coding folded", twoEnds(post, host, "Transfer-Encoding:\r\n chunked")],
  ["two codings", twoEnds(post, host, "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked")],
  ["a coding in quotes", twoEnds(post, host, 'Transfer-Encoding: "chunked"')],
  ["chunks in HTTP/1.0", twoEnds(post.replace("HTTP/1.1", "HTTP/1.0"), host, "Transfer-Encoding: chunked")],
];

/** `text` as one chunk. */
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

const chunks = (post: string, host: string): Row[] => {
  const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n`;
  return [
    ["a chunk's size in hex with a prefix", `${chunked}0x3\r\n{} \r\n0\r\n\r\n${hidden(host)}`],
    ["a chunk's size with a sign", `${chunked}+3\r\n{} \r\n0\r\n\r\n${hidden(host)}`],
    ["a negative chunk", `${chunked}-3\r\n{} \r\n0\r\n\r\n${hidden(host)}`],
    ["a chunk longer than it says", `${chunked}3\r\n{} XX\r\n0\r\n\r\n${hidden(host)}`],
    ["a line feed in a chunk's extension", `${chunked}3;a\nb\r\n{} \r\n0\r\n\r\n${hidden(host)}`],
  ];
};

const properCalls = (post: string, get: string, host: string): Row[] => [
  ["a target at another host", `GET http://evil.test/v1/models HTTP/1.1\r\nHost: ${host}\r\n\r\n`, true],
  [
    "a call as the body of a GET",
    `${get}Content-Length: ${hidden(host).length}\r\n\r\n${hidden(host)}`,
    true,
  ],
  ["a call as a body", `${post}Content-Length: ${hidden(host).length}\r\n\r\n${hidden(host)}`, true],
  ["a call as a chunk", `${post}Transfer-Encoding: chunked\r\n\r\n${chunk(hidden(host))}0\r\n\r\n`, true],
];

/** The same intent in HTTP/2, which a proxy in front must put into HTTP/1.1: there, bytes without meaning gain one. */
export function hostileHttp2(host: string): (RawHttp2Call & { name: string })[] {
  const call = (method: string, path: string, authority = host) =>
    [
      [":method", method],
      [":scheme", "https"],
      [":authority", authority],
      [":path", path],
    ] as const;
  const post = call("POST", "/v1/chat/completions");
  const behindChunk = `0\r\n\r\n${hidden(host)}`;
  const inLine = ` HTTP/1.1\r\nHost: ${host}\r\nX-Request-Id: ${SMUGGLED_ID}\r\n\r\n`;
  return [
    { name: "a length of nothing", headers: [...post, ["content-length", "0"]], body: hidden(host) },
    { name: "a length too short", headers: [...post, ["content-length", "4"]], body: hidden(host) },
    { name: "a length too long", headers: [...post, ["content-length", "999"]], body: hidden(host) },
    {
      name: "two lengths",
      headers: [...post, ["content-length", "0"], ["content-length", String(hidden(host).length)]],
      body: hidden(host),
    },
    { name: "chunks", headers: [...post, ["transfer-encoding", "chunked"]], body: behindChunk },
    {
      name: "chunks behind a line break in a value",
      headers: [...post, ["x-a", "a\r\ntransfer-encoding: chunked"]],
      body: behindChunk,
    },
    {
      name: "chunks behind a line break in a name",
      headers: [...post, ["x-a: a\r\ntransfer-encoding", "chunked"]],
      body: behindChunk,
    },
    {
      name: "chunks behind a bare line feed",
      headers: [...post, ["x-a", "a\ntransfer-encoding: chunked"]],
      body: behindChunk,
    },
    { name: "a call in the path", headers: call("GET", `/v1/models${inLine}GET /v1/models`) },
    { name: "a call in the method", headers: call(`GET /v1/models${inLine}GET`, "/v1/models") },
    { name: "a call in the host", headers: call("GET", "/v1/models", `${host}${inLine.slice(9)}`) },
    {
      name: "a header in the host",
      headers: call("GET", "/v1/models", `${host}\r\nX-Request-Id: ${SMUGGLED_ID}`),
    },
    { name: "a blank in the path", headers: call("GET", `/v1/models HTTP/1.1`) },
    { name: "two hosts", headers: [...call("GET", "/v1/models"), ["host", "evil.test"]] },
    {
      name: "a header of connections",
      headers: [...call("GET", "/v1/models"), ["connection", "x-request-id"]],
    },
    { name: "a name in capitals", headers: [...call("GET", "/v1/models"), ["X-Request-Id", SMUGGLED_ID]] },
    { name: "a call as a body", headers: post, body: hidden(host) },
  ];
}
