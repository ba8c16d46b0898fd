import { XMLParser } from 'fast-xml-parser';
import { afterEach, describe, expect, test } from 'vitest';
import { carrierHosts } from '../../emulators/carrier/config.ts';
import { parseConfigDocument } from '../../stack/rcs/config/config-document.ts';
import { configAction } from '../../stack/rcs/config/vers.ts';
import { configurationOf } from './acs-client.ts';
import { ALICE, type Bench, BOB, OPERATOR_A, openBench, SMS_ANN } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const ACS = carrierHosts(OPERATOR_A).acs;

interface Node {
  readonly type?: string;
  readonly name?: string;
  readonly value?: string;
  readonly characteristic?: readonly Node[];
  readonly parm?: readonly Node[];
}

/** `APPLICATION/APPAUTH/Realm` and its value, for every parm, read with an XML parser and nothing of ours. */
function parms(xml: string): Map<string, string> {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: false,
    isArray: (name) => ['characteristic', 'parm'].includes(name),
  });
  const found = new Map<string, string>();
  const walk = (node: Node, path: string) => {
    for (const { name, value } of node.parm ?? []) found.set(`${path}${name}`, value ?? '');
    for (const child of node.characteristic ?? []) walk(child, `${path}${child.type}/`);
  };
  walk((parser.parse(xml) as { 'wap-provisioningdoc': Node })['wap-provisioningdoc'], '');
  return found;
}

describe('auto-configuration on the operator bearer (RCC.14)', () => {
  test('the document says the same to our reader and to a plain XML parser', async () => {
    bench = openBench({ a: { media: 'tls-only' } });
    const { status, xml, config } = await configurationOf(bench, ALICE, OPERATOR_A);
    expect(status).toBe(200);
    const raw = parms(xml);
    const domain = 'ims.mnc001.mcc999.3gppnetwork.org';
    expect(raw.get('VERS/version')).toBe('7');
    expect(raw.get('VERS/validity')).toBe('86400');
    expect(raw.get('APPLICATION/Home_network_domain_name')).toBe(domain);
    expect(raw.get('APPLICATION/APPAUTH/UserName')).toBe(`${ALICE.imsi}@${domain}`);
    expect(raw.get('APPLICATION/APPAUTH/UserPwd')).toBe(ALICE.password);
    expect(raw.get('APPLICATION/Ext/GSMA/transportProto/psSignalling')).toBe('SIPoTLS');
    expect(raw.get('APPLICATION/Ext/GSMA/transportProto/psMedia')).toBe('MSRPoTLS');
    expect(raw.get('APPLICATION/MESSAGING/StandaloneMsg/MaxSize')).toBe('8000');
    expect(config).toMatchObject({
      version: 7,
      validitySeconds: 86_400,
      homeDomain: domain,
      impu: [`sip:${ALICE.msisdn}@${domain}`, `tel:${ALICE.msisdn}`],
      auth: { userName: raw.get('APPLICATION/APPAUTH/UserName'), userPwd: ALICE.password, realm: domain },
      psMedia: 'MSRPoTLS',
      standaloneMsg: { maxSize: 8_000, switchoverSize: 8_000 },
      e2ee: { kdsUri: `https://kds.rcs.mnc001.mcc999.pub.3gppnetwork.org`, kdsId: '2' },
    });
    expect(config!.instanceId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(config!.pcscf[0]).toEqual({ host: 'pcscf.ims.mnc001.mcc999.3gppnetwork.org', port: 5061 });
  });

  test('a phone that has the version gets VERS alone, which means: nothing changed', async () => {
    bench = openBench();
    const { xml } = await configurationOf(
      bench,
      ALICE,
      OPERATOR_A,
      'vers=7&rcs_profile=UP_2.4&rcs_profile=UP_3.0',
    );
    expect([...parms(xml).keys()]).toEqual(['VERS/version', 'VERS/validity']);
    expect(configAction(parseConfigDocument(new TextEncoder().encode(xml)), 7)).toBe('unchanged');
  });

  test('two configurations of one phone keep its instance and its token', async () => {
    bench = openBench();
    const first = await configurationOf(bench, ALICE, OPERATOR_A);
    const second = await configurationOf(bench, ALICE, OPERATOR_A, 'vers=-1');
    expect(second.xml).toBe(first.xml);
  });

  test('without E2EE there is no KDS in the document, and none on the network', async () => {
    bench = openBench({ a: { e2ee: { enabled: false } } });
    const { xml } = await configurationOf(bench, ALICE, OPERATOR_A);
    expect(xml).not.toMatch(/kds/i);
    await expect(
      bench.run(bench.net(ALICE.host).fetch(new Request(`https://${carrierHosts(OPERATOR_A).kds}/`))),
    ).rejects.toThrow(/does not serve https/);
  });

  test.each([
    ['a stranger on the bearer', BOB],
    ['a subscriber without RCS', SMS_ANN],
  ])('403 for %s', async (_, who) => {
    bench = openBench();
    expect((await configurationOf(bench, who, OPERATOR_A)).status).toBe(403);
  });

  test.each([
    ['403 without the cookie', 403, 'GET', '/?vers=0', false],
    ['405 for a POST', 405, 'POST', '/?vers=0', true],
    ['404 beside the one path', 404, 'GET', '/other', true],
    ['400 without vers', 400, 'GET', '/?rcs_version=11.0', true],
    ['400 for a vers that is no number', 400, 'GET', '/?vers=seven', true],
  ])('%s', async (_, status, method, path, withCookie) => {
    bench = openBench();
    const net = bench.net(ALICE.host);
    const first = await bench.run(net.fetch(new Request(`http://${ACS}/`)));
    const cookie = first.headers.get('set-cookie')!.split(';')[0]!;
    const request = new Request(`https://${ACS}${path}`, { method, headers: withCookie ? { cookie } : {} });
    expect((await bench.run(net.fetch(request))).status).toBe(status);
  });
});
