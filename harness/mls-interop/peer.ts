import { connectGrpc } from '../ports/grpc-client.ts';
import type { Method, Request, Response, Service } from './contract.ts';
import { mlsClientService } from './mls-client-service.ts';
import { RpcError, refusal, statusName } from './rpc-error.ts';

/** An implementation under test, wherever it runs. */
export interface MlsPeer {
  /** As its user named it, usually HOST:PORT. */
  readonly address: string;
  /** Rejects with RpcError and nothing else. */
  call<M extends Method>(method: M, request: Request<M>): Promise<Response<M>>;
  close(): void;
}

/** The implementation that serves the contract at `address` (HOST:PORT); a call ends after `timeoutMs`. */
export function connectPeer(address: string, timeoutMs: number): MlsPeer {
  const client = connectGrpc(mlsClientService, address);
  return {
    address,
    async call<M extends Method>(method: M, request: Request<M>) {
      const reply = await client.call(method, request, timeoutMs);
      if ('answer' in reply) return reply.answer as Response<M>;
      const status = statusName(reply.code);
      if (status === 'DEADLINE_EXCEEDED') throw new RpcError(status, `no answer within ${timeoutMs} ms`);
      throw new RpcError(status, reply.details);
    },
    close: () => client.close(),
  };
}

/** An implementation in this process, called without a socket. `address` names it. */
export function localPeer(address: string, service: Service): MlsPeer {
  return {
    address,
    async call<M extends Method>(method: M, request: Request<M>) {
      try {
        return await (service[method] as (request: Request<M>) => Response<M> | Promise<Response<M>>)(
          request,
        );
      } catch (error) {
        throw refusal(error);
      }
    },
    close: () => undefined,
  };
}
