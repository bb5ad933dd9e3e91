import { describe, expect, test } from "bun:test";
import { type SharedEnd, SharedStream } from "../../src/lib/shared-stream.ts";

/** A source that gives what the test pushes, and tells whether it was cancelled. */
function source() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const state = { cancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    cancel: () => void (state.cancelled = true),
  });
  return { stream, state, push: (text: string) => controller.enqueue(Buffer.from(text)), controller };
}
const text = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();

describe("one stream for several readers", () => {
  test("all get everything, also who comes later and after the end", async () => {
    const { stream, push, controller } = source();
    const ends: SharedEnd[] = [];
    const shared = new SharedStream(stream, 1000, (end) => ends.push(end));
    const first = text(shared.join()!.stream);
    push("a");
    const second = text(shared.join()!.stream);
    push("b");
    controller.close();
    expect(await Promise.all([first, second])).toEqual(["ab", "ab"]);
    expect(await text(shared.join()!.stream)).toBe("ab");
    expect(ends).toEqual(["complete"]);
  });

  test("goes on when one leaves, ends when all have left", async () => {
    const { stream, push, state, controller } = source();
    const ends: SharedEnd[] = [];
    const shared = new SharedStream(stream, 1000, (end) => ends.push(end));
    const [one, two] = [shared.join()!, shared.join()!];
    await one.stream.cancel();
    push("a");
    const reader = two.stream.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe("a");
    expect(state.cancelled).toBe(false);
    await reader.cancel();
    await two.ended;
    expect([state.cancelled, ends]).toEqual([true, ["abandoned"]] as never);
    expect(() => controller.enqueue(Buffer.from("x"))).toThrow();
  });

  test("a break reaches all", async () => {
    const { stream, controller } = source();
    const ends: SharedEnd[] = [];
    const shared = new SharedStream(stream, 1000, (end) => ends.push(end));
    const readers = [shared.join()!, shared.join()!].map(({ stream: each }) => text(each));
    controller.error(new Error("gone"));
    const settled = await Promise.allSettled(readers);
    expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(ends).toEqual(["broken"]);
  });

  test("beyond the limit nobody can join, memory stays bounded, and a laggard is cut off", async () => {
    const { stream, push, controller } = source();
    const ends: SharedEnd[] = [];
    const shared = new SharedStream(stream, 10, (end) => ends.push(end));
    const [quick, slow] = [shared.join()!.stream.getReader(), shared.join()!.stream.getReader()];
    for (let index = 0; index < 10; index++) {
      push("12345");
      expect((await quick.read()).value?.length).toBe(5);
      expect(shared.size).toBeLessThanOrEqual(10);
    }
    expect(shared.join()).toBeUndefined();
    await expect(slow.read()).rejects.toThrow("too slow");
    controller.close();
    expect((await quick.read()).done).toBe(true);
    expect(ends).toEqual(["overflow"]);
  });
});
