import { sha256 } from "../lib/ids.ts";
import type { Tool } from "./request.ts";

export type DeclaredTool = { name: string; namespace?: string; freeText?: boolean };

/**
 * What tools are called on a target's wire. Namespaces are flattened, names a target forbids are shortened with a
 * hash, and both are undone in the answer. The same declared tool always gets the same name, so prompts stay equal.
 */
export class ToolNames {
  readonly #toWire = new Map<string, string>();
  readonly #fromWire = new Map<string, DeclaredTool>();

  /** `rule`: what the target's format allows. */
  constructor(
    tools: readonly Tool[] = [],
    readonly rule: { pattern: RegExp; maxLength: number } = { pattern: /^[a-zA-Z0-9_-]+$/, maxLength: 64 },
  ) {
    for (const tool of tools) {
      if (tool.type === "hosted") continue;
      this.#declare({
        name: tool.name,
        ...(tool.namespace !== undefined && { namespace: tool.namespace }),
        ...(tool.type === "custom" && { freeText: true }),
      });
    }
  }

  /** The name on the wire of a tool the client calls `name` (in `namespace`). Also for calls of undeclared tools. */
  toWire(name: string, namespace?: string): string {
    return (
      this.#toWire.get(key(name, namespace)) ??
      this.#declare({ name, ...(namespace !== undefined && { namespace }) })
    );
  }

  /** The declared tool behind a name on the wire; a name nobody declared stands for itself. */
  fromWire(wireName: string): DeclaredTool {
    return this.#fromWire.get(wireName) ?? { name: wireName };
  }

  #declare(tool: DeclaredTool): string {
    const wanted = tool.namespace === undefined ? tool.name : `${tool.namespace}__${tool.name}`;
    let wire = this.#fit(wanted);
    if (this.#fromWire.has(wire) && !sameTool(this.#fromWire.get(wire), tool))
      wire = this.#hashed(wanted, key(tool.name, tool.namespace));
    this.#toWire.set(key(tool.name, tool.namespace), wire);
    this.#fromWire.set(wire, tool);
    return wire;
  }

  #fit(name: string): string {
    if (name.length <= this.rule.maxLength && this.rule.pattern.test(name)) return name;
    return this.#hashed(name, name);
  }

  #hashed(name: string, seed: string): string {
    const clean = name.replace(/[^a-zA-Z0-9_-]/g, "_").replace(/^[^a-zA-Z_]/, "_");
    const room = this.rule.maxLength - 9;
    const start = clean.slice(0, room);
    const fitting = this.rule.pattern.test(start) ? start : `t${start.replaceAll("-", "_")}`.slice(0, room);
    return `${fitting}_${sha256(seed).slice(0, 8)}`;
  }
}

const key = (name: string, namespace?: string): string => `${namespace ?? ""}\u0000${name}`;

const sameTool = (a: DeclaredTool | undefined, b: DeclaredTool): boolean =>
  a !== undefined && a.name === b.name && a.namespace === b.namespace;
