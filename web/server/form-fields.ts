/** A file as a browser sends it; its name is only ever shown. */
export type SentFile = { name: string; bytes: Uint8Array };

/** The fields of a form as they were sent. Text comes trimmed; an empty field counts as not given. */
export class FormFields {
  readonly #fields: URLSearchParams;
  readonly #files: ReadonlyMap<string, SentFile>;

  constructor(
    fields: URLSearchParams | { [name: string]: string | readonly string[] } = {},
    files: ReadonlyMap<string, SentFile> = new Map(),
  ) {
    this.#fields = fields instanceof URLSearchParams ? fields : paramsOf(fields);
    this.#files = files;
  }

  /** A file that came along; undefined when none was chosen. */
  file(name: string): SentFile | undefined {
    return this.#files.get(name);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** What was typed, trimmed; "" when nothing was. */
  text(name: string): string {
    return (this.#fields.get(name) ?? "").trim();
  }

  /** As it was typed, for passwords. */
  secret(name: string): string {
    return this.#fields.get(name) ?? "";
  }

  /** Undefined when the field is empty. */
  optional(name: string): string | undefined {
    return this.text(name) || undefined;
  }

  /** Null when the field is empty, as patches say "take it away". */
  orNull(name: string): string | null {
    return this.text(name) || null;
  }

  /** Is the box ticked? */
  ticked(name: string): boolean {
    return this.#fields.has(name);
  }

  /** Every value of a repeated field, trimmed, empty ones too. */
  all(name: string): string[] {
    return this.#fields.getAll(name).map((value) => value.trim());
  }

  /** The same form with some fields replaced. */
  with(changes: { [name: string]: readonly string[] }): FormFields {
    const fields = new URLSearchParams(this.#fields);
    for (const [name, values] of Object.entries(changes)) {
      fields.delete(name);
      for (const value of values) fields.append(name, value);
    }
    return new FormFields(fields);
  }

  /** The lines of a text field that are not empty. */
  lines(name: string): string[] {
    return (this.#fields.get(name) ?? "")
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== "");
  }
}

function paramsOf(fields: { [name: string]: string | readonly string[] }): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields))
    for (const each of typeof value === "string" ? [value] : value) params.append(name, each);
  return params;
}
