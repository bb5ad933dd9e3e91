import { TargetFailure } from "../core/errors.ts";

/**
 * What a failed `fetch` means, in words for people. `where`: host and port that were called. The runtime's own
 * message is left out, for it holds the whole URL.
 */
export function fetchFailure(error: unknown, where: string, viaProxy: boolean): TargetFailure {
  const code = codeOf(error);
  const options = { cause: error, ...(code !== undefined && { providerCode: code }) };
  const unreachable = (words: string, brokeEarly = false) =>
    new TargetFailure("unreachable", words, { ...options, brokeEarly });
  const through = viaProxy ? " through the proxy" : "";
  switch (code) {
    case "ECONNREFUSED":
      return unreachable(`${where} refused the connection${through}: is the server running?`);
    case "ECONNRESET":
    case "EPIPE":
    case "ConnectionClosed":
      return unreachable(`${where} closed the connection before it answered${through}.`, true);
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_FAIL":
    case "EAI_NODATA":
      return unreachable(`The name of ${where} could not be resolved${through}.`);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ENETDOWN":
    case "EADDRNOTAVAIL":
      return unreachable(`There is no network route to ${where}${through}.`);
    case "ETIMEDOUT":
      return new TargetFailure("timeout", `${where} could not be reached in time${through}.`, options);
    case "EPROTO":
      return unreachable(`TLS with ${where} failed: the server does not speak TLS on this port${through}.`);
    case "UnsupportedProxyProtocol":
      return unreachable("The configured proxy is of a type that cannot be used.");
    case "Malformed_HTTP_Response":
    case "ZlibError":
    case "BrotliDecompressionError":
      return new TargetFailure("malformed", `${where} did not answer in valid HTTP${through}.`, options);
  }
  const tls = tlsWords(code);
  if (tls !== undefined) return unreachable(`TLS with ${where} failed: ${tls}${through}.`);
  if (viaProxy) return unreachable(`The proxy would not connect to ${where}.`);
  return unreachable(`${where} could not be reached.`);
}

/** What a provider's certificate did wrong; undefined when the code is about something else. */
function tlsWords(code: string | undefined): string | undefined {
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return "its certificate has expired";
    case "CERT_NOT_YET_VALID":
      return "its certificate is not valid yet";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
    case "HOSTNAME_MISMATCH":
      return "its certificate is for another name";
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return "its certificate is self-signed";
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return "its certificate comes from an unknown authority";
    case "CERT_REVOKED":
      return "its certificate was revoked";
  }
  return code !== undefined && /CERT|SSL|TLS/.test(code) ? `certificate error ${code}` : undefined;
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
