import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { TRANSPORTS } from '../../matrix/schema/common.ts';
import { UsageError } from '../run/usage-error.ts';

const account = z.object({
  name: z.string(),
  msisdn: z.string(),
  imsi: z.string(),
  password: z.string(),
  rcs: z.boolean(),
  privateIdentity: z.string(),
  publicIdentity: z.string(),
  domain: z.string(),
  host: z.string(),
  bearer: z.string(),
});

/** What a server says of itself: `parley serve --json` prints it, and it stands in the state folder as `served.json`. */
const descriptor = z.object({
  pid: z.number(),
  /** Roots of trust, PEM: a path. */
  ca: z.string(),
  /** Address of the status page. */
  status: z.string(),
  /** Where the hosts that phones know by name really are; ports that are not named there are what they are. */
  hosts: z.record(z.string(), z.object({ address: z.string(), ports: z.record(z.string(), z.number()) })),
  carriers: z.array(
    z.object({
      label: z.string(),
      name: z.string(),
      domain: z.string(),
      numberPrefix: z.string(),
      /** Addresses at which each port is open. */
      addresses: z.array(z.string()),
      sip: z.array(z.object({ transport: z.enum(TRANSPORTS), port: z.number() })),
      acs: z.string(),
      kds: z.string().optional(),
      smsc: z.string(),
      accounts: z.array(account),
    }),
  ),
});
export type ServedDescriptor = z.infer<typeof descriptor>;

export const DESCRIPTOR_FILE = 'served.json';

/** Reads it from a state folder, or the file itself. Throws UsageError. */
export function readDescriptor(path: string): ServedDescriptor {
  try {
    const file = statSync(path).isDirectory() ? join(path, DESCRIPTOR_FILE) : path;
    return descriptor.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new UsageError(`no server is described in ${path}; \`parley serve --state ${path}\` starts one`);
  }
}
