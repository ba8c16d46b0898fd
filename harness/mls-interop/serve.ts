import { type GrpcServer, serveGrpc, type UnaryReply } from '../ports/grpc-server.ts';
import type { Service } from './contract.ts';
import { mlsClientService } from './mls-client-service.ts';
import { refusal, statusCode } from './rpc-error.ts';

/** A tree of some thousand members fits; what is larger is no test of interoperability. */
const maxRequestBytes = 16 * 1024 * 1024;

export interface ServeOptions {
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
}

/** Puts an implementation of the contract on a socket. Rejects when the address cannot be bound. */
export function serveMlsClient(service: Service, { host, port }: ServeOptions): Promise<GrpcServer> {
  const handlers = service as unknown as Readonly<
    Record<string, (request: object) => object | Promise<object>>
  >;
  const handle = async (method: string, request: object): Promise<UnaryReply> => {
    try {
      return { answer: await handlers[method]!(request) };
    } catch (error) {
      const { status, message } = refusal(error);
      return { code: statusCode[status], details: message };
    }
  };
  return serveGrpc({ service: mlsClientService, handle, host, port, maxRequestBytes });
}
