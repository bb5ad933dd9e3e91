import type { Location } from "../settings-path.ts";

/** A way of writing settings. `read` and `change` throw for text they do not understand. */
export type SettingsFormat = {
  /** The content of a file; an empty file is `{}`. */
  read(text: string): unknown;
  /** The text with another value at one place (undefined: with nothing there); comments and all else stay. */
  change(text: string, location: Location, value: unknown): string;
  /** A new file. */
  write(content: unknown): string;
};
