import { badRequest, GatewayError } from "../../core/errors.ts";
import type { UploadedFile, UploadForm, UploadPart } from "../../core/services.ts";
import { boundaryOf, MultipartError, type MultipartEvent, MultipartReader } from "../../lib/multipart.ts";
import { Spool } from "../../lib/spool.ts";

export type FormOptions = {
  /** Longest body. */
  limit: number;
  /** Where large files lie until the call is over. */
  directory: string;
  /** Smaller ones stay in memory. Default: 1 MB. */
  memoryBytes?: number;
  /** The last byte is in. */
  onReceived(): void;
};

/** A form's bytes, and what their sender says of them. */
export type FormSource = {
  headers: Headers;
  body: ReadableStream<Uint8Array> | null;
};

const MAX_FIELD_BYTES = 1024 * 1024;
const MEMORY_BYTES = 1024 * 1024;

/** A client's form, read while it arrives. Must be closed when the call is over. */
export class IncomingForm implements UploadForm {
  readonly #parts: UploadPart[] = [];
  readonly #files: SpooledFile[] = [];
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #state: { type: "open" } | { type: "ended" } | { type: "failed"; error: unknown } = { type: "open" };
  #wake: (() => void)[] = [];

  /** Begins to read. Throws `GatewayError`: 400 for a body that is no form, 413 for one announced as too large. */
  constructor(
    { headers, body }: FormSource,
    readonly options: FormOptions,
  ) {
    const boundary = boundaryOf(headers.get("content-type"));
    if (boundary === undefined || !body)
      throw badRequest("Send a form: the content type must be multipart/form-data with a boundary.");
    if (Number(headers.get("content-length") ?? 0) > options.limit) throw tooLarge(options.limit);
    this.#reader = body.getReader();
    void this.#receive(new MultipartReader(boundary)).then(
      () => this.#settle({ type: "ended" }),
      (error: unknown) => this.#settle({ type: "failed", error: asGatewayError(error) }),
    );
  }

  /** A field, as soon as it has come; undefined when the whole form has none. Rejects when the client broke off. */
  async field(name: string): Promise<string | undefined> {
    for await (const part of this.parts()) if (part.type === "field" && part.name === name) return part.value;
    return undefined;
  }

  /** Has a file of one of these names come, or does one still come? */
  async hasFile(...names: string[]): Promise<boolean> {
    for await (const part of this.parts()) if (part.type === "file" && names.includes(part.name)) return true;
    return false;
  }

  async *parts(): AsyncGenerator<UploadPart> {
    for (let index = 0; ; index++) {
      while (index >= this.#parts.length) {
        if (this.#state.type === "ended") return;
        if (this.#state.type === "failed") throw this.#state.error;
        await new Promise<void>((resolve) => this.#wake.push(resolve));
      }
      yield this.#parts[index]!;
    }
  }

  async fields(): Promise<ReadonlyMap<string, string>> {
    for await (const _part of this.parts());
    return this.known();
  }

  /** The fields that have come so far. */
  known(): ReadonlyMap<string, string> {
    const fields = this.#parts.filter((part) => part.type === "field");
    return new Map(fields.toReversed().map(({ name, value }) => [name, value]));
  }

  complete(): readonly UploadPart[] | undefined {
    return this.#state.type === "ended" ? this.#parts : undefined;
  }

  /** Was every byte read? */
  get isReceived(): boolean {
    return this.#state.type === "ended";
  }

  /** The call is over: what has not come yet is not wanted, what lies on the disk goes. */
  async close(): Promise<void> {
    if (this.#state.type === "open") {
      this.#settle({ type: "failed", error: new GatewayError("cancelled", "The call is over.") });
      await this.#reader.cancel().catch(() => {});
    }
    await Promise.all(this.#files.map((file) => file.spool.close()));
  }

  async #receive(reader: MultipartReader): Promise<void> {
    const writer = new PartWriter((part) => this.#take(part));
    let size = 0;
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) break;
      size += value.byteLength;
      if (size > this.options.limit) throw tooLarge(this.options.limit);
      for (const event of reader.push(value)) await writer.write(event, this.options);
    }
    reader.end();
    this.options.onReceived();
  }

  #take(part: UploadPart): void {
    this.#parts.push(part);
    if (part.type === "file") this.#files.push(part.file as SpooledFile);
    this.#tell();
  }

  #settle(state: { type: "ended" } | { type: "failed"; error: unknown }): void {
    if (this.#state.type !== "open") return;
    this.#state = state;
    if (state.type === "failed") for (const file of this.#files) file.spool.fail(state.error);
    this.#tell();
  }

  #tell(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}

class SpooledFile implements UploadedFile {
  readonly spool: Spool;

  constructor(
    readonly name: string,
    readonly mediaType: string,
    { memoryBytes = MEMORY_BYTES, directory }: FormOptions,
  ) {
    this.spool = new Spool({ memoryBytes, directory });
  }

  get size(): number {
    return this.spool.size;
  }

  stream(): ReadableStream<Uint8Array> {
    return this.spool.stream();
  }

  bytes(): Promise<Uint8Array> {
    return this.spool.bytes();
  }
}

/** Puts the steps of a form together: a field is told when it is whole, a file when it begins. */
class PartWriter {
  #file: SpooledFile | undefined;
  #field: { name: string; pieces: Uint8Array[]; size: number } | undefined;

  constructor(readonly take: (part: UploadPart) => void) {}

  async write(event: MultipartEvent, options: FormOptions): Promise<void> {
    switch (event.type) {
      case "part":
        if (event.fileName === undefined) this.#field = { name: event.name, pieces: [], size: 0 };
        else {
          const type = event.mediaType ?? "application/octet-stream";
          this.#file = new SpooledFile(event.fileName, type, options);
          this.take({ type: "file", name: event.name, file: this.#file });
        }
        return;
      case "data":
        if (this.#file) return this.#file.spool.write(event.bytes);
        return this.#grow(event.bytes);
      case "part-end":
        return this.#end();
    }
  }

  #grow(bytes: Uint8Array): void {
    if (!this.#field) return;
    this.#field.size += bytes.length;
    if (this.#field.size > MAX_FIELD_BYTES)
      throw badRequest(`\`${this.#field.name}\` is too long for a field of a form.`, this.#field.name);
    this.#field.pieces.push(bytes);
  }

  #end(): void {
    this.#file?.spool.end();
    this.#file = undefined;
    if (!this.#field) return;
    const { name, pieces } = this.#field;
    this.#field = undefined;
    this.take({ type: "field", name, value: Buffer.concat(pieces).toString() });
  }
}

function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof MultipartError) return badRequest(error.message);
  return new GatewayError("bad_request", "The request body ended before it was complete.", { cause: error });
}

function tooLarge(limit: number): GatewayError {
  const megabytes = Math.round(limit / 1024 / 1024);
  return new GatewayError("too_large", `The request body is larger than ${megabytes} MB.`);
}
