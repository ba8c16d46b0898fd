import type { Blame, Failure } from '../../../reports/result.ts';
import { refusalTo } from '../blame.ts';
import { blameForCertificate } from '../certificates.ts';
import type { OracleContext } from '../context.ts';
import type { SipSeen } from '../dissect/wire.ts';
import type { Finding } from '../finding.ts';
import type { DeviceSubject } from '../subjects.ts';

/** Judges a phone after onboarding: its registration, and what it learnt of its peer. */
export function judgeDevice(context: OracleContext, subject: DeviceSubject): Finding {
  const rule = subject.decision?.rule;
  if (!rule || 'unsupported' in rule.then) return { failures: [], evidence: 0 };
  const { then } = rule;
  const failures: Failure[] = [];
  let evidence = 0;
  const side = `device:${subject.role}`;
  const state = context.stateOf(side, subject.stepIndex);
  const check = (what: string, expected: unknown, actual: unknown, blame: () => Blame) => {
    if (expected === undefined) return;
    if (expected === actual) {
      evidence += 1;
      return;
    }
    const base = { rule: rule.rule, clause: rule.clause, stepIndex: subject.stepIndex };
    failures.push({ ...base, expected: `${what} ${expected}`, actual: `${what} ${actual}`, blame: blame() });
  };
  const own = (evidence: string): Blame => ({ side, entry: state?.n ?? context.end.n, evidence });
  if (!state) {
    check('a view', 'shown', 'missing', () => own(`${side} never showed what it holds`));
    return { failures, evidence };
  }

  const { registration, capabilities } = state.view;
  check('registration', then.registration, registration, () => {
    const refusal =
      then.registration === 'registered' && registration !== 'registered'
        ? (blameForCertificate(context, side) ?? refusalTo(context, side, 0))
        : undefined;
    return refusal ?? own(`${side} shows registration ${registration} here`);
  });
  if (then.reason !== undefined) {
    const given = state.view.registrationReason;
    const isGiven = given?.startsWith(then.reason) ?? false;
    check('reason', then.reason, isGiven ? then.reason : given, () =>
      own(`${side} gives ${given === undefined ? 'no reason' : `"${given}"`} for its registration here`),
    );
  }
  const peer = context.testCase.roles[subject.peer]?.msisdn ?? '';
  const known = capabilities[peer] ?? { rcs: 'unknown', mls: false };
  check(`${subject.peer} rcs`, then.peerRcs, known.rcs, () => {
    const refusal =
      then.peerRcs === 'yes'
        ? (blameForTag(context, side, `device:${subject.peer}`, MESSAGING) ?? refusalTo(context, side, 0))
        : undefined;
    return refusal ?? own(`${side} holds rcs ${known.rcs} for ${peer} here`);
  });
  check(`${subject.peer} mls`, then.peerMls, known.mls, () => {
    return (
      blameForTag(context, side, `device:${subject.peer}`, MLS, then.peerMls === true) ??
      own(`${side} holds mls ${known.mls} for ${peer} here`)
    );
  });
  return { failures, evidence };
}

interface Tag {
  readonly name: string;
  readonly pattern: RegExp;
}
const MLS: Tag = { name: 'the MLS feature tag', pattern: /\+g\.gsma\.rcs\.mls\./i };
/** Of CPM and of SIMPLE IM (docs/rcs-signalling.md 2.1). */
const MESSAGING: Tag = { name: 'a tag of messaging', pattern: /oma\.cpm\.|oma\.sip-im|rcse\.im/i };

/** Where a feature tag went missing (or came from nowhere) on the way of an OPTIONS answer from peer to asker. */
function blameForTag(
  context: OracleContext,
  asker: string,
  peer: string,
  { name, pattern }: Tag,
  wanted = true,
): Blame | undefined {
  const answers = context.wire.sip.filter(
    ({ facts }) => facts.kind === 'response' && facts.method === 'OPTIONS' && facts.status === 200,
  );
  const tagged = (sip: SipSeen) =>
    sip.facts.headers.some((line) => line.name === 'contact' && pattern.test(line.value));
  let holder = peer;
  const visited = new Set<string>();
  while (holder !== asker && !visited.has(holder)) {
    visited.add(holder);
    const sent = answers.find(
      ({ entry }) => context.sideOf(entry.from) === holder && !visited.has(context.sideOf(entry.to)),
    );
    if (!sent) return undefined;
    if (tagged(sent) !== wanted) {
      const did = wanted ? 'without' : 'with';
      return {
        side: holder,
        entry: sent.entry.n,
        evidence: `${holder} sent the OPTIONS answer ${did} ${name} here`,
      };
    }
    holder = context.sideOf(sent.entry.to);
  }
  return undefined;
}
