import { describe, expect, test } from "bun:test";
import { AwsEventSplitter, AwsStreamBroken, awsFrame } from "../../src/lib/aws-event-stream.ts";

const event = (type: string, payload: string) =>
  awsFrame({ ":message-type": "event", ":event-type": type, ":content-type": "application/json" }, payload);

test("a frame is written as AWS's own example has it", () => {
  // Prelude, checksums and layout of an empty message:
  // https://github.com/awslabs/aws-c-event-stream (tests/resources, empty_message)
  expect(awsFrame({}, "").toString("hex")).toBe("000000100000000005c248eb7d98c8ff");
});

describe("splitting", () => {
  const bytes = Buffer.concat([event("a", '{"content":"Grüße"}'), event("b", ""), event("c", "{}")]);
  const read = [
    { event: "a", data: '{"content":"Grüße"}' },
    { event: "b", data: "" },
    { event: "c", data: "{}" },
  ];

  test("is the same wherever the network cuts", () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const splitter = new AwsEventSplitter();
      const events = [...splitter.push(bytes.subarray(0, cut)), ...splitter.push(bytes.subarray(cut))];
      expect([...events, ...splitter.end()]).toEqual(read);
    }
  });

  test("headers that are no texts are stepped over", () => {
    const plain = awsFrame({ ":event-type": "x" }, "{}");
    const header = plain.subarray(12, 12 + plain.readUInt32BE(4));
    const more = Buffer.concat([
      Buffer.from([1, 0x62, 0]), // true
      Buffer.from([1, 0x69, 4, 0, 0, 0, 9]), // a 32-bit number
      Buffer.from([1, 0x64, 8, 0, 0, 0, 0, 0, 0, 0, 1]), // a time
      Buffer.from([1, 0x73, 6, 0, 2, 1, 2]), // bytes
      header,
    ]);
    expect(new AwsEventSplitter().push(framed(more, "{}"))).toEqual([{ event: "x", data: "{}" }]);
  });

  test("what the service tells of an error comes with its name", () => {
    const headers = { ":message-type": "exception", ":exception-type": "ThrottlingException" };
    expect(new AwsEventSplitter().push(awsFrame(headers, '{"message":"slow"}'))).toEqual([
      { event: "exception", data: 'ThrottlingException\n{"message":"slow"}' },
    ]);
    const broken = { ":message-type": "error", ":error-code": "Internal", ":error-message": "oops" };
    expect(new AwsEventSplitter().push(awsFrame(broken, ""))).toEqual([
      { event: "error", data: "Internal\noops" },
    ]);
  });

  test.each([
    ["a byte of the prelude flipped", flipped(bytes, 2)],
    ["a byte of the payload flipped", flipped(bytes, event("a", "").length)],
    ["something that is no event stream", Buffer.from('{"message":"an error that is JSON"}')],
    ["a frame over the limit", awsFrame({}, "x".repeat(2000))],
  ])("%s is said to be broken", (_name, given) => {
    expect(() => new AwsEventSplitter(1000).push(given)).toThrow(AwsStreamBroken);
  });

  test("an end inside a frame is said to be broken", () => {
    const splitter = new AwsEventSplitter();
    splitter.push(bytes.subarray(0, bytes.length - 1));
    expect(() => splitter.end()).toThrow(AwsStreamBroken);
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

/** A frame around headers that are written already. */
function framed(headers: Buffer, payload: string): Buffer {
  const frame = Buffer.alloc(16 + headers.length + payload.length);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(headers.length, 4);
  frame.writeUInt32BE(Bun.hash.crc32(frame.subarray(0, 8)), 8);
  headers.copy(frame, 12);
  frame.write(payload, 12 + headers.length);
  frame.writeUInt32BE(Bun.hash.crc32(frame.subarray(0, frame.length - 4)), frame.length - 4);
  return frame;
}
