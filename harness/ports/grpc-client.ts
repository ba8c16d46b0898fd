/** Makes unary gRPC calls over a socket of this machine. */
import { Client, credentials, type ServiceDefinition } from '@grpc/grpc-js';
import type { UnaryReply } from './grpc-server.ts';
import { withPlainBytes } from './grpc-service.ts';

export interface GrpcClient {
  /** Resolves to the reply or to the status that ended the call, DEADLINE_EXCEEDED (4) after `timeoutMs`. */
  call(method: string, request: object, timeoutMs: number): Promise<UnaryReply>;
  close(): void;
}

/** `address` is HOST:PORT. Nothing is sent before the first call. */
export function connectGrpc(service: ServiceDefinition, address: string): GrpcClient {
  // Channels to one address would otherwise share a connection, and so its fate.
  const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  return {
    call(method, request, timeoutMs) {
      const definition = service[method];
      if (definition === undefined) throw new RangeError(`the service has no method ${method}`);
      return new Promise((resolve) => {
        client.makeUnaryRequest(
          definition.path,
          definition.requestSerialize,
          definition.responseDeserialize,
          request,
          { deadline: Date.now() + timeoutMs },
          (error, answer) =>
            resolve(
              error === null
                ? { answer: withPlainBytes(answer) as object }
                : { code: error.code, details: error.details },
            ),
        );
      });
    },
    close: () => client.close(),
  };
}
