import { expect, test } from "bun:test";
import { findProof, openStore, saveProof } from "../../src/store/index.ts";
import { freshStore, VERSION } from "./kit.ts";

const HOUR = 3_600_000;

test("a proof is found at once, after it was written, and after a restart", () => {
  const { store, clock, dataDir } = freshStore();
  saveProof(store, { keyId: "k1", id: "call_1", value: "signature", expiresAt: clock.now() + HOUR });
  expect(findProof(store, "k1", "call_1")).toBe("signature");
  clock.advance(200);
  expect(findProof(store, "k1", "call_1")).toBe("signature");
  saveProof(store, { keyId: "k1", id: "call_1", value: "newer", expiresAt: clock.now() + HOUR });
  store.close();
  const again = openStore({ dataDir, clock, version: VERSION });
  expect(findProof(again, "k1", "call_1")).toBe("newer");
  again.close();
});

test("it belongs to one client key, and ends at its time", () => {
  const { store, clock } = freshStore();
  saveProof(store, { keyId: "k1", id: "call_1", value: "signature", expiresAt: clock.now() + HOUR });
  expect(findProof(store, "k2", "call_1")).toBeUndefined();
  expect(findProof(store, "k1", "call_2")).toBeUndefined();
  clock.advance(HOUR);
  expect(findProof(store, "k1", "call_1")).toBeUndefined();
  store.close();
});

test("one that is far too long is not kept", () => {
  const { store, clock } = freshStore();
  saveProof(store, { keyId: "k", id: "c", value: "x".repeat(300_000), expiresAt: clock.now() + HOUR });
  expect(findProof(store, "k", "c")).toBeUndefined();
  store.close();
});

test("while the disk is full only some wait, the rest is counted as lost, and those that wait are found", () => {
  const { store, clock } = freshStore();
  const pages = store.files.logs.query<{ page_count: number }, []>("PRAGMA page_count").get()!.page_count;
  store.files.logs.run(`PRAGMA max_page_count = ${pages}`);
  const save = (id: string) =>
    saveProof(store, { keyId: "k", id, value: "x".repeat(200_000), expiresAt: clock.now() + HOUR });
  save("first");
  clock.advance(200);
  for (let index = 0; index < 200; index++) save(`call_${index}`);
  expect(store.losses()).toMatchObject({ dropped: 101, trouble: "SQLITE_FULL" });
  expect(findProof(store, "k", "call_0")).toBeDefined();
  store.files.logs.run("PRAGMA max_page_count = 1000000");
  clock.advance(1000);
  expect(store.losses().trouble).toBeUndefined();
  expect(findProof(store, "k", "first")).toBeDefined();
  store.close();
});
