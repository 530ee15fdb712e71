/** A local HTTP server that answers as a test says. */

import { type IncomingHttpHeaders, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Answers a request whose body has arrived. */
export type Answer = (response: ServerResponse, received: Received) => void;

export interface Server {
  url: string;
  received: Received[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server whose answers are used one after the other, the last one for all further requests. */
export async function serving(...answers: Answer[]): Promise<Server> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("error", () => undefined);
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const one = { method, url, headers, body: Buffer.concat(parts) };
      const answer = answers[Math.min(received.length, answers.length - 1)];
      received.push(one);
      answer?.(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

/** An error of the bucket, as S3 and COS write it. */
export function refusal(status: number, code: string, message = "", more = ""): Answer {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  const body = `<Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`;
  return (response) => {
    response.writeHead(status, { "Content-Type": "application/xml" });
    response.end(head + body);
  };
}

export const stored: Answer = (response) => response.writeHead(200).end();

/** The connection breaks, whatever the server did with the request. */
export const broken: Answer = (response) => response.socket?.destroy();

/** There is no answer, and the connection stays. */
export const silent: Answer = () => undefined;
