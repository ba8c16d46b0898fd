import type { Service } from '../contract.ts';
import { type ClientOptions, interopClient, refusing } from './client.ts';
import { commitHandlers } from './commit-handlers.ts';
import { groupHandlers } from './group-handlers.ts';
import { outsiderHandlers } from './outsider-handlers.ts';
import { proposalHandlers } from './proposal-handlers.ts';
import { successorHandlers } from './successor-handlers.ts';

/**
 * The contract over stack/mls. What the stack refuses is INVALID_ARGUMENT with the requirement it breaks; a refused call
 * changes nothing. Every call runs to its end before the next begins.
 */
export function parleyService(options: ClientOptions): Service {
  const client = interopClient(options);
  const handlers: Service = {
    ...groupHandlers(client),
    ...proposalHandlers(client),
    ...commitHandlers(client),
    ...successorHandlers(client),
    ...outsiderHandlers(client),
  };
  const guarded = Object.entries(handlers).map(([method, handle]) => [
    method,
    (request: never) => refusing(() => (handle as (request: never) => unknown)(request)),
  ]);
  return Object.fromEntries(guarded) as Service;
}
