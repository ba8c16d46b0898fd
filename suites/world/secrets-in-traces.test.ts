import { describe, expect, it } from 'vitest';
import { redactHttp, redactRp, redactTpdu } from '../../harness/world/redact.ts';
import { runCase } from '../../harness/world/run-case.ts';
import { expandPlan, loadMatrix, named } from '../../matrix/index.ts';
import { writeTrace } from '../../reports/trace-lines.ts';
import {
  DCS_DATA,
  parseRp,
  parseTpdu,
  portElement,
  type SmsSubmit,
  submitText,
  type Tpdu,
  writeRp,
  writeTpdu,
} from '../../stack/rcs/sms/index.ts';

const matrix = loadMatrix();
const { cells } = expandPlan(matrix, named(matrix.plans, 'smoke', 'plan'));

describe('a trace holds no secret', () => {
  it.each(cells.map((cell) => [cell.id, cell] as const))('%s', async (_, cell) => {
    const text = writeTrace((await runCase(cell)).trace);
    expect(text).not.toMatch(/password of/);
    expect(text).not.toMatch(/bearer [^*]/i);
    expect(text).not.toMatch(/UserPwd\\" value=\\"[^*]/);
    expect(text).not.toMatch(/kds-token\\" value=\\"[^*]/);
    expect(text).not.toMatch(/\\ncookie: [^=]+=[^*]/i);
    expect(text).not.toMatch(/[?&](OTP|token)=[^*& ]/);
    expect(text).not.toMatch(/name=\\"token\\" value=\\"[^*]/);
    expect(text).not.toMatch(/code is \d/);
  });
});

it('masks as many characters as it hides, and nothing else', () => {
  const head =
    'POST / HTTP/1.1\r\nauthorization: Bearer abc.def\r\ncookie: acs=4f1c; other\r\ncontent-length: 9\r\n\r\n';
  const body = '<parm name="UserPwd" value="s3cret"/><parm name="version" value="7"/>';
  expect(redactHttp(head + body)).toBe(
    'POST / HTTP/1.1\r\nauthorization: Bearer *******\r\ncookie: acs=****; other\r\ncontent-length: 9\r\n\r\n' +
      '<parm name="UserPwd" value="******"/><parm name="version" value="7"/>',
  );
});

describe('a one-time password', () => {
  const text = 'Your messaging code is 731902. Tell it to nobody.';
  const [readable] = submitText({ to: '+999900100001', text, reference: 1 });
  const binary: SmsSubmit = {
    ...readable!,
    dcs: DCS_DATA,
    userData: { alphabet: 'data', header: [portElement(12_345, 0)], data: Buffer.from('731902') },
  };
  const maskedText = (tpdu: Tpdu) => {
    if (tpdu.type === 'status-report') return '';
    const { userData } = tpdu;
    return userData.alphabet === 'data' ? new TextDecoder().decode(userData.data) : userData.text;
  };

  it.each([
    ['readable', readable!, 'Your messaging code is ******. Tell it to nobody.'],
    ['binary', binary, '******'],
  ])('is masked in a %s message, on the air and in the service centre', (_, submit, masked) => {
    const octets = writeTpdu(submit);
    const stored = redactTpdu(octets);
    expect(stored).toHaveLength(octets.length);
    expect(maskedText(parseTpdu(stored))).toBe(masked);
    const unit = writeRp({
      type: 'data',
      from: 'mobile',
      reference: 3,
      destination: '+99900100000',
      userData: octets,
    });
    const sent = parseRp(redactRp(unit));
    expect(sent).toMatchObject({ type: 'data', reference: 3, userData: stored });
  });

  it.each([
    ['what people write', submitText({ to: '+999900100001', text: 'Room 731902', reference: 1 })[0]!],
    [
      'what reconfigures',
      {
        ...binary,
        userData: { ...binary.userData, data: Buffer.from('999001000000001-rcscfg') },
      } as SmsSubmit,
    ],
  ])('is all that is masked: not %s', (_, submit) => {
    const octets = writeTpdu(submit);
    expect(redactTpdu(octets)).toBe(octets);
  });

  it('is masked in a query, and a token with it', () => {
    expect(redactHttp('GET /?OTP=731902 HTTP/1.1\r\n')).toBe('GET /?OTP=****** HTTP/1.1\r\n');
    expect(redactHttp('GET /?vers=7&token=ab12&SMS_port=0 HTTP/1.1\r\n')).toBe(
      'GET /?vers=7&token=****&SMS_port=0 HTTP/1.1\r\n',
    );
  });

  it('that is no unit of SMS at all stays as it is', () => {
    const noise = Uint8Array.of(0xff, 0x00, 0x17);
    expect(redactRp(noise)).toBe(noise);
    expect(redactTpdu(noise)).toBe(noise);
  });
});
