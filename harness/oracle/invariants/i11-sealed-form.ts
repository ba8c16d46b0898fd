import type { OracleContext } from '../context.ts';
import type { Finding, Invariant } from '../finding.ts';

/** What calls itself MLS is an MLS message, of a group that exists, bound to the envelope that it travels in. */
export const sealedForm: Invariant = {
  id: 'I11-sealed-form',
  title: 'what says that it is encrypted has the form of it',
  clause: 'RFC 9420 section 6; RCC.16 7.5.3 and 7.9',
  check,
};

function check(context: OracleContext): Finding {
  const failures = context.sealing.faults.map(({ clause, expected, actual, blame }) => {
    const stepIndex = context.stepAt(blame.entry);
    return { rule: sealedForm.id, clause, stepIndex, expected, actual, blame };
  });
  return { failures, evidence: context.sealing.sound };
}
