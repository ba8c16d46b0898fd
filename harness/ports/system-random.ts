export { systemRandom } from '../../emulators/network/sockets/system-random.ts';
