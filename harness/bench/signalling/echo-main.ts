/** A process with echo servers: the other side of the comparison, as far from its clients as `parley serve` is. */
import { TestCa } from '../../../emulators/network/sockets/test-ca.ts';
import { startEcho } from '../../ports/echo-server.ts';
import { systemClock } from '../../ports/system-clock.ts';
import type { EchoTold } from './processes.ts';

const ca = await TestCa.open({ now: () => systemClock.now() });
const credentials = await ca.issue({ names: ['localhost', '127.0.0.1'] });
const [udp, tcp, tls] = await Promise.all([
  startEcho('udp', credentials),
  startEcho('tcp', credentials),
  startEcho('tls', credentials),
]);
process.send?.({
  ports: { udp: udp.port, tcp: tcp.port, tls: tls.port },
  authority: ca.certificate,
} satisfies EchoTold);
// Without its parent there is nobody to serve.
process.on('disconnect', () => process.exit());
