import { describe, expect, test } from "bun:test";
import { ProofKeeper, type ProofShelf } from "../../src/caching/index.ts";
import type { Part } from "../../src/core/reply.ts";
import type { ChatRequest } from "../../src/core/request.ts";
import { systemClock } from "../../src/lib/clock.ts";

const proof = (value: string) => ({ format: "anthropic" as const, maker: "anthropic/claude", value });
const call = (id: string, more: Partial<Part> = {}): Part =>
  ({ type: "tool-call", id, name: "read", input: '{"path":"a"}', ...more }) as Part;
const thought = (text: string, value: string): Part => ({ type: "reasoning", text, proof: proof(value) });

function shelf(): ProofShelf & { rows: Map<string, string> } {
  const rows = new Map<string, string>();
  return {
    rows,
    save: ({ keyId, id, value }) => void rows.set(`${keyId}/${id}`, value),
    find: (keyId, id) => rows.get(`${keyId}/${id}`),
  };
}

const turn = (parts: Part[]): ChatRequest => ({
  model: "m",
  stream: false,
  messages: [
    { role: "user", parts: [{ type: "text", text: "go" }] },
    { role: "assistant", parts },
  ],
});

describe("proofs between two turns", () => {
  test("come back to a client that stripped them, in their place, also after a restart", () => {
    const rows = shelf();
    const answered = [
      thought("first", "s1"),
      call("a"),
      thought("second", "s2"),
      call("b", { proof: proof("s3") }),
    ];
    new ProofKeeper(rows, systemClock).keep("key", answered);
    const stripped = [{ type: "text", text: "I will read." } as Part, call("a"), call("b")];
    const restored = new ProofKeeper(rows, systemClock).restore(turn(stripped), "key");
    expect(restored.messages[1]?.parts).toEqual([
      thought("first", "s1"),
      { type: "text", text: "I will read." },
      call("a"),
      thought("second", "s2"),
      call("b", { proof: proof("s3") }),
    ]);
  });

  test("replace reasoning that came back without its proof", () => {
    const rows = shelf();
    const keeper = new ProofKeeper(rows, systemClock);
    keeper.keep("key", [thought("why", "s"), call("a")]);
    const restored = keeper.restore(turn([{ type: "reasoning", text: "why" }, call("a")]), "key");
    expect(restored.messages[1]?.parts).toEqual([thought("why", "s"), call("a")]);
  });

  test("thoughts without a proof come back where the provider wants its words again", () => {
    const rows = shelf();
    const keeper = new ProofKeeper(rows, systemClock);
    const said: Part = { type: "reasoning", text: "why" };
    keeper.keep("key", [said, call("a")]);
    expect(rows.rows.size).toBe(0);
    keeper.keep("key", [said, call("a")], { echoed: true });
    expect(keeper.restore(turn([call("a")]), "key").messages[1]?.parts).toEqual([said, call("a")]);
    // What the client gave back itself stands.
    const given = turn([{ type: "reasoning", text: "why, in short" }, call("a")]);
    expect(keeper.restore(given, "key")).toBe(given);
  });

  test("never cross from one API key to another", () => {
    const rows = shelf();
    const keeper = new ProofKeeper(rows, systemClock);
    keeper.keep("key", [thought("why", "s"), call("a")]);
    const request = turn([call("a")]);
    expect(keeper.restore(request, "other")).toBe(request);
  });

  test("leave turns alone that brought their own, and turns without calls", () => {
    const keeper = new ProofKeeper(shelf(), systemClock);
    keeper.keep("key", [thought("why", "s"), call("a")]);
    const own = turn([thought("own", "mine"), call("a")]);
    expect(keeper.restore(own, "key")).toBe(own);
    const plain = turn([{ type: "text", text: "hello" }]);
    expect(keeper.restore(plain, "key")).toBe(plain);
  });
});
