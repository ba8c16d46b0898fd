import { durationMs } from '../../matrix/schema/common.ts';
import type { Step } from '../../matrix/schema/step.ts';
import { busyPeriod } from './carrier-config.ts';
import type { Handset, World } from './world.ts';

/** Does what one step says. The promise settles when the action itself is over; its consequences may still run. */
export async function runStep(world: World, step: Step): Promise<void> {
  if ('provision' in step) return handset(world, step.provision.who).phone.provision();
  if ('register' in step) return handset(world, step.register.who).phone.register();
  if ('deregister' in step) return deregister(world, step.deregister);
  if ('discover' in step) {
    return handset(world, step.discover.who).phone.discover(handset(world, step.discover.whom).msisdn);
  }
  if ('send' in step) return send(world, step.send);
  if ('read' in step) return read(world, step.read);
  if ('go-offline' in step) return goOffline(world, handset(world, step['go-offline'].who));
  if ('go-online' in step) return goOnline(handset(world, step['go-online'].who));
  if ('cut' in step) return world.interconnect.cut();
  if ('heal' in step) return world.interconnect.heal();
  if ('acs' in step) return changeAcs(world, step.acs);
  if ('quirk' in step) return setQuirk(world, step.quirk);
  if ('advance' in step) {
    const ms = durationMs(step.advance.by);
    return new Promise((resolve) => world.clock.deliverAfter(ms, resolve));
  }
  // `expect` is the oracle's: the state written after the step is what it judges.
}

function handset(world: World, role: string): Handset {
  const found = world.handsets.get(role);
  if (!found)
    throw new RangeError(`no role is called ${role}; the case has ${[...world.handsets.keys()].join(', ')}`);
  return found;
}

async function deregister(
  world: World,
  { who, by, event }: Extract<Step, { deregister: unknown }>['deregister'],
): Promise<void> {
  const { phone, carrier, msisdn } = handset(world, who);
  if (by === 'phone') await phone.deregister();
  else world.carriers.get(carrier)!.deregister(msisdn, event);
}

function send(world: World, step: Extract<Step, { send: unknown }>['send']): void {
  const from = handset(world, step.from);
  const marker = world.markers[step.message]!;
  const text = step.text.includes('{marker}')
    ? step.text.replaceAll('{marker}', marker)
    : `${step.text} ${marker}`;
  const wireId = from.phone.send({ to: handset(world, step.to).msisdn, text, requirement: step.requirement });
  world.messageNames.set(wireId, step.message);
}

/** A person can only read what is on the screen; a message that isn't there is the oracle's business. */
function read(world: World, step: Extract<Step, { read: unknown }>['read']): void {
  const reader = handset(world, step.who);
  const marker = world.markers[step.message]!;
  for (const bubble of [...reader.phone.view().bubbles]) {
    if (bubble.direction === 'in' && bubble.text.includes(marker))
      reader.phone.read(bubble.peer, bubble.wireId);
  }
}

function goOffline(world: World, who: Handset): void {
  // The radio goes first: nothing that the phone does about it can leave any more.
  who.access.cut();
  world.network.abandonStreams(who.host);
  who.phone.networkLost();
  who.online = false;
}

function goOnline(who: Handset): Promise<void> {
  who.access.heal();
  who.online = true;
  return who.phone.networkBack();
}

function changeAcs(world: World, step: Extract<Step, { acs: unknown }>['acs']): void {
  const { carrier, answer, busy, tell } = step;
  const change = {
    ...(answer && { answer }),
    ...(busy && { busy: busy === 'over' ? busy : busyPeriod(busy) }),
  };
  world.carriers.get(carrier)!.changeConfiguration(change, tell);
}

function setQuirk(world: World, { side, name, on }: Extract<Step, { quirk: unknown }>['quirk']): void {
  const [kind, who] = side.split(':', 2) as [string, string];
  const carrier = kind === 'carrier' ? world.carriers.get(who) : undefined;
  if (carrier) carrier.setQuirk(name, on);
  else handset(world, who).phone.setQuirk(name, on);
}
