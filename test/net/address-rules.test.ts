import { describe, expect, test } from "bun:test";
import { classifyAddress, whyNotAddress, whyNotName } from "../../src/net/address-rules.ts";

describe("addresses are sorted by where they lead", () => {
  test.each([
    ["8.8.8.8", "public"],
    ["192.0.2.1", "public"],
    ["172.15.255.255", "public"],
    ["172.32.0.0", "public"],
    ["2606:4700::1", "public"],
    ["10.0.0.1", "private"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["100.64.0.1", "private"],
    ["198.18.0.1", "private"],
    ["fc00::1", "private"],
    ["fd12:3456::1", "private"],
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["::1", "loopback"],
    ["[::1]", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["0.0.0.0", "never"],
    ["0.1.2.3", "never"],
    ["::", "never"],
    ["169.254.0.1", "never"],
    ["169.254.169.254", "never"],
    ["169.254.169.254.", "never"],
    ["fe80::1", "never"],
    ["fe80::1%eth0", "never"],
    ["febf::1", "never"],
    ["fe80::5efe:808:808", "never"],
    ["224.0.0.1", "never"],
    ["239.255.255.255", "never"],
    ["ff02::1", "never"],
    ["255.255.255.255", "never"],
    ["240.0.0.1", "never"],
    ["192.0.0.192", "never"],
    ["100.100.100.200", "never"],
    ["168.63.129.16", "never"],
    ["fd00:ec2::254", "never"],
    ["nonsense", "never"],
  ])("%s is %s", (address, kind) => {
    expect(classifyAddress(address).kind).toBe(kind as "public");
  });
});

describe("an IPv4 address inside an IPv6 one counts as itself", () => {
  test.each([
    ["::ffff:169.254.169.254", "never"],
    ["::ffff:a9fe:a9fe", "never"],
    ["::169.254.169.254", "never"],
    ["::ffff:0:169.254.169.254", "never"],
    ["64:ff9b::169.254.169.254", "never"],
    ["64:ff9b:1::169.254.169.254", "never"],
    ["2002:a9fe:a9fe::1", "never"],
    ["2001:0:1::1", "never"],
    ["2001:db8::5efe:a9fe:a9fe", "never"],
    ["::ffff:10.0.0.1", "private"],
    ["64:ff9b::10.0.0.1", "private"],
    ["2002:a00:1::", "private"],
    ["64:ff9b::8.8.8.8", "public"],
  ])("%s is %s", (address, kind) => {
    expect(classifyAddress(address).kind).toBe(kind as "public");
  });
});

describe("an address may be dialled or not", () => {
  const open = { allowPrivate: true, ownPort: 20128 };
  const closed = { allowPrivate: false, ownPort: 20128 };
  test.each([
    ["8.8.8.8", 443, closed, undefined],
    ["10.0.0.1", 80, open, undefined],
    ["10.0.0.1", 80, closed, /private network, and ALLOW_PRIVATE_UPSTREAMS is off/],
    ["127.0.0.1", 11434, open, undefined],
    ["127.0.0.1", 11434, closed, /loopback/],
    ["127.0.0.1", 20128, open, /this gateway itself/],
    ["::1", 20128, open, /this gateway itself/],
    ["::ffff:127.0.0.1", 20128, open, /this gateway itself/],
    ["192.168.1.5", 20128, { ...open, ownAddresses: ["192.168.1.5"] }, /this gateway itself/],
    ["::ffff:192.168.1.5", 20128, { ...open, ownAddresses: ["192.168.1.5"] }, /this gateway itself/],
    ["192.168.1.6", 20128, { ...open, ownAddresses: ["192.168.1.5"] }, undefined],
    ["169.254.169.254", 80, open, /metadata service, which is never called/],
    ["ff02::1", 80, open, /multicast address, which is never called/],
  ])("%s:%d under %j", (address, port, policy, expected) => {
    const why = whyNotAddress(address, port, policy);
    if (expected === undefined) expect(why).toBeUndefined();
    else expect(why).toMatch(expected);
  });

  test.each(["metadata.google.internal", "METADATA.google.internal.", "metadata", "instance-data"])(
    "the name %s is never called",
    (name) => {
      expect(whyNotName(name)).toMatch(/metadata service/);
    },
  );

  test("an ordinary name may be called", () => {
    expect(whyNotName("api.example.com")).toBeUndefined();
  });
});
