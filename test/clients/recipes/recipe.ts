/** What a client is to be pointed at, and where it may work. */
export type Setting = {
  /** The gateway's root, without `/v1`. */
  root: string;
  key: string;
  model: string;
  prompt: string;
  /** A throw-away home directory. */
  home: string;
};

/** How a program is started. `files` are written below the home directory first. */
export type Launch = {
  args: string[];
  env?: { [name: string]: string };
  stdin?: string;
  files?: { [path: string]: string };
};

/** A program that is installed and may be started. `path` is for its own environment. */
export type Program = { program: string; path: string };

/** One way to set a client up. */
export type Way = {
  /** What sets it apart from the client's usual way. */
  name: string;
  launch(setting: Setting): Launch;
};

/** A client as the npm registry has it, and the ways to point it at a gateway; the first is the usual one. */
export type Client = {
  name: string;
  package: string;
  version: string;
  program: string;
  /** What must be known of the installed program before its ways can be gone. */
  prepare?(program: Program): Promise<void>;
  ways: readonly Way[];
};

export const json = (value: object): string => JSON.stringify(value, null, 2);
