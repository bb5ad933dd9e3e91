import type { Vendor } from "../../core/reply.ts";
import type { JsonObject } from "../../lib/json.ts";

/**
 * OpenAI's Responses wire format, as far as it is read and written here.
 * https://platform.openai.com/docs/api-reference/responses · https://www.openresponses.org
 */
export const ID = "openai-responses";

/** What only this format understands of a part, message, tool or answer. */
export type Bag = {
  /** Fields of the item that have no place in the canonical form. Where it stands, an item of its own begins. */
  item?: JsonObject;
  /** The same for a content part inside an item. */
  content?: JsonObject;
  /** A message item that came without `type`. */
  bare?: true;
  /** Content or output that came as a plain string. */
  plain?: true;
  /** The system turn that stood in `instructions`. */
  instructions?: true;
  /** The user turn that was the whole `input`. */
  input?: true;
  /** Reasoning in the model's own words (`content`), not a summary of it. */
  words?: true;
  /** Fields of a tool that have no place in the canonical form. */
  tool?: JsonObject;
  /** A tool as it came, for tools whose shape is this format's own. */
  raw?: JsonObject;
  /** The wrapper of a tool that was declared inside a namespace. */
  namespace?: JsonObject;
  /** The tool was declared by an item of the input, which still holds it. */
  declaredInInput?: true;
};

/** This format's bag of a part, message, tool or answer. */
export function bagOf(holder: { vendor?: Vendor }): Bag | undefined {
  return holder.vendor?.[ID];
}

/** `{ vendor }` holding `bag`, to be spread into a part; nothing for an empty bag. */
export function withBag(bag: Bag): { vendor?: Vendor } {
  return Object.values(bag).some((value) => value !== undefined) ? { vendor: { [ID]: bag } } : {};
}

/**
 * Item ids made here start so, and are dropped when a client hands them back: a provider that looks its items up by
 * id must not be asked for one it never made.
 */
export const MADE_ID = /^[a-z]+_omni/;

/** OpenAI refuses longer `call_id`s. */
export const MAX_CALL_ID = 64;
