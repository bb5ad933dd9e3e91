import { afterEach, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";

let gateway: InProcess;
afterEach(() => gateway.stop());

const off = () => gateway.admin("POST", "/api/settings/require-login", { requireLogin: false });
const required = async () => (await gateway.admin("GET", "/api/settings/require-login")).body;

test("login can be switched off on loopback, and the change tells what was and what is", async () => {
  gateway = await startInProcess();
  expect((await off()).body).toEqual({ success: true });
  expect(await required()).toEqual({ requireLogin: false });
  const [entry] = (await gateway.admin("GET", "/api/compliance/audit-log?action=settings.update")).body;
  expect(entry).toMatchObject({
    actor: "cli",
    details: { from: { requireLogin: true }, to: { requireLogin: false } },
  });
});

test("on any other address it stays on: 409", async () => {
  gateway = await startInProcess({ config: { host: "0.0.0.0" } });
  expect((await off()).status).toBe(409);
  expect(await required()).toEqual({ requireLogin: true });
});

test("a new password needs the old one", async () => {
  gateway = await startInProcess();
  const body = { password: "another quiet harbour", currentPassword: "wrong" };
  expect((await gateway.admin("POST", "/api/settings/require-login", body)).status).toBe(400);
});
