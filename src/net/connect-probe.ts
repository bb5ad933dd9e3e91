import { connect } from "node:net";

/** Opens a TCP connection and drops it again; settles when that worked, rejects when it did not or `signal` aborts. */
export type Probe = (host: string, port: number, signal: AbortSignal) => Promise<void>;

/** `fetch` cannot say whether it is connecting or waiting for an answer; a connection of our own beside it can. */
export const tcpProbe: Probe = (host, port, signal) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const stop = () => {
      socket.destroy();
      reject(new Error("The probe was stopped."));
    };
    signal.addEventListener("abort", stop, { once: true });
    socket.once("connect", () => {
      signal.removeEventListener("abort", stop);
      socket.destroy();
      resolve();
    });
    socket.once("error", (error) => {
      signal.removeEventListener("abort", stop);
      socket.destroy();
      reject(error);
    });
  });
