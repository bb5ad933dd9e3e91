import { expect, test } from "bun:test";
import { arrange, startsServer } from "../../src/cli/arrange.ts";

test.each([
  ["", "serve", "serve"],
  ["--port 1", "serve", "serve --port 1"],
  ["--no-open", "serve", "serve --no-open"],
  ["serve --port 1", "serve", "serve --port 1"],
  ["--port=1 serve", "serve", "serve --port=1"],
  ["--data-dir serve status", "status", "status --data-dir serve"],
  ["--json key list", "key", "key --json list"],
  ["--strange 3000", "serve", "serve --strange 3000"],
  ["--data-dir", "serve", "serve --data-dir"],
  ["--help", undefined, "--help"],
  ["-v", undefined, "-v"],
  ["-h status", "status", "status -h"],
] as const)("%p is %p: %p", (line, command, words) => {
  expect(arrange(line.split(" ").filter(Boolean))).toEqual({ command, words: words.split(" ") });
});

test.each([
  ["", true],
  ["--port 1", true],
  ["serve", true],
  ["--data-dir status", true],
  ["serve --help", false],
  ["--version", false],
  ["status", false],
  ["key list", false],
  ["statsu", false],
])("%p starts the server: %p", (line, expected) => {
  expect(startsServer(line.split(" ").filter(Boolean))).toBe(expected);
});
