/** Where bundles lie. It sees sizes and times of sealed files, and nothing else. */
export type SyncTarget = {
  /** Names of the files that are there. Throws `GatewayError` (`bad_gateway`) when it cannot be asked. */
  list(signal: AbortSignal): Promise<string[]>;
  /** The bytes of a file; undefined when there is none. Throws as `list` does. */
  read(name: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Writes a file; with `onlyNew`, false where one stands already. Throws as `list` does. */
  write(name: string, bytes: Uint8Array, signal: AbortSignal, onlyNew?: boolean): Promise<boolean>;
  /** Removes a file; one that is gone is no error. Throws as `list` does. */
  remove(name: string, signal: AbortSignal): Promise<void>;
};
