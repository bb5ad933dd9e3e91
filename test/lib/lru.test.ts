import { describe, expect, test } from "bun:test";
import { Lru } from "../../src/lib/lru.ts";

const keys = (lru: Lru<string, number>): string[] => [...lru.entries()].map(([key]) => key);

describe("a map of limited size", () => {
  test("forgets what was unused for longest", () => {
    const lru = new Lru<string, number>(3);
    for (const [value, key] of ["a", "b", "c"].entries()) lru.set(key, value);
    expect(lru.get("a")).toBe(0);
    lru.set("b", 5);
    lru.set("d", 3);
    expect(keys(lru)).toEqual(["a", "b", "d"]);
    expect(lru.get("c")).toBeUndefined();
    expect(lru.get("b")).toBe(5);
  });

  test("never holds more than its capacity, and keeps what is used all the time", () => {
    const lru = new Lru<string, number>(100);
    lru.set("used", -1);
    for (let value = 0; value < 1000; value++) {
      lru.set(`once ${value}`, value);
      expect(lru.get("used")).toBe(-1);
      expect(lru.size).toBeLessThanOrEqual(100);
    }
  });

  test("a value set anew counts once", () => {
    const lru = new Lru<string, number>(10);
    lru.set("a", 1);
    lru.set("a", 2);
    expect([lru.size, lru.get("a")]).toEqual([1, 2]);
    expect(lru.delete("a")).toBe(true);
    expect(lru.size).toBe(0);
  });
});
