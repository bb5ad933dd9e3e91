import { beforeEach, describe, expect, test } from "bun:test";
import { LoopGauge } from "../../src/engine/loop-gauge.ts";

const LIMIT_MS = 500;
const TICK_MS = 200;

/** A machine whose time and CPU a test spends; a timer that falls due waits until the loop is free. */
class Machine {
  #now = 0;
  #cpu = 0;
  #due: { at: number; callback: () => void } | undefined;
  isBusy = false;
  readonly gauge = new LoopGauge({
    isBusy: () => this.isBusy,
    limitMs: LIMIT_MS,
    cpuMs: () => this.#cpu,
    clock: {
      now: () => this.#now,
      monotonic: () => this.#now,
      after: (ms, callback) => {
        this.#due = { at: this.#now + ms, callback };
        return () => (this.#due = undefined);
      },
    },
  });

  constructor() {
    this.gauge.wake();
  }

  /** Something holds the loop for `ms` and uses `cpu` of it. */
  holds(ms: number, cpu = ms): this {
    this.#now += ms;
    this.#cpu += cpu;
    return this;
  }

  /** Does anything still wait for its time? */
  get isTicking(): boolean {
    return this.#due !== undefined;
  }

  /** Timers that are due get their turn. */
  turns(): this {
    const due = this.#due;
    if (!due || due.at > this.#now) return this;
    this.#due = undefined;
    due.callback();
    return this;
  }

  /** Time goes by with the loop free, nine tenths of it idle. */
  rests(ms: number): this {
    for (let spent = 0; spent < ms; spent += TICK_MS) this.holds(TICK_MS, TICK_MS / 10).turns();
    return this;
  }
}

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});

describe("a blocked loop", () => {
  test("is seen by the calls that waited meanwhile, whether they or the late tick have their turn first", () => {
    machine.rests(1000).holds(600);
    expect(machine.gauge.isBlocked()).toBe(true);
    machine.turns();
    expect(machine.gauge.isBlocked()).toBe(true);
  });

  test("is over with the next tick on time", () => {
    machine.holds(600).turns().holds(150);
    expect(machine.gauge.isBlocked()).toBe(true);
    machine.holds(50).turns();
    expect(machine.gauge.isBlocked()).toBe(false);
  });

  test("stays blocked while ticks come late", () => {
    for (let turn = 0; turn < 4; turn++) {
      machine.holds(600).turns();
      expect(machine.gauge.isBlocked()).toBe(true);
    }
  });

  test("may share its core: half of it makes a block", () => {
    expect(machine.holds(700, 250).gauge.isBlocked()).toBe(true);
  });
});

describe("no blocked loop", () => {
  test.each([
    ["work in small pieces", (on: Machine) => on.rests(1000).holds(190).holds(190).turns()],
    ["a piece of work under the limit", (on: Machine) => on.rests(1000).holds(499)],
    ["a laptop that slept for hours", (on: Machine) => on.rests(1000).holds(3_600_000, 20)],
    ["a paused process that had been busy", (on: Machine) => on.rests(1000).holds(199).holds(5000, 0)],
  ])("%s", (_what, work) => {
    work(machine);
    expect(machine.gauge.isBlocked()).toBe(false);
    machine.turns();
    expect(machine.gauge.isBlocked()).toBe(false);
  });

  test("what held up a gateway of which nobody wanted anything", () => {
    machine.rests(10_000).holds(5000);
    machine.gauge.wake();
    expect(machine.gauge.isBlocked()).toBe(false);
    expect(machine.holds(600).gauge.isBlocked()).toBe(true);
  });
});

describe("a gauge", () => {
  test("rests when nobody asked anything for some seconds, and ticks again for the next who does", () => {
    expect(machine.rests(4000).isTicking).toBe(true);
    machine.gauge.wake();
    expect(machine.rests(4000).isTicking).toBe(true);
    expect(machine.rests(4000).isTicking).toBe(false);
    machine.gauge.wake();
    expect(machine.isTicking).toBe(true);
  });

  test("goes on as long as something is in work", () => {
    machine.isBusy = true;
    expect(machine.rests(60_000).isTicking).toBe(true);
    machine.isBusy = false;
    expect(machine.rests(10_000).isTicking).toBe(false);
  });
});

describe("the longest hold-up of late", () => {
  test("is what the loop's own work came to beyond a tick", () => {
    expect(machine.rests(1000).gauge.recentLagMs()).toBe(0);
    expect(machine.holds(450).turns().gauge.recentLagMs()).toBe(250);
    expect(machine.holds(300).turns().gauge.recentLagMs()).toBe(250);
  });

  test("leaves out time in which the process did not run", () => {
    expect(machine.holds(90_000, 30).turns().gauge.recentLagMs()).toBe(30);
  });

  test("is forgotten within two minutes", () => {
    machine.rests(1000).holds(800).turns().rests(60_000);
    expect(machine.gauge.recentLagMs()).toBe(600);
    expect(machine.rests(60_000).gauge.recentLagMs()).toBe(0);
  });

  test("is forgotten also when nobody ticked meanwhile", () => {
    machine.holds(800).turns().holds(600_000, 0);
    expect(machine.gauge.recentLagMs()).toBe(0);
  });
});
