import { expect, test } from "bun:test";
import { startGateway } from "../kit/gateway.ts";
import { startSocksProxy } from "../kit/proxies.ts";
import { chatReply, startUpstream } from "../kit/upstream.ts";

/** A SOCKS5 proxy is set like any other and is used at once. */

test("a call goes through the SOCKS5 proxy that was set", async () => {
  const proxy = await startSocksProxy();
  const upstream = startUpstream(() => ({ type: "json", body: chatReply("Hello") }));
  const gateway = await startGateway({ proxy: { all: `socks5://127.0.0.1:${proxy.port}` } });
  // A name, not a loopback address: those are never sent through a proxy.
  gateway.node("far", `http://provider.test:${upstream.port}/v1`);
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "far/m", messages: [{ role: "user", content: "hi" }] }),
  });
  expect(await response.text()).toContain("Hello");
  expect(proxy.asked).toEqual([`provider.test:${upstream.port}`]);
  await gateway.stop();
  await upstream.stop();
  proxy.close();
});
