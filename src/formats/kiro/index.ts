import { TargetFailure } from "../../core/errors.ts";
import type { ProviderFormat } from "../../core/format.ts";
import { encodeRequest } from "./request.ts";
import { readError } from "./errors.ts";
import { KiroDecoder } from "./stream.ts";

/**
 * Kiro's own protocol, spoken by providers only: AWS JSON in, an AWS event stream out. Its answers always come as a
 * stream. https://github.com/aws/language-servers (core, codewhisperer-streaming)
 */
export const kiro: ProviderFormat = {
  id: "kiro",
  encodeRequest,
  decodeReply(_body, _context) {
    throw new TargetFailure("malformed", "The provider answered whole where it should have streamed.");
  },
  streamDecoder: (context) => new KiroDecoder(context),
  readError,
  isMeterFrame: () => true,
};
