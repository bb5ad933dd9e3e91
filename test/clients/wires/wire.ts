import type { JsonObject } from "../../../src/lib/json.ts";
import type { Step } from "../../kit/upstream.ts";
import type { Asked, Turn } from "../agent.ts";

/** What a request holds beside its body. */
export type Circumstances = { path: string; headers: { [name: string]: string } };

/** How one vendor is spoken to: what it takes, and how it answers. */
export type Wire = {
  handles(path: string): boolean;
  /** Reads a body as strictly as the vendor. Throws `Refusal`. */
  read(body: JsonObject, circumstances: Circumstances): Asked;
  write(turn: Turn, body: JsonObject, id: string, circumstances: Circumstances): Step;
  error(message: string, status: number): object;
};
