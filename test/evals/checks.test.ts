import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../src/core/errors.ts";
import { check, verify } from "../../src/evals/checks/index.ts";
import { parseExpression } from "../../src/evals/expression.ts";
import type { CheckStrategy, Expectation } from "../../src/evals/suite.ts";

const expected = (strategy: CheckStrategy, value: string, flags?: string): Expectation => ({
  strategy,
  value,
  ...(flags !== undefined && { flags }),
});
const context = (said = "", judge?: string) => ({
  question: "q",
  ...(judge !== undefined && { judge }),
  ask: () => Promise.resolve(said),
});

describe("checks", () => {
  test.each<[CheckStrategy, string, string | undefined, string, boolean]>([
    ["exact", "4", undefined, "4", true],
    ["exact", "a\nb", undefined, "a  \r\nb\n", true],
    ["exact", "4", undefined, "four", false],
    ["contains", "Paris", undefined, "It is PARIS.", true],
    ["contains", "Paris", undefined, "It is Rome.", false],
    ["regex", "1.*2.*3", undefined, "1, 2 and 3", true],
    ["regex", "1.*2.*3", undefined, "1\n2\n3", false],
    ["regex", "1.*2.*3", "s", "1\n2\n3", true],
    ["regex", "^b$", "m", "a\nb", true],
    ["regex", "PARIS", "i", "paris", true],
    ["custom", "output.length > 10", undefined, "longer than ten", true],
    ["custom", "output.length > 10", undefined, "short", false],
    ["custom", "(text) => text.length > 10", undefined, "longer than ten", true],
    ["custom", "function (text) { return text.length > 10; }", undefined, "longer than ten", true],
    ["custom", "text => { return text.length > 10 }", undefined, "short", false],
    ["custom", "JSON.parse(output).a === 1", undefined, '{"a":1}', true],
    ["custom", 'json(output).a.b[1] === "x"', undefined, '{"a":{"b":[0,"x"]}}', true],
    ["custom", "json(output).a === 1", undefined, "no json", false],
    ["custom", "words(output).length === 3 && !output.includes('x')", undefined, "a b c", true],
    [
      "custom",
      "matches(output, '^[0-9]+$') || output.toLowerCase().startsWith('yes')",
      undefined,
      "YES",
      true,
    ],
    ["custom", "lines(output)[1].trim() === 'b' ? 1 : 0", undefined, "a\n b", true],
    ["custom", "Math.abs(Number(output) - 3.14) < 0.01", undefined, "3.141", true],
  ])("%s %p %p on %p: %p", async (strategy, value, flags, output, passed) => {
    const wanted = expected(strategy, value, flags);
    verify(wanted);
    expect((await check(output, wanted, context())).passed).toBe(passed);
  });

  test.each<[CheckStrategy, string]>([
    ["regex", "("],
    ["regex", "(a)\\1"],
    ["regex", "(?=a)"],
    ["regex", "x".repeat(1001)],
    ["custom", "output >"],
    ["custom", "a; b"],
    ["custom", "1".repeat(2001)],
    ["custom", "answer.length > 10"],
    ["custom", "output.length > limit"],
    ["custom", "text => output.length"],
    ["custom", "process.exit()"],
    ["custom", "words(outptu).length"],
    ["custom", "output.replace('a', 'b')"],
    ["custom", "Math.cosine(1)"],
    ["custom", "[1, x]"],
    ["custom", "output[y]"],
    ["custom", "function (text) { let a = 1; return a }"],
  ])("%s %p is refused when it is written", (strategy, value) => {
    expect(() => verify(expected(strategy, value))).toThrow(GatewayError);
  });

  test.each(["(a+)+$", "^(a|a)*$", "^([a-zA-Z]+)*$", "(.*a){20}$", "(a?){50}a{50}$"])(
    "%s does not run away",
    async (pattern) => {
      const verdict = check(`${"a".repeat(10_000)}!`, expected("regex", pattern), context());
      await expect(verdict.then(({ passed }) => passed)).resolves.toBe(false);
    },
  );

  test("a pattern that is too large for a long answer is refused before it begins", async () => {
    const verdict = check("ab ".repeat(33_000), expected("regex", "(.?){0,500}\\d"), context());
    await expect(verdict).rejects.toThrow("too large");
  });
});

describe("hostile expressions", () => {
  test.each([
    "output.constructor.constructor('return process')()",
    "output['constructor']",
    "process.exit()",
    "globalThis",
    "this",
    "require('fs')",
    "import('fs')",
    "while(true){}",
    "(() => { for(;;); })()",
    "output.repeat(1e9)",
    "output.replace(/(a+)+$/, '')",
    "output + output + output",
    "[].constructor",
    "json('{}').__proto__.polluted = 1",
    "json('{}').toString()",
    "Math.constructor('x')",
    "matches.call(1)",
    `${"(".repeat(900)}1${")".repeat(900)}.x()`,
    Array.from({ length: 6 }, () => "matches(output,'a')").join("&&"),
  ])("%s reaches nothing", (source) => {
    const before = Object.keys(Object.prototype);
    let value: unknown;
    try {
      value = parseExpression(source)("a".repeat(60_000));
    } catch (error) {
      expect((error as Error).constructor.name).toBe("ExpressionError");
    }
    expect(value).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual(before);
  });

  test("own fields of JSON are all that can be read of it", () => {
    expect(parseExpression("json(output).toString")("{}")).toBeUndefined();
    expect(parseExpression("json(output).toString")('{"toString":1}')).toBe(1);
  });
});

describe("a judge", () => {
  test.each([
    ['{"pass": true, "reason": "fine"}', true],
    ['Sure: {"pass": false, "reason": "no"} ', false],
    ["I think it is good", false],
    ["", false],
  ])("who says %p", async (said, passed) => {
    const verdict = await check("answer", expected("judge", "is polite"), context(said, "a/judge"));
    expect(verdict.passed).toBe(passed);
    expect(verdict.details).toStartWith("a/judge");
  });

  test("must be named", async () => {
    await expect(check("answer", expected("judge", "is polite"), context())).rejects.toThrow("judge");
  });
});
