import type { KeyInput } from "../../src/core/key.ts";
import { addAudit } from "../../src/store/index.ts";
import type { Visit } from "../visit.ts";

/** Changes to client keys, written down as the management API writes them down. */
export function keyChanges({ engine, actor }: Pick<Visit, "engine" | "actor">) {
  const note = (action: string, { id, name }: { id: string; name: string }) =>
    addAudit(engine.store, {
      action,
      actor: actor.name,
      ...(actor.ip !== undefined && { ip: actor.ip }),
      target: id,
      result: "ok",
      details: { name },
    });
  return {
    create(input: KeyInput) {
      const made = engine.access.createKey(input);
      note("key.create", made.record);
      return made;
    },
    update(id: string, patch: Partial<KeyInput>) {
      const record = engine.access.updateKey(id, patch);
      note("key.update", record);
      return record;
    },
    rotate(id: string, graceSeconds: number) {
      const made = engine.access.rotateKey(id, graceSeconds);
      note("key.rotate", made.record);
      return made;
    },
    revoke(id: string) {
      const record = engine.access.revokeKey(id);
      note("key.revoke", record);
      return record;
    },
  };
}
