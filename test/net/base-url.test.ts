import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../src/core/errors.ts";
import { checkBaseUrl } from "../../src/net/index.ts";

function refusalOf(text: string, policy?: Parameters<typeof checkBaseUrl>[1]): GatewayError | undefined {
  try {
    checkBaseUrl(text, policy);
    return undefined;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

test.each([
  ["https://api.example.com/v1", "https://api.example.com/v1"],
  ["  https://api.example.com/v1  ", "https://api.example.com/v1"],
  ["HTTP://Example.COM:8080", "http://example.com:8080/"],
  ["http://localhost:11434/v1", "http://localhost:11434/v1"],
  ["http://192.168.1.20:8000", "http://192.168.1.20:8000/"],
  ["http://[::1]:8000/v1", "http://[::1]:8000/v1"],
  ["https://münchen.example/v1", "https://xn--mnchen-3ya.example/v1"],
  ["https://api.example.com./v1", "https://api.example.com./v1"],
])("%s is taken", (text, href) => {
  expect(checkBaseUrl(text).href).toBe(href);
});

describe("what is no usable base URL is refused in a sentence", () => {
  test.each([
    ["", /Enter the base URL/],
    ["   ", /Enter the base URL/],
    ["api.example.com/v1", /begin with https/],
    ["ftp://example.com", /begin with https/],
    ["file:///etc/passwd", /begin with https/],
    ["javascript:alert(1)", /begin with https/],
    ["mock://local/v1", /begin with https/],
    ["//example.com", /begin with https/],
    ["http:/example.com", /begin with https/],
    ["http:example.com", /begin with https/],
    ["http://", /begin with https/],
    ["http:///v1", /begin with https/],
    ["http://exa mple.com", /spaces/],
    ["http://example.com/\r\nHost: evil", /spaces/],
    ["http://example.com\\@evil.com", /spaces/],
    ["http://example.com:99999/", /not a valid address/],
    ["http://[::1", /not a valid address/],
    ["http://example.com:0/", /Port 0/],
    ["http://user:pass@example.com/", /user name or password/],
    ["http://user@example.com/", /user name or password/],
    ["http://@example.com/", /user name or password/],
    ["http://example.com/v1?key=1", /query/],
    ["http://example.com/v1#x", /query/],
    [`http://example.com/${"a".repeat(2000)}`, /2000 characters/],
  ])("%j", (text, sentence) => {
    const refusal = refusalOf(text);
    expect(refusal?.code).toBe("bad_request");
    expect(refusal?.param).toBe("baseUrl");
    expect(refusal?.message).toMatch(sentence);
  });
});

describe("forbidden addresses are refused in every spelling", () => {
  test.each([
    "http://169.254.169.254/latest",
    "http://169.254.169.254./latest",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0xa9.0xfe.0xa9.0xfe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://%31%36%39.254.169.254/",
    "http://169。254。169。254/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::169.254.169.254]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[fd00:ec2::254]/",
    "http://metadata.google.internal/",
    "http://METADATA.google.internal./",
    "http://[fe80::1]/",
    "http://0.0.0.0:8080/",
    "http://0/",
    "http://[::]/",
    "http://224.0.0.1/",
    "http://[ff02::1]/",
    "http://255.255.255.255/",
  ])("%s", (text) => {
    expect(refusalOf(text)?.message).toMatch(/never called/);
  });

  test.each([
    "http://127.0.0.1:20128/v1",
    "http://localhost:20128",
    "http://[::1]:20128",
    "http://127.1:20128",
  ])("%s is the gateway's own port", (text) => {
    expect(refusalOf(text, { allowPrivate: true, ownPort: 20128 })?.message).toMatch(/this gateway itself/);
  });

  test.each([
    "http://10.0.0.1",
    "http://172.16.0.1",
    "http://192.168.0.1",
    "http://[fc00::1]",
    "http://localhost",
  ])("%s needs the LAN switch", (text) => {
    expect(refusalOf(text, { allowPrivate: false })?.message).toMatch(/ALLOW_PRIVATE_UPSTREAMS is off/);
    expect(refusalOf(text, { allowPrivate: true })).toBeUndefined();
  });
});
