import { TargetFailure } from "../../core/errors.ts";
import type { DecodeContext, EncodeContext } from "../../core/format.ts";
import { collect, type Reply } from "../../core/reply.ts";
import { isObject } from "../../lib/json.ts";
import { failureOf, readError } from "./errors.ts";
import { ChatDecoder } from "./stream-decoder.ts";
import { writeUsage } from "./usage.ts";
import { objectsOf, ownFields } from "./wire.ts";
import { writeChoice } from "./write-message.ts";

/** Reads a provider's whole answer. Throws `TargetFailure` for an error object or an answer without a choice. */
export function decodeReply(body: unknown, context: DecodeContext): Reply {
  const error = readError(body);
  if (error) throw failureOf(error, body);
  if (!isObject(body) || objectsOf(body["choices"]).length === 0)
    throw new TargetFailure("malformed", "The provider's answer is no chat completion.");
  const decoder = new ChatDecoder(context);
  decoder.read(body, true);
  return collect(decoder.finishWhole());
}

/** Writes a client's whole answer. */
export function encodeReply(reply: Reply, context: EncodeContext): { [field: string]: unknown } {
  const { system_fingerprint, service_tier, choices, ...fields } = ownFields(reply);
  return {
    id: answerId(reply.id, context),
    object: "chat.completion",
    created: reply.created ?? context.created,
    model: context.model,
    choices: [writeChoice(0, reply.parts, reply.finish, fields, context), ...objectsOf(choices)],
    usage: writeUsage(reply.usage),
    ...(service_tier !== undefined && { service_tier }),
    ...(system_fingerprint !== undefined && { system_fingerprint }),
  };
}

/** The provider's own id where it is one of chat; ids of the other formats would puzzle whoever reads them. */
export const answerId = (id: string, context: EncodeContext): string =>
  id === "" || /^(?:msg|resp)_/.test(id) ? context.id : id;
