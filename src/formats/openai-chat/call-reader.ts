import type { EventWriter } from "../../core/event-writer.ts";
import { TargetFailure } from "../../core/errors.ts";
import type { DecodeContext } from "../../core/format.ts";
import type { Proof } from "../../core/reply.ts";
import { sha256 } from "../../lib/ids.ts";
import { isObject, tryParseJson, type JsonObject } from "../../lib/json.ts";
import { FreeTextStream } from "./free-text-stream.ts";
import { extraContentProof } from "./proofs.ts";
import { WholeCharacters } from "./whole-characters.ts";
import { numberOf, textOf } from "./wire.ts";

type Call = {
  key: string;
  index: number | undefined;
  id: string;
  name: string;
  /** The arguments as they came on the wire. */
  input: string;
  /** A call that is free text on the wire too (`type: custom`). */
  custom: boolean;
  proof: Proof | undefined;
  /** Unwraps the arguments of a function that stands for a free-text tool. */
  freeText: FreeTextStream | undefined;
  characters: WholeCharacters;
  state: "waiting" | "open" | "closed";
};

/**
 * Puts tool calls together from their pieces. Providers leave out the index, use one index for two calls, send the id
 * late or never, repeat the name or send it late. A call is opened once its name and id are known, or once it is
 * certain that waiting for the id would change the order of things.
 */
export class CallReader {
  readonly #calls: Call[] = [];

  /** `proofs` by call id; `begin` is told before a call is opened, so that what was being said can be closed. */
  constructor(
    readonly out: EventWriter,
    readonly context: DecodeContext,
    readonly answerId: () => string,
    readonly proofs: ReadonlyMap<string, Proof>,
    readonly begin: () => void,
  ) {}

  get count(): number {
    return this.#calls.filter((call) => call.name !== "").length;
  }

  /** Did the answer stop inside the arguments of a call? */
  get isCutInside(): boolean {
    return this.#calls.some((call) => !call.custom && call.input.trim() !== "" && !isWhole(call.input));
  }

  /** Takes the entries of one `tool_calls` list. In a whole message every entry is a call of its own. */
  push(entries: JsonObject[], wholeMessage: boolean): void {
    for (const entry of entries) {
      const piece = this.#readPiece(entry);
      if (piece) this.#add(piece, wholeMessage);
    }
  }

  /** Something else begins: calls get their place in the order now, and those with complete arguments are over. */
  settle(): void {
    for (const call of this.#calls) {
      if (call.state === "closed" || call.name === "") continue;
      if (isWhole(call.input)) this.#close(call);
      else if (call.state === "waiting") this.#open(call);
    }
  }

  /** No more pieces will come. */
  end(): void {
    for (const call of this.#calls) if (call.state !== "closed") this.#close(call);
  }

  #add(piece: Piece, wholeMessage: boolean): void {
    const call = (wholeMessage ? undefined : this.#find(piece)) ?? this.#create(piece);
    if (call.state === "closed") return;
    if (call.id === "") call.id = piece.id;
    if (call.name === "") call.name = piece.name;
    if (piece.proof) call.proof = piece.proof;
    call.input += piece.input;
    if (call.state === "open") this.#append(call, piece.input);
    else if (call.name !== "" && call.id !== "") this.#open(call);
  }

  /** The call that a piece continues; undefined when it begins one. */
  #find(piece: Piece): Call | undefined {
    if (piece.index === undefined && piece.id !== "")
      return this.#calls.findLast((call) => call.id === piece.id);
    const call =
      piece.index === undefined
        ? this.#calls.at(-1)
        : this.#calls.findLast((call) => call.index === piece.index);
    if (!call || (piece.id !== "" && piece.id === call.id)) return call;
    if (piece.id !== "" && call.id !== "") return undefined;
    return beginsAnother(piece, call) ? undefined : call;
  }

  #create(piece: Piece): Call {
    const call: Call = {
      key: `call-${this.#calls.length}`,
      index: piece.index,
      id: "",
      name: "",
      input: "",
      custom: piece.custom,
      proof: undefined,
      freeText: undefined,
      characters: new WholeCharacters(),
      state: "waiting",
    };
    this.#calls.push(call);
    return call;
  }

  #open(call: Call): void {
    for (const earlier of this.#calls) {
      if (earlier === call) break;
      if (earlier.state === "waiting" && earlier.name !== "") this.#open(earlier);
      else if (earlier.state === "open" && isWhole(earlier.input)) this.#close(earlier);
    }
    this.begin();
    if (call.id === "") call.id = this.#madeUpId(call);
    const { name, namespace, freeText } = this.context.toolNames.fromWire(call.name);
    if (freeText && !call.custom) call.freeText = new FreeTextStream();
    this.out.open(call.key, {
      type: "tool-call",
      id: call.id,
      name,
      input: "",
      ...(namespace !== undefined && { namespace }),
      ...((freeText || call.custom) && { freeText: true }),
    });
    call.state = "open";
    this.#append(call, call.input);
  }

  #append(call: Call, delta: string): void {
    const text = call.freeText ? call.freeText.push(delta) : delta;
    this.out.append(call.key, call.characters.push(text));
  }

  #close(call: Call): void {
    if (call.name === "") {
      // Several providers put an empty call on every message; one with arguments cannot be carried out.
      if (call.input.trim() !== "")
        throw new TargetFailure("malformed", "The provider called a tool without naming it.");
      call.state = "closed";
      return;
    }
    if (call.state === "waiting") this.#open(call);
    const rest = call.freeText ? call.characters.push(call.freeText.end()) : "";
    this.out.append(call.key, rest + call.characters.end());
    // Clients parse the arguments; no arguments are an empty object.
    if (call.input.trim() === "" && !call.custom && !call.freeText) this.out.append(call.key, "{}");
    const proof = call.proof ?? this.proofs.get(call.id);
    this.out.close(call.key, proof && { proof });
    call.state = "closed";
  }

  /** Made from position and content, so that the same answer read again has the same ids. */
  #madeUpId(call: Call): string {
    const seed = [this.answerId(), this.#calls.indexOf(call), call.name, call.input].join("\u0000");
    return `call_${sha256(seed).slice(0, 24)}`;
  }

  /** Reads one entry; undefined for entries with nothing in them, which some providers put on every delta. */
  #readPiece(entry: JsonObject): Piece | undefined {
    const native = isObject(entry["function"]) && entry["type"] !== "custom" ? entry["function"] : undefined;
    const custom = native ? undefined : entry["custom"];
    const told = native ?? (isObject(custom) ? custom : {});
    const input = told["arguments"] ?? told["input"];
    const piece: Piece = {
      index: numberOf(entry["index"]),
      id: textOf(entry["id"]),
      name: textOf(told["name"]),
      input: isObject(input) ? JSON.stringify(input) : textOf(input),
      custom: isObject(custom),
      proof: extraContentProof(entry["extra_content"], this.context.maker),
    };
    return piece.id || piece.name || piece.input || piece.proof ? piece : undefined;
  }
}

type Piece = {
  index: number | undefined;
  id: string;
  name: string;
  input: string;
  custom: boolean;
  proof: Proof | undefined;
};

/** Where ids are missing, another name or complete arguments before this piece tell that it is a call of its own. */
function beginsAnother(piece: Piece, call: Call): boolean {
  if (piece.name === "" || call.name === "") return false;
  return isWhole(call.input) && (piece.input !== "" || piece.name !== call.name);
}

/** Are these the complete arguments of a call? */
const isWhole = (input: string): boolean => isObject(tryParseJson(input));
