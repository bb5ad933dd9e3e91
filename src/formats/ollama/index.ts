import type { ClientFormat } from "../../core/format.ts";
import { decodeRequest } from "./request.ts";
import { encodeReply, OllamaEncoder } from "./reply.ts";

/** Ollama's own chat protocol. https://docs.ollama.com/api/chat */
export const ollama: ClientFormat = {
  id: "ollama",
  streamType: "application/x-ndjson",
  decodeRequest,
  encodeReply,
  streamEncoder: (context) => new OllamaEncoder(context),
  encodeError: (error) => ({ error: error.message }),
};
